# SPDX-License-Identifier: MIT
"""The results as a page to read. This file decides nothing."""
import textwrap

WIDTH = 118
BYTES = 24  # a line


def page(document, known):
    lines = ["Which options are ambiguous on bytes", "",
             *wrapped("proofs/bytes/prove wrote this page; README.md says how to read it. Per schema and option there is a grammar "
                      "whose terminals are bytes. Conflict-free in lemon means that no input has two parses. A conflict alone "
                      "means nothing: then all pairs of derivations decide."), "",
             *options_table(document["options"])]
    for schema in known:
        lines += ["", "", f"{schema.name}", "=" * len(schema.name), "", *wrapped(schema.about), f"From: {schema.source}", "",
                  *layout(schema.device, ""), ""]
        own = [each for each in document["results"] if each["schema"] == schema.name]
        lines += results_table(own)
        for options, each in alike(own):
            lines += ["", *wrapped(f"{', '.join(options)}: {each['verdict']}. {each['why']}", "    ")]
            if each["input"]:
                lines += ["", *parses(bytes.fromhex(each["input"]), each["parses"])]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def wrapped(text, indent=""):
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent)


def options_table(options):
    lines = ["conflict-free on bytes?"]
    for each in options:
        told = "; ".join(f"{verdict}: {', '.join(names)}" for verdict, names in each["schemas"].items())
        lines += wrapped(f"  {each['option']:<12} {each['cell']:<20} {told}", " " * 36)
    return lines


def results_table(results):
    def cell(number):
        return "-" if number is None else str(number)

    lines = [f"  {'rules':>6} {'states':>7} {'conflicts':>10}  {'verdict':<16} options"]
    for each in results:
        lines.append(f"  {each['rules']:>6} {cell(each['states']):>7} {cell(each['conflicts']):>10}  {each['verdict']:<16} "
                     f"{', '.join(each['options'])}")
    return lines


def alike(results):
    """The results, those of one reason together."""
    together = {}
    for each in results:
        together.setdefault(each["why"], ([], each))[0].extend(each["options"])
    return together.values()


def layout(structure, indent):
    lines = [] if indent else [f"  {structure.name}"]
    for field in structure.fields:
        count = f"[{field.count}]" if field.array else ""
        if field.structure is None:
            lines.append(f"    {indent}{field.name}{count}  {field.kind}, {field.size * field.count} bytes")
        else:
            lines += [f"    {indent}{field.name}{count}  structure {field.structure.name}", *layout(field.structure, indent + "  ")]
    for each in structure.subsections:
        lines += [f"    {indent}subsection {each.name}, if it is sent", *layout(each, indent + "  ")]
    return lines


# ---- An input and its two parses, one above the other ----------------------------------------------------


def parses(data, both):
    first, last = differing(data, both)
    lines = [f"    the bytes from {first} to {last - 1} of {len(data)}; the others have one reading"]
    spans = [spans_of(parse) for parse in both]
    cut = []
    for begin in range(first, last, BYTES):
        end = min(begin + BYTES, last)
        lines += ["", f"    {begin:>6}  " + " ".join(f"{byte:02x}" for byte in data[begin:end])]
        for number, parse in enumerate(spans):
            lines.append(f"    {('first', 'second')[number]:<6}  " + row(parse, begin, end, first, cut))
    if cut:
        lines += [""] + [f"    {begin:>6}  {name}" for begin, name in sorted(set(cut))]
    return lines


def spans_of(parse):
    spans, at = [], 0
    for piece in parse:
        size = len(piece["hex"]) // 2
        spans.append((at, at + size, piece["name"]))
        at += size
    return spans


def row(spans, begin, end, first, cut):
    """The pieces below their bytes. A name that is longer than its bytes is cut, and told below."""
    text = ""
    for start, stop, name in spans:
        if stop <= begin or start >= end:
            continue
        shown = min(stop, end) - max(start, begin)
        room = shown * 3 - 2
        mark = "|" if start >= begin else "."
        if len(name) > room:
            cut += [(start, name)] if stop <= end or start >= begin else []
        text += mark + (name if len(name) <= room else name[:max(room - 1, 0)] + "~" * (room > 0)).ljust(room) + " "
    return text


def differing(data, both):
    """The bytes from where the two parses part to where they are one again."""
    named = [[name for start, stop, name in spans_of(parse) for _ in range(start, stop)] for parse in both]
    apart = [at for at in range(len(data)) if named[0][at] != named[1][at]]
    return apart[0], apart[-1] + 1
