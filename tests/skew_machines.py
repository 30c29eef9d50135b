#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vmwire skew --machine: what a machine type decides, on two made programs (tests/declared_program.c) of which the newer one sends a
field and a subsection only where a property is on, which its older machine types switch off.

Each check prints `ok NAME` or `not ok NAME`.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from checks import check, exit_status

ROOT = Path(__file__).resolve().parent.parent
VMWIRE = str((ROOT / os.environ.get("VMWIRE", "build/vmwire")).resolve())
SOURCE = ROOT / "tests/declared_program.c"


def run(*words):
    return subprocess.run([VMWIRE, *map(str, words)], capture_output=True, text=True, timeout=60)


def make_program(folder, name, *defines):
    program = folder / name
    subprocess.run(["gcc", "-std=gnu11", "-O1", "-ffreestanding", "-nostdlib", "-fno-stack-protector", "-fPIC",
                    "-fvisibility=hidden", "-DRELEASE=702", *defines, "-pie", "-Wl,-e,start,--export-dynamic,-s", "-o",
                    program, SOURCE], check=True)
    return program


def differences(*words):
    """Those of the device: certainty, rule, path, what decides, advice; and the exit status."""
    result = run("skew", "--json", *words)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    found = {(each["direction"], each["path"]): each for each in lines if each.get("section") == "gadget"}
    return found, result.returncode, result.stderr


def expect(name, found, expected):
    """`expected`: for each direction and path a certainty, and texts of members."""
    wrong = [f"found too: {key} {found[key]['certainty']}" for key in found.keys() - expected.keys()]
    for key, members in expected.items():
        if key not in found:
            wrong.append(f"not found: {key}")
            continue
        wrong += [f"{key}.{member}: {found[key].get(member)}" for member, text in members.items()
                  if text not in str(found[key].get(member))]
    check(name, "\n".join(wrong))


FIELD, SUBSECTION, CODED = "newer", "gadget/newer", "code"
# Only code tells the default: a machine type of now decides nothing.
BY_CODE = {"certainty": "when", "when": "property by-code of gadget is on", "advice": "Give both machines one type and the same properties (-global, -device): machine types up to box-2.0 set by-code to off."}


def check_any_machine(older, newer):
    """Without a machine type the property is named, and the machine types that set it."""
    says = {"certainty": "when", "when": "property by-newer of gadget is on",
            "advice": "Give both machines one type and the same properties (-global, -device): machine types up to box-2.0 set by-newer to off."}
    expected = {("forward", FIELD): says, ("backward", FIELD): says, ("forward", CODED): BY_CODE, ("backward", CODED): BY_CODE,
                ("backward", SUBSECTION): {"certainty": "when", "when": "gadget/newer: property by-newer of gadget is on (machine types up to box-2.0"}}
    found, status, _ = differences(older, newer)
    expect("any machine type: the property is named", found, expected)
    check("any machine type: exit status", status != 1 and status)


def check_new_machine(older, newer):
    certain = {"certainty": "certain"}
    asked = "The field is there if property by-newer of gadget is on (machine types up to box-2.0 set by-newer to off)"
    field = {side: {**certain, "rule": "fields", "advice": f"{asked}: see whether that can be switched at the {side} (machine type, -global, -device)."} for side in ("writer", "reader")}
    expected = {("forward", FIELD): field["reader"], ("backward", FIELD): field["writer"], ("forward", CODED): BY_CODE,
                ("backward", CODED): BY_CODE,
                ("backward", SUBSECTION): {**certain, "rule": "subsection-unknown"}}
    found, status, _ = differences("--machine", "box-3.0", older, newer)
    expect("a machine type of now: certain", found, expected)
    check("a machine type of now: exit status", status != 1 and status)


def check_old_machine(older, newer):
    for machine in "box-2.0", "box-1.0":
        found, status, errors = differences("--machine", machine, older, newer)
        expect(f"{machine}: nothing", found, {})
        check(f"{machine}: exit status", status and f"{status} {errors}")


