#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests `vmwire diff`.

    tests/diff.py               tests $VMWIRE, or build/vmwire if it is not set
    tests/diff.py A B           only holds one pair of streams against the second comparison, and prints what differs
    tests/diff.py --all         all pairs of captures and more changed bytes: minutes

A second comparison is made here, of what `vmwire parse --json --all` prints of each stream: it must find the same differences,
on many pairs of captures. Each capture is the same as itself, also under another option. Single bytes of fields, pages and
entries are changed, and just these must be reported.
"""
import csv
import io
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from checks import exit_status, result

ROOT = Path(__file__).resolve().parent.parent
VMWIRE = os.path.abspath(os.environ.get("VMWIRE", ROOT / "build/vmwire"))
STREAMS, SCHEMAS, CASES = ROOT / "corpus/streams", ROOT / "corpus/schemas", ROOT / "tests/cases"
SMALL = STREAMS / "bookworm-microvm.vmstate"
BARE, DESCRIBED = STREAMS / "bookworm-pc-2.2-bare.vmstate", STREAMS / "bookworm-pc-2.2.vmstate"
POSTCOPY = STREAMS / "bookworm-pc-postcopy.vmstate"
PROGRAM = SCHEMAS / "bookworm-x86_64.program.json"
MEGABYTE, PAGE = 1 << 20, 4096
ALL = sys.argv[1:] == ["--all"]
PAIRS, FLIPS = (None, 1000) if ALL else (16, 25)


def run(*words, stdin=None, limit=None):
    before = ["prlimit", f"--data={limit}"] if limit else []
    return subprocess.run([*before, VMWIRE, "diff", *map(str, words)], capture_output=True, input=stdin)


def diff(*words, **more):
    """The exit status, the differences and the summary."""
    done = run("--json", "--all", *words, **more)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, lines[:-1], lines[-1] if lines else json.loads(done.stderr)


def check_only(name, expected, *words, **more):
    """The differences are these and no others: members that must be there, for each."""
    code, found, _ = diff(*words, **more)
    right = code == bool(expected) and len(found) == len(expected) and all(
        wanted.items() <= each.items() for wanted, each in zip(expected, found))
    result(name, right, f"exit status {code}\n" + "\n".join(map(str, found)))


# ---- The second comparison ---------------------------------------------------------------------------


def parsed(path, *words):
    done = subprocess.run([VMWIRE, "parse", "--json", "--all", *map(str, words), path], stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def numbered(name, seen):
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}#{seen[name]}"


def add_plain(leaves, path, value):
    """An array of numbers of several bytes is a value for each."""
    count, data = value.get("array_len", 1), value.get("data", "")
    size = len(data) // count
    if count > 1 and len(data) % count == 0 and size > 2:
        for i in range(count):
            leaves[f"{path}[{i}]"] = data[i * size:][:size]
    else:
        leaves[path] = BYTES + data if count > 1 else data


BYTES = "bytes "  # before the value of an array of bytes: it is one value, but two can have other numbers of elements


def flatten(record, before, leaves, nodes):
    """The values by path; `nodes`: paths of structures and subsections. Lists are left out: they are tested by themselves."""
    seen = {}
    for value in record["fields"]:
        if value["class"] == "list":
            continue
        index = value.get("index", 0) + value.get("element", 0) if "index" in value or "element" in value else None
        path = before + (numbered(value["name"], seen) if index is None else f"{value['name']}[{index}]")
        if "record" in value:
            nodes[path] = value["record"].get("version")
            flatten(value["record"], path + ".", leaves, nodes)
        else:
            add_plain(leaves, path, value)
    for subsection in record.get("subsections", []):
        path = before + subsection["name"]
        nodes[path] = subsection["version_id"]
        flatten(subsection["record"], path + ".", leaves, nodes)


def sections(items):
    """By idstr, instance, and a number: a machine can have two of one name."""
    found = {}
    for item in items:
        if "record" in item:
            key = item["idstr"], item.get("instance_id"), sum(other[:2] == (item["idstr"], item.get("instance_id")) for other in found)
            leaves, nodes = {}, {}
            flatten(item["record"], "", leaves, nodes)
            found[key] = leaves, nodes, item.get("version_id")
    return found


def second_comparison(a, b):
    """Values that differ, and paths that only one side has, of the outermost; a section has the path ""."""
    one, other = sections(a), sections(b)
    values, only, versions = set(), set(), set()
    for number in one.keys() | other.keys():
        key = number[:2]
        if number not in one or number not in other:
            only.add((*key, "", "only-a" if number in one else "only-b"))
            continue
        (leaves_a, nodes_a, version_a), (leaves_b, nodes_b, version_b) = one[number], other[number]
        if version_a != version_b:
            versions.add((*key, "version"))
        versions |= {(*key, path) for path in nodes_a.keys() & nodes_b.keys() if nodes_a[path] != nodes_b[path]}
        all_a, all_b = leaves_a.keys() | nodes_a.keys(), leaves_b.keys() | nodes_b.keys()
        for path in all_a ^ all_b:
            parts = [path[:i] for i, letter in enumerate(path) if letter == "."]
            if not any(part in all_a ^ all_b for part in parts):
                only.add((*key, path, "only-a" if path in all_a else "only-b"))
        for path in all_a & all_b:
            one_value, other_value = leaves_a.get(path), leaves_b.get(path)
            if one_value and other_value and one_value.startswith(BYTES) and other_value.startswith(BYTES):
                counts = [(len(value) - len(BYTES)) // 2 for value in (one_value, other_value)]
                only |= {(*key, f"{path}[{i}]", "only-a" if counts[0] > counts[1] else "only-b")
                         for i in range(min(counts), max(counts))}
                one_value, other_value = (value[:len(BYTES) + 2 * min(counts)] for value in (one_value, other_value))
            if one_value != other_value:
                values.add((*key, path))
    return values, only, versions


def told(differences):
    """The same of what `diff` says, where it is about fields and sections with a record."""
    values, only, versions = set(), set(), set()
    for each in differences:
        path, first, last = re.match(r"(.*?)(?:\[(\d+)\.\.(\d+)\])?$", each["path"], re.S).groups()
        key = each["section"], each["instance"], path
        if each["subject"] not in ("field", "subsection", "section") or each["section"] in ITERABLE:
            continue
        if each["kind"] in ("value", "type") and each["subject"] != "section":
            values.add(key)
        elif each["kind"] in ("only-a", "only-b"):
            paths = [f"{path}[{i}]" for i in range(int(first), int(last) + 1)] if first else [path]
            only |= {(*key[:2], one, each["kind"]) for one in paths}
        elif each["kind"] == "version":
            versions.add(key)
    return values, only, versions


ITERABLE = ("ram", "dirty-bitmap", "spapr/htab", "s390-storage_attributes", "s390-skeys", "block")


def in_list(path, lists):
    return any(path.startswith(one + "[") for one in lists)


def lists_of(record, before=""):
    for value in record["fields"]:
        if value["class"] == "list":
            yield before + value["name"]
        if "record" in value:
            index = value.get("index", 0) + value.get("element", 0) if "index" in value or "element" in value else None
            yield from lists_of(value["record"], before + value["name"] + (f"[{index}]" if index is not None else "") + ".")
    for subsection in record.get("subsections", []):
        yield from lists_of(subsection["record"], before + subsection["name"] + ".")


def hold_against(a, b, *words):
    """What the two comparisons say otherwise."""
    items = [parsed(path, *words) for path in (a, b)]
    lists = {path for side in items for item in side if "record" in item for path in lists_of(item["record"])}
    code, found, _ = diff(*words, a, b)
    found = told(found)
    expected = second_comparison(*items)
    faults = []
    for what, one, other in zip(("value", "only", "version"), expected, found):
        one, other = ({key for key in side if not in_list(key[2], lists)} for side in (one, other))
        faults += [f"{what}: only {who}: {key}" for who, keys in (("here", one - other), ("vmwire diff", other - one))
                   for key in sorted(map(str, keys))]
    return faults + ([] if code in (0, 1) else [f"exit status {code}"]), sum(map(len, found))


def group(name):
    """Captures of one architecture are compared with one another."""
    return next((word for word in ("aarch64", "s390x", "riscv64", "ppc64", "avr", "arm") if word in name), "x86")


def check_pairs():
    described = [path for path in sorted(STREAMS.glob("*.vmstate")) if path not in (BARE, POSTCOPY)]
    pairs = [pair for pair in itertools.combinations(described, 2) if group(pair[0].name) == group(pair[1].name)]
    chosen = random.Random(1).sample(pairs, PAIRS or len(pairs))
    total, faults = 0, []
    for a, b in chosen:
        wrong, count = hold_against(a, b)
        faults += [f"{a.stem} {b.stem}: {fault}" for fault in wrong]
        total += count
    result(f"second comparison: {len(chosen)} pairs, {total} differences", not faults and total > 1000, "\n".join(faults))


def check_split_pairs():
    """Both sides with their own program. The second comparison reads both with the same."""
    faults, count = hold_against(STREAMS / "bookworm-pc.vmstate", STREAMS / "bookworm-pc-firmware-ran.vmstate", "--schema", PROGRAM)
    result(f"second comparison, private encodings split: {count} differences", not faults and count > 20, "\n".join(faults))
    a, b = (f"{STREAMS / name}-q35.vmstate+{SCHEMAS / name}-x86_64.program.json" for name in ("trixie", "forky"))
    code, found, _ = diff(a, b)
    right = code == 1 and any(each["path"] == "parent_obj.config[0].device_dependent" for each in found)
    result("each side by its own program", right, "\n".join(map(str, found)))


# ---- The same ----------------------------------------------------------------------------------------


def check_same(folder):
    faults = []
    for path in sorted(STREAMS.glob("*.vmstate")):
        schema = ["--schema", PROGRAM] if path in (BARE, POSTCOPY) else []
        code, found, summary = diff(*schema, path, path)
        if code or found or summary["summary"] != "same" or not summary["compared"]["sections"]:
            faults.append(f"{path.stem}: {found[:2]} {summary}")
    result("each capture is the same as itself", not faults, "\n".join(faults))
    for option in ("flagday", "standalone", "toplevel", "framed", "asn1"):
        for source in (STREAMS / "bookworm-q35.vmstate", STREAMS / "bookworm-pc-dirty-bitmaps.vmstate",
                       STREAMS / "bookworm-q35-ram.vmstate"):
            other = folder / option
            subprocess.run([VMWIRE, "convert", "--to", option, "--output", other, source], check=True)
            check_only(f"{source.stem}: the same under {option}", [], "--to", option, source, other)
            check_only(f"{source.stem}: the same, both under {option}", [], "--option", option, "--to", option, other, other)


# ---- Changes of one byte -----------------------------------------------------------------------------


def plain_values(record, before=""):
    """The paths of plain fields outside of lists, with the place of each."""
    seen = {}
    for value in record["fields"]:
        if value["class"] == "list":
            continue
        index = value.get("index", 0) + value.get("element", 0) if "index" in value or "element" in value else None
        path = before + (numbered(value["name"], seen) if index is None else f"{value['name']}[{index}]")
        if "record" in value:
            yield from plain_values(value["record"], path + ".")
        elif value["class"] == "free" and value["size"]:
            yield path, value
    for subsection in record.get("subsections", []):
        yield from plain_values(subsection["record"], before + subsection["name"] + ".")


def check_flips(folder, source, *words):
    """One byte of a field is changed: just this field is reported, with both values."""
    stream, choice = source.read_bytes(), random.Random(source.name)
    fields = [(item, path, value) for item in parsed(source, *words) if item.get("kind") == "full"
              for path, value in plain_values(item["record"])]
    faults, reported = [], 0
    for item, path, value in choice.choices(fields, k=FLIPS):
        at = choice.randrange(value["size"])
        changed = bytearray(stream)
        changed[value["offset"] + at] ^= 1 << choice.randrange(8)
        (folder / "changed").write_bytes(changed)
        code, found, _ = diff(*words, source, folder / "changed")
        if code == 2:
            continue  # the field decides what follows
        whole, count = len(value["data"]) // 2, value.get("array_len", 1)
        size = whole // count if whole % count == 0 and whole // count > 1 else whole
        element = f"{path}[{at // size}]" if size < whole else path
        begin = value["offset"] + at // size * size
        shown = slice(begin, begin + size) if size <= 8 else slice(value["offset"] + at, value["offset"] + at + 1)
        expected = {"section": item["idstr"], "instance": item["instance_id"], "path": element, "kind": "value",
                    "a": stream[shown].hex(), "b": changed[shown].hex()}
        reported += 1
        if code != 1 or len(found) != 1 or not expected.items() <= found[0].items():
            faults.append(f"{expected}: {found[:3]}")
    result(f"{source.stem}{' '.join(map(str, words[:1]))}: {reported} changed bytes of fields", not faults and reported > FLIPS // 2,
           "\n".join(faults))


# ---- Sections, framing, names of files ----------------------------------------------------------------


def cut(stream, items, chosen):
    """The stream with these items instead of those that are full sections."""
    full = [item for item in items if item["kind"] == "full"]
    begin, end = full[0]["offset"], full[-1]["offset"] + full[-1]["size"]
    return stream[:begin] + b"".join(stream[item["offset"]:][:item["size"]] for item in chosen) + stream[end:]


def check_sections(folder):
    stream, items = SMALL.read_bytes(), parsed(SMALL)
    full, other = [item for item in items if item["kind"] == "full"], folder / "other"
    other.write_bytes(cut(stream, items, full[:3] + full[4:]))
    gone = {"section": full[3]["idstr"], "instance": full[3]["instance_id"], "path": "", "subject": "section"}
    check_only("a section only in A", [gone | {"kind": "only-a", "b": None}], SMALL, other)
    check_only("a section only in B", [gone | {"kind": "only-b", "a": None}], other, SMALL)
    other.write_bytes(cut(stream, items, [full[1], full[0], *full[2:]]))
    check_only("another order of the sections", [{"subject": "stream", "kind": "order", "path": "order of the sections"}], SMALL, other)
    end = next(item for item in items if item["kind"] == "description")["offset"]
    other.write_bytes(stream[:end])
    check_only("a description only in A", [{"path": "description", "kind": "only-a", "section": None}], "--schema", SMALL, SMALL, other)
    version = full[0]["offset"] + 1 + 4 + 1 + len(full[0]["idstr"]) + 4
    other.write_bytes(stream[:version + 3] + bytes([1]) + stream[version + 4:])
    code, _, fault = diff(SMALL, other)
    result("a version that the layouts do not have", code == 2 and fault["error"] == "version-id" or fault.get("error"), (code, fault))
    ping = b"\x08\0\x02\0\x04\0\0\0\x07"
    other.write_bytes(stream[:full[0]["offset"]] + ping + stream[full[0]["offset"]:])
    check_only("a command only in B", [{"subject": "command", "path": "ping", "kind": "only-b", "b": "00000007"}], SMALL, other)


def check_files(folder):
    stream = SMALL.read_bytes()
    for place, words in ("A", ("-", SMALL)), ("B", (SMALL, "-")):
        check_only(f"a pipe as {place}", [], *words, stdin=stream)
    joined = f"{BARE}+{PROGRAM}"
    check_only("a stream with its program", [{"path": "description", "kind": "only-b"}], "--schema", PROGRAM, joined, DESCRIBED)
    check_only("a pipe with its program", [], "--", f"-+{PROGRAM}", joined, stdin=BARE.read_bytes())
    whole = folder / f"a+{SMALL.name}"
    whole.write_bytes(stream)
    check_only("a + in a file's name", [], whole, SMALL)
    check_only("a + in a file's name, and a program", [], f"{whole}+{PROGRAM}", f"{SMALL}+{PROGRAM}")
    for name, words in (("no file", (folder / "none", SMALL)), ("nothing behind +", (f"{SMALL}+", SMALL)),
                        ("a stream cut off", (SMALL, folder / "cut")), ("three files", (SMALL, SMALL, SMALL)),
                        ("one file", (SMALL,)), ("the second is no stream", (SMALL, PROGRAM)),
                        ("standard input twice", ("-", "-"))):
        (folder / "cut").write_bytes(stream[:len(stream) // 8])
        done = run(*words, stdin=stream)
        right = done.returncode == 2 and not done.stdout and len(done.stderr.splitlines()) == 1
        result(f"refused: {name}", right, done)
    code, found, _ = diff(f"{POSTCOPY}+{PROGRAM}", STREAMS / "bookworm-pc.vmstate")
    fields = [each for each in found if each["subject"] == "field"]
    packaged = [each for each in found if each["path"] == "packaged" and each["kind"] == "only-a"]
    result("a package; only one side has layouts of private encodings", code == 1 and not fields and len(packaged) == 1, fields[:4])


# ---- Lists -------------------------------------------------------------------------------------------


def listed(elements, gone=()):
    """A stream with a list of these numbers, between two fields."""
    element = {"name": "l", "type": "qtailq", "size": 3 * len(elements) + 1}
    if elements:  # QEMU describes the last one
        element |= {"vmsd_name": "E", "version": 1, "fields": [{"name": "e", "type": "uint16", "size": 2}]}
    fields = [{"name": "x", "type": "uint8", "size": 1}, element, {"name": "y", "type": "uint8", "size": 1}]
    fields = [field for field in fields if field["name"] not in gone]
    text = json.dumps({"devices": [{"name": "dev", "instance_id": 0, "vmsd_name": "dev", "version": 1, "fields": fields}]}).encode()
    data = {"x": b"\1", "y": b"\2", "l": b"".join(b"\1" + number.to_bytes(2, "big") for number in elements) + b"\0"}
    record = b"".join(data[field["name"]] for field in fields)
    section = b"\4\0\0\0\1\3dev\0\0\0\0\0\0\0\1" + record + b"\x7e\0\0\0\1"
    return b"QEVM\0\0\0\3" + section + b"\0\6" + len(text).to_bytes(4, "big") + text


def check_lists(folder):
    a, b = folder / "list-a", folder / "list-b"
    many = list(range(100, 140))

    def check(name, one, other, *expected):
        a.write_bytes(listed(one))
        b.write_bytes(listed(other))
        check_only(f"lists: {name}", [{"section": "dev", **each} for each in expected], a, b)

    check("the same", many, many)
    check("one more in front", many, [7, *many], {"path": "l[0]", "kind": "only-b"})
    check("one less in the middle", many, many[:20] + many[21:], {"path": "l[20]", "kind": "only-a"})
    check("two inserted, one changed", many, many[:5] + [7] + many[5:30] + [8] + many[30:-1] + [9],
          {"path": "l[5]", "kind": "only-b"}, {"path": "l[31]", "kind": "only-b"},
          {"path": "l[39|41].e", "kind": "value", "a": "008b", "b": "0009"})
    check("one changed", many, many[:3] + [7] + many[4:], {"path": "l[3].e", "kind": "value", "a": "0067", "b": "0007"})
    check("empty", [], [5], {"path": "l[0]", "kind": "only-b"})
    long = [i * 7919 % 65536 for i in range(5000)]
    check("long", long, long[:2500] + [1] + long[2500:], {"path": "l[2500]", "kind": "only-b"})
    a.write_bytes(listed(many))
    b.write_bytes(listed(many, gone=("x", "y")))
    check_only("lists: fields beside it", [{"path": "x", "kind": "only-a"}, {"path": "y", "kind": "only-a"}], a, b)


# ---- Entries of iterable sections ---------------------------------------------------------------------


def be32(value):
    return value.to_bytes(4, "big")


def be64(value):
    return value.to_bytes(8, "big")


def iterable(idstr, version, *parts):
    """Its start, and its parts; the last one is its end."""
    start, *others, last = parts
    footer = b"\x7e" + be32(200)
    return (b"\1" + be32(200) + bytes([len(idstr)]) + idstr + be32(0) + be32(version) + start + footer +
            b"".join(b"\2" + be32(200) + part + footer for part in others) + b"\3" + be32(200) + last + footer)


RAM_EOS = be64(0x10)


def ram(*entries, name=b"b", length=64 * PAGE):
    """A block of RAM, with these entries in one part each."""
    start = be64(length | 0x04) + bytes([len(name)]) + name + be64(length) + RAM_EOS
    return iterable(b"ram", 4, start, *(entry + RAM_EOS for entry in entries), RAM_EOS)


def page(number, byte, name=b"b", data=None):
    return be64(number * PAGE | 0x08) + bytes([len(name)]) + name + (data or bytes([byte]) * PAGE)


def zero_page(number, byte=0, name=b"b"):
    return be64(number * PAGE | 0x02) + bytes([len(name)]) + name + bytes([byte])


def xbzrle(number, changes, name=b"b"):
    return be64(number * PAGE | 0x40) + bytes([len(name)]) + name + b"\1" + len(changes).to_bytes(2, "big") + changes


def hash_chunk(index, entries, invalid=0):
    return be32(index) + len(entries).to_bytes(2, "big") + invalid.to_bytes(2, "big") + b"".join(entries)


def hash_table(*chunks):
    return iterable(b"spapr/htab", 1, be32(18), be32(0) + b"".join(chunks) + be64(0), be32(0) + be64(0))


def attributes(*runs):
    done = be64(0x08) + be64(0x01)
    return iterable(b"s390-storage_attributes", 0, be64(0x01),
                    b"".join(be64(at << 12 | 0x02) + be64(len(data)) + data for at, data in runs) + be64(0x01), done)


def bitmaps(*chunks):
    return iterable(b"dirty-bitmap", 1, b"\x1c\4node\3map\0\0\1\0\0\1", b"".join(chunks) + b"\1")


def bits(sector, data):
    return b"\x40" + be64(sector) + be32(8) + be64(len(data)) + data


def pages(path, a, b, differing=0, only_a=0, only_b=0, not_compared=0):
    return {"section": "ram", "path": f"pages of {path}", "kind": "pages", "a": a, "b": b, "differing": differing, "only_a": only_a,
            "only_b": only_b, "not_compared": not_compared}


def check_entries(folder):
    items, stream = parsed(SMALL), SMALL.read_bytes()
    first = next(item for item in items if item["kind"] == "start")["offset"]
    behind = next(item for item in items if item["kind"] == "full")["offset"]

    def check(name, one, other, *expected):
        for file, sections_of in ("entries-a", one), ("entries-b", other):
            (folder / file).write_bytes(stream[:first] + sections_of + stream[behind:])
        check_only(f"entries: {name}", list(expected), folder / "entries-a", folder / "entries-b")

    check("pages in another order", ram(page(1, 1) + page(2, 2)), ram(page(2, 2), page(1, 1)))
    check("a page that was sent twice", ram(page(1, 1), page(1, 2)), ram(page(1, 2)))
    check("a page that was sent twice, otherwise", ram(page(1, 2), page(1, 1)), ram(page(1, 1), page(1, 2)), pages("b", 1, 1, 1))
    check("zeros sent as a page", ram(zero_page(1) + page(2, 2)), ram(page(1, 0) + page(2, 2)))
    check("another byte everywhere", ram(zero_page(1, 5)), ram(page(1, 5)))
    check("pages that differ", ram(page(1, 1) + page(2, 2) + page(3, 3)), ram(page(1, 1) + page(2, 9) + zero_page(4)),
          pages("b", 3, 3, 1, 1, 1))
    check("changes of a page", ram(page(1, 1), xbzrle(1, b"\0\1x")), ram(page(1, 1), xbzrle(1, b"\0\1x")))
    check("changes of another page", ram(page(1, 1), xbzrle(1, b"\0\1x")), ram(page(1, 2), xbzrle(1, b"\0\1x")),
          pages("b", 1, 1, not_compared=1))
    check("a block with another name", ram(page(1, 1)), ram(page(1, 1, b"c"), name=b"c"),
          {"path": "block b", "kind": "only-a"}, pages("b", 1, 0, only_a=1), {"path": "block c", "kind": "only-b"}, pages("c", 0, 1, only_b=1))
    check("a block of another size", ram(), ram(length=65 * PAGE),
          {"path": "block b", "kind": "value", "a": f"{64 * PAGE} bytes", "b": f"{65 * PAGE} bytes"})
    check("an iterable section only in A", ram() + hash_table(), ram(), {"section": "spapr/htab", "path": "", "kind": "only-a"})
    entries = [bytes([i]) * 16 for i in range(8)]
    check("a hash table in other chunks", ram() + hash_table(hash_chunk(5, entries)),
          ram() + hash_table(hash_chunk(8, entries[3:]), hash_chunk(5, entries[:3])))
    check("an entry of a hash table", ram() + hash_table(hash_chunk(5, entries)), ram() + hash_table(hash_chunk(5, entries[:7])),
          {"section": "spapr/htab", "path": "entry 12", "kind": "only-a", "a": "07" * 16})
    check("entries that are not valid", ram() + hash_table(hash_chunk(5, entries[:2], 3)),
          ram() + hash_table(hash_chunk(5, entries[:2], 4)), {"path": "not valid from entry 7 on", "a": "0003", "b": "0004"})
    check("a storage attribute", ram() + attributes((7, b"abc")), ram() + attributes((8, b"bx"), (7, b"a")),
          {"section": "s390-storage_attributes", "path": "page 9", "kind": "value", "a": "63", "b": "78"})
    check("bits of a bitmap", ram() + bitmaps(bits(0, b"12345678"), bits(64, b"abcdefgh")),
          ram() + bitmaps(bits(64, b"abcdefgx"), bits(0, b"12345678")),
          {"section": "dirty-bitmap", "path": "node/map sector 64", "kind": "value", "offset": 19, "a": "68", "b": "78"})
    many = [i.to_bytes(16, "big") for i in range(3000)]
    code, found, _ = diff(*(folder / f"entries-{side}" for side in "ab"))
    for file, chunk in ("entries-a", many), ("entries-b", many[1500:] + many[:1500]):
        (folder / file).write_bytes(stream[:first] + ram() + hash_table(hash_chunk(0, chunk)) + stream[behind:])
    code, found, _ = diff(*(folder / f"entries-{side}" for side in "ab"))
    right = code == 1 and len(found) == 1001 and found[-1]["differing"] == 3000 and found[-1]["path"] == "all"
    result("entries: of 3000 that differ a thousand are listed, the others counted", right, found[-1])


def check_mapped(folder):
    """A page of mapped RAM, by the bitmap in front of it."""
    source = STREAMS / "trixie-microvm-mapped-ram.vmstate"
    stream = bytearray(source.read_bytes())
    block = next(item for item in parsed(source) if item["kind"] == "start")["entries"][2]
    assert block["name"] == "pc.bios"
    stream[block["offset"] + block["size"] - 1] ^= 1
    (folder / "mapped").write_bytes(stream)
    check_only("a page of mapped RAM", [pages("pc.bios", 16, 16, 1)], source, folder / "mapped")


def check_memory(folder):
    """More pages than the table holds at a time, in little memory."""
    count = 500_000
    stream, items = SMALL.read_bytes(), parsed(SMALL)
    first = next(item for item in items if item["kind"] == "start")["offset"]
    behind = next(item for item in items if item["kind"] == "full")["offset"]

    def write(path, changed):
        entries = [zero_page(0)] + [be64(i * PAGE | 0x22) + bytes([1 if i in changed else 0]) for i in range(1, count)]
        path.write_bytes(stream[:first] + ram(b"".join(entries), length=count * PAGE) + stream[behind:])

    a, b = folder / "many-a", folder / "many-b"
    write(a, set())
    write(b, {5, 77_777, 499_999})
    sanitized = b"__asan" in Path(VMWIRE).read_bytes()
    check_only("2 GB of pages, in several shares" + ("" if sanitized else ", in 48 MB"), [pages("b", count, count, 3)], a, b,
               limit=None if sanitized else 48 * MEGABYTE)


# ---- What is printed ---------------------------------------------------------------------------------


def check_output(folder):
    a, b = (STREAMS / f"{name}-pc.vmstate" for name in ("bookworm", "bullseye"))
    text = run(a, b).stdout.decode()
    first, second, *lines = text.splitlines()
    result("the conclusion comes first", first.startswith("They differ: ") and first.endswith("."), first)
    result("the conclusion counts", " values in " in first and "only A has 1 subsection" in first and "only B has 4 sections" in first, first)
    result("the files are named", str(a) in second and str(b) in second, second)
    result("values side by side", any(line.split() == ["env.regs[2]", "0000000000060fb1", "0000000000000663"] for line in lines), text)
    same = run(a, a)
    result("the same: one sentence", same.returncode == 0 and same.stdout.startswith(b"The same: ") and len(same.stdout.splitlines()) == 2,
           same.stdout)
    rows = list(csv.DictReader(io.StringIO(run("--csv", a, b).stdout.decode(), newline="")))
    _, found, summary = diff(a, b)
    result("as many lines of CSV as objects", len(rows) == len(found) == summary["differences"], (len(rows), len(found)))
    right = all((row["section"], row["path"], row["kind"]) == (each["section"] or "", each["path"], each["kind"])
                for row, each in zip(rows, found))
    result("CSV and JSON say the same", right and all(len(row) == 8 and None not in row for row in rows))
    small = json.loads(run("--json", "--all", a, b).stdout.splitlines()[0])
    result("an object has its members", {"section", "instance", "path", "subject", "kind", "a", "b"} <= small.keys(), small)
    stream = bytearray(SMALL.read_bytes())
    items = parsed(SMALL)
    value = next(value for item in items if item["kind"] == "full" for value in item["record"]["fields"] if value["name"] == "env.regs")
    stream[value["offset"]:value["offset"] + value["size"]] = bytes(range(1, value["size"] + 1))
    (folder / "registers").write_bytes(stream)
    folded, whole = (run(*words, SMALL, folder / "registers").stdout.decode() for words in ([], ["--all"]))
    result("elements of an array are folded", folded.count("env.regs[") == 8 and whole.count("env.regs[") == 16 and
           "... 8 more like the last one" in folded, folded)


def main():
    if len(sys.argv) == 3:
        faults, count = hold_against(*map(Path, sys.argv[1:]))
        print("\n".join(faults) or f"the same {count} differences")
        return bool(faults)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_pairs()
        check_split_pairs()
        check_same(folder)
        check_flips(folder, STREAMS / "bookworm-q35.vmstate")
        check_flips(folder, STREAMS / "bookworm-q35-devices-a.vmstate", "--schema", PROGRAM)
        check_flips(folder, STREAMS / "trixie-aarch64-virt.vmstate")
        check_sections(folder)
        check_files(folder)
        check_lists(folder)
        check_entries(folder)
        check_mapped(folder)
        check_memory(folder)
        check_output(folder)
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
