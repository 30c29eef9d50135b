#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the pages of the grammar: of stream.y the rules, of stream.re and asn1.re the bytes of the tokens, of wire.toml the
tables, of the comments beside all of them the words, and of example.toml the worked example.

    grammar/pages.py --page OPTION [--out FILE]    one option, to read (grammar/pages/OPTION.txt)
    grammar/pages.py --json [--out FILE]           all options, for a report: rules with diagrams, and tokens

It must find words, a source and the bytes of every token for each option, or it fails. The rules that it reads are compared
with those that lemon reads, and the beginning of each token with the pattern that re2c matches.
"""
import argparse
import io
import json
import re
import subprocess
import sys
import textwrap
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

sys.dont_write_bytecode = True
import tables  # noqa: E402

HERE = Path(__file__).resolve().parent
REFERENCE = "heuristic"  # the option that the others are compared with: QEMU today
WIDTH = 118
NO_BYTES = "(no bytes)"


class Fault(Exception):
    """The sources contradict each other, or something lacks words."""


# ---- Comments about rules and tokens ---------------------------------------------------------------


class Block:
    """What one comment says: about a rule, or about a token that has bytes."""

    def __init__(self, name, options, size=None, place=None):
        self.name, self.options, self.bytes, self.place = name, options, size, place
        self.entries = []  # (kind, options, subject, text): kind is words, if, source, table or part

    def of(self, kind, option):
        return [(subject, text) for found, options, subject, text in self.entries if found == kind and has(options, option)]


def has(options, option):
    """Whether {asn1 framed} or {!asn1} means this option. None: all."""
    if options is None:
        return True
    names = options.lstrip("!").split()
    return (option in names) != options.startswith("!")


ENTRY = re.compile(r"(?:\{(?P<options>[^}]*)\} )?(?:(?P<words>- )|if (?P<subject>\w+): |(?P<source>source: )|(?P<table>table: )"
                   r"|(?P<part>part: ))")
OPTIONS = re.compile(r"\{([^}]*)\}")


def add_line(block, line):
    """An entry, or more of the last one."""
    line = line.strip()
    words_first = re.match(r"- \{([^}]*)\} (.*)", line)
    if words_first:  # - {asn1} words
        block.entries.append(["words", words_first[1], None, words_first[2]])
        return
    found = ENTRY.match(line)
    if not found:
        if not block.entries:
            raise Fault(f"{block.name}: not an entry: {line}")
        block.entries[-1][3] += " " + line
        return
    kind = "if" if found["subject"] else next(kind for kind in ("words", "source", "table", "part") if found[kind])
    block.entries.append([kind, found["options"], found["subject"], line[found.end():]])


def token_blocks(path, option_set):
    """The blocks of a file for re2c, and the names of tables that stand for tokens."""
    blocks, entries, block, waiting, tail, meanings = [], [], None, [], None, {}
    for number, line in enumerate(path.read_text().split("\n"), 1):
        place = f"{path.name}:{number}"
        comment = re.match(r"\s*//:(.*)", line)
        if comment:
            text = comment[1]
            if text.startswith("  ") or re.match(r" (- |\{[^}]*\} (if|- |source)|if \w+:|source:|table:)", text):
                if block is None:
                    raise Fault(f"{place}: words of nothing")
                add_line(block, text)
                continue
            head = re.match(r" ?(?:\{(?P<before>[^}]*)\} )?(?:entries (?P<entries>\w+)|(?P<token>[A-Z_0-9]+) = (?P<bytes>.*)"
                            r"|(?P<rule>[a-z_]+) \{(?P<after>[^}]*)\}|when (?P<function>\w+) = (?P<meaning>.*))$", text.rstrip())
            if not head:
                raise Fault(f"{place}: not understood: {text}")
            if head["function"]:
                meanings[head["function"]] = head["meaning"]
            elif head["entries"]:
                entries.append(head["entries"])
                block = None
            else:
                block = Block(head["token"] or head["rule"], head["before"] or head["after"], head["bytes"], place)
                blocks.append(block)
                waiting.append(block)
                tail = block if head["rule"] else tail
            continue
        rule = re.match(r"\s*<[\w, *]+>\s*(.*?)\s*(?:=>|\{(?!\d)|$)", line)
        if tail and rule and re.match(rf"\s*<tail_{tail.options}>\s*QEMU_VM_SUBSECTION\b", line):
            tail.entries.append(["if", None, "SUBSECTION", taken_when(line, meanings, place)])
        if rule and waiting:
            for one in waiting:
                one.pattern = rule[1]
            waiting, block = [], None
    for block in blocks:
        for name in (block.options or "").lstrip("!").split():
            if name not in option_set:
                raise Fault(f"{block.place}: no option {name}")
    return blocks, entries


def taken_when(line, meanings, place):
    """What the rule of a tail asks before it takes a 05 for a subsection: TAKE_SUBSECTION_IF(a(lexer) ? b(lexer) : 0) asks both."""
    asked = re.search(r"TAKE_SUBSECTION_IF\((.*)\);", line)
    functions = re.findall(r"\b(lexer_\w+)\(", asked[1]) if asked else []
    if not asked and "EMIT(SUBSECTION)" not in line or asked and not functions:
        raise Fault(f"{place}: when is a subsection taken here?")
    for function in functions:
        if function not in meanings:
            raise Fault(f"{place}: nothing says what {function} means")
    parts = ["b0 = 05", *[part for function in functions for part in meanings[function].split(", ")]]
    return ", and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


# ---- The bytes of tokens -----------------------------------------------------------------------------


def constant(wire_names, name):
    if name not in wire_names:
        raise Fault(f"no constant {name} in wire.toml")
    return wire_names[name][1]["value"]


def spell(text, wire_names):
    """The bytes of a token with the constants of wire.toml as bytes."""
    text = re.sub(r"byte\[(\w+)\]", lambda found: f"byte[{constant(wire_names, found[1]) if found[1] in wire_names else found[1]}]", text)
    text = re.sub(r"be32\((\w+)\)", lambda found: " ".join(f"{byte:02x}" for byte in constant(wire_names, found[1]).to_bytes(4, "big")), text)
    return re.sub(r"\b[A-Z][A-Z_0-9]*_[A-Z_0-9]*\b",
                  lambda found: f"{wire_names[found[0]][1]['value']:02x}" if found[0] in wire_names else found[0], text)


WIDTHS = {"u8": 1, "be16": 2, "be32": 4, "be64": 8}


def leading_bytes(text):
    """What the spelled bytes begin with: numbers, or None for any byte, as far as the text says it."""
    found = []
    for item in text.split():
        kind = item.split(":")[-1].rstrip(",")
        if re.fullmatch(r"[0-9a-f]{2}", item):
            found.append(int(item, 16))
        elif kind in WIDTHS:
            found += [None] * WIDTHS[kind]
            if item.endswith(","):
                return found[:1]
        else:
            return found
    return found


def pattern_bytes(pattern, wire_names):
    """The same of a pattern of re2c; None where it matches the end of the input."""
    found = []
    while pattern:
        text = re.match(r'"([^"]*)"|\[[^\]]*\]|\w+|\$', pattern)
        if not text:
            raise Fault(f"the pattern {pattern} is not understood")
        pattern = pattern[text.end():]
        if text[0] == "$":
            return None
        if text[1] is not None:
            made = list(text[1].encode().decode("unicode_escape").encode("latin-1"))
        elif text[0] in WIDTHS:
            made = [None] * WIDTHS[text[0]]
        elif text[0] in wire_names:
            made = [wire_names[text[0]][1]["value"]]
        else:
            made = [None]
        times = re.match(r"\{(\d+)\}", pattern)
        if times:
            made *= int(times[1])
            pattern = pattern[times.end():]
        found += made
        pattern = pattern.lstrip()
    return found


def check_against_pattern(block, wire_names):
    """A token whose bytes are not those that the lexer matches is a fault of the comment."""
    said, matched = leading_bytes(block.spelled), pattern_bytes(block.pattern, wire_names)
    if matched is None or block.spelled == NO_BYTES or block.spelled.startswith(("byte[", "text:byte[")):
        return
    if len(said) < len(matched) and len(matched) > 1 and not block.spelled.startswith("flags:"):
        raise Fault(f"{block.place}: {block.name} = {block.spelled}, but the lexer matches {len(matched)} bytes")
    for one, other in zip(said, matched):
        if None not in (one, other) and one != other:
            raise Fault(f"{block.place}: {block.name} = {block.spelled}, but the lexer matches {block.pattern}")


def entry_blocks(table, wire_names):
    """The tokens of a table of entries: a be64, of which the flags are the low bits."""
    blocks = []
    for row in table["rows"]:
        if "token" not in row:
            continue
        flags = sum(constant(wire_names, table["prefix"] + flag) for flag in row["flags"])
        number = row.get("number", table["number"])
        block = Block(row["token"], None, f"be64: {number} + {flags:02x}")
        if row.get("of_block"):
            same = constant(wire_names, table["prefix"] + table["same_block"])
            block.bytes += f", or {number} + {flags + same:02x}"
        words = row.get("words", "; ".join(wire_names[table["prefix"] + flag][1].get("words", "") for flag in row["flags"]))
        text = f"Flag{'s' if len(row['flags']) > 1 else ''} " + " and ".join(row["flags"]) + f": {words}."
        if row.get("of_block"):
            text += f" With {same:02x} ({table['same_block']}) no name of a block follows."
        block.entries = [["words", None, None, text], ["source", None, None, table["source"]]]
        block.spelled, block.pattern, block.place = block.bytes, "be64", "wire.toml"
        blocks.append(block)
    return blocks


# ---- Tables of wire.toml as lines ----------------------------------------------------------------------


def table_lines(name, wire):
    names = tables.constants(wire)
    if name == "commands":
        return [f'{constant(names, wire["commands"]["prefix"] + row["command"]):04x} {row["text"]}: '
                f'{row["length"] if "length" in row else "any number of"} bytes; {row["words"]}' for row in wire["commands"]["rows"]]
    if name == "iterables":
        return [f'"{row["idstr"]}", version {row["version"]}: {row["source"]}' for row in wire["iterable"]]
    if name == "types":
        return [f'{", ".join(row["names"])}{" (" + str(row["size"]) + " bytes)" if row.get("size", 1) > 1 else ""}: {row["words"]}'
                for row in wire["field_types"]["rows"]]
    for group in wire["constants"]:
        if group["name"] == name:
            return [f'{row["value"]:02x} {key.removeprefix("DIRTY_BITMAP_MIG_")}: {row["words"]}' for key, row in group["values"].items()]
    raise Fault(f"no table {name}")


# ---- Rules -----------------------------------------------------------------------------------------------


def read_options(path):
    """The names of rules that each option has, of options.mk."""
    found = dict(re.findall(r"^RULES_(\w+)\s*= (.*)$", path.read_text(), re.M))
    order = re.search(r"^OPTIONS = (.*)$", path.read_text(), re.M)[1].split()
    return {option: found[option].split() for option in order}


def lemon(*arguments):
    return subprocess.run(["lemon", *arguments, str(HERE / "stream.y")], check=True, capture_output=True, text=True).stdout


def without_actions(text):
    """The text with its actions cut out: braces, which may be nested, and strings in them."""
    kept, depth, i = [], 0, 0
    while i < len(text):
        if depth and text[i] in "\"'":
            end = re.match(r"\"(\\.|[^\"])*\"|'(\\.|[^'])*'", text[i:])
            i += end.end() if end else 1
            continue
        if not depth and text.startswith("/*", i):
            end = text.index("*/", i) + 2
            kept.append(text[i:end])
            i = end
            continue
        depth += (text[i] == "{") - (text[i] == "}")
        if not depth and text[i] != "}":
            kept.append(text[i])
        i += 1
    return "".join(kept)


def read_rules(defines):
    """(sections, alternatives, blocks): for each rule the section of each alternative, and the alternatives, in order, and what is
    said of it."""
    text = without_actions(lemon("-E", *[f"-D{name}" for name in defines]))
    sections, alternatives, blocks, section, waiting = {}, {}, [], None, None
    for found in re.finditer(r"/\*(?P<comment>.*?)\*/|(?P<left>[a-z_]+)(?:\([A-Z]\))? ::=(?P<right>[^.]*)\.", text, re.S):
        if found["comment"] is not None:
            title = re.match(r" ---- (.*?) -+ $", found["comment"])
            section = title[1] if title else section
            if found["comment"].startswith(":"):
                waiting = Block(None, None, place="stream.y")
                for line in found["comment"][1:].strip().split("\n"):
                    waiting.name = line
                    add_line(waiting, line)
            continue
        left = found["left"]
        sections.setdefault(left, []).append(section)
        alternatives.setdefault(left, []).append(re.sub(r"\([A-Z]\)", "", found["right"]).split())
        if waiting:
            waiting.name = left
            blocks.append(waiting)
            waiting = None
    return sections, alternatives, blocks


def check_against_lemon(alternatives, defines):
    said = sorted(" ".join([left, "::=", *right]) for left, rules in alternatives.items() for right in rules)
    lines = lemon("-g", *[f"-D{name}" for name in defines]).split("\n")
    rules = sorted(re.sub(r" ?\.$", "", line).strip() for line in lines if re.match(r"[a-z_]+ ::=", line))
    if said != rules:
        raise Fault(f"lemon reads other rules: {sorted(set(said) ^ set(rules))}")


# ---- Forms: sequences, choices and repetitions -------------------------------------------------------------
# A form is a symbol, or a tuple: ("seq", ...), ("alt", ...), ("opt", form), ("rep", form), ("when", text).


def sequence(forms):
    flat = [part for form in forms for part in (form[1:] if isinstance(form, tuple) and form[0] == "seq" else [form])]
    return flat[0] if len(flat) == 1 else ("seq", *flat)


def choice(forms):
    return forms[0] if len(forms) == 1 else ("alt", *forms)


def form_of(left, alternatives, predicates, inlined):
    """A left-recursive rule becomes a repetition. A rule that comes back to `left` through another one takes that in. Where
    one alternative begins with the whole of the one before, what it has more can be left out."""
    first, again, empty = [], [], False

    def alternative(symbols):
        """With its condition: that of its first symbol, or of one that no other alternative has."""
        names = [symbol for symbol in symbols if isinstance(symbol, str)]
        own = names[:1] + [name for name in names if sum(name in other for other in alternatives[left]) == 1]
        whens = list(dict.fromkeys(predicates[left, name] for name in own if (left, name) in predicates))
        return sequence([("when", when) for when in whens] + symbols)

    rules = []
    for symbols in alternatives[left]:
        if rules and rules[-1] and len(symbols) > len(rules[-1]) and symbols[:len(rules[-1])] == rules[-1]:
            rules[-1] = rules[-1] + [("opt", alternative(symbols[len(rules[-1]):]))]
        else:
            rules.append(symbols)
    for symbols in rules:
        if not symbols:
            empty = True
        elif symbols[0] == left:
            again.append(alternative(symbols[1:]))
        elif len(symbols) == 1 and any(other[:1] == [left] for other in alternatives.get(symbols[0], [])):
            through = symbols[0]
            inlined.add(through)
            more = [("rep", choice([sequence(other[1:]) for other in alternatives[through] if other[:1] == [through]]))]
            again += [sequence(other[1:] + more) for other in alternatives[through] if other[:1] == [left]]
        else:
            first.append(alternative(symbols))
    parts = []
    if first:
        parts.append(("opt", choice(first)) if empty else choice(first))
    if again:
        parts.append(("rep", choice(again)))
    return sequence(parts) if parts else ("seq",)


def text_of(form, within=False):
    """EBNF: [x] at most once, *x any number of times, { when } a condition."""
    if isinstance(form, str):
        return form
    kind, *parts = form
    if kind == "when":
        return "{ " + parts[0] + " }"
    if kind == "opt":
        return "[ " + text_of(parts[0]) + " ]"
    if kind == "rep":
        return "*" + (parts[0] if isinstance(parts[0], str) else "( " + text_of(parts[0]) + " )")
    if kind == "alt":
        text = " | ".join(text_of(part) for part in parts)
        return f"( {text} )" if within else text
    return " ".join(text_of(part, True) for part in parts) or "(nothing)"


# ---- One option ------------------------------------------------------------------------------------------------


class Option:
    """What the pages say of one option: rules and tokens, each (ebnf or bytes, words, source)."""

    def __init__(self, name, defines, wire, blocks, entries, example):
        self.name = name
        sections, alternatives, rule_blocks = read_rules(defines)
        self.sections = {left: places[0] for left, places in sections.items()}
        check_against_lemon(alternatives, defines)
        rule_blocks += [block for block in blocks if block.name in alternatives and has(block.options, name)]
        predicates = {}
        for block in rule_blocks:
            for subject, text in block.of("if", name):
                if not any(subject in symbols for symbols in alternatives[block.name]):
                    raise Fault(f"{block.name}: no alternative of {name} has {subject}")
                predicates[block.name, subject] = text
        self.forms, inlined = {}, set()
        for left in alternatives:
            self.forms[left] = form_of(left, alternatives, predicates, inlined)
        for left in inlined:
            del self.forms[left]
        self.parts = {}  # by the rule that a part is about: its title, and how many words come before it
        self.rules = {left: (text_of(form), *self.said(left, rule_blocks, wire)) for left, form in self.forms.items()}
        for left, (_, words, _) in self.rules.items():
            if not words:
                raise Fault(f"{left}: no words under {name}")
        self.token_sections = token_sections(sections, alternatives)
        self.tokens = {}
        for token in self.token_sections:
            block = chosen_block(token, name, blocks + entries)
            self.tokens[token] = (block.spelled, *self.said(token, [block], wire))
        self.example = [row for row in example["rows"] if has(row.get("options"), name)]
        self.example_words = [row["words"] for row in example["words"] if has(row.get("options"), name)]
        for row in self.example:
            self.check_example(row)

    def check_example(self, row):
        """The row's bytes begin as those of its token."""
        if row["token"] not in self.tokens:
            raise Fault(f"example.toml: {self.name} has no {row['token']}")
        size, given = self.tokens[row["token"]][0], [int(byte, 16) for byte in row.get("bytes", "").split()]
        said = leading_bytes(size.split(", ")[0])
        if bool(given) == (size == NO_BYTES) or any(None is not one != other for one, other in zip(said, given)):
            raise Fault(f"example.toml: {row['token']} = {size}, but the example of {self.name} has {row.get('bytes', 'no bytes')}")

    def said(self, name, blocks, wire):
        words, sources = [], []
        for block in blocks:
            if block.name != name:
                continue
            for kind, options, _, text in block.entries:
                if not has(options, self.name):
                    continue
                if kind == "words":
                    words.append(text)
                elif kind == "part":
                    self.parts[name] = (text, len(words))
                elif kind == "table":
                    words += table_lines(text, wire)
                elif kind == "source":
                    sources.append(text)
        if not sources:
            raise Fault(f"{name}: no source under {self.name}")
        return words, "; ".join(sources)


