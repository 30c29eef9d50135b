#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests corpus/migrate: the table, what is recorded of it and the archive agree; migrations made now by the QEMU of this
machine do what is recorded; and `hold` tells a right prediction from each kind of wrong one. A script stands for vmwire
there.

    tests/migrations.py     tests $VMWIRE, or build/vmwire if it is not set
"""

import importlib.machinery
import importlib.util
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MIGRATE = ROOT / "corpus" / "migrate"
REGISTERS = ROOT / "corpus" / "registers"
FOLDER = ROOT / "corpus" / "migrations"
VMWIRE = Path(os.environ.get("VMWIRE", ROOT / "build" / "vmwire")).resolve()
LIMIT = 4_000_000  # bytes of the archive
READ = 60  # one of so many streams is read here


def module_of(script_file):
    loader = importlib.machinery.SourceFileLoader(script_file.name, str(script_file))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(script_file.name, loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


script = module_of(MIGRATE)


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def seen():
    return script.read_seen(FOLDER / "seen.json")


# ---- What is kept ----------------------------------------------------------------------------------------------------


def table_is_large_enough():
    table = script.read_table()
    names = [entry["name"] for kind in table.values() for entry in kind]
    assert len(names) == len(set(names))
    programs = {entry.get("program", "x86_64") for entry in table["sets"]}
    assert programs == {"x86_64", "aarch64", "s390x", "ppc64", "riscv64"}, programs
    made = [record for record in seen() if record["kind"] == "migration" and record["outcome"] != "unable"]
    assert len(table["sets"]) >= 44 and len(made) >= 400 and len(table["situations"]) >= 40


def each_migration_of_the_table_was_made():
    table = [each.record() for each in script.migrations_of(script.read_table(), list(script.RELEASES.values()))]
    records = seen()
    assert list(map(script.key_of, records)) == list(map(script.key_of, table))
    for record, entry in zip(records, table):
        assert {key: record.get(key) for key in entry} == entry, (record, entry)
        assert record["outcome"] in ("completed", "partly", "failed", "crashed", "hangs", "unable"), record
        assert record["outcome"] == "completed" or record["messages"], record


def each_refusal_has_a_rule():
    reasons = script.read_reasons()
    for record in seen():
        if record["outcome"] not in ("completed", "unable"):
            assert script.reason_of(record, reasons)[0] is not script.OTHER, record


def archive_has_what_is_named():
    archive = FOLDER / "streams.tar.xz"
    assert archive.stat().st_size < LIMIT
    with tarfile.open(archive) as file:
        members = file.getmembers()
    assert all(member.mtime == member.uid == member.gid == 0 and (member.isfile() or member.islnk()) for member in members)
    streams = {member.name for member in members if member.name.startswith("streams/")}
    assert streams == {f"streams/{name}.vmstate" for _, name in script.names_of_streams(seen())}


def archive_is_unpacked_and_read():
    with tempfile.TemporaryDirectory() as name:
        result = run(MIGRATE, "unpack", name)
        assert result.returncode == 0, result.stderr
        folder = Path(name)
        for release, program in script.programs_of(seen()):
            json.loads((folder / "programs" / f"{release}-{program}.program.json").read_text())
            if f"{release}-{program}.json" not in script.NO_DUMP:
                json.loads((folder / "dumps" / f"{release}-{program}.dump.json").read_text())
        records = [record for record in seen() if record["outcome"] == "completed" and record["set"] != "description"]
        for record in records[::READ]:
            sections = script.drive.Vmwire(VMWIRE).sections(folder / "streams" / f"{record['stream']}.vmstate")
            assert len(sections) > 5, record


def table_is_in_the_readme():
    result = run(MIGRATE, "outcomes")
    assert result.returncode == 0, result.stderr
    indented = "".join(f"    {line}".rstrip() + "\n" for line in result.stdout.splitlines())
    assert indented in (ROOT / "corpus" / "README.md").read_text(), "corpus/README.md has another table"


# ---- Migrations of now -----------------------------------------------------------------------------------------------


def migrations_made_now_do_the_same():
    """Accepted, refused for a value, refused by the machine type, with a guest, and cut off."""
    names = ("pc-bare", "pc-guest-pic", "ram-more", "type-newer", "device-missing", "cut-cpu")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        result = run(MIGRATE, "--vmwire", VMWIRE, "run", "--root", "/", "--work", folder / "work", "--seen", folder / "seen",
                     *(part for name in names for part in ("--set", name)))
        assert result.returncode == 0, result.stderr
        made = script.read_seen(folder / "seen")
    known = {script.key_of(record): record for record in seen()}
    for record in made:
        assert record == known[script.key_of(record)], (record, known[script.key_of(record)])
    assert len({record["outcome"] for record in made}) > 1, made


def a_destination_that_leaves_sections_unread_is_noticed():
    def said(*names):
        return "\n".join(f"7@1.2:{script.drive.EVENTS[0]} {at}({name}) 0 1" for at, name in enumerate(names))

    sent = [("ram", 0), ("a", 0), ("b", 0)]
    for loaded, started, ended, status, outcome in (
            (("ram", "a", "b"), True, "completed", 0, "completed"), (("ram", "a"), True, "completed", 0, "partly"),
            (("ram", "b"), True, "completed", 0, "partly"), (("ram",), True, "failed", 0, "failed"),
            (("ram",), True, None, 1, "failed"), (("ram",), True, None, -6, "crashed"), ((), False, None, 1, "unable"),
            (("ram",), True, "hangs", None, "hangs"), (("ram", "a", "b"), True, "inmigrate", 0, "failed")):
        assert script.outcome_of(started, said(*loaded), ended, status, sent)[0] == outcome, (loaded, outcome)


def messages_are_cleaned():
    said = ("7@1.2:vmstate_load_state_field a:b\nqemu-system-x86_64: warning: hub 0 is not connected to host network\n"
            "qemu-system-x86_64: warning: register 0x17 is missing\nqemu-system-x86_64: warning: register 0x18 is missing\n"
            "qemu-system-x86_64: Error: cannot read /tmp/x123/stream\n")
    assert script.messages_of(said) == ["cannot read FILE", "warning: register 0x17 is missing"]


# ---- Predictions -----------------------------------------------------------------------------------------------------

# Prints what ANSWERS has for the stream of the source, and reads the streams with the true vmwire.
STAND_IN = """#!{python}
import json, os, sys
if sys.argv[1] != "skew":
    os.execv({vmwire!r}, [{vmwire!r}, *sys.argv[1:]])
