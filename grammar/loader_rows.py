#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes of grammar/loader.toml the rows of the tables of parsers/skew.

    grammar/loader_rows.py FILE

A file that would be the same is not written.
"""
import argparse
import re
import sys
import tomllib
from pathlib import Path

from tables import Fault, macro, require, write

SOURCE = Path(__file__).resolve().parent / "loader.toml"
RULE_KEYS = {"id", "about", "message", "source", "since", "changed", "advice"}


def load(path=SOURCE):
    """The tables, checked."""
    loader = tomllib.loads(path.read_text())
    seen = set()
    for rule in loader["rule"]:
        require(rule["id"] not in seen, f'the rule "{rule["id"]}" twice')
        require(set(rule) <= RULE_KEYS, f'the rule "{rule["id"]}": {sorted(set(rule) - RULE_KEYS)}')
        require(re.fullmatch(r"[a-z]+(-[a-z]+)*", rule["id"]), f'the name of the rule "{rule["id"]}"')
        require(rule["about"].endswith("."), f'the rule "{rule["id"]}": no sentence')
        seen.add(rule["id"])
    return loader


def text(value):
    """A string of C, or NULL."""
    if value is None:
        return "NULL"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def rule_row(rule):
    """A struct vmwire_skew_rule (parsers/include/vmwire/skew.h)."""
    return "{" + ", ".join(text(rule.get(key)) for key in ("id", "about", "message", "source", "advice")) + "}"


def rows(loader):
    return "\n".join(["/* Made by grammar/loader_rows.py of grammar/loader.toml: rows of arrays. The includer has the structures. */\n",
                      macro("SKEW_RULE_ROWS", [rule_row(rule) for rule in loader["rule"]])])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    try:
        write(arguments.file, rows(load()))
    except (Fault, KeyError, OSError, tomllib.TOMLDecodeError) as fault:
        print(f"{SOURCE.name}: {fault}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
