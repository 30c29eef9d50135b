#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks what `vmwire skew` and `vmwire explain` answer where one side is a dump, or a dump beside a stream: captures against the
dump of the very program that wrote them, migrations that QEMU made, and dumps that differ on purpose. A dump tells versions and
subsections; of fields it tells names and sizes in memory, so nothing of them is certain.

    tests/skew_dumps.py     tests $VMWIRE and $VMWIRE_PLAIN, or build/vmwire if they are not set
"""
import copy
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from checks import PLAIN, ROOT, exit_status, program_for, result

STREAMS, SCHEMAS = ROOT / "corpus/streams", ROOT / "corpus/schemas"
# What is given of the writer and of the reader: stream, program, dump, or the stream's description.
FORMS = [("s", "d"), ("sp", "d"), ("d", "s"), ("d", "sp"), ("s", "sd"), ("sd", "s"), ("sp", "sd"), ("sd", "sp"), ("p", "sd"),
         ("sd", "p"), ("sd", "d"), ("d", "sd"), ("x", "d"), ("d", "x"), ("xd", "s"), ("s", "xd"), ("xd", "sp"), ("xp", "d"),
         ("d", "p"), ("p", "d")]
STEADY = [("s", "sd"), ("sd", "s"), ("xd", "s")]  # what differs there is what a description does not tell
MIGRATIONS = [("stream", "dump"), ("stream+program", "dump"), ("stream+dump", "stream+dump"), ("dump", "stream")]


def skew(*words):
    """The differences of the way from A to B, and the exit status."""
    done = subprocess.run([program_for(words), "skew", "--json", *map(str, words)], capture_output=True, timeout=300)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [each for each in lines if "rule" in each and each["direction"] == "forward"], done.returncode


def certain(differences):
    return [each for each in differences if each["certainty"] == "certain"]


def description_of(stream):
    """The JSON at the stream's end; None: it has none."""
    data = stream.read_bytes()
    at = data.rfind(b"\0\6")
    try:
        return json.loads(data[at + 6:at + 6 + int.from_bytes(data[at + 2:at + 6], "big")]) if at >= 0 else None
    except ValueError:
        return None


def captures(folder):
    """Each capture of a program that has a dump, and where its files are."""
    for entry in json.loads((STREAMS / "manifest.json").read_text()):
        program, stream = STREAMS / entry["schemas"][0], STREAMS / entry["file"]
        dump = program.with_name(program.name.replace(".program.json", ".json"))
        description = description_of(stream)
        if not program.name.endswith(".program.json") or not dump.exists() or not description:
            continue
        file = folder / f"{entry['name']}.json"
        file.write_text(json.dumps(description))
        yield entry["name"], {"s": stream, "p": program.resolve(), "d": dump.resolve(), "x": file}


def ask_captures(folder):
    """A stream, and all that its own program tells: whatever is given of them, nothing is certain to fail."""
    count = 0
    for name, files in captures(folder):
        count += 1
        side = lambda form: "+".join(str(files[letter]) for letter in form)
        for writer, reader in FORMS:
            differences, status = skew(side(writer), side(reader))
            steady = (writer, reader) in STEADY
            result(f"{name}: {writer} to {reader}", not certain(differences) and status in ((0,) if steady else (0, 1, 3)),
                   certain(differences) or (status, differences))
        done = subprocess.run([program_for([name]), "explain", "--json", str(files["s"]), str(files["d"])], capture_output=True)
        summary = json.loads(done.stdout.splitlines()[-1])
        result(f"{name}: explained by the dump", summary["outcome"] == "undecided" and done.returncode == 3, summary)
    result("most captures were asked", count >= 25, count)


def ask_migrations():
    """Migrations between releases that QEMU took are not said to be refused."""
    for writer, reader in MIGRATIONS:
        done = subprocess.run([ROOT / "corpus/migrate", "--vmwire", PLAIN, "hold", "--every", "40", "--writer", writer, "--reader", reader],
                              capture_output=True, text=True, timeout=600)
        total = next((line.split() for line in done.stdout.splitlines() if line.startswith("all ")), [])
        accepted, false_alarms = (int(total[column]) for column in (2, 4)) if total else (0, None)
        result(f"migrations, {writer} to {reader}", accepted > 40 and false_alarms == 0, total or done.stderr)


def structure_of(dump, type_name, *path):
    """The structure of a type, or one in its fields."""
    structure = dump[type_name]["Description"]
    for name in path:
        structure = next(each for each in structure["Fields"] if each["field"] == name)["Description"]
    return structure


def field_of(structure, name):
    return next(each for each in structure["Fields"] if each["field"] == name)


