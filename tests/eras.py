#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests corpus/eras against the reference readers, without the programs of then: each capture is read whole by the reader of its
own program and of the others; each witness that was fed to a program is what the reader of that program decides, and each claim
about older readers is what their reference readers say.

    tests/eras.py     tests $VMWIRE, or build/vmwire if it is not set
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "corpus" / "eras"
VMWIRE = Path(os.environ.get("VMWIRE", ROOT / "build" / "vmwire")).resolve()
READERS = {"0.13.0": "legacy", "0.14.1": "guarded", "0.15.1": "guarded", "1.0": "heuristic"}
# Signatures of corpus/witnesses that `check` does not show on these machines, though the programs declare the owner.
NOT_SHOWN = {
    ("legacy", "ide_drive", "corrupt"): "undecided: another identify_set moves what follows",
    ("legacy", "ide_drive", "truncated"): "undecided: another identify_set moves what follows",
    ("guarded", "ide_drive", "corrupt"): "undecided: another identify_set moves what follows",
    ("guarded", "ide_drive", "truncated"): "undecided: another identify_set moves what follows",
    ("guarded", "fdrive", "reject"): "it declared none before 1.0",
    ("guarded", "hda-audio-stream", "reject"): "it declared none then",
}


def read(name):
    return json.loads((FOLDER / name).read_text())


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def edited(stream, edits):
    for each in edits:
        data, at = bytes.fromhex(each["data"]), each["offset"]
        stream = stream[:at] + data + stream[at if each.get("insert") else at + len(data):]
    return stream


def schemas(version, layout):
    shown = ["--schema", FOLDER / layout] if layout else []
    return ["--schema", ROOT / "corpus" / "schemas" / f"qemu-{version}-x86_64.program.json", *shown]


def outcome(option, version, layout, stream):
    """What the reader says of the stream, and its error."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(stream)
        file.flush()
        result = run(VMWIRE, "parse", "--json", "--option", option, *schemas(version, layout), file.name)
    line = json.loads((result.stdout or result.stderr).splitlines()[0])
    assert result.returncode == ("error" in line) * 2, (result.returncode, result.stderr)
    return {"unread": "truncated", "no-layout": "unknown"}.get(line["error"], "reject") if "error" in line else "accept", line


def folder_agrees():
    for folder in (FOLDER, FOLDER / "0.12"):
        listed = json.loads((folder / "manifest.json").read_text())
        assert {entry["file"] for entry in listed} == {path.name for path in folder.glob("*.vmstate")}
        for entry in listed:
            data = (folder / entry["file"]).read_bytes()
            assert len(data) == entry["size"] and hashlib.sha256(data).hexdigest() == entry["sha256"], entry["name"]


def every_program_has_captures():
    for version, reader in READERS.items():
        entries = [entry for entry in read("manifest.json") if entry["qemu"] == version]
        assert len(entries) >= 5 and {entry["reader"] for entry in entries} == {reader}, version
        assert {"kept", "dropped"} == {entry["ram"] for entry in entries}, version


def read_whole():
    """By the program's declarations alone, under its own reader, down to the last field."""
    for entry in read("manifest.json"):
        result = run(VMWIRE, "parse", "--option", entry["reader"], *schemas(entry["qemu"], None), FOLDER / entry["file"])
        assert result.returncode == 0 and result.stdout.splitlines()[-1].split()[-1] == "eof", (entry["name"], result.stderr)
        assert "opaque" not in result.stdout and f"all of its {entry['size']} bytes" in result.stdout, entry["name"]


def exact_under_each_reader():
    result = run(VMWIRE, "replay", "--json", FOLDER)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 0 and len(lines) == len(read("manifest.json")), result.stderr
    for line in lines:
        for option in set(READERS.values()):
            assert line["options"][option]["outcome"] == "exact", (line["name"], option)


def iterables_are_there():
    kinds = set()
    for entry in read("manifest.json"):
        if entry["name"].endswith(("-pc-block", "-pc-ram")):
            result = run(VMWIRE, "parse", "--json", "--all", "--option", entry["reader"], *schemas(entry["qemu"], None), FOLDER / entry["file"])
            kinds |= {(each["kind"], entry["qemu"]) for line in map(json.loads, result.stdout.splitlines()) for each in line.get("entries", [])}
    for version in READERS:
        for kind in ("DISK_CHUNK", "DISK_PROGRESS", "DISK_EOS", "RAM_MEM_SIZE", "RAM_PAGE", "RAM_ZERO"):
            assert (kind, version) in kinds, (kind, version)


def ram_of_version_3_is_read():
    """The reader comes to the section behind which the layout of 0.12 is another one."""
    entry = json.loads((FOLDER / "0.12" / "manifest.json").read_text())[0]
    result = run(VMWIRE, "parse", "--json", "--option", "legacy", *schemas("0.13.0", None), FOLDER / "0.12" / entry["file"])
    error = json.loads(result.stderr)
    assert error["section"] == '"ide" instance 0' and error["offset"] > 80000, error


