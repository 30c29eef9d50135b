#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The pages of the grammar: they are what the sources say now, the file for the report has its form, and a source that lacks
something or contradicts the lexer is refused. The example is what the program writes and reads. Each check is a line `ok NAME`
or `not ok NAME`. VMWIRE is the program, else build/vmwire.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GRAMMAR = ROOT / "grammar"
VMWIRE = os.environ.get("VMWIRE", str(ROOT / "build/vmwire"))
OPTIONS = re.search(r"^OPTIONS = (.*)$", (GRAMMAR / "options.mk").read_text(), re.M)[1].split()

# Each is a mistake in a source: (file, old, new, a word of the error).
MISTAKES = {
    "a byte that the lexer does not match": ("stream.re", "//: LIST_END = 00", "//: LIST_END = 01", "LIST_END"),
    "a length that the lexer does not match": ("stream.re", "//: HTAB_CHUNK = index:be32 valid:be16", "//: HTAB_CHUNK = index:be16 valid:be16",
                                               "HTAB_CHUNK"),
    "an octet of DER that the lexer does not match": ("asn1.re", "//: RECORD = 30 L", "//: RECORD = 31 L", "RECORD"),
    "a token without bytes": ("stream.re", "//: SECTION_ID = be32\n", "//: NOTHING = be32\n", "SECTION_ID"),
    "two bytes of one token": ("stream.re", "//: SECTION_ID = be32\n", "//: SECTION_ID = be32\n    //: source: x\n    //: SECTION_ID = u8\n", "SECTION_ID"),
    "bytes of no token": ("stream.re", "//: SECTION_ID = be32\n", "//: SECTION_ID = be32\n    //: source: x\n    //: NOTHING = be32\n", "NOTHING"),
    "a token without a source": ("stream.re", "    //: source: migration/savevm.c, check_section_footer\n", "", "FOOTER"),
    "a rule without a source": ("stream.y", " source: migration/savevm.c, check_section_footer\n", "", "footer"),
    "a rule without words": ("stream.y", "/*:\n - Chunks until", "/*\n - Chunks until", "htab_chunks"),
    "a condition of no alternative": ("stream.y", "if BLOCK_NAME:", "if BLOCKS_NAME:", "BLOCKS_NAME"),
    "an option that there is not": ("stream.re", "//: {flagday} VERSION", "//: {flagdays} VERSION", "flagdays"),
    "a constant that there is not": ("wire.toml", 'flags = ["HOOK"]', 'flags = ["HOOKS"]', "HOOKS"),
    "a tail that asks nothing known": ("stream.re", "//: when lexer_declares_any = ", "//: when lexer_declares_none = ", "lexer_declares_any"),
    "a tail that takes a 05 in another way": ("stream.re", "<tail_legacy>     QEMU_VM_SUBSECTION     => name  { EMIT(SUBSECTION); }",
                                              "<tail_legacy>     QEMU_VM_SUBSECTION     => name  { return 0; }", "when"),
    "flags of two entries": ("wire.toml", 'flags = ["HOOK"]', 'flags = ["EOS"]', "twice"),
    "an example with a byte that its token does not have": ("example.toml", 'bytes = "7e"', 'bytes = "7f"', "FOOTER"),
    "an example with a token that an option lacks": ("example.toml", 'options = "flagday framed"\nwords = "of ged_state"',
                                                     'options = "heuristic"\nwords = "of ged_state"', "END_OF_STRUCT"),
    "a command without a number": ("wire.toml", 'command = "PING"', 'command = "PONG"', "PONG"),
}

failed = False


def report(name, fault=None):
    global failed
    failed |= fault is not None
    print(f"ok {name}" if fault is None else f"not ok {name}: {fault}")


def pages(*arguments, folder=GRAMMAR):
    return subprocess.run([sys.executable, folder / "pages.py", *arguments], capture_output=True, text=True)


def check_page(option):
    made = pages("--page", option)
    kept = GRAMMAR / "pages" / f"{option}.txt"
    if made.returncode:
        return made.stderr.strip()
    return None if kept.exists() and kept.read_text() == made.stdout else "not up to date: make pages"


def check_header():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, GRAMMAR / "tables.py", "--header", f"{folder}/wire.h"], check=True)
        same = Path(folder, "wire.h").read_text() == (ROOT / "parsers/include/vmwire/wire.h").read_text()
    return None if same else "not up to date: make pages"


def predicates(text):
    return re.findall(r"\{ (.*?) \}", text)


