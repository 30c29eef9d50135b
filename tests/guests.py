#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests corpus/guest: two guests and their controls, built and migrated by the QEMU of this machine; the streams do
what their manifest says; what real QEMUs did is as decided; and `run` notices where it is not.

    tests/guests.py     tests $VMWIRE, or build/vmwire if it is not set
"""

import copy
import hashlib
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "corpus" / "guest"
VMWIRE = Path(os.environ.get("VMWIRE", ROOT / "build" / "vmwire")).resolve()
LIMIT = 4_000_000  # bytes of the whole folder
RELEASES = {"5.2", "7.2", "10.0", "11.1"}


def load_script():
    loader = importlib.machinery.SourceFileLoader("run", str(FOLDER / "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


script = load_script()


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def guests():
    return json.loads((FOLDER / "guests.json").read_text())


def entries():
    return json.loads((FOLDER / "manifest.json").read_text())


def seen():
    return json.loads((FOLDER / "seen.json").read_text())


def parse(option, entry):
    """The tree as JSON lines and the error, without the name of the option."""
    result = run(VMWIRE, "parse", "--option", option, "--json", FOLDER / entry["file"])
    return result.stdout.replace(f'"option":"{option}"', ""), result


# ---- A guest that runs now -------------------------------------------------------------------------------------------


def a_guest_and_its_control():
    """The process without privileges: its destination refuses, that of the control has all sections."""
    with tempfile.TemporaryDirectory() as folder:
        result = run(FOLDER / "run", "xmm-process", "--way", "file", "--vmwire", VMWIRE, "--output", folder)
        assert result.returncode == 0, result.stderr
        record, = json.loads((Path(folder) / "seen.json").read_text())
        made = json.loads((Path(folder) / "manifest.json").read_text())
    assert record["verdict"] == record["decided"] == "reject" and record["ring"] == 3, record
    assert record["unknown"] == {"owner": "xmm_reg", "name": "xmm_reg!"}, record
    assert record["loaded"] < record["sent"] and record["sent"] > 20, record
    control = record["control"]
    assert control["verdict"] == "accept" and control["loaded"] == control["sent"] == record["sent"], control
    assert [entry["name"] for entry in made] == ["xmm-process", "xmm-process-control"], made


def a_silent_guest():
    """QEMU says that the migration is completed, and has left sections unread."""
    with tempfile.TemporaryDirectory() as folder:
        result = run(FOLDER / "run", "chip-config-end", "--way", "file", "--vmwire", VMWIRE, "--output", folder)
        assert result.returncode == 0, result.stderr
        record, = json.loads((Path(folder) / "seen.json").read_text())
    assert record["verdict"] == "truncated" and 0 < record["loaded"] < record["sent"], record
    assert record["control"]["verdict"] == "accept", record


def a_guest_that_does_nothing_is_noticed():
    """The control in place of the guest: the script must fail."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "guest" / "run"
        program.parent.mkdir()
        for name in ("capture", "drive.py", "schemas"):
            (Path(folder) / name).symlink_to(ROOT / "corpus" / name)
        for path in FOLDER.iterdir():
            if path.suffix in (".S", ".inc", ".json"):
                (program.parent / path.name).write_bytes(path.read_bytes())
        text = (FOLDER / "run").read_text()
        program.write_text(text.replace("MARKER, OTHER = 0x05, 0x04", "MARKER, OTHER = 0x03, 0x04"))
        result = run(sys.executable, program, "xmm", "--way", "file", "--vmwire", VMWIRE)
    assert result.returncode == 1 and "decided exact" in result.stderr, (result.returncode, result.stderr)


def guests_differ_from_controls_in_one_byte():
    layout = {"LENGTH": 244, "LPC": 14, "NEXT": 18, "NEXT_LENGTH": 61, "NEXT_NAME": int.from_bytes(b"hpet", "big")}
    for guest in guests():
        one, other = script.images(guest, layout)
        differ = [(a, b) for a, b in zip(one[:512], other[:512]) if a != b]
        assert differ == [(5, 4)] and one[512:] == other[512:], (guest["name"], differ)


def unknown_guest_is_refused():
    result = run(FOLDER / "run", "nothing", "--vmwire", VMWIRE)
    assert result.returncode == 2 and result.stderr.count("\n") == 1, (result.returncode, result.stderr)


# ---- The streams -----------------------------------------------------------------------------------------------------


def folder_agrees():
    listed = {entry["file"] for entry in entries()}
    assert listed == {path.name for path in FOLDER.glob("*.vmstate")}, "streams that are not listed, or not there"
    for entry in entries():
        data = (FOLDER / entry["file"]).read_bytes()
        assert len(data) == entry["size"] and hashlib.sha256(data).hexdigest() == entry["sha256"], entry["name"]
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < LIMIT


def each_guest_has_two_streams():
    names = {guest["name"] for guest in guests()}
    assert {entry["name"] for entry in entries()} == names | {f"{name}-control" for name in names}
    signatures = {guest["name"]: guest["signature"] for guest in guests()}
    for entry in entries():
        assert entry["signature"] == {"option": "heuristic", **signatures[entry["guest"]]}, entry["name"]
        assert entry["control"] == entry["name"].endswith("-control"), entry["name"]