def check_json(folder, older, newer):
    """The same from the documents of `vmwire schema`, and against itself nothing."""
    documents = []
    for program in older, newer:
        documents.append(folder / f"{program.name}.json")
        documents[-1].write_text(run("schema", program).stdout)
    for machine in [], ["--machine", "box-3.0"]:
        a, _, _ = differences(*machine, older, newer)
        b, _, _ = differences(*machine, *documents)
        check(f"documents instead of programs {machine}", a.keys() != b.keys() and f"{a.keys()} {b.keys()}")
        check(f"a program against itself {machine}", run("skew", *machine, newer, documents[1]).returncode)


def check_refused(older, newer):
    for name, words, expected in [
        ("a machine type that there is not", ["--machine", "box-9.0", older, newer],
         "no machine type box-9.0; the program has 3, of these names: box-"),
        ("no program", ["--machine", "box-3.0", *[ROOT / "corpus/schemas/bookworm-x86_64.json"] * 2], "tells its machine types"),
        ("a stream of another type", ["--machine", "box-3.0", ROOT / "corpus/streams/bookworm-microvm.vmstate", newer],
         "the stream is of the machine type microvm"),
        ("--contrived beside it", ["--machine", "box-3.0", "--contrived", older, newer], "--contrived"),
    ]:
        result = run("skew", *words)
        right = result.returncode == 2 and result.stderr.count("\n") == 1 and expected in result.stderr
        check(f"refused: {name}", not right and f"{result.returncode} {result.stderr}")


def check_hostile(folder, newer):
    """Documents whose new members are wrong: one error each."""
    document = json.loads(run("schema", newer).stdout)
    for name, change in {
        "conditions that are no list": {"conditions": 1},
        "a condition that is a number": {"conditions": [7]},
        "a way that is a number": {"conditions": [[7]]},
        "a test that is a number": {"conditions": [[[7]]]},
        "a relation that there is not": {"conditions": [[[{"is": "~", "number": 1}]]]},
        "a test of no size": {"conditions": [[[{"is": "==", "number": 1, "offset": 0}]]]},
        "a test of nine bytes": {"conditions": [[[{"is": "==", "number": 1, "offset": 0, "size": 9}]]]},
        "too many ways": {"conditions": [[[]] * 65]},
        "a type without a name": {"types": [{}]},
        "a type of a structure that there is not": {"types": [{"name": "a", "structures": [9999]}]},
        "a property without a place": {"types": [{"name": "a", "properties": [{"name": "b", "type": "bool"}]}]},
        "a bit beyond its integer": {"types": [{"name": "a", "properties": [
            {"name": "b", "type": "bool", "offset": 0, "size": 4, "bit": 32}]}]},
        "a value of two texts": {"values": [[["a", "b"]]]},
        "a machine type of a list that there is not": {"machines": [{"name": "a", "values": [9999]}]},
    }.items():
        wrong = {**document, **change}
        (folder / "wrong.json").write_text(json.dumps(wrong))
        result = run("skew", folder / "wrong.json", newer)
        right = result.returncode == 2 and result.stderr.count("\n") == 1
        check(f"refused: {name}", not right and f"{result.returncode} {result.stderr}")
    circle = [{"name": "gadget", "parent": "other", "structures": [0]}, {"name": "other", "parent": "gadget"}]
    (folder / "circle.json").write_text(json.dumps({**document, "types": circle}))
    check("types in a circle", run("skew", folder / "circle.json", newer).returncode not in (0, 1, 3))


with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    older, newer = make_program(folder, "older"), make_program(folder, "newer", "-DNEWER")
    check_any_machine(older, newer)
    check_new_machine(older, newer)
    check_old_machine(older, newer)
    check_json(folder, older, newer)
    check_refused(older, newer)
    check_hostile(folder, newer)
sys.exit(exit_status())