def token_sections(sections, alternatives):
    """The section of each token: where most alternatives with it stand. In the order of the sections, and there of the first use."""
    uses = defaultdict(list)
    for left, rules in alternatives.items():
        for section, symbols in zip(sections[left], rules):
            for symbol in symbols:
                if symbol.isupper():
                    uses[symbol].append(section)
    order = list(dict.fromkeys(section for places in sections.values() for section in places))
    chosen = {token: Counter(places).most_common(1)[0][0] for token, places in uses.items()}
    return dict(sorted(chosen.items(), key=lambda item: order.index(item[1])))


def chosen_block(token, option, blocks):
    """The block of asn1.re comes before that of stream.re, and one for some options before one for all."""
    found = [block for block in blocks if block.name == token and has(block.options, option)
             and (option == "asn1" or not block.place.startswith("asn1.re"))]
    def rank(block):
        return not block.place.startswith("asn1.re"), block.options is None

    found.sort(key=rank)
    if not found:
        raise Fault(f"no bytes of {token} under {option}")
    if any(rank(other) == rank(found[0]) and other.spelled != found[0].spelled for other in found):
        raise Fault(f"{found[0].place}: {token} has other bytes elsewhere, too")
    return found[0]


def load():
    wire = tables.load()
    wire_names = tables.constants(wire)
    options = read_options(HERE / "options.mk")
    blocks, entries = [], []
    for name in ("asn1.re", "stream.re"):
        more, names = token_blocks(HERE / name, options)
        blocks += more
        entries += [block for table in wire["entries"] if table["name"] in names for block in entry_blocks(table, wire_names)]
    for block in blocks:
        if block.bytes is not None:
            block.spelled = spell(block.bytes, wire_names)
            check_against_pattern(block, wire_names)
    example = tomllib.loads((HERE / "example.toml").read_text())
    made = {name: Option(name, defines, wire, blocks, entries, example) for name, defines in options.items()}
    used = {token for option in made.values() for token in option.tokens} | {rule for option in made.values() for rule in option.rules}
    for block in blocks:
        if block.name not in used:
            raise Fault(f"{block.place}: nothing has the name {block.name}")
    return made


