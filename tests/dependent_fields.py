#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A field that decides what follows is not taken for free, and a misled reader is not followed through it in silence.

Tests the program $VMWIRE, or build/vmwire, on a small stream and on what a program may declare for it. Each check prints
`ok NAME` or `not ok NAME`. $VMWIRE_PLAIN, without sanitizers, reads most of the captures and of the changed programs.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from checks import ROOT, VMWIRE, check, exit_status, program_for


# ---- The stream: S embeds I, which can send I/s; then bytes of a guest, a count, and as many elements -----------------


def be32(number):
    return number.to_bytes(4, "big")


def str8(text):
    return bytes([len(text)]) + text.encode()


def plain(name, kind, size, **more):
    return {"name": name, "type": kind, "size": size, **more}


INNER = {"vmsd_name": "I", "version": 1, "fields": [plain("x", "uint8", 1)]}
DEVICE = {"name": "S", "instance_id": 0, "vmsd_name": "S", "version": 1, "fields": [
    {"name": "a", "type": "struct", "size": 1, "struct": INNER},
    plain("b", "buffer", 16),
    plain("n", "uint8", 1),
    plain("items", "uint8", 1, array_len=3),
    plain("z", "buffer", 48),
]}
DATA = bytes([9]) + bytes(16) + bytes([3]) + bytes([1, 2, 3]) + bytes(48)


def stream(data=DATA, device=DEVICE):
    section = b"\x04" + be32(1) + str8("S") + be32(0) + be32(1) + data + b"\x7e" + be32(1)
    description = json.dumps({"page_size": 4096, "devices": [device]}).encode()
    return b"QEVM" + be32(3) + section + b"\x00" + b"\x06" + be32(len(description)) + description


def declarations(counted):
    """What a program declares; `counted`: the number of elements is the field n."""
    items = {"name": "items", "type": "uint8", "offset": 32, "size": 1}
    items |= {"num_offset": 28, "num_bytes": 1, "flags": ["pointer", "varray"]} if counted else {"num": 3, "flags": ["array"]}
    fields = [{"name": "a", "structure": 1, "offset": 0, "size": 4, "flags": ["struct"]},
              {"name": "b", "type": "buffer", "offset": 8, "size": 16, "flags": ["buffer"]},
              {"name": "n", "type": "uint8", "offset": 28, "size": 1, "flags": ["single"]}, items,
              {"name": "z", "type": "buffer", "offset": 48, "size": 48, "flags": ["buffer"]}]
    return {"declarations": 1, "shape": "7.0 to 7.2", "structures": [
        {"name": "S", "version_id": 1, "minimum_version_id": 1, "fields": fields},
        {"name": "I", "version_id": 1, "minimum_version_id": 1, "subsections": [2],
         "fields": [{"name": "x", "type": "uint8", "offset": 0, "size": 1, "flags": ["single"]}]},
        {"name": "I/s", "version_id": 1, "minimum_version_id": 1,
         "fields": [{"name": "y", "type": "uint8", "offset": 1, "size": 1, "flags": ["single"]}]}]}


# ---- The checks -------------------------------------------------------------------------------------------------------


class Case:
    def __init__(self, folder):
        self.folder = Path(folder)

    def run(self, command, counted, data=DATA, *arguments):
        files = self.folder / "stream.vmstate", self.folder / "program.json"
        files[0].write_bytes(stream(data))
        files[1].write_text(json.dumps(declarations(counted)))
        return subprocess.run([VMWIRE, command, *arguments, "--schema", str(files[1]), str(files[0])], capture_output=True,
                              text=True, timeout=60)

    def tail(self, counted, data=DATA):
        """What is said of the tail of I."""
        return self.run("check", counted, data).stdout


def classes(case, counted):
    result = case.run("parse", counted, DATA, "--json")
    record = next(json.loads(line)["record"] for line in result.stdout.splitlines() if '"idstr":"S"' in line)
    return {field["name"]: field.get("class") for field in record["fields"]}


