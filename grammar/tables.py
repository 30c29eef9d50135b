#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes of grammar/wire.toml what C and re2c read. Each name in a table must be one that wire.toml defines.

    grammar/tables.py --header FILE    parsers/include/vmwire/wire.h: the constants
    grammar/tables.py --re FILE        the names of bytes that grammar/stream.re matches
    grammar/tables.py --rows FILE      the tables of the lexer, as rows of arrays

A file that would be the same is not written.
"""
import argparse
import sys
import textwrap
import tomllib
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "wire.toml"
WIDTH = 100  # of wire.h, as .clang-format has it
INT_MAX = 0x7FFFFFFF


class Fault(Exception):
    """wire.toml contradicts itself."""


def load(path=SOURCE):
    """The tables, checked: no name twice, no reference to a name that is not there."""
    wire = tomllib.loads(path.read_text())
    names = constants(wire)
    for table in wire["entries"]:
        seen = set()
        for row in table["rows"]:
            flags = frozenset(row["flags"])
            for flag in flags | ({table["same_block"]} if "same_block" in table else set()):
                require(table["prefix"] + flag in names, f'entries "{table["name"]}": no constant {table["prefix"]}{flag}')
            require(flags not in seen, f'entries "{table["name"]}": {sorted(flags)} twice')
            require(("refused" in row) != ("token" in row and "next" in row), f'entries "{table["name"]}": {row}')
            require(not row.get("of_block") or "same_block" in table, f'entries "{table["name"]}": of_block without same_block')
            seen.add(flags)
    for row in wire["commands"]["rows"]:
        require(wire["commands"]["prefix"] + row["command"] in names, f'no constant for the command {row["command"]}')
    for part in wire["bitmap_part"]:
        require("DIRTY_BITMAP_MIG_FLAG_" + part["flag"] in names, f'no constant for the bitmap flag {part["flag"]}')
    return wire


def require(holds, words):
    if not holds:
        raise Fault(words)


def constants(wire):
    """Each constant by its name: (group, row)."""
    names = {}
    for group in wire["constants"]:
        for name, row in group["values"].items():
            require(name not in names, f"the constant {name} twice")
            require("bytes" not in group or row["value"] < 1 << 8 * group["bytes"], f"{name} has too many bytes")
            names[name] = (group, row)
    return names


def number(group, row):
    """The value as C writes it."""
    value = row["value"]
    if isinstance(value, str):
        return f'"{value}"'
    if row.get("base", group.get("base", 10)) == 10:
        return str(value)
    return f"0x{value:02x}" + ("u" if value > INT_MAX else "")


def comment(words, indent=""):
    one = f"{indent}/* {words} */"
    if len(one) <= WIDTH:
        return one
    return "\n".join([f"{indent}/*"] + textwrap.wrap(words, WIDTH, initial_indent=f"{indent} * ", subsequent_indent=f"{indent} * ")
                     + [f"{indent} */"])


def header(wire):
    """Constants that an int can hold are enumerators, the others are macros."""
    parts = ["""/* SPDX-License-Identifier: MIT */
/*
 * The constants of the wire format. Each stands here once, under QEMU's own name. Knows nothing of readers and writers.
 * Made by grammar/tables.py of grammar/wire.toml, where they are to be changed.
 */