# ---- A page to read ----------------------------------------------------------------------------------------------


# Each line, and what a page must have for it to stand there.
NOTATION = (
    ("", "05  51 45", "bytes, in hexadecimal; so are flags (the flag 20), and the number behind address +"),
    ("", "4096", "a length, a count, any other number: decimal"),
    (r"\bbe16\b", "u8 be16 be32", "an unsigned number of 1, 2, 4 bytes, big-endian; be64: of 8"),
    (r"byte\[", "byte[n]", "n bytes"),
    (r"length:be", "length:be32", "a be32 that is called length"),
    (r"\bstr8\b", "str8", "length:u8 text:byte[length]"),
    (r"\(no bytes\)", "(no bytes)", "the token marks a place: nothing stands there, and a reader reads nothing"),
    (r"= L\b|\d L\b", "L", "a DER length (X.690, 8.1.3 and 10.1), as short as it can be: 00 to 7f is the length; 81 to 88: 1 to 8 bytes "
     "follow, which are the length. A reader MUST refuse a longer form, and the indefinite one (80)"),
    (r"\bINTEGER\b", "INTEGER", "02 L byte[L], two's complement, as short as it can be: a number that is not negative and whose first bit "
     "is set has a 00 before it. A reader MUST refuse a padded one"),
    (r"\[ ", "[ x ]", "x, or nothing"),
    (r"\*\w|\*\( ", "*x  *( x )", "x any number of times, also never"),
    (r" \| ", "x y | z", "x and then y, or z: a | parts all that is in the innermost [ ] or ( ), or in the rule"),
    (r"\{ ", "{ when }", "what follows, up to the next |, ] or ), is taken if this holds; otherwise it is not. Without it, the next bytes tell"),
    ("", "NAME  name", "a token, and a rule: see below"),
    (r"\bb\d", "b0 b1 ...", "the next bytes"),
    (r"len\(owner\)", "owner", "the structure whose record has this tail; len(owner) is the length of its name"),
    ("", "MUST  MAY", "as in RFC 2119"),
)
WORDS = (
    ("", "reader", "what loads a stream. QEMU's knows its devices"),
    (r"\btool\b", "tool", "a reader without devices, which takes the description for its schema"),
    ("", "structure", "fields in their order, and subsections; it has a name. QEMU: VMStateDescription"),
    ("", "record", "the bytes of a structure: its fields, then its tail, where subsections can stand"),
    (r"\bschema\b", "schema", "what tells the fields of each structure: the stream does not"),
    (r"\bidstr\b", "idstr", "the name of a device, or of what else sends a section"),
    (r"[Ii]terable", "iterable", "a section that is sent in parts while the guest runs"),
    (r"old-style", "old-style", "a full section that a device's own code writes, without a structure: bytes, and no tail"),
)