def moved_bytes(case):
    """With n at the tail, bools behind it can be elements in another state: not blocked."""
    device = {**DEVICE, "fields": [DEVICE["fields"][0], plain("n", "uint8", 1), plain("t", "bool", 1, array_len=8)]}
    program = declarations(True)
    fields = program["structures"][0]["fields"]
    program["structures"][0]["fields"] = [fields[0], fields[2], fields[3], {
        "name": "t", "type": "bool", "offset": 60, "size": 1, "num": 8, "flags": ["array"]}]
    files = case.folder / "moved.vmstate", case.folder / "moved.json", case.folder / "certificate"
    files[0].write_bytes(stream(bytes([9, 0]) + bytes(8), device))
    files[1].write_text(json.dumps(program))
    result = subprocess.run([VMWIRE, "check", "--certificate", files[2], "--schema", files[1], files[0]], capture_output=True,
                            text=True, timeout=60)
    check("a byte that another count would move does not block", result.returncode != 3 and result.stdout)
    good = files[2].read_text()
    verified = subprocess.run([VMWIRE + "-verify", "--schema", files[1], files[2], files[0]], capture_output=True, text=True,
                              timeout=60)
    check("the certificate is accepted", not verified.stdout.startswith("accepted") and verified.stdout + good)


def counted_before(case, name, count, kinds, reason):
    """S: a count, I, as many items, then eight more bytes; `kinds`: the types of the items and of the rest."""
    item, rest = kinds
    items = [plain("items", item, 1, array_len=count)] if count else []
    device = {**DEVICE, "fields": [plain("n", "uint8", 1), DEVICE["fields"][0], *items, plain("t", rest, 1, array_len=8)]}
    program = declarations(True)
    fields = program["structures"][0]["fields"]
    program["structures"][0]["fields"] = [fields[2], fields[0], {**fields[3], "type": item}, {
        "name": "t", "type": rest, "offset": 60, "size": 1, "num": 8, "flags": ["array"]}]
    fixed = json.loads(json.dumps(program))
    del fixed["structures"][0]["fields"][2]["num_offset"], fixed["structures"][0]["fields"][2]["num_bytes"]
    fixed["structures"][0]["fields"][2] |= {"num": count, "flags": ["array"]}
    files = [case.folder / file for file in ("before.vmstate", "before.json", "fixed.json", "certificate")]
    files[0].write_bytes(stream(bytes([count, 9]) + bytes(count + 8), device))
    files[1].write_text(json.dumps(program))
    files[2].write_text(json.dumps(fixed))

    def run(program, schema, *arguments):
        return subprocess.run([program, *arguments, "--schema", schema, files[0]], capture_output=True, text=True,
                              timeout=60).stdout

    shown = run(VMWIRE, files[1], "check")
    check(f"a count before the tail: {name}", f"S at 19, the tail of I, a: {reason}" not in shown and shown)
    shown = run(VMWIRE, files[2], "check", "--certificate", files[3])
    check("  with a number that is always the same the tail is clean", "0 are undecided" not in shown and shown)
    accepted, refused = (run(VMWIRE + "-verify", file, files[3]) for file in (files[2], files[1]))
    check("  its certificate is accepted with that number only",
          not (accepted.startswith("accepted") and not refused.startswith("accepted")) and accepted + refused)


def program_as_reader(case):
    """skew --contrived: the reader's program reads the stream, as far as it can."""
    files = case.folder / "skew.vmstate", case.folder / "reader.json"
    files[0].write_bytes(stream())

    def skew(program):
        files[1].write_text(json.dumps(program))
        return subprocess.run([VMWIRE, "skew", "--contrived", *files], capture_output=True, text=True, timeout=60).stdout

    shown = skew(declarations(True))
    check("skew: a program reads what its own stream has", "the tail of I, a" not in shown and shown)
    check("  a misled reader is not followed through a count", 'depends on the field "n"' not in shown and shown)
    program = declarations(True)
    program["structures"][0]["fields"].append({"name": "y", "type": "uint8", "offset": 100, "size": 1, "flags": ["single"]})
    shown = skew(program)
    check("  one that does not read it: undecided", "does not read these bytes" not in shown and shown)
    program["structures"][0]["fields"][-1]["condition"] = 1
    shown = skew(program)
    check("  one with a field that its code decides about: undecided", "only the reader's code knows" not in shown and shown)
    program["structures"][0]["name"] = "T"
    shown = skew(program)
    check("  one without the device: undecided", "declares no such device" not in shown and shown)


def against_itself():
    """skew --contrived of a capture and the program that wrote it: nothing differs, with and without the writer's declarations."""
    manifest = json.loads((ROOT / "corpus/streams/manifest.json").read_text())
    wrong = []
    for entry in manifest:
        program = next(ROOT / "corpus/streams" / each for each in entry["schemas"] if each.endswith(".program.json"))
        capture = ROOT / "corpus/streams" / entry["file"]
        described = entry["name"] not in ("bookworm-pc-2.2-bare", "bookworm-pc-postcopy")  # these two carry no description
        for schema in ([], ["--schema", program]) if described else (["--schema", program],):
            words = ["skew", "--contrived", "--json", *schema, capture, program]
            result = subprocess.run([program_for(words), *words], capture_output=True, text=True, timeout=120)
            lines = [json.loads(line) for line in result.stdout.splitlines()]
            differs = [line["differs"] for line in lines if "differs" in line and "outcome" in line]
            if result.returncode not in (0, 1, 3) or differs or not lines:
                wrong.append(f"{entry['name']} {len(schema)}: {result.returncode} {result.stderr[:200]} {differs[:2]}")
    check("no capture differs from what its own program reads", "\n".join(wrong))