#ifndef VMWIRE_WIRE_H
#define VMWIRE_WIRE_H
"""]
    for group in wire["constants"]:
        words = (f'QEMU {group["source"]}. ' if "source" in group else "") + group["words"]
        parts.append(comment(words))
        rows = group["values"].items()
        enumerators = [(name, row) for name, row in rows if isinstance(row["value"], int) and row["value"] <= INT_MAX]
        macros = [row for row in rows if row not in enumerators]
        if enumerators:
            parts.append("enum {")
            for name, row in enumerators:
                if "words" in row:
                    parts.append(comment(row["words"], "    "))
                parts.append(f"    VMWIRE_{name} = {number(group, row)},")
            parts.append("};")
        width = max([len(name) for name, _ in macros], default=0)
        parts += [f"#define VMWIRE_{name:<{width}} {number(group, row)}" for name, row in macros]
        parts.append("")
    return "\n".join(parts + ["#endif", ""])


def definitions(wire):
    parts = ["/* Made by grammar/tables.py of grammar/wire.toml. */", "/*!re2c"]
    for group in wire["constants"]:
        if group.get("bytes") == 1:
            parts += [f'    {name} = "\\x{row["value"]:02x}";' for name, row in group["values"].items()]
    return "\n".join(parts + ["*/", ""])


def macro(name, rows):
    return f"#define {name} \\\n" + " \\\n".join(f"    {row}," for row in rows) + "\n"


def flags_of(table, row):
    return " | ".join(f'VMWIRE_{table["prefix"]}{flag}' for flag in row["flags"])


def entry_row(table, row):
    """A struct entry_row (parsers/read/entry_rows.h)."""
    if "refused" in row:
        return f'{{.flags = {flags_of(table, row)}, .refused = "{row["refused"]}"}}'
    of_block = ", .of_block = true" if row.get("of_block") else ""
    return f'{{.flags = {flags_of(table, row)}, .token = TOKEN_{row["token"]}, .condition = yyc{row["next"]}{of_block}}}'


def bitmap_part(part):
    """A struct bitmap_part (parsers/read/lexer_iterable.c)."""
    condition = f'yyc{part["next"]}' if "next" in part else "-1"
    return f'{{VMWIRE_DIRTY_BITMAP_MIG_FLAG_{part["flag"]}, {condition}, {"true" if part.get("last") else "false"}}}'


def other_format(row):
    """A struct other_format (parsers/read/other_format.c)."""
    magic = bytes.fromhex(row["magic"])
    text = "".join(f"\\x{byte:02x}" for byte in magic)
    members = [f'.magic = "{text}"', f".length = {len(magic)}", f'.is = "{row["is"]}"']
    members += [f".{name} = {row[name]}" for name in ("header", "length_at", "filter_at") if name in row]
    filters = row.get("filters", [row["filter"]] if "filter" in row else [])
    if filters:
        names = ", ".join(f'"{each}"' for each in filters)
        members += [f".filters = {{{names}}}", f".filter_count = {len(filters)}"]
    return "{" + ", ".join(members) + "}"


def rows(wire):
    prefix = f'VMWIRE_{wire["commands"]["prefix"]}'
    commands = wire["commands"]["rows"]
    parts = ["/* Made by grammar/tables.py of grammar/wire.toml: rows of arrays. The includer has the numbers. */\n"]
    for table in wire["entries"]:
        parts.append(macro(f'{table["name"].upper()}_ENTRY_ROWS', [entry_row(table, row) for row in table["rows"]]))
    parts.append(macro("BITMAP_PART_ROWS", [bitmap_part(part) for part in wire["bitmap_part"]]))
    parts.append(macro("ITERABLE_ROWS", [f'{{"{row["idstr"]}", {row["version"]}, yyc{row["begins"]}}}' for row in wire["iterable"]]))
    parts.append("/* -1: any length */\n" +
                 macro("COMMAND_LENGTH_ROWS", [f'[{prefix}{row["command"]}] = {row.get("length", -1)}' for row in commands]))
    parts.append(macro("COMMAND_NAME_ROWS", [f'[{prefix}{row["command"]}] = "{row["text"]}"' for row in commands]))
    parts.append(macro("OTHER_FORMAT_ROWS", [other_format(row) for row in wire["other_format"]]))
    return "\n".join(parts)


def write(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("header", "re", "rows"):
        parser.add_argument(f"--{name}", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    try:
        wire = load()
        for path, made in ((arguments.header, header), (arguments.re, definitions), (arguments.rows, rows)):
            if path:
                write(path, made(wire))
    except (Fault, KeyError, OSError, tomllib.TOMLDecodeError) as fault:
        print(f"{SOURCE.name}: {fault}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