def notation_lines(lines, body):
    """Those lines that the page needs."""
    return [fill(text, " " * 20, f"    {sign:<15} ") for needs, sign, text in lines if re.search(needs, body)]


def fill(text, indent, first=None):
    return textwrap.fill(text, WIDTH, initial_indent=indent if first is None else first, subsequent_indent=indent,
                         break_on_hyphens=False, break_long_words=False)


def ebnf_lines(name, form, width):
    """A choice has a line for each alternative."""
    alternatives = form[1:] if isinstance(form, tuple) and form[0] == "alt" else [form]
    lines = []
    for i, part in enumerate(alternatives):
        first = f"{name if i == 0 else '':<{width}} {'=' if i == 0 else '|'} "
        lines.append(fill(text_of(part), " " * len(first), first))
    return lines


def differences(option, reference):
    """Names of what is not the same: (rules, tokens, words only)."""
    rules, tokens, words = [], [], []
    for mine, others, found in ((option.rules, reference.rules, rules), (option.tokens, reference.tokens, tokens)):
        for name in [*mine, *(name for name in others if name not in mine)]:
            if name not in mine:
                found.append(f"{name} (not there)")
            elif name not in others or mine[name][0] != others[name][0]:
                found.append(name if name in others else f"{name} (new)")
            elif mine[name] != others[name]:
                words.append(name)
    return rules, tokens, words