def ask_edited_dumps(folder):
    """Dumps that differ on purpose from that of the program that wrote a stream."""
    stream, program, file = STREAMS / "forky-pc.vmstate", SCHEMAS / "forky-x86_64.program.json", folder / "edited.json"
    own = json.loads((SCHEMAS / "forky-x86_64.json").read_text())

    def edited(change):
        dump = copy.deepcopy(own)
        change(dump)
        file.write_text(json.dumps(dump))
        return file

    def asked(name, change, sides, expected, section="0000:00:01.3/piix4_pm"):
        edited(change)
        # What the program's own dump leaves open is no answer to the change.
        unchanged = (str(side).replace(str(file), str(SCHEMAS / "forky-x86_64.json")) for side in sides)
        before = [(each["section"], each["path"]) for each in skew(*unchanged)[0]]
        differences = [each for each in skew(*sides)[0] if each["section"] == section and (each["section"], each["path"]) not in before]
        found = [(each["certainty"], each["rule"], each["path"]) for each in differences]
        result(name, found == expected, found)

    pm = lambda dump: structure_of(dump, "PIIX4_PM")
    version = lambda dump: pm(dump).update(version_id=2, minimum_version_id=2)
    newer = lambda dump: (pm(dump).update(version_id=9, minimum_version_id=9), dump["PIIX4_PM"].update(version_id=9, minimum_version_id=9))
    larger = lambda dump: field_of(pm(dump), "ar.pm1.evt.sts").update(size=4)
    renamed = lambda dump: field_of(pm(dump), "ar.pm1.evt.sts").update(field="other")
    more = lambda dump: pm(dump)["Fields"].insert(2, {"field": "new", "version_id": 0, "field_exists": False, "size": 4})
    for name, sides in ("a stream", (stream, file)), ("a stream and its program", (f"{stream}+{program}", file)):
        asked(f"{name}, and a reader of an older version", version, sides, [("certain", "version-newer", "")])
        asked(f"{name}, and a reader of a newer version", newer, sides, [("certain", "version-older", "")])
        asked(f"{name}, and a larger field", larger, sides, [("undecided", "fields-undumped", "ar.pm1.evt.sts")])
        asked(f"{name}, and a field of another name", renamed, sides, [("undecided", "fields-undumped", "ar.pm1.evt.sts")])
        asked(f"{name}, and a field more", more, sides, [("undecided", "fields-undumped", "new")])
    asked("a dump that has a field more, and a stream", more, (file, stream), [("undecided", "fields-undumped", "new")])
    asked("beside a stream, a dump tells the oldest version", newer, (stream, f"{stream}+{file}"), [("certain", "version-older", "")])
    asked("beside a stream, a dump tells nothing of fields", renamed, (stream, f"{stream}+{file}"), [])

    lacks = lambda dump: pm(dump)["Subsections"].remove(next(each for each in pm(dump)["Subsections"] if each["name"] == "piix4_pm/memhp"))
    for name, sides in ("a stream", (stream, file)), ("a stream and its program", (f"{stream}+{program}", file)):
        asked(f"{name} that sends a subsection, and a dump without it", lacks, sides, [("certain", "subsection-unknown", "piix4_pm/memhp")])
    drive = lambda dump: structure_of(dump, "isa-fdc", "state", "drives").pop("Subsections")
    asked("a subsection of an array's elements", drive, (stream, file), [("certain", "subsection-unknown", "state.drives.fdrive/media_rate")], "fdc")


def ask_machines(folder):
    """What a machine's own stream does not show, its dump does not tell either."""
    subprocess.run([ROOT / "corpus/migrate", "unpack", folder], check=True, stdout=subprocess.DEVNULL)
    records = json.loads((ROOT / "corpus/migrations/seen.json").read_text())
    record = next(each for each in records if each["set"] == "maxcpus-many" and (each["from"], each["to"]) == ("forky", "trixie"))
    stream, own, dump = folder / f"streams/{record['stream']}.vmstate", folder / f"streams/{record['reader']}.vmstate", folder / "dumps/trixie-x86_64.dump.json"
    found = [each for each in skew(stream, f"{own}+{dump}")[0] if "cpuhp" in each["path"]]
    result("more processors: QEMU refuses it", record["outcome"] == "failed", record)
    result("a subsection that the reader's stream does not have: what it holds there is open",
           found and {each["certainty"] for each in found} == {"undecided"}, found)
    record = next(each for each in records if each["set"] == "ipmi" and (each["from"], each["to"]) == ("forky", "bullseye"))
    dump = folder / "dumps/bullseye-x86_64.dump.json"
    stream = folder / f"streams/{record['stream']}.vmstate"
    found = [each["certainty"] for each in skew(stream, dump)[0] if each["section"] == "ipmi-bmc-sim" and each["rule"] == "device-undumped"]
    result("a section that no type of the dump has is named", set(found) == {"undecided"}, found)
    text = subprocess.run([PLAIN, "skew", "--junit", stream, dump], capture_output=True, text=True).stdout
    result("and no passed test", '<testcase classname="vmwire.skew.forward" name="ipmi-bmc-sim"/>' not in text and 'name="ipmi-bmc-sim"' in text, text[-500:])
    record = next(each for each in records if each["set"] == "riscv-bare" and (each["from"], each["to"]) == ("forky", "trixie"))
    done = subprocess.run([PLAIN, "explain", "--json", folder / f"streams/{record['stream']}.vmstate", folder / "dumps/trixie-riscv64.dump.json"], capture_output=True)
    sentence = json.loads(done.stdout.splitlines()[-1])["sentence"]
    result("sections before the cause that a dump lacks: it is the latest place", "at the latest in section" in sentence, sentence)


def ask_numbers_of_elements(folder):
    """Since QEMU 10.0 a dump tells how many elements an array has."""
    own, file = SCHEMAS / "forky-x86_64.json", folder / "numbers.json"
    dump = json.loads(own.read_text())
    buffer = field_of(structure_of(dump, "usb-redir", "dev"), "setup_buf")
    result("the number of elements is told", buffer.get("num") == 8, buffer)
    for name, change, certainty in (("another", {"num": 9}, "certain"), ("none", {"num": 1}, "undecided")):
        buffer.update(change)
        file.write_text(json.dumps(dump))
        for sides in (own, file), (file, own):
            found = [(each["certainty"], each["rule"], each["path"]) for each in skew(*sides)[0]]
            result(f"{name} number of elements, {Path(sides[0]).name} first", found == [(certainty, "array-length", "dev.setup_buf")], found)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ask_edited_dumps(folder)
        ask_numbers_of_elements(folder)
        ask_machines(folder)
        ask_captures(folder)
        ask_migrations()
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