def field_dropped(fields, at):
    del fields[at]


def field_added(fields, at):
    fields.insert(at, {"name": "new", "type": "uint8", "offset": 99999, "size": 1, "flags": ["single"]})


def field_longer(fields, at):
    fields[at] |= {"type": "buffer", "size": fields[at]["size"] + 1}


def fields_swapped(fields, at):
    """With the next one of the same size; False: there is none."""
    for other in range(at + 1, len(fields)):
        if fields[other].get("flags") == ["single"] and fields[other].get("size") == fields[at]["size"]:
            fields[at], fields[other] = fields[other], fields[at]
            return True
    return False


def devices_of_structures(capture, program):
    """The idstrs of the sections that have a structure, by its name."""
    shown = subprocess.run([VMWIRE, "parse", "--json", "--schema", program, capture], capture_output=True, text=True, timeout=120)
    items = [item for item in map(json.loads, shown.stdout.splitlines()) if item.get("kind") == "full" and "record" in item]
    found = {}
    for item in items:
        records = [item["record"]]
        while records:
            record = records.pop()
            found.setdefault(record["vmsd_name"], set()).add(item["idstr"])
            records += [field["record"] for field in record.get("fields", []) if isinstance(field.get("record"), dict)]
    return found


def changed_program(case):
    """skew --contrived of a capture and its program with one thing changed: the changed section is not passed in silence."""
    capture, file = ROOT / "corpus/streams/bookworm-q35.vmstate", ROOT / "corpus/schemas/bookworm-x86_64.program.json"
    devices, program, silent, tried = devices_of_structures(capture, file), json.loads(file.read_text()), [], {}
    for number, structure in enumerate(program["structures"]):
        plain = [at for at, field in enumerate(structure.get("fields", [])) if field.get("flags") == ["single"]
                 and field.get("type", "").startswith("uint") and not field.get("condition")]
        if structure["name"] not in devices or not plain:
            continue
        for change in ((field_dropped, field_added, field_longer)[number % 3], fields_swapped):
            kept, structure["fields"] = structure["fields"], [dict(field) for field in structure["fields"]]
            changed = change(structure["fields"], plain[number % len(plain)])
            (case.folder / "changed.json").write_text(json.dumps(program))
            structure["fields"] = kept
            if changed is False:
                continue
            result = subprocess.run([program_for([structure["name"], change.__name__]), "skew", "--contrived", "--json", capture,
                                     case.folder / "changed.json"], capture_output=True, text=True, timeout=120)
            said = [line for line in map(json.loads, result.stdout.splitlines()) if line.get("idstr") in devices[structure["name"]]
                    and ("differs" in line or "the reader's program" in line.get("undecided", ""))]
            tried[change.__name__] = tried.get(change.__name__, 0) + 1
            if not said:
                silent.append(f"{change.__name__} {structure['name']}: {result.returncode} {result.stderr[:200]}")
    few = len(tried) < 4 or min(tried.values()) < 8
    check("a changed program is not passed in silence", "\n".join(silent) or (f"only {tried}" if few else None))


def own_class(case):
    """A stream's own description does not tell that a field cannot change."""
    device = {**DEVICE, "fields": [DEVICE["fields"][0], plain("z", "buffer", 60, **{"class": "constant"})]}
    file = case.folder / "class.vmstate"
    file.write_bytes(stream(bytes([9]) + bytes(60), device))
    result = subprocess.run([VMWIRE, "check", file], capture_output=True, text=True, timeout=60)
    check("a stream's own description tells no class", result.returncode != 1 and result.stdout)


# ---- A number of a subsection that is a field of its owner, whose memory QEMU gives it -----------------------------------


def owned_section(instance, count, sent):
    """S with its count; S/list has as many elements."""
    data = bytes([9]) + bytes(16) + bytes([count]) + bytes(8)
    if sent:
        data += b"\x05" + str8("S/list") + be32(1) + bytes([7]) + bytes(range(count))
    return b"\x04" + be32(instance + 1) + str8("S") + be32(instance) + be32(1) + data + b"\x7e" + be32(instance + 1)