def said_lines(words, source, indent):
    return [fill(text, indent + "  ", indent + "- ") for text in words] + [fill("Source: " + source, indent + "  ", indent)]


def page(option, reference):
    lines = [f"The migration stream under the option {option.name}. Made by grammar/pages.py of grammar/stream.y, stream.re"
             f"{', asn1.re' if option.name == 'asn1' else ''} and wire.toml.", ""]
    if option is not reference:
        lines.append(f"Differs from {reference.name} in")
        for title, names in zip(("the rules", "the bytes of", "words only, at"), differences(option, reference)):
            if names:
                lines.append(fill(", ".join(names), " " * 20, f"    {title:<15} "))
        lines.append("")
    body = body_lines(option)
    lines += ["Notation", "", *notation_lines(NOTATION, "\n".join(body)), ""]
    lines += ["Words", "", *notation_lines(WORDS, "\n".join(body)), ""]
    return "\n".join(lines + body).rstrip() + "\n"


def heading(title):
    return [f"---- {title} " + "-" * (WIDTH - 6 - len(title)), ""]


def example_lines(option):
    """The bytes, eight a line, their token and what they are."""
    width, lines = max(len(row["token"]) for row in option.example), []
    for row in option.example:
        given = row.get("bytes", "").split()
        rows = [" ".join(given[i:i + 8]) for i in range(0, len(given), 8)] or [""]
        head = f"    {rows[0]:<23}  {row['token']:<{width}}  "
        text = fill(row.get("words", ""), " " * len(head), head) if row.get("words") else head.rstrip()
        text = text.split("\n")
        for i, more in enumerate(rows[1:], 1):
            if i == len(text):
                text.append("")
            text[i] = f"    {more:<23}" + text[i][27:]
        lines += [line.rstrip() for line in text]
    return lines