assert sys.argv[2] == "--json" and len(sys.argv) == 5, sys.argv
for side in sys.argv[3:]:
    stream, program = side.split("+")
    assert os.path.exists(stream) and os.path.exists(program), side
name = os.path.basename(sys.argv[3].split("+")[0]).removesuffix(".vmstate")
lines, status = json.load(open({answers!r}))[name]
print("\\n".join(lines))
sys.exit(status)
"""
PIIX4 = "0000:00:01.3/piix4_pm"


def difference(rule, section, certainty="certain", outcome="reject", **more):
    return json.dumps({"certainty": certainty, "outcome": outcome, "rule": rule, "section": section, "instance": 0,
                       "message": None, "an unknown key": 1, **more})


SUMMARY = json.dumps({"summary": True, "certain": 0, "when": 0, "undecided": 0, "sentence": ""})
# The set, the differences, the exit status, and the word for it. The releases are 7.2 and 10.0.
PREDICTIONS = (
    ("rom-extra", [], 0, "accepted"),
    ("rom-extra", [difference("fields", PIIX4, "when")], 1, "accepted"),
    ("rom-extra", [difference("fields", PIIX4, outcome="corrupt")], 1, "false alarm"),
    ("scsi-old", [difference("fields-moved", "0000:00:03.0/pciespscsi", outcome="corrupt", path="esp.lun")], 1, "silent"),
    ("scsi-old", [difference("fields-moved", "0000:00:03.0/pciespscsi", outcome="corrupt", path="esp.rregs")], 1, "false alarm"),
    ("rom-extra", [difference("fields", PIIX4)], 1, "false alarm"),
    ("rom-extra", [difference("fields", PIIX4, outcome="truncated")], 1, "false alarm"),
    ("acpi-index-source", [difference("fields", PIIX4, message=f"Missing section footer for {PIIX4}")], 1, "predicted"),
    ("acpi-index-source", [difference("version-newer", "cpu"), difference("fields", PIIX4)], 1, "false alarm"),
    ("acpi-index-source", [difference("fields", PIIX4), difference("version-newer", "acpi_build")], 1, "predicted"),
    ("acpi-index-source", [difference("fields", PIIX4, "when")], 1, "when"),
    ("acpi-index-source", [difference("fields", PIIX4, "undecided")], 3, "undecided"),
    ("acpi-index-source", [difference("version-newer", PIIX4)], 1, "other reason"),
    ("acpi-index-source", [difference("fields", PIIX4, outcome="corrupt")], 1, "missed"),
    ("acpi-index-source", [difference("fields", PIIX4, instance=1)], 1, "other reason"),
    ("acpi-index-source", [difference("fields", "acpi_build")], 1, "other reason"),
    ("acpi-index-source", [], 0, "missed"),
    ("ram-more", [difference("ram-size", "ram", path="pc.ram")], 1, "predicted"),
    ("ram-more", [difference("ram-size", "ram", path="vga.ram")], 1, "other reason"),
    ("ram-more", [], 0, "missed"),
    ("type-newer", [difference("machine-type", None)], 1, "predicted"),
    ("port-speed", [], 0, "value"),
    ("port-speed", [difference("pci-config", "0000:00:01.0/pcie-root-port")], 1, "predicted"),
    ("pc-guest-pic", [difference("subsection-unknown", "i8259", structure="i8259", path="i8259/ltim")], 1, "predicted"),
    ("pc-guest-pic", [difference("subsection-unknown", "i8259", structure="i8259", path="i8259/other")], 1, "other reason"),
    ("pc-bare", ["not JSON"], 1, "no answer"),
    ("pc-bare", ["[]"], 1, "no answer"),
    ("pc-bare", [difference("fields", PIIX4)], 2, "no answer"),
)


MEANT = {"pc-guest-pic": "failed", "scsi-old": "completed"}  # of sets that do both


def a_record(name):
    """The first of the set between two releases, or of the situation, that is not from 5.2 or to it."""
    return next(record for record in seen() if record["set"] == name and record["kind"] != "control"
                and "bullseye" not in (record["from"], record["to"])
                and record["outcome"] == MEANT.get(name, record["outcome"]))


def hold(folder, predictions):
    """Holds these predictions, all of different sets; returns the result of the command."""
    records = [a_record(name) for name, _, _, _ in predictions]
    answers = {record["stream"]: ([*differences, *([] if word == "no answer" else [SUMMARY])], status)
               for record, (_, differences, status, word) in zip(records, predictions)}
    assert len(answers) == len(predictions)
    for name, text in (("seen", json.dumps(records)), ("answers", json.dumps(answers)),
                       ("vmwire", STAND_IN.format(python=sys.executable, vmwire=str(VMWIRE), answers=str(folder / "answers")))):
        (folder / name).write_text(text)
    (folder / "vmwire").chmod(0o755)
    return run(MIGRATE, "--vmwire", folder / "vmwire", "hold", "--list", "--seen", folder / "seen")


def predictions_are_held():
    """Each word for its prediction, and the exit status: 1 for what is wrong."""
    with tempfile.TemporaryDirectory() as name:
        waiting = list(PREDICTIONS)
        while waiting:
            # One of each set and word at a time, as a stream has one answer; the right ones apart from the wrong ones.
            wrong = waiting[0][3] in script.WRONG
            now = list({each[0]: each for each in reversed(waiting) if (each[3] in script.WRONG) == wrong}.values())
            waiting = [each for each in waiting if each not in now]
            result = hold(Path(name), now)
            assert result.returncode == (1 if wrong else 0), f"{wrong}: {result.stderr}"
            for set_name, _, _, word in now:
                assert f"{word}: {set_name}@" in result.stderr, f"{set_name}: {word}: {result.stderr}"


# What stands in for explain says: the match, whether its section is the true one, a note; and the word for it.
EXPLANATIONS = (
    (("explained", True, ""), "explained"),
    (("possible", True, ""), "possible"),
    (("read-off", True, ""), "read-off"),
    (("not-told", True, ""), "not-told"),
    (("other", False, ""), "other"),
    (("explained", False, ""), "another section"),
    (("not-told", False, ""), "another section"),
    (("explained", True, "By the files that are given the reader refuses before that"), "earlier section"),
    (("contradicted", True, ""), "contradicted"),
    (("foreign", True, ""), "foreign"),
    (None, "no answer"),
)
# The match and the rules that it names without the reader's stream, the match and the rule with it; and the word.
POORER = (
    (("possible", ["condition", "equal"]), ("explained", "equal"), "possible"),
    (("possible", ["condition"]), ("explained", "fields"), "possible"),
    (("explained", ["device-undeclared"]), ("explained", "section-unknown"), "explained"),
    (("possible", ["condition"]), ("explained", "equal"), "another cause"),
    (("explained", ["virtio-mem-property"]), ("explained", "condition"), "another cause"),
    (("explained", ["item-unknown"]), ("explained", "configuration-unexpected"), "another cause"),
    (("read-off", ["item-unknown"]), ("explained", "configuration-unexpected"), "another cause"),
    (("possible", ["condition"]), ("possible", "equal"), "possible"),
    (("not-told", ["own-check"]), ("explained", "equal"), "not-told"),
)
EXPLAINER = """#!{python}
import json, os, sys
assert sys.argv[1:4] == ["explain", "--json", "--message"] and len(sys.argv) == 7, sys.argv
name = os.path.basename(sys.argv[5].split("+")[0]).removesuffix(".vmstate")
text, answers, status = json.load(open({answers!r}))[name]
assert sys.argv[4] == text, sys.argv
print("\\n".join(answers[-1 if "+" in sys.argv[6] else 0]))
sys.exit(status)
"""


def explained_as(record, match, rules=("equal",), right=True, note=""):
    """The lines of an answer of explain about the record."""
    causes = [{("other" if at else "cause"): True, "rule": rule, "path": None} for at, rule in enumerate(rules)]
    summary = {"summary": True, "message_match": match, "section": record["section"] if right else "another", "sentence": "", "notes": [{"note": note}]}
    return [json.dumps(line) for line in (*causes, summary)]


def ask_messages(answers, *options):
    """What messages says of refusals: of each a record, the answers, without the reader's stream first, and the exit status."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "seen").write_text(json.dumps([record for record, *_ in answers]))
        (folder / "answers").write_text(json.dumps({record["stream"]: ("\n".join(record["messages"]), lines, status)
                                                    for record, lines, status in answers}))
        (folder / "vmwire").write_text(EXPLAINER.format(python=sys.executable, answers=str(folder / "answers")))
        (folder / "vmwire").chmod(0o755)
        return run(MIGRATE, "--vmwire", folder / "vmwire", "messages", "--list", "--seen", folder / "seen", *options)


