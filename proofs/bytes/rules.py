# SPDX-License-Identifier: MIT
"""A grammar on bytes: rules made of a shape, their text for lemon, and what lemon says about them.

A symbol is the name of a nonterminal, or a set of bytes. In lemon's text the sets are made of disjoint terminals, one for
each class of bytes that the grammar treats alike. A length is part of the names of nonterminals: what is measured has a
nonterminal for each length that it can have. This file must not know schemas, nor options.
"""
import re
import subprocess
import tempfile
from pathlib import Path

from shapes import Bytes, Choice, Measured, Sequence, sizes, sizes_from


class Grammar:
    """`rules`: for each nonterminal its alternatives; each is a tuple of (symbol, label). `start` is the first one."""

    def __init__(self, shape):
        self.rules, self.names, self.taken = {}, {}, set()
        self.kept = []  # shapes, so that no two have one id
        self.start = self.nonterminal("stream", None, lambda: [self.place(shape)])

    # ---- Making rules ----

    def nonterminal(self, name, key, alternatives):
        if key is not None and key in self.names:
            return self.names[key]
        word = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "part"
        word = word if word[0].isalpha() else "n" + word
        unique, number = word, 1
        while unique in self.taken:
            number += 1
            unique = f"{word}_{number}"
        self.taken.add(unique)
        if key is not None:
            self.names[key] = unique
        self.rules[unique] = None  # its place is before what it is made of
        self.rules[unique] = [tuple(each) for each in alternatives()]
        return unique

    def place(self, shape, length=None):
        """What stands for a shape in a rule: of this length, or of any."""
        self.kept.append(shape)
        if length is not None and len(sizes(shape)) == 1:
            length = None  # it has this one only
        if isinstance(shape, Bytes):
            return [(each, shape.label) for each in shape.sets]
        if isinstance(shape, Sequence) and shape.name is None:
            return self.parts(shape, length)
        name = shape.name if length is None else f"{shape.name} of {length}"
        make = {Sequence: self.one_rule, Choice: self.a_rule_each, Measured: self.a_rule_a_length}[type(shape)]
        return [(self.nonterminal(name, (id(shape), length), lambda: make(shape, length)), shape.label)]

    def one_rule(self, shape, length):
        return [self.parts(shape, length)]

    def a_rule_each(self, shape, length):
        return [self.place(each, length) for each in shape.choices if length is None or length in sizes(each)]

    def a_rule_a_length(self, shape, length):
        """The bytes of a length, and what it measures."""
        made = []
        for inner in sorted(sizes(shape.part)):
            prefix = shape.length_bytes(inner)
            if length is None or len(prefix) + inner == length:
                made.append([(frozenset([byte]), shape.label) for byte in prefix] + self.place(shape.part, inner))
        return made

    def parts(self, shape, length, first=0):
        if length is None:
            return [symbol for part in shape.parts for symbol in self.place(part)]
        made = []
        for number in range(first, len(shape.parts)):
            part = shape.parts[number]
            behind = sizes_from(shape, number + 1)
            ways = [size for size in sorted(sizes(part)) if length - size in behind]
            if len(ways) > 1:
                return made + [(self.ways(shape, number, length, ways), None)]
            made += self.place(part, ways[0])
            length -= ways[0]
        return made

    def ways(self, shape, number, length, sizes_of_part):
        """A part of more than one length, and what is behind it, of this length together."""
        def alternatives():
            return [self.place(shape.parts[number], size) + self.parts(shape, length - size, number + 1)
                    for size in sizes_of_part]
        self.kept.append(shape)
        return self.nonterminal(f"rest of {length}", (id(shape), number, length), alternatives)

    # ---- As text for lemon ----

    def classes(self):
        """The disjoint classes of bytes: which bytes stand in the same sets, by their names."""
        used = {symbol for rules in self.rules.values() for rule in rules for symbol, _ in rule
                if isinstance(symbol, frozenset)}
        alike = {}
        for byte in range(256):
            alike.setdefault(frozenset(each for each in used if byte in each), []).append(byte)
        return {frozenset(group): terminal(group) for within, group in alike.items() if within}, used

    def lemon_text(self):
        classes, used = self.classes()
        words, lines = dict(classes), []
        for number, each in enumerate(sorted((each for each in used if each not in classes), key=sorted)):
            words[each] = "any_byte" if len(each) == 256 else f"byte_{number}"
            inside = [word for group, word in classes.items() if group <= each]
            lines += [f"{words[each]} ::= {word}." for word in inside]
        clash = set(words.values()) & set(self.rules)
        assert not clash, clash
        for name, rules in self.rules.items():
            for rule in rules:
                right = " ".join(symbol if isinstance(symbol, str) else words[symbol] for symbol, _ in rule)
                lines.append(f"{name} ::= {right}{' ' if right else ''}.")
        # The first rule is that of the start.
        return "\n".join(sorted(lines, key=lambda line: not line.startswith(self.start + " "))) + "\n"


def terminal(group):
    return f"B{group[0]:02X}" if len(group) == 1 else f"C{group[0]:02X}_{len(group)}"


# ---- lemon -----------------------------------------------------------------------------------------------


class LemonError(Exception):
    pass


def run_lemon(text):
    """What lemon counts, without precedence, %fallback or %wildcard: states, conflicts; and where these are."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "bytes.y"
        source.write_text(text, encoding="ascii")
        done = subprocess.run(["lemon", "-s", str(source)], capture_output=True, text=True, check=False)
        report = source.with_suffix(".out")
        counted = {name: int(number) for name, number in re.findall(r"^ +([a-z -]+)\.+ +(\d+)$", done.stdout, re.M)}
        if not counted or (done.returncode != 0) != bool(counted["conflicts"]):
            raise LemonError(done.stdout + done.stderr)
        places = conflicts_of(report.read_text(encoding="ascii")) if counted["conflicts"] else []
        if counted["rules"] != text.count("\n"):
            raise LemonError(f"{counted['rules']} rules")
    return counted["states"], counted["conflicts"], places


def conflicts_of(report):
    """For each conflict the terminal before which it is, and the rules that could end or go on there."""
    found = []
    for state in report.split("\nState ")[1:]:
        for line in state.splitlines():
            if "** Parsing conflict **" in line:
                found.append((line.split()[0], re.findall(r"^ +(?:\(\d+\) )?(\S+ ::= .*\*.*?) *$", state, re.M)))
    return found