def signatures_are_those_of_witnesses():
    known = {(entry["option"], entry["owner"], entry["outcome"])
             for entry in json.loads((ROOT / "corpus" / "witnesses" / "manifest.json").read_text())}
    signatures = {tuple(entry["signature"].values()) for entry in entries()}
    assert signatures <= known, signatures - known
    assert len(signatures) >= 4, signatures


def description_reads_each_whole():
    for entry in entries():
        result = run(VMWIRE, "parse", "--option", "described", FOLDER / entry["file"])
        whole = f"all of its {entry['size']} bytes" in result.stdout
        assert result.returncode == 0 and whole, (entry["name"], result.stderr)


def today_s_reader_is_misled():
    """With the description alone; virtio is a private encoding there, and is in the expected outcomes below."""
    for entry in entries():
        truth, _ = parse("described", entry)
        tree, result = parse("heuristic", entry)
        outcome = "exact" if entry["control"] or entry["guest"] == "virtqueue" else entry["signature"]["outcome"]
        said = {"exact": result.returncode == 0 and tree == truth,
                "reject": result.returncode == 2 and "does not exist" in result.stderr,
                "truncated": result.returncode == 2 and "expected the end of the file" in result.stderr,
                "corrupt": result.returncode == 0 and tree != truth}
        assert said[outcome], (entry["name"], outcome, result.returncode, result.stderr)


def readers_do_as_expected():
    result = run(VMWIRE, "replay", "--json", FOLDER)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 0 and len(lines) == len(entries()), (result.returncode, result.stderr)
    for line, entry in zip(lines, entries()):
        outcomes = {option: cell["outcome"] for option, cell in line["options"].items()}
        assert outcomes == entry["expected"], (entry["name"], outcomes)
        wanted = "exact" if entry["control"] else entry["signature"]["outcome"]
        assert outcomes["heuristic"] == wanted, (entry["name"], outcomes)


# ---- What real QEMUs did ---------------------------------------------------------------------------------------------


def real_ones_did_as_decided():
    for record in seen():
        assert not script.wrong(record), (record, script.wrong(record))
    proved = [record for record in seen() if script.proved(record)]
    pairs = {(script.short(record["source"]), script.short(record["destination"])) for record in proved}
    assert pairs == {(one, other) for one in RELEASES for other in RELEASES}, pairs
    assert {record["way"] for record in proved} == set(script.WAYS)
    assert {record["guest"] for record in proved} == {guest["name"] for guest in guests()}


def table_is_in_the_readme():
    table = run(FOLDER / "run", "--seen")
    assert table.returncode == 0, table.stderr
    indented = "".join(f"    {line}\n" for line in table.stdout.splitlines())
    assert indented in (ROOT / "corpus" / "README.md").read_text(), "corpus/README.md has another table"


def what_is_wrong_is_noticed():
    """Each change of a good record is a reason to fail."""
    good = next(record for record in seen()
                if record["guest"] == "xmm-process" and record["source"] == record["destination"])
    control = good["control"]
    changes = ({"verdict": "accept"}, {"verdict": "truncated"}, {"decided": "exact"}, {"ring": 0},
               {"unknown": {"owner": "fpreg", "name": "fpreg!"}}, {"unknown": {}},
               {"control": {**control, "verdict": "reject"}}, {"control": {**control, "decided": "reject"}})
    assert not script.wrong(good)
    for change in changes:
        assert script.wrong({**copy.deepcopy(good), **change}), change


def verdicts_tell_what_is_left_unread():
    sent = [("ram", 0), ("a", 0), ("a", 1), ("b", 0)]

    def said(*sections):
        return "\n".join(f"7@1.2:{script.EVENTS[0]} {at}({name}) {instance} 1"
                         for at, (name, instance) in enumerate(sections))

    for loaded, refused, verdict in ((sent, False, "accept"), (sent[:2], False, "truncated"), (sent, True, "reject"),
                                     ([sent[0], sent[3]], False, "corrupt"), ([*sent, sent[0]], False, "corrupt")):
        assert script.verdict(sent, said(*loaded), refused)["verdict"] == verdict, (loaded, verdict)


TESTS = (a_guest_and_its_control, a_silent_guest, a_guest_that_does_nothing_is_noticed,
         guests_differ_from_controls_in_one_byte, unknown_guest_is_refused, folder_agrees, each_guest_has_two_streams,
         signatures_are_those_of_witnesses, description_reads_each_whole, today_s_reader_is_misled,
         readers_do_as_expected, real_ones_did_as_decided, table_is_in_the_readme,
         what_is_wrong_is_noticed, verdicts_tell_what_is_left_unread)


def main():
    failed = 0
    for test in TESTS:
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok {name}", flush=True)
        except (AssertionError, OSError, KeyError, ValueError, script.GuestError, script.capture.CaptureError) as error:
            print(f"not ok {name}\n# {str(error)[:500]}", flush=True)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
