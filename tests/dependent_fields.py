#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A field that decides what follows is not taken for free, and a misled reader is not followed through it in silence.

Tests the program $VMWIRE, or build/vmwire, on a small stream and on what a program may declare for it. Each check prints
`ok NAME` or `not ok NAME`.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VMWIRE = str((ROOT / os.environ.get("VMWIRE", "build/vmwire")).resolve())
failed = 0


def check(name, problem):
    global failed
    print(f"not ok {name}" if problem else f"ok {name}")
    if problem:
        failed += 1
        print("\n".join(f"# {line}" for line in str(problem).splitlines()[:12]))


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


def own_class(case):
    """A stream's own description does not tell that a field cannot change."""
    device = {**DEVICE, "fields": [DEVICE["fields"][0], plain("z", "buffer", 60, **{"class": "constant"})]}
    file = case.folder / "class.vmstate"
    file.write_bytes(stream(bytes([9]) + bytes(60), device))
    result = subprocess.run([VMWIRE, "check", file], capture_output=True, text=True, timeout=60)
    check("a stream's own description tells no class", result.returncode != 1 and result.stdout)


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
        own_class(case)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