def svg_fault(rule):
    """What a page that is light or dark, and has no network, cannot show; or a condition that is not drawn."""
    drawing = ElementTree.fromstring(rule["svg"])
    texts = [text.text for text in drawing.iter() if text.tag == "text"]
    for word in ("<style", "http", "fill:", "stroke:", "href", "#"):
        if word in re.sub(r"&#\d+;", "", rule["svg"]):
            return f"{word} in the diagram"
    if any(float(box.get("y")) + float(box.get("height")) > float(drawing.get("height")) for box in drawing.iter("rect")):
        return "the diagram is cut off"
    lacking = [word for word in predicates(rule["ebnf"]) if not all(part in " ".join(texts) for part in re.split(r", and |; |, (?=b\d|owner |an older )", word))]
    lacking += [word for word in re.findall(r"\w+", re.sub(r"\{.*?\}", "", rule["ebnf"].split(" = ", 1)[1])) if word not in texts and word != "nothing"]
    return f"not in the diagram: {lacking}" if lacking else None


def check_report(made):
    if made["options"] != OPTIONS:
        return f"options {made['options']}"
    for kind, keys in (("rules", ["name", "section", "ebnf", "words", "source", "svg", "options"]),
                       ("terminals", ["name", "bytes", "words", "source", "options"])):
        seen = set()
        for entry in made[kind]:
            if list(entry) != keys or not entry["source"] or not all(isinstance(word, str) for word in entry["words"]):
                return f"{kind}: {entry['name']} has {list(entry)}"
            for option in entry["options"]:
                if (option, entry["name"]) in seen:
                    return f"{entry['name']} twice under {option}"
                seen.add((option, entry["name"]))
        for option in OPTIONS:
            page = (GRAMMAR / "pages" / f"{option}.txt").read_text()
            for name in {name for having, name in seen if having == option}:
                if not re.search(rf"^{name} *= ", page, re.M):
                    return f"{name} is not on the page of {option}"
    faults = [f"{rule['name']}: {fault}" for rule in made["rules"] for fault in [svg_fault(rule)] if fault]
    return faults[0] if faults else None


def check_tails(made):
    """The question of 2011: each reader of today's format has its own condition, and the rest of its rules is theirs all."""
    readers = ["legacy", "guarded", "heuristic", "combined", "described", "consistent"]
    tails = {option: rule["ebnf"] for rule in made["rules"] if rule["name"] == "tail" for option in rule["options"]}
    if len({tails[option] for option in readers}) != len(readers):
        return "two readers have one tail"
    others = [rule["name"] for rule in made["rules"] if rule["name"] != "tail" and "legacy" in rule["options"] and "heuristic" not in rule["options"]]
    return f"legacy and heuristic differ in {others}" if others else None


def run(*arguments):
    return subprocess.run([VMWIRE, *map(str, arguments)], capture_output=True, text=True, timeout=60)


def example_rows(option):
    """(offset from the section's beginning, token, bytes) of each row that the page of the option prints."""
    page = (GRAMMAR / "pages" / f"{option}.txt").read_text()
    part = page.split("---- Example: ", 1)[1].split("\n---- ", 1)[0]
    rows, offset = [], 0
    for line in part.split("\n"):
        given = bytes.fromhex(line[4:27]) if re.fullmatch(r"    [0-9a-f ]{1,23}.*", line[:27]) else b""
        token = re.match(r"[A-Z_]+\b", line[29:]) if line.startswith("    ") else None
        if token:
            rows.append([offset, token[0], b""])
        if given:
            rows[-1][2] += given
            offset += len(given)
    return rows


def read_section(path, option, idstr):
    """The section as the program reads it: (offset, its record)."""
    for line in run("parse", "--json", "--all", "--option", option, path).stdout.splitlines():
        item = json.loads(line)
        if item.get("kind") == "full" and item["idstr"] == idstr:
            return item["offset"], item["record"]
    raise ValueError(f"{option}: no section {idstr}")


def values_of(record):
    """The offsets of values, of subsections, and how many records there are."""
    values, subsections, records = [], [], 1
    for field in record["fields"]:
        if "record" in field:
            inner = values_of(field["record"])
            values, subsections, records = values + inner[0], subsections + inner[1], records + inner[2]
        else:
            values.append(field["offset"])
    for subsection in record.get("subsections", []):
        inner = values_of(subsection["record"])
        values, subsections, records = values + inner[0], subsections + [subsection["offset"]] + inner[1], records + inner[2]
    return values, subsections, records


