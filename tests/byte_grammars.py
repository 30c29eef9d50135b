#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests proofs/bytes: which options are ambiguous on bytes.

The results are made again with the lemon at hand: all is the same but the number of states, which depends on lemon. The
grammars have the bytes of the reference: what a grammar makes at random the reader reads and the writer writes again, and
what the writer writes has exactly one parse, or two where it is ambiguous. The two states of each ambiguous input are
written as two streams of flagday that differ; as streams of today they are that one input. `vmwire check --ambiguity` finds a
pair just where the grammar is ambiguous, and its own pairs have two parses. A format without the part that makes it
unambiguous has another verdict.

$VMWIRE names the program.
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROOF = ROOT / "proofs" / "bytes"
VMWIRE = Path(os.environ.get("VMWIRE", "build/vmwire")).resolve()
SAMPLES = 2  # streams of each schema and format
UNDECIDED = {("isa-ide", "asn1")}  # the engine finds no pair, but does not say clean

os.chdir(ROOT)
sys.dont_write_bytecode = True
sys.path.insert(0, str(PROOF))

import ambiguity  # noqa: E402
import decoding  # noqa: E402
import rules  # noqa: E402
import schemas  # noqa: E402
import shapes  # noqa: E402
import wire  # noqa: E402

failed = 0


def result(name, wrong):
    """`wrong`: what is wrong, nothing if it is right."""
    global failed
    failed += bool(wrong)
    print(("not ok " if wrong else "ok ") + name)
    for line in (wrong if isinstance(wrong, list) else [wrong])[:10] if wrong else []:
        print("# " + str(line)[:2000])


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)


def stable(document):
    """What does not depend on lemon's version. Of conflicts: whether there are any."""
    made = json.loads(json.dumps(document))
    for each in made["results"]:
        each["states"] = each["states"] is not None
        each["conflicts"] = each["conflicts"] and each["conflicts"] > 0
        each["why"] = without_counts(each["why"])
    return made


def without_counts(text):
    """How many states and conflicts lemon finds."""
    text = re.sub(r"lemon finds \d+ conflicts?", "lemon finds conflicts", " ".join(text.split()))
    return re.sub(r"(\d+) (\d+|-) (\d+|-) (ambiguous|conflict only|unambiguous|unique decoding)", r"\1 \4", text)


def prove(folder, *more):
    done = run(PROOF / "prove", "--output", folder, *more)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return json.loads((folder / "results.json").read_text(encoding="ascii"))


# ---- The results -----------------------------------------------------------------------------------------


def check_results(folder, committed):
    made = stable(prove(folder))
    wrong = [(a, b) for a, b in zip(made["results"], stable(committed)["results"]) if a != b]
    result("the results are up to date", wrong or made != stable(committed))
    pages = [without_counts((place / "results.txt").read_text(encoding="ascii")) for place in (folder, PROOF)]
    result("so is the page", pages[0] != pages[1] and "results.txt differs")


def check_forms(committed):
    """Each kind of verdict is there, with what it must have."""
    wrong = []
    for each in committed["results"]:
        parses = each["parses"]
        texts = {"".join(piece["hex"] for piece in parse) for parse in parses}
        right = {"ambiguous": each["conflicts"] and len(parses) == 2 and texts == {each["input"]} and parses[0] != parses[1],
                 "conflict only": each["conflicts"] and not parses and each["input"] is None,
                 "unambiguous": each["conflicts"] == 0 and not parses,
                 "unique decoding": each["conflicts"] is None and not parses}[each["verdict"]]
        wrong += [] if right else [each]
    verdicts = {each["verdict"] for each in committed["results"]}
    result("each verdict has its reason", wrong or (len(verdicts) != 4 and sorted(verdicts)))
    places = {(each["schema"], option) for each in committed["results"] for option in each["options"]}
    options = run("make", "-s", "--no-print-directory", "print-options").stdout.split()
    result("each option has a verdict on each schema",
           sorted({(each["name"], option) for each in committed["schemas"] for option in options} ^ places))


def check_faults(folder):
    """Without a part of it a format is another one."""
    for part, option, schema in (("sentinel", "flagday", "telling"), ("owner", "standalone", "arm_gicv3"),
                                 ("owner", "toplevel", "arm_gicv3"), ("description", "described", "telling")):
        made = prove(folder, "--without", part, "--schema", schema)
        verdict = next(each["verdict"] for each in made["results"] if each["schema"] == schema and option in each["options"])
        result(f"{option} without its {part} is ambiguous", "" if verdict == "ambiguous" else verdict)


# ---- Small grammars, whose answer is known ----------------------------------------------------------------