def body_lines(option):
    lines = []
    width = max(map(len, option.forms))
    section = None
    for name, form in option.forms.items():
        if option.sections[name] != section:
            section = option.sections[name]
            lines += heading(section)
        lines += ebnf_lines(name, form, width)
        _, words, source = option.rules[name]
        if name in option.parts:
            title, count = option.parts[name]
            words = [*words[:count], f'More: see "{title}".']
        lines += said_lines(words, source, " " * 4) + [""]
    for name, (title, count) in option.parts.items():
        lines += heading(title) + said_lines(option.rules[name][1][count:], option.rules[name][2], "") + [""]
    lines += heading("Example: bytes of a real stream")
    lines += [fill(text, "") for text in option.example_words] + ["", *example_lines(option), ""]
    width, section = max(map(len, option.tokens)), None
    for name, (size, words, source) in option.tokens.items():
        if option.token_sections[name] != section:
            section = option.token_sections[name]
            lines += heading("Tokens, the bytes of each: " + section)
        lines.append(fill(size, " " * (width + 3), f"{name:<{width}} = "))
        lines += said_lines(words, source, " " * 4) + [""]
    return lines


# ---- Diagrams --------------------------------------------------------------------------------------------------------


DIAGRAM_WIDTH = 460  # pixels that a sequence has at most, where its parts are not wider


