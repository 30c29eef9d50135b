#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vmwire schema: what is found in programs, real ones and made ones, and what is refused.

    tests/declarations.py             tests $VMWIRE, or build/vmwire if it is not set, with the QEMU of the machine
    tests/declarations.py PROGRAM...  checks these QEMU programs only: the document is valid, and equal to the program's dump

Programs are made of tests/declared_program.c for each release whose structures differ, by several linkers and for several
processors. Each check prints `ok NAME` or `not ok NAME`.
"""
import json
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from checks import check, exit_status

ROOT = Path(__file__).resolve().parent.parent
VMWIRE = str((ROOT / os.environ.get("VMWIRE", "build/vmwire")).resolve())
SOURCE = ROOT / "tests/declared_program.c"
SCHEMA = ROOT / "parsers/schema/declarations.schema.json"
QEMU = "/usr/bin/qemu-system-x86_64"
MODULES = next(Path("/usr/lib").glob("*-linux-gnu*/qemu"), Path("/usr/lib/qemu"))
SECONDS = 120
MEMORY = 200 << 20  # bytes that a real program may take
HOSTILE_MEMORY = 1 << 30  # address space for a bad input, that of a program with sanitizers apart
SANITIZED = b"__asan_init" in Path(VMWIRE).read_bytes()


def limit_memory():
    if not SANITIZED:
        resource.setrlimit(resource.RLIMIT_AS, (HOSTILE_MEMORY, HOSTILE_MEMORY))


def run(*words, **options):
    return subprocess.run([VMWIRE, "schema", *map(str, words)], capture_output=True, text=True, errors="replace",
                          timeout=SECONDS, **{"stdin": subprocess.DEVNULL, **options})


def refusal(words, expected, **options):
    """What is wrong with the answer: it is one line of error with the expected words, exit status 2, and nothing else."""
    result = run(*words, preexec_fn=limit_memory, **options)
    right = result.returncode == 2 and result.stderr.count("\n") == 1 and expected in result.stderr and not result.stdout
    return None if right else f"exit status {result.returncode}, expected: {expected}\n{result.stdout[:300]}{result.stderr}"


# ---- The document -------------------------------------------------------------------------------------


def invalid(document):
    """What is wrong with a document: against the schema, and places in it that it refers to."""
    import jsonschema
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    errors = [f"{list(error.path)}: {error.message}" for error in jsonschema.Draft7Validator(schema).iter_errors(document)]
    count, conditions = len(document["structures"]), len(document.get("conditions", []))
    asked = [field["condition"] for each in document["structures"] for field in each.get("fields", []) if "condition" in field]
    asked += [each["needed"] for each in document["structures"] if "needed" in each]
    errors += [f"condition {number} of {conditions}" for number in asked if number > conditions]
    lists = [place for each in document.get("machines", []) for place in each.get("values", [])]
    errors += [f"list {place} of values" for place in lists if place >= len(document.get("values", []))]
    owned = [place for each in document.get("types", []) for place in each.get("structures", [])]
    errors += [f"a type refers to structure {place}" for place in owned if place >= count]
    for each in document["structures"]:
        places = each.get("subsections", []) + [field["structure"] for field in each.get("fields", []) if "structure" in field]
        errors += [f"{each['name']} refers to structure {place}" for place in places if place >= count]
    return "\n".join(errors)


def undescribed(schema):
    """Members of a JSON Schema that nothing describes."""
    return [f"{part}.{name}" for part, each in {"document": schema, **schema["definitions"]}.items()
            for name, member in each.get("properties", {}).items() if len(member.get("description", "")) < 10]


def check_schema_itself():
    import jsonschema
    schema = json.loads(SCHEMA.read_text())
    check("each member of the document is described", undescribed(schema))
    for name, change in {"an unknown member": {"more": 1}, "no list of structures": {"structures": None},
                         "a structure without a name": {"structures": [{"version_id": 1, "minimum_version_id": 1}]},
                         "a flag that does not exist": {"structures": [
                             {"name": "a", "version_id": 1, "minimum_version_id": 1,
                              "fields": [{"name": "b", "offset": 0, "flags": ["bogus"]}]}]}}.items():
        document = {"declarations": 1, "files": ["a"], "shape": "7.0 to 7.2", "structures": [], **change}
        valid = jsonschema.Draft7Validator(schema).is_valid(document)
        check(f"the JSON Schema refuses {name}", valid and "accepted")


# ---- A real program -----------------------------------------------------------------------------------


def check_real(program, root=None):
    name = Path(program).name
    words = ["--root", root, program] if root else [program]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    first, second = run(*words), run(*words)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    check(f"{name}: it is read", first.stderr or first.returncode)
    if first.returncode:
        return None
    document = json.loads(first.stdout)
    check(f"{name}: twice the same bytes", first.stdout != second.stdout)
    if not SANITIZED and before < MEMORY // 1024:
        check(f"{name}: memory", peak > MEMORY and f"{peak >> 20} MB")
    check(f"{name}: the document is valid", invalid(document))
    fields = [(each["name"], field) for each in document["structures"] for field in each.get("fields", [])]
    raw = [f"{owner}.{field['name']}: {field['type']}" for owner, field in fields if field.get("type", "").startswith("vmstate_")]
    check(f"{name}: all types have their names ({len(fields)} fields)", "\n".join(raw) or len(fields) < 100)
    verified = run("--verify", "--json", *words)
    said = json.loads(verified.stdout.splitlines()[-1]) if verified.stdout else {}
    right = verified.returncode == 0 and said.get("differing") == 0 and said.get("devices", 0) > 40
    check(f"{name}: --verify finds no difference in {said.get('devices')} devices", not right and (verified.stdout + verified.stderr))
    return document


def ask(program, *commands):
    """The answers of a QEMU without a machine to commands of QMP: what each returns, or None."""
    words = [program, "-machine", "none", "-display", "none", "-nodefaults", "-qmp", "stdio"]
    lines = [json.dumps(command) for command in ({"execute": "qmp_capabilities"}, *commands, {"execute": "quit"})]
    result = subprocess.run(words, input="\n".join(lines), capture_output=True, text=True, timeout=SECONDS)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    return [each.get("return") for each in answers if "return" in each or "error" in each][1:-1]


def compare_properties(document, answers):
    """The number of properties whose default is the one that QEMU says, and what differs. A type that is abstract has no answer."""
    types = {each["name"]: each for each in document["types"]}
    same, wrong = 0, []
    for name, answer in zip(types, answers):
        said = {each["name"]: each for each in answer or []}
        each, seen = types[name], set()
        while said and each:
            for own in each.get("properties", []):
                if own["name"] in seen:
                    continue
                seen.add(own["name"])
                if own["name"].startswith("legacy-") or own["name"] == "realized":  # QEMU leaves them out (qom/qom-qmp-cmds.c)
                    continue
                if own["name"] not in said:
                    wrong.append(f"{name} has no {own['name']}")
                    continue
                default = said[own["name"]].get("default-value")
                if "value" not in own or not isinstance(default, int):
                    continue
                if (int(default) - own["value"]) & (1 << 8 * own["size"]) - 1:
                    wrong.append(f"{name}.{own['name']}: {own['value']}, QEMU says {default}")
                else:
                    same += 1
            each = types.get(each.get("parent"))
    return same, wrong


def compare_values(document, machines):
    """What differs between the values of machine types and those that QEMU says, of properties that the document has."""
    types = {each["name"]: each for each in document["types"]}
    known = set()
    for name in types:
        each, above, properties = types[name], set(), set()
        while each:
            above |= {each["name"], each.get("parent")}
            properties |= {own["name"] for own in each.get("properties", [])}
            each = types.get(each.get("parent"))
        known |= {(driver, own) for driver in above for own in properties}
    found = {each["name"]: [value for place in each.get("values", []) for value in document["values"][place]]
             for each in document["machines"]}
    wrong = []
    for machine in machines:
        said = [[each["qom-type"], each["property"], each["value"]] for each in machine["compat-props"]
                if (each["qom-type"], each["property"]) in known]
        if said != found[machine["name"]]:
            wrong.append(f"{machine['name']}: {[each for each in said if each not in found[machine['name']]][:3]}")
    return wrong


def check_host_facts(document):
    """Types and machine types against what the program says itself."""
    asked = [{"execute": "device-list-properties", "arguments": {"typename": each["name"]}} for each in document["types"]]
    machines, values, *answers = ask(QEMU, {"execute": "query-machines"},
                                     {"execute": "query-machines", "arguments": {"compat-props": True}}, *asked)
    names = {each["name"] for each in machines} ^ {each["name"] for each in document["machines"]}
    check(f"{len(machines)} machine types", names)
    same, wrong = compare_properties(document, answers)
    check(f"{same} defaults of properties", "\n".join(wrong) or (same < 500 and "too few"))
    if values is None:
        check("values of machine types: this QEMU does not say them (before 9.1)", len(document["values"]) < 20)
    else:
        check("values of machine types", "\n".join(compare_values(document, values)))


def check_host():
    document = check_real(QEMU)
    if not document:
        return
    check_host_facts(document)
    modules = sorted(path.name for path in MODULES.glob("*.so"))
    found = [name for name in modules if name in document["files"]]
    check(f"modules are found ({len(found)} of {len(modules)})", not found and document["files"])
    names = {each["name"] for each in document["structures"]}
    expected = {"virtio-gpu", "cpu", "virtio-net-device"}
    check("structures of modules, and those that no dump has", expected - names)
    one = found[0] if found else "none"
    bare = json.loads(run(QEMU, MODULES / one).stdout or "{}").get("files")
    check("with one module named, no others are searched", bare != [Path(QEMU).name, one] and str(bare))
    path = {**os.environ, "PATH": "/nonexistent:/usr/bin"}
    by_name = run(Path(QEMU).name, env=path, cwd="/")
    check("a name without a folder is looked for in PATH", json.loads(by_name.stdout or "{}") != document and by_name.stderr)
    verified = run("--verify", Path(QEMU).name, env=path, cwd="/")
    check("and run from there", verified.returncode and verified.stderr)
    text = run("--verify", QEMU)
    check("--verify in words", "devices equal" not in text.stdout and text.stdout)


# ---- Made programs ------------------------------------------------------------------------------------

# Releases that begin a row of the table, end one, or change what a field can have; and the row.
RELEASES = {13: "0.13 to 0.15", 15: "0.13 to 0.15", 100: "1.0 to 2.3", 203: "1.0 to 2.3", 204: "2.4 to 2.8", 208: "2.4 to 2.8",
            209: "2.9", 210: "2.10 to 3.1", 301: "2.10 to 3.1", 400: "4.0 to 4.1", 401: "4.0 to 4.1", 402: "4.2 to 6.2",
            602: "4.2 to 6.2", 700: "7.0 to 7.2", 702: "7.0 to 7.2", 800: "8.0 to 10.1", 1001: "8.0 to 10.1", 1002: "10.2",
            1101: "11.1"}
COMPILE = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-ffreestanding", "-fno-asynchronous-unwind-tables",
           "-fno-stack-protector", "-fvisibility=hidden"]
X86, ARM, PPC, RISCV = [["clang", f"--target={name}"] for name in
                        ("x86_64-linux-gnu", "aarch64-linux-gnu", "powerpc64-linux-gnu", "riscv64-linux-gnu")]
PPC += ["-mabi=elfv2"]
RISCV += ["-march=rv64gc", "-mno-relax"]
RELR = ["--pack-dyn-relocs=relr"]
# How a program is made: compiler, linker, options of the linker, and whether it lies where it says.
WAYS = {
    "PIE": (["gcc"], ["ld.bfd", "-s"], ["-pie"], False),
    "clang, lld": (X86, ["ld.lld", "-s"], ["-pie"], False),
    "not PIE": (["gcc"], ["ld.bfd", "-s"], ["-no-pie"], True),
    "not PIE, lld": (X86, ["ld.lld", "-s"], ["-no-pie"], True),
    "RELR": (["gcc"], ["ld.bfd", "-s", "-z", "pack-relative-relocs"], ["-pie"], False),
    "RELR, lld": (X86, ["ld.lld", "-s", *RELR], ["-pie"], False),
    "no code apart": (["gcc"], ["ld.bfd", "-s", "-z", "noseparate-code"], ["-pie"], False),
    "DT_HASH": (["gcc"], ["ld.bfd", "-s", "--hash-style=sysv"], ["-pie"], False),
    "aarch64": (ARM, ["ld.lld", "-s"], ["-pie"], False),
    "aarch64, RELR": (ARM, ["ld.lld", "-s", *RELR], ["-pie"], False),
    "ppc64, big-endian": (PPC, ["ld.lld", "-s"], ["-pie"], False),
    "ppc64, big-endian, RELR": (PPC, ["ld.lld", "-s", *RELR], ["-pie"], False),
    "ppc64, big-endian, not PIE": (PPC, ["ld.lld", "-s"], ["-no-pie"], True),
    "riscv64": (RISCV, ["ld.lld", "-s"], ["-pie"], False),
}


def command(*words):
    subprocess.run([*map(str, words)], check=True)


def make_object(folder, way, release, *defines):
    compiler, fixed = WAYS[way][0], WAYS[way][3]
    made = folder / "object.o"
    command(*compiler, *COMPILE, "-fno-pie" if fixed and "-DMODULE" not in defines else "-fPIC", f"-DRELEASE={release}", *defines,
            "-c", "-o", made, SOURCE)
    return made


def make_program(folder, way, release, *defines):
    """A program, and its module. One that is not PIE has symbols to show only if it is linked with a library."""
    _, linker, how, fixed = WAYS[way]
    program, module, library = folder / "program", folder / "declared-module.so", folder / "library.so"
    command(*linker, "-shared", "-o", module, make_object(folder, way, release, "-DMODULE", *defines))
    shutil.copy(module, library)
    command(*linker, *how, "-e", "start", "--export-dynamic", "-o", program, make_object(folder, way, release, *defines),
            *(["--allow-shlib-undefined", library] if fixed else []))
    library.unlink()
    return program, module


NAMELESS = "named when QEMU runs"


def place(offset, size, relation, number, **more):
    """A test of a condition."""
    return {"offset": offset, "size": size, "is": relation, "number": number, **more}


# What each function of "gadget" asks: the ways, of which compilers write some in one way or another.
ASKED = {
    "bool": [[[place(200, 1, "!=", 0)]]],
    "two": [[[place(200, 1, "!=", 0), place(201, 1, "==", 0)]]],
    "bit": [[[place(204, size, "!=", 0, mask=32)]] for size in (1, 4)],
    "version": [[[{"is": ">", "number": 2}]], [[{"is": ">=", "number": 3}]]],
    "number": [[[place(208, 4, ">", 3)]], [[place(208, 4, ">=", 4)]]],
    "elsewhere": [None],
    "and_write": [None],
}


def check_asked(document, known):
    """What is wrong with the conditions of a made program. `known`: it is of a processor whose code is followed."""
    conditions = document["conditions"]
    named = {each["name"]: each for each in document["structures"]}
    found = {field["name"]: conditions[field["condition"] - 1] for field in named["gadget"]["fields"]}
    wrong = [f"{name}: {found[name]}" for name, ways in ASKED.items() if found[name] not in (ways if known else [None])]
    needed = conditions[named["gadget/extra"]["needed"] - 1]
    if needed != ([[place(200, 1, "==", 0)]] if known else None):
        wrong.append(f"gadget/extra: {needed}")
    return wrong


# The properties of "gadget", and what each machine type of a made program sets: the last value counts.
PROPERTIES = [
    {"name": "by-bool", "type": "bool", "offset": 200, "size": 1, "value": 1},
    {"name": "by-later", "type": "unknown", "offset": 212},
    {"name": "by-other", "type": "bool", "offset": 201, "size": 1, "value": 0},
    {"name": "by-bit", "type": "bool", "offset": 204, "size": 4, "bit": 5, "value": 0},
    {"name": "by-number", "type": "uint32", "offset": 208, "size": 4, "value": 7},
    {"name": "by-code", "type": "bool", "offset": 216, "size": 1, "code": True},
]
REGISTERED = ("one-gadget", "two-gadget")  # code makes these types
VALUES_2 = [["gadget", "by-bool", "off"], ["device", "by-number", "0x10"]]
MACHINES = {"box-1.0": [*VALUES_2, ["gadget", "by-number", "2"], ["gadget", "by-bool", "on"]], "box-2.0": VALUES_2, "box-3.0": []}


def check_types(document, known):
    """What is wrong with the types and machine types of a made program."""
    place_of = {each["name"]: place for place, each in enumerate(document["structures"])}
    types = [{"name": "gadget", "parent": "device", "structures": [place_of["gadget"]], "properties": PROPERTIES},
             *({"name": name, "parent": "gadget", "structures": [place_of["gadget"]], "properties": PROPERTIES[:-1]}
               for name in REGISTERED),
             {"name": "small-gadget", "parent": "gadget"}]
    types.sort(key=lambda each: each["name"])
    wrong = []
    if document.get("types", []) != (types if known else []):
        wrong.append(f"types: {document.get('types')}")
    machines = {each["name"]: [value for place in each.get("values", []) for value in document["values"][place]]
                for each in document.get("machines", [])}
    if machines != (MACHINES if known else {}):
        wrong.append(f"machine types: {machines}")
    return wrong


def check_facts(document, release, way):
    if release < 400:
        return ""
    known = WAYS[way][0] in (["gcc"], X86)
    return "\n".join(check_asked(document, known) + check_types(document, known))


def expected_fields(release):
    """The fields of "outer"."""
    number = {"type": "uint32", "size": 4, "flags": ["single"]}
    # A flag and the size of the integer; since 11.1 only the size.
    counted = lambda size: {"num_offset": 12 if size == 4 else 14, "num_bytes": size,
                            "flags": ["pointer"] + (["varray"] if release < 1101 else [])}
    fields = [
        {"name": "number", "offset": 8, "version_id": 3, **number},
        {"name": "array", "offset": 16, "type": "uint32", "size": 4, "num": 6, "flags": ["array"]},
        {"name": "counted", "offset": 40, "type": "uint32", "size": 4, **counted(4)},
        {"name": "short", "offset": 48, "type": "uint32", "size": 4, **counted(2)},
        {"name": "bytes", "offset": 56, "type": "buffer", "size": 3, "start": 5, "size_offset": 64, "size_bytes": 4,
         "flags": ["vbuffer", "multiply"]},
        {"name": "inside", "offset": 72, "structure": "inner", "size": 24, "flags": ["struct"]},
        {"name": "stub", "offset": 96, "structure": "", "size": 8, "flags": ["pointer", "struct"]},
        {"name": "perhaps", "offset": 104, "condition": True, **number},
    ]
    if release >= 201:
        fields.append({"name": "checked", "offset": 0, "flags": ["array", "must_exist"], "condition": True})
    if release >= 206:
        multiplied = counted(4)
        multiplied["flags"].append("multiply_elements")
        fields.append({"name": "multiplied", "offset": 112, "type": "buffer", "size": 1, "num": 8, **multiplied})
    if release >= 300:
        fields.append({"name": "versioned", "offset": 120, "structure": "inner", "size": 24, "flags": ["vstruct"],
                       "struct_version_id": 2})
    if release >= 1101:
        fields.append({"name": "allocated", "offset": 144, "structure": "inner", "size": 8, "num": 2,
                       "flags": ["array", "struct", "array_of_pointer", "auto_alloc"]})
    return fields


def expected_structures(release):
    """By name, as the source declares them; in place of a number of a structure its name."""
    number = {"name": "number", "offset": 4, "type": "uint32", "size": 4, "flags": ["single"]}
    plain = lambda version, minimum: {"version_id": version, "minimum_version_id": minimum, "fields": [number]}
    outer = {"version_id": 4, "minimum_version_id": 3, "fields": expected_fields(release), "subsections": ["outer/two", "outer/one"]}
    if release >= 209:
        outer["priority"] = 2
    if release >= 800:
        outer["early_setup"] = True
    one = plain(1, 1)
    if release >= 204:
        one["conditional"] = one["needed"] = True
    found = {
        "outer": outer, "inner": plain(2, 2), "outer/one": one, "outer/two": plain(7, 5),
        "empty": {"version_id": 1, "minimum_version_id": 1, "fields": []}, "": {"version_id": 0, "minimum_version_id": 0},
        NAMELESS: plain(3, 2),
        "module-device": {"version_id": 1, "minimum_version_id": 1, "fields": [
            number, {"name": "own", "offset": 8, "type": "own", "size": 2, "flags": ["single"]},
            {"name": "inside", "offset": 16, "structure": "inner", "size": 24, "flags": ["struct"]},
            {"name": "unknown", "offset": 40, "type": "info_elsewhere", "size": 1, "flags": ["single"]}]},
        **{f"device-{i}": plain(2, 1) for i in range(5)},
    }
    if release >= 400:
        fields = [{**number, "name": name, "offset": 4 * place, "condition": True} for place, name in enumerate(ASKED, 1)]
        found["gadget"] = {"version_id": 3, "minimum_version_id": 1, "fields": fields, "subsections": ["gadget/extra"]}
        found["gadget/extra"] = {**plain(1, 1), "conditional": True, "needed": True}
    if release >= 100:
        found["stays"] = {"version_id": 0, "minimum_version_id": 0, "unmigratable": True}
    return found


def named_structures(document):
    """The structures of a document by name, with names in place of numbers. Of a condition: whether it has a number."""
    structures, found = document["structures"], {}
    name = lambda place: structures[place]["name"]
    for each in structures:
        each = json.loads(json.dumps(each))
        for field in each.get("fields", []):
            if "structure" in field:
                field["structure"] = name(field["structure"])
            if "condition" in field:
                field["condition"] = 0 < field["condition"] <= len(document["conditions"])
        if "needed" in each:
            each["needed"] = 0 < each["needed"] <= len(document["conditions"])
        if "subsections" in each:
            each["subsections"] = [name(place) for place in each["subsections"]]
        key = each.pop("name") or (NAMELESS if "fields" in each else "")
        found[key if key not in found else f"{key} again"] = each
    return found


def difference(found, expected):
    lines = [f"not found: {name}" for name in expected.keys() - found.keys()]
    lines += [f"found too: {name}" for name in found.keys() - expected.keys()]
    for name in expected.keys() & found.keys():
        for key in expected[name].keys() | found[name].keys():
            a, b = expected[name].get(key), found[name].get(key)
            if key == "fields" and a and b and len(a) == len(b):
                lines += [f"{name}: expected {x}\n     found {y}" for x, y in zip(a, b) if x != y]
            elif a != b:
                lines.append(f"{name}.{key}: expected {a}, found {b}")
    return "\n".join(lines)


def check_made(folder):
    for way in WAYS:
        # Each release in one way; in the others those whose structures and fields have been looked at least elsewhere.
        for release, shape in RELEASES.items() if way in ("PIE", "ppc64, big-endian") else [(203, None), (702, None), (1101, None)]:
            program, _ = make_program(folder, way, release)
            result = run(program)
            document = json.loads(result.stdout or "{}")
            problem = result.stderr or invalid(document) or \
                difference(named_structures(document), expected_structures(release)) or check_facts(document, release, way)
            if not problem and release >= 201 and len({field["condition"] for each in document["structures"] if each["name"] == "outer"
                                                       for field in each["fields"] if "condition" in field}) != 1:
                problem = "one function has two numbers"
            if not problem and document["shape"] != (shape or RELEASES[release]):
                problem = f"shape {document['shape']}"
            if not problem and document["files"] != ["program", "declared-module.so"]:
                problem = document["files"]
            check(f"release {release} as {way}", problem)


# ---- What a program says itself ---------------------------------------------------------------------------


def make_dump(document):
    """What -dump-vmstate says of each structure of a document that has a name and a list of fields."""
    structures = document["structures"]

    def describe(place, depth=0):
        each = structures[place]
        made = {"name": each["name"] or "(null)", "version_id": each["version_id"], "minimum_version_id": each["minimum_version_id"]}
        for field in each.get("fields", []):
            if "must_exist" in field.get("flags", []):
                continue
            entry = {"field": field["name"], "version_id": field.get("version_id", 0), "field_exists": "condition" in field,
                     "size": field.get("size", 0)}
            if "num" in field:
                entry["num"] = field["num"]
            if "structure" in field:
                entry["Description"] = describe(field["structure"], depth + 1)
            made.setdefault("Fields", []).append(entry)
        for subsection in each.get("subsections", []):
            made.setdefault("Subsections", []).append(describe(subsection, depth + 1))
        return made

    devices = {f"device {i}": {"Name": "a", "Description": describe(i)} for i, each in enumerate(structures)
               if "fields" in each and each["name"]}
    return {"vmschkmachine": {"Name": "none"}, **devices}


def spoil(dump):
    """Pairs of a name and a change of the description of "outer", which --verify must find."""
    outer = next(each["Description"] for each in dump.values() if each.get("Description", {}).get("name") == "outer")
    fields = outer["Fields"]

    def change(what, key, value):
        def apply():
            old = what[key]
            what[key] = value
            return lambda: what.__setitem__(key, old)
        return apply

    yield "another version", change(outer, "version_id", 9)
    yield "another oldest version", change(outer, "minimum_version_id", 1)
    yield "another name", change(outer, "name", "other")
    yield "another name of a field", change(fields[0], "field", "renamed")
    yield "another size", change(fields[0], "size", 5)
    yield "another number of elements", change(fields[1], "num", 7)
    yield "another version of a field", change(fields[0], "version_id", 1)
    yield "a condition", change(fields[0], "field_exists", True)
    yield "a field too few", change(outer, "Fields", fields[:-1])
    yield "a field too many", change(outer, "Fields", fields + [fields[0]])
    yield "fields in another order", change(outer, "Fields", fields[1:] + fields[:1])
    yield "subsections in another order", change(outer, "Subsections", outer["Subsections"][::-1])
    yield "a subsection too few", change(outer, "Subsections", outer["Subsections"][1:])
    yield "another version inside", change(fields[5]["Description"], "version_id", 3)


def check_verified(folder):
    program, dump = folder / "program", folder / "dump"
    command("cc", "-O1", "-static-pie", "-DRUNS", "-DRELEASE=800", "-o", program, SOURCE)
    environment = {**os.environ, "DECLARED_DUMP": str(dump), "TMPDIR": str(folder)}
    said = make_dump(json.loads(run(program).stdout))

    def verify(text):
        dump.write_text(text)
        return run("--verify", "--json", program, env=environment)

    result = verify(json.dumps(said))
    check("--verify of a dump that is equal", result.returncode and result.stdout + result.stderr)
    for name, apply in spoil(said):
        undo = apply()
        result = verify(json.dumps(said))
        undo()
        lines = result.stdout.splitlines()
        check(f"--verify finds {name}", (result.returncode != 1 or len(lines) < 2 or "difference" not in lines[0])
              and result.stdout + result.stderr)
    check("it was put back each time", verify(json.dumps(said)).returncode)
    dump.write_text("no JSON")
    check("refused: a dump that is no JSON", refusal(["--verify", program], "", env=environment))
    dump.unlink()
    check("refused: a program that fails", refusal(["--verify", program], "-dump-vmstate fails", env=environment))
    check("no file is left", [path.name for path in folder.glob("vmwire-*")])


# ---- What is refused ----------------------------------------------------------------------------------


def check_refused(folder):
    program, module = make_program(folder, "PIE", 702)
    bytes_of = program.read_bytes()

    def make(name, data):
        (folder / name).write_bytes(data)
        return folder / name

    make_object(folder, "PIE", 702)
    narrow, other = make("narrow", bytes_of[:4] + b"\1" + bytes_of[5:]), folder / "other"
    arm, foreign = folder / "arm", folder / "foreign"
    arm.mkdir()
    _, arm_module = make_program(arm, "aarch64", 702)
    foreign.mkdir()
    _, foreign_module = make_program(foreign, "PIE", 702, "-DSTAMP=qemu_stamp_fedcba9876543210")
    shutil.copy(program, other)
    core = make("core", bytes_of[:16] + struct.pack("<H", 4) + bytes_of[18:])
    odd = make("odd", bytes_of[:18] + struct.pack("<H", 20) + bytes_of[20:])
    script = make("script", b"#!/bin/sh\nexec qemu-system-x86_64\n")
    script.chmod(0o755)
    os.mkfifo(folder / "pipe")
    (folder / "dangling").symlink_to("nowhere")
    (folder / "folder").mkdir()
    for name, words, expected in [
        ("a text", [make("text", b"a text\n" * 100)], "no ELF program"),
        ("an empty file", [make("empty", b"")], "no ELF program"),
        ("a stream", [ROOT / "corpus/streams/bookworm-microvm.vmstate"], "no ELF program"),
        ("a folder", [folder / "folder"], "a regular file; this is none"),
        ("a pipe", [folder / "pipe"], "a regular file; this is none"),
        ("a device", ["/dev/zero"], "a regular file; this is none"),
        ("standard input", ["-"], "not from standard input"),
        ("no such file", [folder / "none"], "cannot open"),
        ("no such name in PATH", ["no-such-qemu"], "cannot open"),
        ("a dangling link", [folder / "dangling"], "cannot open"),
        ("a script", [script], "a script, no program"),
        ("a 32-bit program", [narrow], "a 32-bit program"),
        ("a core file", [core], "no program and no module (type 4)"),
        ("an object file", [folder / "object.o"], "no program and no module (type 1)"),
        ("a processor that is not known", [odd], "relocations are not known (20)"),
        ("a program that is no QEMU", ["/bin/ls"], "no system emulator of QEMU"),
        ("a module as the program", [module], "a shared library where the program was expected"),
        ("a program as a module", [program, other], "a program where a module was expected"),
        ("the program as its own module", [program, program], "given twice"),
        ("a module twice", [program, module, module], "given twice"),
        ("a text as a module", [program, folder / "text"], "no ELF program"),
        ("no such module", [program, folder / "none.so"], "cannot open"),
        ("standard input as a module", [program, "-"], "not from standard input"),
        ("a module for another processor", [program, arm_module], "for another processor"),
        ("a module of another build", [program, foreign_module], "of another build"),
        ("a program of another folder", ["--root", folder / "folder", "/program"], "cannot open"),
        ("a link out of the root folder", ["--root", arm, "/../program"], "leads out of the root folder"),
        ("--verify with a program that cannot be run", ["--verify", program], "-dump-vmstate"),
        ("a name with an escape", [folder / "\x1b[2J"], "?[2J"),
        ("a long name", ["/" + "a" * 5000], "cannot open"),
    ]:
        check(f"refused: {name}", refusal(words, expected))
    copies = []
    for i in range(300):
        shutil.copy(module, folder / f"copy-{i}.so")
        copies.append(folder / f"copy-{i}.so")
    check("refused: 300 modules", refusal([program, *copies], "more than 255 modules"))
    for copy in copies:
        copy.unlink()
    result = run("--json", folder / "text")
    check("an error as JSON", json.loads(result.stderr)["error"] != "program" and result.stderr)


def other_files(program, expected):
    """What is read instead of these files, or the error."""
    result = run(program)
    found = json.loads(result.stdout or "{}").get("files")
    return None if found == expected else f"{found} {result.stderr}"


def check_names(folder):
    """Odd names, links, and modules that the program would not load."""
    program, module = make_program(folder, "PIE", 1002)
    expected = run(program).stdout
    odd = folder / "a [b] *?\\ 'c'"
    odd.mkdir()
    shutil.copy(program, odd / program.name)
    shutil.copy(module, odd / module.name)
    check("a folder with signs of a pattern", run(odd / program.name).stdout != expected)
    shutil.copy(module, folder / "module.so")
    check("a module whose name only ends as one that the program knows", run(program).stdout != expected)
    (folder / "module.so").unlink()
    (folder / "links").mkdir()
    (folder / "links/program").symlink_to(program)
    check("modules beside the program that a link names", run(folder / "links/program").stdout != expected)
    (folder / "bin").mkdir()
    shutil.copy(program, folder / "bin/program")
    for place in "lib/x/qemu", "lib/y/qemu":
        (folder / place).mkdir(parents=True)
    shutil.copy(module, folder / "lib/x/qemu")
    (folder / "lib/y/qemu" / module.name).symlink_to(folder / "lib/x/qemu" / module.name)
    shutil.copytree(folder / "lib", folder / "none/lib")
    check("a module that is found twice is read once", run(folder / "bin/program").stdout != expected)
    inside = run("--root", folder, "/bin/program")
    check("a program in a root folder", inside.stdout != expected and inside.stderr)
    check("a relative name", run("program", cwd=folder / "bin").stdout != expected)
    foreign = folder / "foreign"
    foreign.mkdir()
    _, other = make_program(foreign, "PIE", 1002, "-DSTAMP=qemu_stamp_fedcba9876543210")
    shutil.copy(other, folder / "lib/x/qemu" / module.name)
    check("a module of another build is left alone", other_files(folder / "bin/program", ["program"]))
    _, other = make_program(foreign, "aarch64", 1002)
    shutil.copy(other, folder / "lib/x/qemu" / module.name)
    check("a module for another processor is left alone", other_files(folder / "bin/program", ["program"]))
    (folder / "lib/x/qemu" / module.name).write_text("no module")
    check("a file that is no module, but is called so", refusal([folder / "bin/program"], "no ELF program"))


def check_cut(folder):
    """A program that ends early: an error or an answer, never a crash."""
    program, module = make_program(folder, "PIE", 702)
    data, wrong = program.read_bytes(), []
    module.unlink()
    cut = folder / "cut"
    lengths = {*range(0, 200, 3), *range(200, len(data), max(1, len(data) // 150)), len(data) - 1}
    for length in sorted(lengths):
        cut.write_bytes(data[:length])
        result = run(cut, preexec_fn=limit_memory)
        clean = result.returncode == 0 and not result.stderr or \
            result.returncode == 2 and result.stderr.count("\n") == 1 and not result.stdout
        wrong += [] if clean else [f"{length}: exit status {result.returncode}, {result.stderr[:200]}"]
    check(f"{len(lengths)} programs that end early", "\n".join(wrong))
    cut.write_bytes(data[:len(data) // 2])
    check("refused: half a program", refusal([cut], "the file ends within its"))


def main():
    if sys.argv[1:]:
        for program in sys.argv[1:]:
            root, _, inner = program.partition("//")
            check_real("/" + inner, root) if inner else check_real(program)
        return exit_status()
    check_schema_itself()
    check_host()
    for test in check_made, check_verified, check_refused, check_names, check_cut:
        with tempfile.TemporaryDirectory() as folder:
            test(Path(folder).resolve())
    return exit_status()


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