class Small:
    """Rules as text: a small letter is a nonterminal, a capital one is that byte, a dot any of A, B."""

    def __init__(self, text):
        self.start, self.rules = text[0], {}
        for rule in text.split():
            name, _, right = rule.partition("=")
            self.rules[name] = [tuple((each if each.islower() else frozenset(b"AB" if each == "." else each.encode()), None)
                                      for each in way) for way in right.split("|")]


def check_search():
    for text, found, together in (("s=.t t=A|B", None, 0), ("s=t|u t=A u=.", b"A", None),
                                  ("s=AtB|AuC t=B u=B", None, 2), ("s=tu t=|A u=A|AA", b"AA", None), ("s=t t=|A", None, 0),
                                  ("s=tu t=A|AA u=BB|B", None, 1), ("s=tu t=A|AB u=B|BB", b"ABB", None)):
        search = ambiguity.Search(Small(text))
        counts = ambiguity.derivations(Small(text)), ambiguity.strings(Small(text), 100)
        wrong = search.found != found or search.together != together or (counts[0] > counts[1]) != (found is not None)
        result(f"the grammar {text}", wrong and (search.found, search.together, counts))


def check_clear_choices():
    def literal(text):
        return shapes.literal(text.encode())

    def choice(*texts):
        return shapes.Choice([literal(text) for text in texts], "choice")

    def measured(part):
        return shapes.Measured(lambda length: bytes([length]), part, "measured")

    optional = choice("", "A")
    for name, shape, right in (("its own bytes", shapes.Sequence([choice("AB", "AC"), literal("B")]), True),
                               ("what is behind", shapes.Sequence([optional, literal("B")]), True),
                               ("not what is behind", shapes.Sequence([optional, literal("A")]), False),
                               ("the end", optional, True),
                               ("the end of what is measured", shapes.Sequence([measured(optional), literal("A")]), True),
                               ("not within what is measured", measured(shapes.Sequence([optional, literal("A")])), False)):
        unclear, _ = decoding.unclear_choices(shape)
        result(f"a choice is clear by {name}", "" if (unclear == []) == right else unclear)


# ---- Against the reference -------------------------------------------------------------------------------


def at_random(grammar, dice):
    """A random input. Of rules one is as likely as another, a byte is often 05 or 00."""
    made = bytearray()

    def make(symbol):
        if isinstance(symbol, frozenset):
            likely = sorted(symbol & {0x05, 0x00}) if dice.random() < 0.3 else []
            made.append(dice.choice(likely or sorted(symbol)))
            return
        for each, _ in dice.choice(grammar.rules[symbol]):
            make(each)

    make(grammar.start)
    return bytes(made)


class Case:
    """A schema, with its grammars and what vmwire reads it by."""

    def __init__(self, schema, folder):
        self.schema, self.folder = schema, folder
        self.file = folder / f"{schema.name}.json"
        self.file.write_text(json.dumps(schema.document), encoding="ascii")
        self.shapes = {name: wire.stream_shape(name, schema) for name, _ in wire.FORMATS}
        self.grammars = {name: rules.Grammar(shape) for name, shape in self.shapes.items()}

    def option(self, name):
        return "heuristic" if name == "inline" else name

    def convert(self, data, one, other):
        """What vmwire makes of it: bytes, or the error."""
        source, target = self.folder / "source", self.folder / "target"
        source.write_bytes(data)
        done = run(VMWIRE, "convert", "--schema", self.file, "--option", self.option(one), "--to", self.option(other),
                   "--output", target, source)
        return target.read_bytes() if done.returncode == 0 else done.stderr

    def parses(self, name, data):
        return ambiguity.Parser(self.grammars[name], data).count()

    def described(self, data):
        """A stream of today in which nothing is sent, with its description."""
        told = {"page_size": 4096, "devices": [{"name": self.schema.device.name, "instance_id": 0,
                                               **described(self.schema.device)}]}
        text = json.dumps(told).encode()
        return data + b"\x06" + wire.be32(len(text)) + text


def described(structure):
    fields = []
    for field in structure.fields:
        size = field.size if field.structure is None else wire.length_of(field.structure)
        told = {"name": field.name, "type": field.kind, "size": size}
        if field.array:
            told["array_len"] = field.count
        if field.structure is not None:
            told["struct"] = described(field.structure)
        fields.append(told)
    return {"vmsd_name": structure.name, "version": structure.version, "fields": fields}


def plain(grammar):
    """The input in which nothing is sent: the first rule of each choice."""
    made = bytearray()

    def make(symbol):
        if isinstance(symbol, frozenset):
            made.append(min(symbol))
        else:
            for each, _ in grammar.rules[symbol][0]:
                make(each)

    make(grammar.start)
    return bytes(made)


