#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the decision table of `vmwire compare` against other commands, and against inputs whose answers are known: crossings against
`convert` and `parse`, tails and ambiguity against `check`, bytes and look-ahead against what is written and read, guests against
`replay`, subsections that a reader lacks against readings with another schema. Every command that a cell names is run.

    tests/decision.py     tests $VMWIRE, or build/vmwire if it is not set
"""

import csv
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VMWIRE = Path(os.environ.get("VMWIRE", ROOT / "build/vmwire")).resolve()
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests/cases"))
from generate import (Device, DESCRIPTION, FOOTER, Record, SUBSECTION, be32, buffer, counted, description, stream, struct, u8,  # noqa: E402
                      u16)

AVR = "corpus/streams/bookworm-avr-arduino-uno.vmstate"
OPTIONS = ["legacy", "guarded", "heuristic", "flagday", "standalone", "toplevel", "framed", "consistent", "combined",
           "described", "asn1"]
TODAY = ["legacy", "guarded", "heuristic", "consistent", "combined", "described"]  # today's wire
OLD = ["legacy", "guarded", "heuristic"]
BASES = {"decided", "measured", "proved", "by construction", "seen", "not asked"}
GRADES = {"none", "good", "fair", "bad"}

failed = False


def result(name, wrong):
    global failed
    failed |= bool(wrong)
    print(("not ok " if wrong else "ok ") + name)
    for line in wrong[:20]:
        print("#", line)


def run(*words, data=None):
    return subprocess.run([VMWIRE, *map(str, words)], input=data, capture_output=True, cwd=ROOT, check=False)


class Table:
    """What `compare --json` says of some files."""

    def __init__(self, *words):
        done = run("compare", "--json", *words)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.status, self.words = done.returncode, words
        self.questions = {each["id"]: each for each in lines if each.get("kind") == "question"}
        self.cells = {id: {cell["column"]: cell for cell in each["cells"]} for id, each in self.questions.items()}
        self.claims = {each["id"]: each for each in lines if each.get("kind") == "claim"}
        self.advice = {each["for"]: each for each in lines if each.get("kind") == "recommendation"}

    def value(self, question, column):
        return self.cells[question][column]["value"]

    def grade(self, question, column):
        return self.cells[question][column]["grade"]


# ---- Inputs --------------------------------------------------------------------------------------------------------------


def sender(sends=True, lacks=()):
    """S is within P, and each can have a subsection. Its data is as long as the header of the other's, and `g` as long as three
    headers: so two states have the same bytes."""
    inner = [Record("S/a", [buffer("q", 9)], sends=sends)] if "S/a" not in lacks else []
    last = [Record("P/x", [buffer("r", 9)], sends=sends)] if "P/x" not in lacks else []
    return Device("dev", "P", [struct("s", "S", [u8("a", 0x11)], inner), buffer("g", 27)], last)


def small_streams(folder):
    """Name -> words of the command line."""
    plain = Device("dev", "P", [u8("a", 1), u16("b", 2)])
    made = {
        "plain": stream(plain),  # there is nothing to mislead
        "sends": stream(sender()), "none": stream(sender(sends=False)),
        "tail": stream(Device("dev", "P", [struct("s", "S", [u8("a")], []), buffer("g", 40)])),  # S has no subsection
    }
    made["no footers"] = made["plain"].replace(FOOTER + be32(1), b"")
    head = b"\x07" + be32(3) + b"tst" + SUBSECTION + counted("configuration/target-page-bits") + be32(1) + be32(12)
    made["configured"] = made["plain"][:8] + head + made["plain"][8:]
    for name, data in made.items():
        (folder / f"{name}.vmstate").write_bytes(data)
    (folder / "plain.vmstate").rename(folder / "a 'plain' $(name).vmstate")
    return {name: [folder / (f"{name}.vmstate" if name != "plain" else "a 'plain' $(name).vmstate")] for name in made}


# ---- The form ------------------------------------------------------------------------------------------------------------


def wrong_cells(table):
    wrong = [] if table.status == 0 and len(table.questions) > 30 else [f"exit status {table.status}"]
    for id, cells in table.cells.items():
        if len(cells) != len(table.cells["reject"]):
            wrong.append(f"{id}: {len(cells)} cells")
        for column, cell in cells.items():
            at = f"{id}, {column}: {cell}"
            if not all(cell.get(key) for key in ("value", "basis", "by", "detail")):
                wrong.append(f"{at}: something is missing")
            if cell["basis"] not in BASES or cell["grade"] not in GRADES:
                wrong.append(f"{at}: no such basis or grade")
            if (cell["value"] == "-") != (cell["basis"] == "not asked") or (cell["value"] == "-") > (cell["grade"] == "none"):
                wrong.append(f"{at}: not asked, or asked?")
    return wrong


def wrong_csv(table):
    rows = list(csv.reader(io.StringIO(run("compare", "--csv", *table.words).stdout.decode(), newline="")))
    wrong = []
    for row, question in zip(rows[1:], table.questions.values()):
        said = [question["question"]] + [cell["value"] for cell in question["cells"]]
        if row != said and question["id"] != "speed":
            wrong.append(f"{row} is not {said}")
    if rows[0][1:] != list(table.cells["reject"]) or len(rows) != len(table.questions) + 1:
        wrong.append(f"{len(rows)} rows, of the columns {rows[0]}")
    return wrong


def wrong_commands(tables):
    """Every command that a cell names runs; one that reads ends as the cell says."""
    wrong, seen = [], set()
    environment = os.environ | {"PATH": f"{VMWIRE.parent}:{os.environ['PATH']}"}
    for table in tables:
        for id, column, cell in ((id, column, cell) for id, cells in table.cells.items() for column, cell in cells.items()):
            command = cell["by"][cell["by"].find("vmwire "):].split("; one pair")[0]
            if "vmwire " not in cell["by"] or "vmwire compare" in command or (command, id, cell["value"]) in seen:
                continue
            seen.add((command, id, cell["value"]))
            done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=ROOT, env=environment, capture_output=True, check=False)
            reads = id.startswith(("old", "new_old")) or id in ("read_back", "held", "flag_day")
            good = cell["value"] in ("all", "1 of 1") or id == "held" or (id == "flag_day" and cell["value"] == "none")
            if done.returncode not in ((0,) if reads and good else (2,) if reads else (0, 1, 3)):
                wrong.append(f"{id}, {column}: {cell['value']}: {command}: {done.returncode} {done.stderr[:200]}")
    return wrong if len(seen) > 50 else [*wrong, f"only {len(seen)} commands"]


def wrong_compares(table):
    """The command that stands for the comparison makes the same table."""
    (command,) = {cell["by"] for cells in table.cells.values() for cell in cells.values()
                  if cell["by"].startswith("vmwire compare --json") and ";" not in cell["by"]}
    again = Table(*shlex.split(command)[3:])
    return [id for id in table.cells if id != "speed" and table.cells[id] != again.cells.get(id)]


# ---- Other commands ------------------------------------------------------------------------------------------------------


def written(words, option):
    done = run("convert", "--to", option, *words)
    return done.stdout if done.returncode == 0 else None


def without_places(value):
    if isinstance(value, list):
        return [without_places(each) for each in value]
    if isinstance(value, dict):
        return {key: without_places(each) for key, each in value.items() if key not in ("offset", "size")}
    return value


def tree(data, option, schemas=()):
    """The items of the stream, without places; None: the reader refuses it."""
    done = run("parse", "--json", "--all", "--option", option, *schemas, "-", data=data)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [without_places(row) for row in rows if row.get("kind") not in ("stream", None)] if done.returncode == 0 else None


def truncates(data, option, schemas=()):
    """The reader has come to an end that is none: QEMU would report success."""
    return b"expected the end of the file" in run("parse", "--stats", "--option", option, *schemas, "-", data=data).stderr


def expected_crossing(words, writes, reads):
    data = written(words, writes)
    if data is None:
        return None
    if truncates(data, reads, words[:-1]):
        return "1 silent"
    read, meant = tree(data, reads, words[:-1]), tree(data, writes, words[:-1])
    if meant is None:  # its own reader refuses what it writes
        meant = tree(written(words, "heuristic"), "heuristic", words[:-1])
    return "none" if read is None else "all" if read == meant else "1 silent"


def wrong_crossings(table, words, state):
    wrong = []
    for option in OPTIONS:
        for number, old in enumerate(OLD):
            for question, writes, reads in ((f"old{number}_new_{state}", old, option), (f"new_old{number}_{state}", option, old)):
                said, shown = table.value(question, option), expected_crossing(words, writes, reads)
                if said != (shown or "-"):
                    wrong.append(f"{question}, {option}: {said}, but convert and parse: {shown}")
    return wrong


def check_counts(words, option):
    """Tails that reject, that are silent, and that are undecided, and all."""
    done = run("check", "--json", "--option", option, *words[:-1], "-", data=written(words, option))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    silent = {}
    for row in rows:
        if row.get("outcome") in ("truncated", "corrupt"):
            silent[(row["idstr"], row["path"], row["offset"])] = row["elements"]
    return rows[-1]["reject"], sum(silent.values()), rows[-1]["undecided"]


def wrong_tails(table, words):
    wrong = []
    for option in OPTIONS:
        if table.value("read_back", option) != "1 of 1":
            continue
        for question, count in zip(("reject", "silent", "undecided"), check_counts(words, option)):
            cell = table.cells[question][option]
            if cell["number"] != count or (count and cell["grade"] == "good"):
                wrong.append(f"{question}, {option}: {cell['value']}, but check: {count}")
    return wrong


def wrong_ambiguity(table, words):
    rows = [json.loads(line) for line in run("check", "--json", "--ambiguity", *words).stdout.splitlines()]
    count, undecided = rows[-1]["ambiguous"], rows[-1]["undecided"]
    return [f"{option}: {cell}, but check: {count}, {undecided} undecided" for option in TODAY[2:5]
            for cell in [table.cells["ambiguous"][option]]
            if cell["number"] != count or (cell["grade"] == "good") != (count + undecided == 0)]


def wrong_bytes(table, words):
    wrong, today = [], len(written(words, "heuristic"))
    for option in OPTIONS:
        data, detail = written(words, option), table.cells["added_mean"][option]["detail"]
        if data is not None and int(detail.split()[0]) != len(data) - today:
            wrong.append(f"{option}: {detail}, but convert writes {len(data) - today:+} bytes")
        stats = run("parse", "--stats", "--json", "--option", option, *words[:-1], "-", data=data)
        held = json.loads(stats.stdout.splitlines()[-1]).get("longest_lookahead") if stats.returncode == 0 else "-"
        if table.value("held", option) != str(held) and option != "described":  # it holds RAM, too
            wrong.append(f"held, {option}: {table.value('held', option)}, but parse: {held}")
    return wrong


def wrong_guests(table):
    """Guests whose control a reader reads, and those of them that mislead it."""
    entries = {entry["name"]: entry for entry in json.loads((ROOT / "corpus/guest/manifest.json").read_text())}
    outcomes = {row["name"]: row["options"] for row in map(json.loads, run("replay", "--json", "corpus/guest").stdout.splitlines())
                if "options" in row}
    wrong = []
    for option in TODAY:
        of = {entry["guest"] for name, entry in entries.items() if entry["control"] and outcomes[name][option]["outcome"] == "exact"}
        misled = {entry["guest"] for name, entry in entries.items()
                  if not entry["control"] and entry["guest"] in of and outcomes[name][option]["outcome"] != "exact"}
        shown = f"{len(misled)} of {len(of)}" if of else "-"
        if table.value("guest", option) != shown:
            wrong.append(f"{option}: {table.value('guest', option)}, but replay: {shown}")
    return wrong


def wrong_unknown(table):
    """Reads the bytes with schemas that lack one of the subsections."""
    wrong, own = [], description(sender())
    for option in ("heuristic", "flagday", "framed", "combined", "guarded", "legacy"):
        data, accepted = written(table.words, option), 0
        data = data[:data.rindex(DESCRIPTION + be32(len(own)))]
        for lacks in ("S/a", "P/x"):
            with tempfile.NamedTemporaryFile(suffix=".json") as file:
                Path(file.name).write_bytes(description(sender(lacks=(lacks,))))
                schemas = ["--schema", file.name]
                accepted += tree(data, option, schemas) is not None or truncates(data, option, schemas)
        cell = table.cells["unknown"][option]
        as_it_is = int(re.search(r"(\d+) are read wrongly as they are", cell["detail"])[1])
        if as_it_is != accepted or (accepted and cell["value"] == "refused"):
            wrong.append(f"{option}: {cell['value']}, {cell['detail']}, but parse accepts {accepted} of 2")
    return wrong


def wrong_places(folder):
    """A subsection that two devices send: what becomes of it where a reader lacks it does not depend on which comes first."""
    def device(name, kind, *behind):
        return Device(name, kind, [struct("s", "S", [u8("a")], [Record("S/a", [u8("q", 0x33)])]), *behind])

    wrong, devices = [], [device("d1", "P1"), device("d2", "P2", buffer("g", 40))]
    for number, order in enumerate((devices, devices[::-1])):
        file = folder / f"places{number}.vmstate"
        file.write_bytes(stream(*order))
        table = Table(file)
        wrong += [f"{file.name}: {option}: {table.cells['unknown'][option]}" for option in ("guarded", "combined", "consistent")
                  if table.value("unknown", option) != "1 silent"]
        wrong += [f"{file.name}: {option}: {table.cells['unknown'][option]}" for option in ("heuristic", "flagday", "asn1")
                  if table.value("unknown", option) != "refused"]
    return wrong


def wrong_chance(table, words):
    """A header of today's reader needs a 05 and the structure's name: no tail can be misread by chance more often than that."""
    said = float(re.search(r"at most ([0-9.e+-]+)", table.claims["practically-all-cases"]["because"])[1])
    rows = [json.loads(line) for line in run("check", "--json", *words).stdout.splitlines()]
    tails = {(row["idstr"], row["path"], row["offset"]): row["elements"] * 256.0 ** -(1 + len(row["owner"])) for row in rows
             if "outcome" in row}
    least = sum(tails.values())
    return [] if tails and 1 >= said >= 0.94 * least else [f"at most {said}, but the headers alone: {least}"]


# ---- Verdicts ------------------------------------------------------------------------------------------------------------


def expect(table, **claims):
    return [f"{id}: {table.claims[id]['verdict']}, expected {verdict}" for id, verdict in
            ((id.replace("_", "-"), verdict) for id, verdict in claims.items()) if table.claims[id]["verdict"] != verdict]


def wrong_verdicts(tables):
    plain, sends, tail, configured = tables["plain"], tables["sends"], tables["tail"], tables["configured"]
    wrong = expect(plain, ambiguous_encoding="holds", mistaken_parse="does not hold", practically_all_cases="holds",
                   not_in_older_readers="is open", bumped_versions="is open", toplevel_intended="is open", flag_day="holds")
    wrong += expect(sends, ambiguous_encoding="holds", mistaken_parse="holds", practically_all_cases="holds partly",
                    flag_day="holds", asn1_better="holds")
    wrong += expect(tail, mistaken_parse="holds", practically_all_cases="holds partly", not_in_older_readers="is open")
    expected = [
        (plain, "ambiguous", "heuristic", "none found"), (plain, "reject", "heuristic", "0"),
        (plain, "flag_day", "heuristic", "none"), (plain, "flag_day", "flagday", "for all"),
        (plain, "flag_day", "bumped", "none"),  # it has no device with subsections
        (sends, "flag_day", "toplevel", "for senders"), (sends, "flag_day", "bumped", "one way"),
        (sends, "unknown_reader", "heuristic", "no: silent"), (sends, "unknown_reader", "flagday", "if same fields"),
        (sends, "reject", "toplevel-existing", "-"), (sends, "unknown_reader", "toplevel-existing", "-"),
        (sends, "read_back", "fields", "-"), (sends, "field_fewer", "asn1", "refused"),
        (tables["no footers"], "field_more", "heuristic", "undecided"), (tables["no footers"], "field_more", "asn1", "refused"),
        (configured, "old2_new_without", "heuristic", "-"), (configured, "flag_day", "toplevel", "for senders"),
        (configured, "flag_day", "heuristic", "none"),
    ]
    for table, question, column, value in expected:
        if table.value(question, column) != value:
            wrong.append(f"{Path(table.words[-1]).name}: {question}, {column}: {table.value(question, column)}, expected {value}")
    return wrong


def wrong_good(tables):
    """What is not decided is not good, and the choice has what it needs."""
    wrong = []
    for name, table in tables.items():
        for column in table.cells["reject"]:
            for question in ("reject", "silent"):
                undecided = table.cells["undecided"][column].get("number")
                if undecided and table.grade(question, column) == "good":
                    wrong.append(f"{name}: {question}, {column}: good, and {undecided} tails are undecided")
        for advice in table.advice.values():
            if advice["choose"] != "none" and "good" != table.grade("read_back", advice["choose"]):
                wrong.append(f"{name}: {advice}")
    return wrong


def main():
    with tempfile.TemporaryDirectory() as folder:
        inputs = small_streams(Path(folder)) | {"avr": [AVR]}
        tables = {name: Table(*words) for name, words in inputs.items()}
        for name, table in tables.items():
            result(f"each cell has a value, a basis, a command and a reason: {name}", wrong_cells(table))
            result(f"tails as check counts them: {name}", wrong_tails(table, inputs[name]))
            result(f"two states with the same bytes as check counts them: {name}", wrong_ambiguity(table, inputs[name]))
            result(f"bytes and look-ahead as convert and parse have them: {name}", wrong_bytes(table, inputs[name]))
            result(f"the same by its own command: {name}", wrong_compares(table))
        result("old and new, with subsections", wrong_crossings(tables["sends"], inputs["sends"], "with"))
        for name in ("plain", "none", "avr"):
            result(f"old and new, without subsections: {name}", wrong_crossings(tables[name], inputs[name], "without"))
        result("a reader that lacks a subsection", wrong_unknown(tables["sends"]))
        result("a subsection that is lacked in one of two places", wrong_places(Path(folder)))
        for name in ("sends", "tail"):
            result(f"the chance of a misread is an upper bound: {name}", wrong_chance(tables[name], inputs[name]))
        result("the commands of the cells", wrong_commands(tables.values()))
        result("CSV as JSON", wrong_csv(tables["sends"]))
        result("verdicts follow from the streams", wrong_verdicts(tables))
        result("nothing undecided is good", wrong_good(tables))
        guests = Table(*inputs["plain"], "corpus/guest", "corpus/eras")
        result("each cell has a value, a basis, a command and a reason: guests and eras", wrong_cells(guests))
        result("guests as replay reads them", wrong_guests(guests))
    return failed


sys.exit(main())