def condition_parts(text):
    return re.split(r", and |; |, (?=b\d|owner |an older )", text)


def diagram(form):
    """A railroad diagram as SVG without colours and styles of its own: the page that shows it has these once."""
    import railroad  # of Debian's python3-railroad-diagrams; only a report needs it

    def whole(choice):
        """The module forgets that the last alternative can have several rows."""
        choice.down += choice.items[-1].height
        return choice

    def boxes(form):
        """A condition of several parts is several boxes."""
        if isinstance(form, tuple) and form[0] == "when":
            return [railroad.NonTerminal(part, cls="predicate") for part in condition_parts(form[1])]
        return [node(form)]

    def rows(nodes):
        """A sequence that is too wide goes on in the next row."""
        made = [[]]
        for one in nodes:
            if made[-1] and sum(other.width + 20 for other in made[-1]) + one.width > DIAGRAM_WIDTH:
                made.append([])
            made[-1].append(one)
        made = [railroad.Sequence(*row) for row in made]
        return made[0] if len(made) == 1 else railroad.Stack(*made)

    def node(form):
        if isinstance(form, str):
            return railroad.Terminal(form) if form.isupper() else railroad.NonTerminal(form)
        kind, *parts = form
        if kind == "opt":
            return whole(railroad.Optional(node(parts[0])))
        if kind == "rep":
            return whole(railroad.ZeroOrMore(node(parts[0])))
        if kind == "alt":
            return whole(railroad.Choice(0, *map(node, parts)))
        return rows([box for part in parts for box in boxes(part)]) if parts else railroad.Skip()

    drawn = io.StringIO()
    railroad.Diagram(node(form)).writeSvg(drawn.write)
    svg = re.sub(r"<style>.*?</style>", "", drawn.getvalue(), flags=re.S)
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"', "", svg)
    svg = re.sub(r'<path d="M[-\d.]+ [-\d.]+h0(\.0)?"></path>', "", svg)
    svg = re.sub(r"(\d)\.0\b", r"\1", svg).replace(' class="terminal "', ' class="terminal"').replace(' class="non-terminal "', ' class="non-terminal"')
    svg = svg.replace('<g transform="translate(.5 .5)">', '<g fill="none" stroke="currentColor" transform="translate(.5 .5)">')
    return re.sub(r"\s*\n\s*", "", svg)