def programs_did_as_decided():
    seen = read("seen.json")["seen"]
    for version, reader in READERS.items():
        own = [each for each in seen if each["version"] == version]
        assert len(own) >= 10 and {each["option"] for each in own} == {reader}, version
        assert {"reject", "truncated", "corrupt"} == {each["outcome"] for each in own}, version
    for each in seen:
        assert each["original"] == "accept" and each["as_decided"] is True and not each.get("differs"), each
        rejected = (each.get("error_not_looked_at") or each["outcome"]) == "reject"
        assert (each["verdict"] == "reject") == rejected, each


def signatures_were_fed():
    """Each signature of corpus/witnesses whose owner one of the programs declares."""
    witnesses = json.loads((ROOT / "corpus" / "witnesses" / "manifest.json").read_text())
    fed = {(each["option"], each["owner"], each["outcome"]) for each in read("seen.json")["seen"]}
    missing = set()
    for option in ("legacy", "guarded"):
        declared = set()
        for version in (version for version, reader in READERS.items() if reader == option):
            schema = ROOT / "corpus" / "schemas" / f"qemu-{version}-x86_64.program.json"
            declared |= {structure["name"] for structure in json.loads(schema.read_text())["structures"]}
        missing |= {(option, each["owner"], each["outcome"]) for each in witnesses if each["option"] == option and each["owner"] in declared} - fed
    assert missing == set(NOT_SHOWN), missing ^ set(NOT_SHOWN)


def readers_say_so():
    """One of each signature."""
    seen, captures = read("seen.json"), {entry["name"]: entry for entry in read("manifest.json")}
    one = {(each["version"], each["owner"], each["outcome"]): each for each in seen["seen"]}

    def says(each):
        file = captures[each["capture"]]["file"]
        stream = edited((FOLDER / file).read_bytes(), seen["marks"][each["capture"]] + each["payload"])
        said, line = outcome(each["option"], each["version"], file, stream)
        wanted = {"corrupt": "accept"}.get(each["outcome"], each["outcome"])
        return None if said == wanted else (each["version"], each["owner"], wanted, said, line)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = [fault for fault in pool.map(says, one.values()) if fault]
    assert len(one) >= 40 and not wrong, wrong


def claims_hold():
    """What the reference reader says today is what stands there, and what the program did."""
    for claim in read("claims.json"):
        for each in claim["seen"]:
            stream = edited((FOLDER / each["stream"]).read_bytes(), each["payload"])
            said, line = outcome(each["option"], each["version"], each.get("layout"), stream)
            moved = each["reader"] == "unknown"  # a changed identify_set
            assert moved or (said == each["reader"] and line.get("message", "") == each["reader_message"]), (claim["claim"], each, said)
            assert each["as_read"] is not False, (claim["claim"], each)
            assert each["as_read"] is None or (each["verdict"] == "reject") == (said == "reject"), (claim["claim"], each)
            assert said in claim["reader"][each["option"]].split(" or ") or moved, claim["claim"]


def claims_of_the_discussion():
    verdicts = {claim["claim"]: {each["version"]: each["verdict"] for each in claim["seen"]} for claim in read("claims.json")}

    def refused_by(claim):
        return {version for version, verdict in verdicts[claim].items() if verdict == "reject"}

    assert all(set(verdicts[claim]) == set(READERS) for claim in ("unmodified", "XMM1 = 05", "XMM1 = 05 and a plausible name"))
    assert refused_by("unmodified") == set() == refused_by("unmodified, with subsections")
    assert refused_by("XMM1 = 05") == {"0.13.0"}
    assert refused_by("XMM1 = 05 and a plausible name") == {"0.13.0", "1.0"}
    assert refused_by("two subsections in a row") == {"0.13.0"}
    assert refused_by("subsection of no release, its structure has none") == {"0.13.0", "1.0"}
    assert verdicts["from 0.13.0"]["0.14.1"] == verdicts["from 0.15.1"]["1.0"] == "accept"
    lost = next(claim for claim in read("claims.json") if claim["claim"] == "from 0.12.5")["seen"]
    assert {each["version"] for each in lost} == set(READERS)
    assert all(each["verdict"] == "accept" and each["saved_again"] != each["mark"] for each in lost), lost


TESTS = (folder_agrees, every_program_has_captures, read_whole, exact_under_each_reader, iterables_are_there, ram_of_version_3_is_read,
         programs_did_as_decided, signatures_were_fed, readers_say_so, claims_hold, claims_of_the_discussion)


def main():
    failed = 0
    for test in TESTS:
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok {name}", flush=True)
        except (AssertionError, OSError, KeyError, ValueError) as error:
            print(f"not ok {name}\n# {str(error)[:800]}", flush=True)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
