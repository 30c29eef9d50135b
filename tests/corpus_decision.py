#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The decision over the whole shipped corpus: each claim of the discussion has the verdict that is known of it, each situation its
choice, each cell its reason, and README.md shows what the program says.

    tests/corpus_decision.py             tests $VMWIRE, or build/vmwire if it is not set: about two minutes
    tests/corpus_decision.py --readme    prints the tables of README.md
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VMWIRE = os.environ.get("VMWIRE", str(ROOT / "build/vmwire"))
FOLDERS = ["corpus/streams", "corpus/guest", "corpus/eras", "corpus/witnesses"]
BASES = {"decided", "measured", "proved", "by construction", "seen", "not asked"}
GRADES = {"good", "fair", "bad", "none"}
SIGNS = {"good": "", "fair": "~", "bad": "!", "none": ""}
CLAIMS = {
    "ambiguous-encoding": "holds",
    "mistaken-parse": "holds",
    "practically-all-cases": "holds partly",
    "not-in-older-readers": "holds",
    "bumped-versions": "holds partly",
    "flag-day": "holds",
    "standalone-effort": "holds partly",
    "asn1-better": "holds",
    "toplevel-intended": "holds partly",
    "backward-to-stable": "holds",
}
CHOICES = {
    "new machine types with one release train": "flagday-new",
    "files kept for years": "asn1",
    "a fleet with backward migration": "consistent",
}
# Rows of README.md. Speed is not there: it differs between runs.
SHOWN = ["ambiguous", "byte_grammar", "reject", "silent", "undecided", "guest", "old2_new_with", "new_old2_without", "new_old2_with",
         "unknown", "field_fewer", "flag_day", "added_mean", "added_worst", "held", "exponent", "changed_rules"]

failed = 0


def result(name, fault=""):
    global failed
    print(f"{'not ok' if fault else 'ok'} {name}")
    if fault:
        print(f"#   {fault}")
        failed += 1


def compare(folder):
    """The lines of --json, by kind, and the page."""
    page = Path(folder) / "page.html"
    command = [VMWIRE, "compare", "--json", "--html", str(page), *FOLDERS]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"vmwire compare ended with {done.returncode}: {done.stderr.strip()}")
    kinds = {}
    for line in map(json.loads, done.stdout.splitlines()):
        kinds.setdefault(line.get("kind", "stream"), []).append(line)
    return kinds, page.stat().st_size


def readme_table(kinds):
    names = [column["name"] for column in kinds["column"] if not column["variant"]]
    questions = {question["id"]: question for question in kinds["question"]}
    lines = ["| | " + " | ".join(names) + " |", "| --- |" + " --- |" * len(names)]
    for shown in SHOWN:
        cells = [cell for cell in questions[shown]["cells"] if cell["column"] in names]
        lines.append(f"| {questions[shown]['question']} | " +
                     " | ".join(SIGNS[cell["grade"]] + cell["value"] for cell in cells) + " |")
    return lines


def check_cells(kinds):
    faults = []
    names = [column["name"] for column in kinds["column"]]
    for question in kinds["question"]:
        if [cell["column"] for cell in question["cells"]] != names:
            faults.append(f"{question['id']}: other columns")
        for cell in question["cells"]:
            if not (cell["value"] and cell["by"] and cell["detail"] and cell["basis"] in BASES and cell["grade"] in GRADES):
                faults.append(f"{question['id']}, {cell['column']}: {cell}")
    result(f"{len(kinds['question'])} rows of {len(names)} columns: each cell has a value, a reason, and what shows it", "; ".join(faults[:3]))


def check_kind(kinds, kind, key, value, expected):
    found = {each[key]: each[value] for each in kinds[kind]}
    for name in dict.fromkeys([*expected, *found]):
        result(f"{kind} {name}: {expected.get(name)}", "" if found.get(name) == expected.get(name) else f"found {found.get(name)}")


def check_readme(kinds):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [line for line in readme_table(kinds) if line not in text.splitlines()]
    result("README.md: the table is what the program says", "; ".join(missing[:2]))
    rows = re.findall(r"^\| (.*?) \| `([\w-]+)` \|", text, re.M)
    wanted = [(each["for"], each["choose"]) for each in kinds["recommendation"]]
    result("README.md: what to choose is what the program says", "" if all(each in rows for each in wanted) else f"{wanted}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        kinds, size = compare(folder)
    if sys.argv[1:] == ["--readme"]:
        print("\n".join(readme_table(kinds)))
        return 0
    check_cells(kinds)
    check_kind(kinds, "claim", "id", "verdict", CLAIMS)
    check_kind(kinds, "recommendation", "for", "choose", CHOICES)
    check_readme(kinds)
    result(f"the report has {size} bytes, at most 3 MB", "" if size <= 3_000_000 else "too large")
    return failed > 0


sys.exit(main())
