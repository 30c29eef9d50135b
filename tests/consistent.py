#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests the option consistent over the corpus: its reader reads every capture as today's reader does; what it rejects is
what `check --ambiguity=section` finds; it reads the witnesses against other readers, but for those in a section that
`--ambiguity=section` names.

    tests/consistent.py     tests $VMWIRE, or build/vmwire if it is not set; $VMWIRE_PLAIN, without sanitizers, runs most commands
"""
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from checks import ROOT, program_for

STREAMS, SCHEMAS, WITNESSES = ROOT / "corpus/streams", ROOT / "corpus/schemas", ROOT / "corpus/witnesses"
PLACES = "the reader may come to more places than it follows"

failed = False


def result(name, wrong):
    global failed
    failed |= bool(wrong)
    print(("not ok " if wrong else "ok ") + name)
    for line in wrong[:20]:
        print("#", line)


def run(*words):
    return subprocess.run([program_for(words), *map(str, words)], capture_output=True, text=True, check=False)


def words_for(schemas, folder):
    return [word for name in schemas for word in ("--schema", folder / name)]


def captures(declared=False):
    """Each capture with the words for the schemas that its own description does not replace; with `declared` also for what
    its program declares."""
    for entry in json.loads((STREAMS / "manifest.json").read_text()):
        schemas = [name for name in entry["schemas"] if declared or name.endswith(".vmstate")]
        yield STREAMS / f"{entry['name']}.vmstate", words_for(schemas, STREAMS)


def dumps_of(stream):
    """The dumps of the capture's architecture, of every release."""
    name = stream.stem
    found = [each for each in ("aarch64", "avr", "ppc64", "riscv64", "s390x") if each in name]
    architecture = found[0] if found else "aarch64" if "-arm-" in name else "x86_64"
    return sorted(SCHEMAS.glob(f"*-{architecture}.json"))


def cases():
    for stream, words in captures():
        for dump in [None, *dumps_of(stream)]:
            yield stream, words + (["--schema", dump] if dump else [])


def name_of(case):
    return case[0].stem + "".join(" " + Path(str(word)).stem for word in case[1] if word != "--schema")


def tree(option, case):
    """The stream as a tree, without the line that names the option; or the status alone."""
    done = run("parse", "--option", option, *case[1], case[0])
    return done.stdout.split("\n", 1)[1] if done.returncode == 0 else done.returncode


def read_otherwise(case):
    return None if tree("consistent", case) == tree("heuristic", case) else name_of(case)


def findings(case, *words):
    """The tails with a finding, by device, path and owner; those that are not fully decided, with the reason."""
    done = run("check", "--json", "--option", "consistent", *words, *case[1], case[0])
    found, undecided = set(), {}
    for line in map(json.loads, done.stdout.splitlines()):
        place = tuple(line.get(key) for key in ("idstr", "instance", "path", "owner"))
        if "outcome" in line:
            found.add((*place, "reject" if line["outcome"] == "ambiguous" else line["outcome"]))
        elif "undecided" in line and "path" in line:
            undecided[place] = line["undecided"]
    return done.returncode, found, undecided


def decided_otherwise(case):
    """What is said about consistent, and not about ambiguity, or the other way round."""
    status, rejects, undecided = findings(case, "--all-states")
    _, ambiguous, undecided_too = findings(case, "--ambiguity=section")
    undecided = {place: why for place, why in undecided.items() if why != PLACES}
    if status == 2 or (rejects == ambiguous and undecided == undecided_too):
        return len(rejects), None
    return len(rejects), f"{name_of(case)}: {sorted(rejects ^ ambiguous)[:3]} {undecided} {undecided_too}"


def ambiguous_owners():
    """The structures that `--ambiguity=section` names, over all captures and their schemas, by device. It decides nothing in
    private encodings: with what a program declares these are the structures that can make the reader reject."""
    owners = collections.defaultdict(set)
    for cases_of, word in ((captures(), "--ambiguity=section"), (captures(declared=True), "--all-states")):
        for case in cases_of:
            for idstr, _, _, owner, _ in findings(case, word)[1]:
                owners[idstr].add(owner)
    return owners


def test_captures(pool):
    result("captures are read as today", [each for each in pool.map(read_otherwise, cases()) if each])
    answers = list(pool.map(decided_otherwise, cases()))
    result("rejects are the ambiguities of sections", [wrong for _, wrong in answers if wrong])
    total = sum(count for count, _ in answers)
    print(f"# {len(answers)} pairs of captures and dumps, {total} tails that can make the reader reject")
    result("there are rejects to compare", [] if total > 50 else [f"only {total}"])


def read_witness(entry, key, *words):
    return run("parse", *words, "--option", "consistent", *words_for(entry["schemas"], WITNESSES), WITNESSES / entry[key])


def places(entry, key):
    """What stands where in the stream, without the values: None where the reader refuses it."""
    done = read_witness(entry, key, "--json")

    def without_values(part):
        if isinstance(part, dict):
            return {key: without_values(each) for key, each in part.items()
                    if key not in ("value", "values", "data", "hex", "option", "file")}
        return [without_values(each) for each in part] if isinstance(part, list) else part
    if done.returncode:
        return None
    return [without_values(json.loads(line)) for line in done.stdout.splitlines()[1:]]


def test_witnesses(pool):
    """A witness that is refused has two readings; the error says where they part: at an owner that is known to be ambiguous,
    in the same section."""
    owners = ambiguous_owners()
    wrong, counts = [], collections.Counter()
    entries = json.loads((WITNESSES / "manifest.json").read_text())
    done = pool.map(lambda entry: read_witness(entry, "file"), entries)
    for entry, read in zip(entries, done):
        counts[entry["option"], read.returncode] += 1
        if read.returncode == 0:
            continue
        named = re.search(r'two readings .* section "(.*?)"|section "(.*?)" .*two readings', read.stderr)
        owner = re.search(r'begins, or "(.*?)" ends', read.stderr)
        if not named or not owner or owner[1] not in owners[named[1] or named[2]]:
            wrong.append(f"{entry['name']}: {read.stderr.strip()}")
    result("witnesses are read, or ambiguous", wrong)
    # `parse` may read a private encoding as whole, where `replay` compares the parts.
    compared = [entry for entry in entries if not (entry["schemas"] and entry["expected"]["consistent"] == "exact")]
    made = pool.map(lambda entry: (entry["name"], places(entry, "file"), places(entry, "original")), compared)
    result("what is read is what was written", [name for name, witness, original in made if witness and witness != original])
    exact = counts["heuristic", 0]
    result("most witnesses of heuristic are read", [] if exact > 60 else [str(dict(counts))])
    print("#", ", ".join(f"{option}: {count} {'read' if status == 0 else 'refused'}"
                         for (option, status), count in sorted(counts.items())))


def main():
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        test_captures(pool)
        test_witnesses(pool)
    return failed


sys.exit(main())