def refused_sets():
    return {record["set"]: record for record in seen() if record["outcome"] == "failed" and record.get("section")}.values()


def messages_are_held():
    """Each answer of explain for its word, and the exit status: 1 for what is wrong."""
    for wrong in False, True:
        asked = list(zip(refused_sets(), [each for each in EXPLANATIONS if (each[1] in script.WRONG_MATCHES) == wrong]))
        result = ask_messages([(record, [explained_as(record, said[0], right=said[1], note=said[2])] if said else [[]], 1 if said else 2)
                               for record, (said, _) in asked])
        assert result.returncode == int(wrong), result.stderr
        words = [word for _, (_, word) in asked]
        for record, (_, word) in asked:
            assert f"{word}: {record['set']}@" in result.stderr, (word, result.stderr)
            assert re.search(f"^{word} +{words.count(word)}$", result.stdout, re.M), (word, result.stdout)


def causes_without_a_stream_are_held():
    """What explain names without the reader's stream is held against what it says with it."""
    asked = list(zip(refused_sets(), POORER))
    result = ask_messages([(record, [explained_as(record, match, rules), explained_as(record, known, [rule])], 1)
                           for record, ((match, rules), (known, rule), _) in asked], "--reader", "program")
    assert result.returncode == 1, result.stderr
    for record, (*_, word) in asked:
        assert f"{word}: {record['set']}@" in result.stderr, (word, result.stderr)


