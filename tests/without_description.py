#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Captures whose description is cut off are read by what the installed QEMU declares, to the same tree.

Tests the program $VMWIRE, or build/vmwire ($VMWIRE_PLAIN on most captures), on the captures of this QEMU's release and architecture. Each check prints
`ok NAME` or `not ok NAME`. A capture that the program does not determine is listed in UNDETERMINED with what it must say.
"""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from checks import ROOT, VMWIRE, check, exit_status, program_for

STREAMS = ROOT / "corpus/streams"
PROGRAM = "qemu-system-x86_64"
UNDETERMINED = {}
# Two devices have one part under different names, and the same bytes.
OTHER_NAMES = {("serial", "serial.state."): "serial.serial."}


def run(*arguments):
    return subprocess.run([program_for(arguments), *map(str, arguments)], capture_output=True, text=True, timeout=300)


def without_description(stream):
    """The stream up to its description: a 06, the length of what follows, and JSON (see the manual of the formats)."""
    data = stream.read_bytes()
    at = data.rfind(b"\x00\x06")
    while at >= 0:
        if int.from_bytes(data[at + 2:at + 6], "big") == len(data) - at - 6 and data[at + 6:at + 7] == b"{":
            return data[:at + 1]
        at = data.rfind(b"\x00\x06", 0, at)
    return data


def without_device(stream, name):
    """The stream, the description of which does not have this device."""
    bare = without_description(stream)
    description = json.loads(stream.read_bytes()[len(bare) + 5:])
    description["devices"] = [device for device in description["devices"] if name not in device["name"]]
    text = json.dumps(description).encode()
    return bare + b"\x06" + len(text).to_bytes(4, "big") + text


def leaves(record, path):
    """Each value of a record: offset, size, path, type, class, and its bytes as far as they are shown."""
    for field in record["fields"]:
        if isinstance(field.get("record"), dict):
            yield from leaves(field["record"], f"{path}.{field['name']}")
        else:
            yield tuple(field.get(key) for key in ("offset", "size", "type", "class", "data")) + (f"{path}.{field['name']}",)
    for subsection in record.get("subsections", []):
        yield subsection["offset"], subsection["size"], "subsection", None, None, f"{path}/{subsection['name']}"
        yield from leaves(subsection["record"], f"{path}/{subsection['name']}")


def tree(output):
    """All values of all sections."""
    found = []
    for line in output.splitlines():
        item = json.loads(line)
        if isinstance(item.get("record"), dict):
            found += leaves(item["record"], item.get("idstr", item["kind"]))
    return found


def renamed(value):
    for (section, begin), other in OTHER_NAMES.items():
        if value[-1].startswith(begin) and section == begin.split(".")[0]:
            return value[:-1] + (other + value[-1][len(begin):],)
    return value


def compare(capture, bare, own_schemas):
    described = run("parse", "--json", capture, *own_schemas, "--schema", shutil.which(PROGRAM))
    declared = run("parse", "--json", bare, "--schema", shutil.which(PROGRAM))
    if described.returncode or declared.returncode:
        return described.stderr + declared.stderr
    one, other = tree(described.stdout), tree(declared.stdout)
    differing = [f"{a}\n{b}" for a, b in zip(one, other) if a != b and renamed(a) != b]
    if len(one) < 50 or len(one) != len(other):
        differing.append(f"{len(one)} values by the description, {len(other)} by the program")
    return "\n".join(differing[:4])


def undetermined(bare, expected):
    result = run("parse", bare, "--schema", shutil.which(PROGRAM))
    right = result.returncode == 2 and result.stderr.count("\n") == 1 and expected in result.stderr
    return None if right else f"exit status {result.returncode}\n{result.stderr}"


def same_answers(capture, bare):
    """check decides the same of both. Only how far a reader can look beyond the last section differs."""
    results = []
    for stream in (capture, bare):
        result = run("check", "--json", stream, "--schema", shutil.which(PROGRAM))
        findings = [json.loads(line) for line in result.stdout.splitlines()]
        results.append([(each["idstr"], each["path"], each["outcome"], each["offset"]) for each in findings if "outcome" in each])
    return None if results[0] == results[1] and len(results[0]) > 20 else f"{len(results[0])} and {len(results[1])} groups of findings"


def certified(bare, folder):
    """vmwire-verify reads the stream as check did."""
    certificate, schema = Path(folder) / "certificate", ("--schema", shutil.which(PROGRAM))
    run("check", "--certificate", certificate, bare, *schema)
    result = subprocess.run([f"{VMWIRE}-verify", *schema, certificate, bare], capture_output=True, text=True, timeout=300)
    return None if result.stdout.startswith("accepted: 406 tails") else result.stdout + result.stderr


def release():
    """The name of this machine's Debian release, by which captures are named."""
    words = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    return words.get("VERSION_CODENAME", "").strip('"')


def main():
    manifest = json.loads((STREAMS / "manifest.json").read_text())
    compared = 0
    with tempfile.TemporaryDirectory() as folder:
        for entry in manifest:
            if entry["release"] != release() or Path(entry["command"][0]).name != PROGRAM:
                continue
            capture = STREAMS / f"{entry['name']}.vmstate"
            bare = Path(folder) / capture.name
            bare.write_bytes(without_description(capture))
            schemas = [word for schema in entry["schemas"] for word in ("--schema", STREAMS / schema)]
            if entry["name"] in UNDETERMINED:
                check(f"{entry['name']}: the program does not tell all", undetermined(bare, UNDETERMINED[entry["name"]]))
            else:
                check(f"{entry['name']}: the same tree", compare(capture, bare, schemas))
            compared += 1
            if entry["name"] == "bookworm-pc":
                check(f"{entry['name']}: the same answers", same_answers(capture, bare))
                check(f"{entry['name']}: the certificate is accepted", certified(bare, folder))
                bare.write_bytes(without_device(capture, "piix4_pm"))
                check(f"{entry['name']}: the same answers where one device is not described", same_answers(capture, bare))
    check(f"captures of this machine's release ({release()})", not compared)
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