def check_refused(rows, capture, idstr, folder):
    """legacy: the example ends at the 05, where a reader refuses the section."""
    stream, (at, record) = capture.read_bytes(), read_section(capture, "heuristic", idstr)
    given = b"".join(row[2] for row in rows)
    if not stream[at:].startswith(given) or rows[-1][1:] != ["SUBSECTION", b"\5"]:
        return f"not the bytes of the section up to the 05: {given.hex(' ')}"
    configuration = json.loads(run("parse", "--json", capture).stdout.splitlines()[1])
    alone = Path(folder, "alone.vmstate")
    head = stream[:configuration["offset"] + configuration["size"]]
    alone.write_bytes(head + stream[at:at + 55] + b"\0")
    made = run("parse", "--option", "legacy", "--schema", capture, alone)
    name = f'subsection "{record["subsections"][0]["name"]}" in "{record["fields"][0]["record"]["vmsd_name"]}" does not exist'
    place = f"offset {len(head) + len(given):#x} "
    return None if made.returncode == 2 and name in made.stderr and place in made.stderr else f"{place}{name}: {made.stderr.strip()}"


def check_example(option):
    """The bytes and the places of the tokens are those that the program writes and reads under the option."""
    example = tomllib.loads((GRAMMAR / "example.toml").read_text())
    capture, idstr, rows = ROOT / "corpus/streams" / example["stream"], example["idstr"], example_rows(option)
    with tempfile.TemporaryDirectory() as folder:
        if option == "legacy":
            return check_refused(rows, capture, idstr, folder)
        path = Path(folder, "stream")
        made = run("convert", "--to", option, "--output", path, capture)
        if made.returncode:
            return made.stderr.strip()
        at, record = read_section(path, option, idstr)
        given = b"".join(row[2] for row in rows)
        found = path.read_bytes()[at:at + len(given)]
    if given != found:
        return f"the page has {given.hex(' ')}, the stream {found.hex(' ')}"
    values, subsections, records = values_of(record)
    begins = "SECTION_FULL" if option == "toplevel" else "SUBSECTION"
    said = ([at + row[0] for row in rows if row[1] == "DATA"], [at + row[0] for row in rows if row[1] == begins and row[0]],
            sum(row[1] == "RECORD" for row in rows))
    if said != (values, subsections, records):
        return f"values, subsections and records are {said}, read are {(values, subsections, records)}"
    ends = sum(row[1] in ("END", "END_OF_STRUCT") for row in rows)
    return None if ends == records and [row[1] for row in rows[-2:]] == ["FOOTER", "SECTION_ID"] else f"{ends} ends of {records} records"


def check_types():
    """The sizes of field types on the pages are those of the reader's table."""
    table = dict(re.findall(r'\{"([^"]+)", VMWIRE_FIELD_\w+, (\d+),', (ROOT / "parsers/schema/field_types.c").read_text()))
    for row in tomllib.loads((GRAMMAR / "wire.toml").read_text())["field_types"]["rows"]:
        for name in row["names"]:
            bits = re.match(r"u?int(\d+)", name)
            size = row.get("size", int(bits[1]) // 8 if bits else 0)
            if int(table.get(name, -1)) != size:
                return f"{name}: {size} bytes, the reader has {table.get(name)}"
    return None


def check_mistake(file, old, new, word):
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "grammar")
        shutil.copytree(GRAMMAR, copy)
        text = (copy / file).read_text()
        if old not in text:
            return f"no {old!r} in {file}"
        (copy / file).write_text(text.replace(old, new, 1))
        made = pages("--page", "asn1" if file == "asn1.re" else "heuristic", folder=copy)
    return None if made.returncode == 2 and word in made.stderr else f"status {made.returncode}: {made.stderr.strip()}"


def main():
    for option in OPTIONS:
        report(f"page of {option}", check_page(option))
    for option in OPTIONS:
        report(f"example of {option}", check_example(option))
    report("types of fields", check_types())
    strays = sorted(path.name for path in (GRAMMAR / "pages").iterdir() if path.stem not in OPTIONS)
    report("no other page", f"{strays}" if strays else None)
    report("wire.h", check_header())
    made = pages("--json")
    report("file for the report", made.stderr.strip() if made.returncode else check_report(json.loads(made.stdout)))
    if not made.returncode:
        report("tail rules", check_tails(json.loads(made.stdout)))
    for name, mistake in MISTAKES.items():
        report(f"refused: {name}", check_mistake(*mistake))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