def columns_are_counted():
    wanted = (("rom-extra", "accepted"), ("acpi-index-source", "predicted"), ("ram-more", "predicted"), ("port-speed", "value"))
    with tempfile.TemporaryDirectory() as name:
        result = hold(Path(name), [next(each for each in PREDICTIONS if (each[0], each[3]) == pair) for pair in wanted])
    lines = result.stdout.splitlines()
    assert lines[0].split() == ("releases migrations accepted silent false alarm predicted when undecided value other reason "
                                "missed no answer").split(), lines[0]
    parts = [line.rsplit(None, 11) for line in lines[1:] if line and "migrations" not in line and not line.startswith("Of")]
    rows = {name: numbers for name, *numbers in parts}
    assert "Of 2 predicted, 1 with the message that QEMU printed, 0 with another one." in lines, lines
    assert rows["all"] == ["4", "1", "0", "0", "2", "0", "0", "1", "0", "0", "0"], rows
    assert rows["fields"] == ["1", "0", "0", "0", "1", "0", "0", "0", "0", "0", "0"], rows


def what_is_not_there_is_refused():
    for arguments in (("hold", "--only", "nothing"), ("messages", "--writer", "program"), ("--vmwire", "/nothing", "hold"), ("run", "--root", "/nothing"),
                      ("unpack", "--archive", MIGRATE, FOLDER)):
        result = run(MIGRATE, *arguments)
        assert result.returncode == 2 and result.stderr.startswith("migrate: "), (arguments, result.stderr)
    for arguments in ("--root", "/nothing"), ("--vmwire", "/nothing"):
        result = run(REGISTERS, *arguments)
        assert result.returncode == 2 and result.stderr.startswith("registers: "), (arguments, result.stderr)


def registers_have_one_answer():
    registers = module_of(REGISTERS)
    rows = registers.rows_of(ROOT / "grammar/loader.toml")
    for number, answer in (0x40200000200f0000, False), (0x40200000200f0001, True), (0x603000000013cd82, True), (0x603000000013c180, None):
        assert registers.answer_of(rows, number) == answer, f"{number:x}"


TESTS = (table_is_large_enough, each_migration_of_the_table_was_made, each_refusal_has_a_rule, archive_has_what_is_named,
         archive_is_unpacked_and_read, table_is_in_the_readme, migrations_made_now_do_the_same,
         a_destination_that_leaves_sections_unread_is_noticed, messages_are_cleaned, predictions_are_held,
         messages_are_held, causes_without_a_stream_are_held,
         columns_are_counted, what_is_not_there_is_refused, registers_have_one_answer)


def main():
    failed = 0
    for test in TESTS:
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok {name}", flush=True)
        except (AssertionError, OSError, KeyError, ValueError, StopIteration, script.capture.CaptureError) as error:
            print(f"not ok {name}\n# {str(error)[:700]}", flush=True)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