def report(options):
    """Each distinct form of a rule or token once, with the options that have it."""
    rules, tokens, drawn = defaultdict(list), defaultdict(list), {}
    for option in options.values():
        for name, (ebnf, words, source) in option.rules.items():
            rules[name, option.sections[name], ebnf, tuple(words), source].append(option.name)
            drawn[name, ebnf] = option.forms[name]
        for name, (size, words, source) in option.tokens.items():
            tokens[name, size, tuple(words), source].append(option.name)
    order = {name: i for i, name in enumerate(dict.fromkeys(name for option in options.values() for name in option.rules))}
    return {
        "options": list(options),
        "rules": [{"name": name, "section": section, "ebnf": f"{name} = {ebnf}", "words": list(words), "source": source,
                   "svg": diagram(drawn[name, ebnf]), "options": having}
                  for (name, section, ebnf, words, source), having in sorted(rules.items(), key=lambda rule: order[rule[0][0]])],
        "terminals": [{"name": name, "bytes": size, "words": list(words), "source": source, "options": having}
                      for (name, size, words, source), having in tokens.items()],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--page", metavar="OPTION")
    what.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    try:
        options = load()
        if arguments.page and arguments.page not in options:
            raise Fault(f"no option {arguments.page}")
        text = page(options[arguments.page], options[REFERENCE]) if arguments.page else json.dumps(report(options), indent=1) + "\n"
        if arguments.out:
            arguments.out.write_text(text)
        else:
            print(text, end="")
    except (Fault, tables.Fault, OSError, subprocess.CalledProcessError) as fault:
        print(f"pages.py: {fault}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