def check_bytes(case, dice):
    """The grammars are those of the reference: from flagday into each, and from each into itself."""
    wrong = []
    for name in case.grammars:
        if name == "described":  # its description is cut down; what is before it is that of today
            continue
        for _ in range(SAMPLES):
            data = at_random(case.grammars["flagday"], dice)
            made = case.convert(data, "flagday", name)
            if isinstance(made, str) or not 1 <= case.parses(name, made) <= (2 if name == "inline" else 1):
                wrong.append((name, data.hex(), made if isinstance(made, str) else made.hex()))
        for _ in range(SAMPLES if name not in ("inline", "asn1") else 0):
            data = at_random(case.grammars[name], dice)
            made = case.convert(data, name, name)
            if made != data:
                wrong.append((name, data.hex(), made if isinstance(made, str) else made.hex()))
    result(f"{case.schema.name}: the grammars have the bytes of the reference", wrong)


def state_of(parse):
    """The bytes of each field, and the subsections that are sent."""
    values = {piece["name"]: bytes.fromhex(piece["hex"]) for piece in parse}
    return values, {name for name in values if name.startswith("subsection ")}


def written(shape, values, sent):
    """The bytes of a state in the format of a shape."""
    made, left = bytearray(), {name: list(data) for name, data in values.items()}

    def first_label(part):
        while isinstance(part, shapes.Sequence) and part.parts:
            part = part.parts[0]
        return part.label if isinstance(part, shapes.Bytes) else None

    def write(part):
        if isinstance(part, shapes.Sequence):
            for each in part.parts:
                write(each)
        elif isinstance(part, shapes.Choice):
            write(next((each for each in part.choices if first_label(each) in sent), shapes.Sequence([])))
        else:
            for each in part.sets:
                made.append(min(each) if len(each) == 1 else left[part.label].pop(0))

    write(shape)
    return bytes(made)


def check_two_states(case, each):
    """Two states, two streams of flagday, one stream of today."""
    states = [written(case.shapes["flagday"], *state_of(parse)) for parse in each["parses"]]
    data = bytes.fromhex(each["input"])
    back = [case.convert(state, "flagday", "inline") for state in states]
    result(f"{case.schema.name}: two states have the same bytes",
           "" if states[0] != states[1] and back == [data, data] else (states, back))


def ask(case, option, data):
    """What `vmwire check --ambiguity` says: the outcomes, whether something is undecided, the streams that it emits."""
    with tempfile.TemporaryDirectory(dir=case.folder) as emitted:
        source = case.folder / "plain"
        source.write_bytes(data)
        done = run(VMWIRE, "check", "--ambiguity", "--json", "--option", option, "--schema", case.file, "--emit", emitted, source)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        summary = lines[-1] if lines and "summary" in lines[-1] else {"ambiguous": None, "undecided": done.stderr}
        return summary["ambiguous"], summary["undecided"], [path.read_bytes() for path in Path(emitted).iterdir()]


def check_against_engine(case, results):
    wrong = []
    for each in results:
        for option in each["options"]:
            name = next(name for name, options in wire.FORMATS if option in options)
            data = plain(case.grammars["inline" if name in ("described", "asn1") else name])
            if name in ("described", "asn1"):  # their reader goes by the description, or by the types in it
                data = case.convert(case.described(data), "inline", name)
            if isinstance(data, str):
                wrong.append((option, data))
                continue
            pairs, undecided, streams = ask(case, option, data)
            found = each["verdict"] == "ambiguous"
            counts = [case.parses(name, stream) for stream in streams]
            if undecided != ((case.schema.name, option) in UNDECIDED) or (pairs > 0) != found or found != bool(counts) or any(count < 2 for count in counts):
                wrong.append((option, each["verdict"], pairs, undecided, counts))
    result(f"{case.schema.name}: check --ambiguity finds a pair just where the grammar is ambiguous", wrong)


def check_capture(schema, results):
    """The whole device, as it was captured, has a pair at the structure that the cut-down one has."""
    done = run(VMWIRE, "check", "--ambiguity", "--json", schema.stream)
    owners = {json.loads(line).get("owner") for line in done.stdout.splitlines()} - {None}
    inner = {field.structure.name for field in schema.device.fields if field.structure is not None}
    result(f"{schema.name}: so has the capture", "" if owners == inner and any(r["input"] for r in results) else owners)


def main():
    committed = json.loads((PROOF / "results.json").read_text(encoding="ascii"))
    dice = random.Random(2011)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_search()
        check_clear_choices()
        check_forms(committed)
        check_results(folder, committed)
        check_faults(folder)
        for schema in schemas.load():
            case = Case(schema, folder)
            results = [each for each in committed["results"] if each["schema"] == schema.name]
            check_bytes(case, dice)
            check_against_engine(case, results)
            for each in results:
                if each["verdict"] == "ambiguous":
                    check_two_states(case, each)
            if schema.stream:
                check_capture(schema, results)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
