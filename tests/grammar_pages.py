#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The pages of the grammar: they are what the sources say now, the file for the report has its form, and a source that lacks
something or contradicts the lexer is refused. Each check is a line `ok NAME` or `not ok NAME`.
"""
import json
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GRAMMAR = ROOT / "grammar"
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