def owned_description(instance, sent):
    device = {"name": "S", "instance_id": instance, "vmsd_name": "S", "version": 1, "fields": [
        {"name": "a", "type": "struct", "size": 1, "struct": INNER}, plain("b", "buffer", 16), plain("n", "uint8", 1),
        plain("z", "buffer", 8)]}
    if sent:
        device["subsections"] = [{"vmsd_name": "S/list", "version": 1, "fields": [
            plain("k", "uint8", 1), plain("items", "uint8", 1, array_len=sent)]}]
    return device


def owned_declarations():
    program = declarations(False)
    owner, inner, _ = program["structures"]
    owner["fields"] = [*owner["fields"][:3], {"name": "z", "type": "buffer", "offset": 48, "size": 8, "flags": ["buffer"]}]
    owner["subsections"], inner["subsections"] = [2], []
    program["structures"][2] = {"name": "S/list", "version_id": 1, "minimum_version_id": 1, "fields": [
        {"name": "k", "type": "uint8", "offset": 40, "size": 1, "flags": ["single"]},
        {"name": "items", "type": "uint8", "offset": 32, "size": 1, "num_offset": 28, "num_bytes": 1,
         "flags": ["pointer", "varray"]}]}
    return program


def counted_by_owner(case):
    files = case.folder / "owned.vmstate", case.folder / "owned.json"
    files[1].write_text(json.dumps(owned_declarations()))

    def run(command, *arguments):
        return subprocess.run([VMWIRE, command, *arguments, "--schema", files[1], files[0]], capture_output=True, text=True,
                              timeout=60).stdout

    files[0].write_bytes(b"QEVM" + be32(3) + owned_section(0, 3, True) + owned_section(1, 5, True) + b"\x00")
    shown = run("parse")
    check("an array of a subsection has as many elements as its owner says",
          ("items[3] uint8 = 00 01 02\n" not in shown or "items[5] uint8" not in shown) and shown)
    description = json.dumps({"page_size": 4096, "devices": [owned_description(0, 3), owned_description(1, 0)]}).encode()
    files[0].write_bytes(b"QEVM" + be32(3) + owned_section(0, 3, True) + owned_section(1, 5, False) + b"\x00\x06"
                         + be32(len(description)) + description)
    shown = run("parse", "--json")
    check("the owner's field decides what follows", shown.count('"name":"n","type":"uint8","class":"checked"') != 2 and shown)
    shown = run("check", "--all-states")
    check("another owner's number of elements is not taken for this one's",
          "states that send S/list: no layout is known" not in shown and shown)


def seen_from_inside():
    """virtio's guest_features decide which fields virtio-net has, a structure inside of it."""
    result = subprocess.run([VMWIRE, "check", "--schema", ROOT / "corpus/schemas/forky-s390x.program.json",
                             ROOT / "corpus/streams/forky-s390x-virtio.vmstate"], capture_output=True, text=True, timeout=60)
    check("a field that a structure inside refers to decides what follows",
          'depends on the field "virtio.guest_features"' not in result.stdout and result.stdout[-2000:])


def main():
    with tempfile.TemporaryDirectory() as folder:
        case = Case(folder)
        constant, counted = case.tail(False), case.tail(True)
        reason = 'depends on the field "n"'
        check("a count that nothing refers to is no reason", reason in constant and constant)
        check("a misled reader is not followed through a count", reason not in counted and counted)
        check("the tail can still make the reader reject", "can make the reader reject" not in counted and counted)
        check("a field that nothing depends on is free", classes(case, False)["n"] != "free" and classes(case, False))
        check("a field that decides what follows is checked", classes(case, True)["n"] != "checked" and classes(case, True))
        strict = case.run("check", True, DATA, "--strict")
        check("what is undecided is not clean", strict.returncode == 0 and strict.stdout)
        states = case.run("check", True, DATA, "--all-states", "--json").stdout
        check("other counts are not followed, and counted", '"unfollowed_lists":1' not in states and states[-600:])
        moved_bytes(case)
        counted_before(case, "no items in another state", 2, ("bool", "uint8"),
                       'in another state other bytes can stand at the field "items"')
        counted_before(case, "items in another state", 0, ("uint8", "bool"),
                       'in another state other bytes can stand at the field "t"')
        program_as_reader(case)
        against_itself()
        changed_program(case)
        own_class(case)
        counted_by_owner(case)
        seen_from_inside()
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
