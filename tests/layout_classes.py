#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks a real QEMU whether the layouts call a value free that its loader refuses.

Usage: tests/layout_classes.py --declarations FOLDER [--root LAB] [--trials N] [--seed N] [--only TEXT] STREAM...

Each stream lies beside the manifest.json that `corpus/capture` writes; QEMU is started as for the capture. The script
takes one field after another that the layouts call free, changes its bytes at random in one of the places that have this
field, and feeds QEMU the changed stream. A change with which the layouts read the value in no way is not fed: a count, for
instance, that no longer fits to what follows. QEMU must take all others.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

import layouts as reader

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 20  # seconds for one QEMU


def command_of(stream):
    entries = json.loads((stream.parent / "manifest.json").read_text())
    command, = [entry["command"] for entry in entries if entry["name"] == stream.stem]
    return command


def accepts(root, command, stream):
    """None when QEMU takes the stream, or its last words."""
    path = root / "tmp" / f"layout-classes-{os.getpid()}"
    path.write_bytes(stream)
    inside = Path("/") / path.relative_to(root)
    command = command + ["-incoming", f"exec:cat {inside}"]
    qemu = subprocess.Popen(command if root == Path("/") else ["chroot", str(root), *command], text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    watchdog = threading.Timer(PATIENCE, qemu.kill)
    watchdog.start()
    try:
        status = converse(qemu)
    except (BrokenPipeError, EOFError):
        status = "ended"
    qemu.kill()
    errors = qemu.stderr.read().strip()
    qemu.wait()
    watchdog.cancel()
    path.unlink()
    return None if status == "completed" else errors[-300:].replace("\n", " | ")


def converse(qemu):
    def ask(command):
        qemu.stdin.write(json.dumps({"execute": command}) + "\n")
        qemu.stdin.flush()
        while True:
            line = qemu.stdout.readline()
            if not line:
                raise EOFError
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]

    ask("qmp_capabilities")
    while (status := ask("query-migrate").get("status")) not in ("completed", "failed"):
        time.sleep(0.02)
    return status


def free_fields(stream, options, layouts, declarations):
    """The places of each free field: by its type and name, a list of (value, offset of the value, place in it, size)."""
    places = defaultdict(list)
    done = subprocess.run([options.vmwire, "parse", "--json", "--all", str(stream)], capture_output=True, text=True,
                          check=True)
    for line in done.stdout.splitlines():
        item = json.loads(line)
        if "record" not in item:
            continue
        for owner, field in reader.opaque_fields(item["record"], item["idstr"], item["idstr"]):
            entry = layouts.find(field["type"], owner, item["idstr"] if owner == item["idstr"] else None)
            if field["class"] != "opaque" or entry is None:
                continue
            value = (entry, owner, field)
            for way in read(value, bytes.fromhex(field["data"]), layouts, declarations):
                for name, at, size, kind in reader.leaves(way):
                    if kind in ("free", "bool") and size:
                        places[field["type"], re.sub(r"\[\d*\]", "", name), kind].append((value, at, size))
    return places


def read(value, data, layouts, declarations):
    entry, owner, field = value
    return reader.read(layouts, declarations, entry, owner, data, field.get("array_len", 1))


def change(data, at, size, kind, trial):
    """Bytes with another value in this place: the last bit turned, or all at random."""
    changed = bytearray(data)
    if kind == "bool" or trial == 0:
        changed[at + size - 1] ^= 1
    else:
        changed[at:at + size] = bytes(random.randrange(256) for _ in range(size))
    return bytes(changed)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--declarations", type=Path, required=True)
    parser.add_argument("--vmwire", default=str(ROOT / "build" / "vmwire"))
    parser.add_argument("--root", type=Path, default=Path("/"))
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--seed", type=int, default=2011)
    parser.add_argument("--only", default="")
    parser.add_argument("streams", nargs="+", type=Path)
    options = parser.parse_args()
    random.seed(options.seed)
    layouts, cache, refused = reader.Layouts(ROOT / "grammar" / "layouts"), {}, 0
    for stream in options.streams:
        declarations = reader.declarations_of(stream, options.declarations, cache, layouts)
        command, original = command_of(stream), stream.read_bytes()
        if error := accepts(options.root, command, original):
            print(f"{stream.name}: QEMU refuses the stream as it is: {error}", file=sys.stderr)
            refused += 1
            continue
        fed = names = 0
        for (kind, name, field_class), places in free_fields(stream, options, layouts, declarations).items():
            if options.only not in f"{kind} {name}":
                continue
            names += 1
            for trial in range(options.trials):
                value, at, size = random.choice(places)
                data = change(bytes.fromhex(value[2]["data"]), at, size, field_class, trial)
                if len(read(value, data, layouts, declarations)) != 1:
                    continue
                begin = value[2]["offset"]
                fed += 1
                if error := accepts(options.root, command, original[:begin] + data + original[begin + len(data):]):
                    refused += 1
                    print(f"{stream.name}: {kind} {name}: called {field_class}, refused: {error}", file=sys.stderr)
        print(f"{stream.name}: {names} fields, {fed} changes fed, {refused} refused so far", flush=True)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
