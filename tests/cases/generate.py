#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the members 2, 3 and 4 of each kind of case, and the first member where today's format differs from that of
the case as it was found. A stream is written from one tree of fields: each field has its type and its value, so the
description and the bytes agree. All streams have version 3; the test converts them where it needs another option.

    tests/cases/generate.py FOLDER             writes the small streams, readers and dumps
    tests/cases/generate.py --loader FOLDER STREAMS
                                               writes the cases of the loader, out of the capture "microvm" in STREAMS,
                                               which the QEMU at hand made, and of one in corpus/streams
    tests/cases/generate.py --pairs            prints which streams of the kinds "ambiguous-..." have two states with
                                               the same bytes, found without vmwire
"""

import itertools
import json
import shutil
import sys
from pathlib import Path

STREAMS = Path(__file__).resolve().parent.parent.parent / "corpus" / "streams"
EOF, PART_FULL, SUBSECTION, DESCRIPTION, COMMAND, FOOTER = b"\0", b"\4", b"\5", b"\6", b"\x08", b"\x7e"


# ---- Fields: what the description says, and the bytes of one state ---------------------------------------


def be32(number):
    return number.to_bytes(4, "big")


def counted(text):
    name = text if isinstance(text, bytes) else text.encode()
    return bytes([len(name)]) + name


class Field:
    """`data`: the bytes of this state. Of a free field another state may have any other bytes."""

    def __init__(self, said, data, free=False, record=None):
        self.said, self.data, self.free, self.record = said, data, free, record

    def size(self):
        return self.said["size"] * self.said.get("array_len", 1)


def plain(kind, name, size, data, free=False):
    return Field({"name": name, "type": kind, "size": size}, data, free)


def u8(name, value=0):
    return plain("uint8", name, 1, bytes([value]), True)


def u16(name, value=0):
    return plain("uint16", name, 2, value.to_bytes(2, "big"), True)


def equal(name, value):
    return plain("uint8 equal", name, 1, bytes([value]))


def equals(name, data):
    return [equal(f"{name}{index}", value) for index, value in enumerate(data)]


def boolean(name, value=0):
    return plain("bool", name, 1, bytes([value]))


def buffer(name, size):
    return plain("buffer", name, size, bytes(size), True)


def unused(name, size):
    return plain("unused_buffer", name, size, bytes(size))


class Record:
    """A structure, or a subsection: `sends` tells whether the state has it, `header` is its name on the wire."""

    def __init__(self, name, fields, subsections=(), version=1, sends=True, header=None):
        self.name, self.fields, self.subsections, self.version = name, fields, subsections, version
        self.sends, self.header = sends, header or name

    def size(self):
        return sum(field.size() for field in self.fields) + sum(
            6 + len(each.name) + each.size() for each in self.subsections)

    def said(self):
        said = {"vmsd_name": self.name, "version": self.version, "fields": [field.said for field in self.fields]}
        if self.subsections:
            said["subsections"] = [each.said() for each in self.subsections]
        return said

    def data(self):
        sent = [each for each in self.subsections if each.sends]
        return b"".join(field.data for field in self.fields) + b"".join(
            SUBSECTION + counted(each.header) + be32(each.version) + each.data() for each in sent)


def struct(field, name, fields, subsections=(), **more):
    record = Record(name, fields, subsections, **more)
    return Field({"name": field, "type": "struct", "size": record.size(), "struct": record.said()}, record.data(),
                 record=record)


def array(field, count):
    return Field(field.said | {"array_len": count}, field.data * min(count, 100))


def elements(name, kind, *records):
    """A list; each record is the fields of one element."""
    said = {"name": name, "type": "qtailq", "size": 2 + sum(field.size() for field in records[0]),
            "vmsd_name": kind, "version": 1, "fields": [field.said for field in records[0]]}
    return Field(said, b"".join(b"\1" + b"".join(field.data for field in record) for record in records) + b"\0")


class Device:
    def __init__(self, idstr, name, fields, subsections=(), version=1):
        self.idstr, self.record = idstr, Record(name, fields, subsections, version)

    def said(self):
        return {"name": self.idstr, "instance_id": 0, **self.record.said()}

    def data(self, section):
        return (PART_FULL + be32(section) + counted(self.idstr) + be32(0) + be32(self.record.version) +
                self.record.data() + FOOTER + be32(section))


def description(*devices):
    return json.dumps({"devices": [device.said() for device in devices]}).encode()


def stream(*devices):
    said = description(*devices)
    return (b"QEVM" + be32(3) + b"".join(device.data(index + 1) for index, device in enumerate(devices)) + EOF +
            DESCRIPTION + be32(len(said)) + said)


def dump(name, fields):
    """A dump of one device; its order of subsections is the one in which the program declares them."""
    return json.dumps({name: {"Name": name, "version_id": 1, "minimum_version_id": 1,
                              "Description": declared(name, fields)}}).encode()


def declared(name, fields, subsections=(), version=1, minimum=1):
    said = {"name": name, "version_id": version, "minimum_version_id": minimum, "Fields": fields}
    return said | ({"Subsections": list(subsections)} if subsections else {})


def member(name, *record):
    said = {"field": name, "version_id": 0, "field_exists": False, "size": 1}
    return said | ({"Description": record[0]} if record else {})


# ---- The members -----------------------------------------------------------------------------------------


def skew_standalone():
    s = lambda *subsections: struct("s", "S", [u8("a", 0x11)], subsections)
    device = lambda field: Device("dev", "D", [field, u8("z", 0x55)])
    q = u8("q", 0x33)
    t = lambda *subsections: Record("S/a", [q, struct("t", "T", [u8("b", 0x44)], subsections)])
    yield "skew-standalone", device(s(Record("S/a", [q]))), device(s())
    yield "skew-standalone-2", device(s(t(Record("T/b", [u8("r", 0x66)])))), device(s(t()))
    yield "skew-standalone-3", device(s(Record("S/a", [q], version=2))), device(s(Record("S/a", [q])))
    yield "skew-standalone-4", device(s(Record("S/a", [q]))), device(s(Record("S/a", [u16("q")])))


def skew_ordinal():
    s = lambda field, *subsections: struct(field, "S", [u8("a", 0x10)], subsections)
    sends = lambda field: s(field, Record("S/a", [u8("q", 0x33)]))
    device = lambda *fields: Device("dev", "D", list(fields))
    t, empty = struct("t", "T", [u8("a")]), struct("z", "Z", [])
    more = Record("S/b", [struct("s", "S", [u8("a")], [Record("S/a", [u8("q")])])])
    two = device(s("s0"), sends("s1"))
    yield "skew-ordinal", device(u8("t", 1), s("s0"), sends("s1")), device(t, sends("s0"), sends("s1"))
    yield "skew-ordinal-2", two, device(empty, sends("s0"), sends("s1"))
    yield "skew-ordinal-3", two, device(s("s0", more), sends("s1"))
    yield "skew-ordinal-4", two, device(s("s0"), sends("r1"))


def skew_list():
    first = Device("x", "X", [u8("b", 1)])
    device = lambda *fields: Device("dev", "D", [struct("s", "S", [u8("a", 0x11)]), *fields])
    bytes_of = lambda names: [u8(name, 0x22) for name in names]
    one = elements("l", "E", [u8("e", 0x44)])
    yield "skew-list-2", (first, device(*bytes_of("fghi"))), (first, device(elements("l", "E", [u16("e")])))
    yield "skew-list-3", (first, device(one)), (first, device(*bytes_of("fgh")))
    yield "skew-list-4", (first, device(*bytes_of("fghi"))), (first, device(one))


def flagday_bool():
    device = lambda *fields: Device("dev", "D", list(fields))
    s = lambda *fields: struct("s", "S", [u8("a", 0x11), *fields])
    q = lambda *fields: struct("s", "S", [u8("a", 0x11)], [Record("S/a", [u8("q", 0x33), *fields])])
    c, d, e = u8("c", 0x21), u8("d", 0x22), u8("e", 0x23)
    yield "flagday-bool-2", device(q(boolean("b")), d), device(q(), c, d)
    yield "flagday-bool-3", device(s(array(boolean("b"), 2)), d), device(s(), c, e, d)
    yield "flagday-bool-4", device(s(equal("b", 7)), d), device(s(), c, d)


def counted_readings():
    """What a reader that counts readings refuses in this very stream: another order, a NUL in a name, a bool 02."""
    sub = lambda name, **more: Record(name, [u8("q", 0x33)], **more)
    device = lambda *subsections, b=0: Device("dev", "D", [u8("a", 0x11), boolean("b", b)], subsections)
    yield "counted-readings", device(sub("D/a"), sub("D/b")), device(sub("D/b"), sub("D/a"))
    yield "counted-readings-2", device(sub("D/a", header=b"D/a\0zz")), device(sub("D/a"))
    yield "counted-readings-3", device(b=2), device()
    yield "counted-readings-4", device(sub("D/a"), sub("D/b")), device(sub("D/a"), sub("D/b"))


class OldStyle(Device):
    """A section without a structure: it has no subsections."""

    def said(self):
        fields = [field.said for field in self.record.fields]
        return {"name": self.idstr, "instance_id": 0, "size": self.record.size(), "fields": fields}


def old_style():
    q, sub = buffer("q", 4), Record("D/a", [u8("r", 0x33)])
    new, old = Device("dev", "D", [q], [sub]), OldStyle("dev", "", [q])
    yield "old-style", new, old
    yield "old-style-2", Device("dev", "D", [q, u8("z")], [sub]), old
    yield "old-style-3", Device("dev", "D", [struct("s", "S", [q], [Record("S/a", [u8("r", 0x33)])])]), old
    yield "old-style-4", Device("dev", "D", [q]), old


SKEW = [skew_standalone, skew_ordinal, skew_list, flagday_bool, counted_readings, old_style]


def list_two_values():
    """A look-ahead takes bytes of `dev` for S/a, which holds a list: byte 129 says whether an element follows."""
    for number, element, gap in ((2, u16("e", 0x4444), 21), (3, u8("e", 0x44), 23), (4, u8("e", 0x44), 61)):
        t = struct("t", "T", [buffer("q", 30)])
        sub = Record("S/a", [t, elements("l", "E", [element])])
        x = Device("x", "D", [struct("s", "S", [u8("a", 0x11)], [sub]), u8("z", 0x55)])
        dev = Device("dev", "E2", [struct("s", "S", [u8("a", 0x11)]), u8("m"), equal("len", 3), buffer("nm", 3),
                                   buffer("v", 4), buffer("qq", 30), u8("first"), buffer("rest", 9)])
        yield f"list-two-values-{number}", (x, dev, Device("y", "Y", [unused("u", gap), buffer("c", 40)]))


def version_range():
    """The constants behind the tail of `dev` are the end of a header of S/a with the version `sent`."""
    for number, version, minimum, sent in ((2, 2, 1, 1), (3, 1, 1, 0), (4, 1, 0, 2)):
        sub = Record("S/a", [u8("q", 0x33)], version=version)
        x = Device("x", "D", [struct("s", "S", [u8("a", 0x11)], [sub]), u8("z", 0x55)])
        dev = Device("dev", "E2", [struct("s", "S", [u8("a", 0x11)]), u8("m"), equal("len", 3), u8("n0"),
                                   equal("n1", ord("/")), equal("n2", ord("a")), *equals("v", be32(sent)),
                                   buffer("r", 8)])
        yield f"version-range-{number}", (x, dev)
        told = declared("S/a", [member("q")], version=version, minimum=minimum)
        yield f"version-range-{number}.dump", dump("D", [member("s", declared("S", [member("a")], [told]))])


def order():
    """The dump declares more subsections than the stream sends."""
    sub = lambda name: Record(name, [u8("q", 0x33)])
    told = lambda names: [declared(name, [member("q")]) for name in names]
    in_struct = lambda names: dump("D", [member("s", declared("S", [member("a")], told(names)))])
    sends = Device("dev", "D", [struct("s", "S", [u8("a", 0x11)], [sub("S/ab")]), equal("k", 7)])
    yield "order-2", (sends,)
    yield "order-2.dump", in_struct(["S/a", "S/b", "S/ab"])
    yield "order-3", (sends,)
    yield "order-3.dump", in_struct(["S/ab", "S/a"])
    yield "order-4", (Device("dev", "D", [equal("k", 7)], [sub("D/xy")]),)
    root = declared("D", [member("k")], told(["D/x", "D/xy"]))
    yield "order-4.dump", json.dumps(
        {"D": {"Name": "D", "version_id": 1, "minimum_version_id": 1, "Description": root}}).encode()


def many_optional():
    for number, subsections, count in ((2, 4, 2), (3, 2, 3), (4, 8, 2)):
        field = array(struct("s", "S", [u8("a", 0x11)]), count)
        yield f"many-optional-{number}", (Device("dev", "D", [equal("pre", 7), field, buffer("g", 40)]),)
        told = [declared(f"S/{index:03}", [member("q")]) for index in range(subsections)]
        yield f"many-optional-{number}.dump", dump("D", [member("s", declared("S", [member("a")], told))])


def taken_before():
    s = struct("s", "ab", [u8("a", 0x11)])
    t = lambda name: struct("t", name, [equal("x", 5)])
    yield "taken-before-2", (Device("dev", "D", [s, t("c"), u8("m"), equal("c", ord("c")), buffer("g", 120)]),)
    yield "taken-before-3", (Device("dev", "D", [s, t("b"), u8("m"), equal("c", ord("a")), equal("b", ord("b")),
                                                 buffer("g", 120)]),)
    within = struct("t", "a", [u8("x", 0x12)])
    yield "taken-before-4", (Device("dev", "D", [struct("s", "ab", [within]), buffer("g", 40)]),)


def ambiguous_constant():
    """One state sends S/a, the other P/x; both send 18 bytes more. So all of S/a must be bytes of `g`, or of P/x."""
    def device(constants, *g):
        s = struct("s", "S", [u8("a", 0x11)], [Record("S/a", equals("k", constants))])
        return Device("dev", "P", [s, *g], [Record("P/x", [buffer("d", 9)], sends=False)])

    sevens = bytes([7] * 9)
    yield "ambiguous-constant-2", (device(sevens, buffer("g", 17)),)
    yield "ambiguous-constant-3", (device(sevens[1:] + b"\5", buffer("g", 17)),)
    yield "ambiguous-constant-4", (device(sevens, equal("first", 6), buffer("g", 26)),)


def ambiguous_sections():
    """One state sends S/x in d1, the other T/y in a later section."""
    def devices(between, size):
        s = struct("s", "S", [u8("a", 0x11)], [Record("S/x", [buffer("X", 40)])])
        t = struct("t", "T", [u8("a", 0x12)], [Record("T/y", [buffer("Y", size)], sends=False)])
        last = Device("d3" if between else "d2", "D2", [buffer("b", 100), t, buffer("h", 20)])
        middle = [Device("d2", "M", between)] if between else []
        return (Device("d1", "D1", [s, buffer("g", 40)]), *middle, last)

    yield "ambiguous-sections-2", devices([buffer("m", 60)], 40)
    yield "ambiguous-sections-3", devices([equal("m", 7), buffer("n", 20), *equals("k", bytes([7] * 40))], 40)
    yield "ambiguous-sections-4", devices([], 39)


def json_null_key():
    """The description names S/b. What stands behind the NUL is not compared, but must be shown."""
    for number, behind in ((2, b'"\\'), (3, b"\xc0\x80"), (4, b"\xed\xa0\x80")):
        sub = Record("S/b", [u8("q", 0x33)], header=b"S/b\0" + behind)
        device = Device("dev", "D", [struct("s", "S", [u8("a", 0x11)], [sub]), buffer("g", 40)])
        yield f"json-null-key-{number}", (device,)


def large_array():
    s = struct("s", "S", [u8("a")])
    t = struct("t", "T", [array(s, 20000)])
    big = array(s, 200000000)
    inside = Record("D/a", [big])
    yield "large-array-2", description(Device("dev", "D", [array(t, 20000)]))
    yield "large-array-3", description(Device("dev", "D", [u8("b")], [inside]))
    yield "large-array-4", description(Device("dev", "D", [array(s, (1 << 31) - 1)]))


CHECK = [list_two_values, version_range, order, many_optional, taken_before, ambiguous_constant, ambiguous_sections,
         json_null_key, large_array]


def write_small(folder):
    for kind in SKEW:
        for name, devices, reader in kind():
            devices, reader = ((each if isinstance(each, tuple) else (each,)) for each in (devices, reader))
            (folder / f"{name}.vmstate").write_bytes(stream(*devices))
            (folder / f"{name}.reader.json").write_bytes(description(*reader))
    for kind in CHECK:
        for name, content in kind():
            if isinstance(content, tuple):
                (folder / f"{name}.vmstate").write_bytes(stream(*content))
            else:
                (folder / f"{name}.json").write_bytes(content)


# ---- Two states with the same bytes ------------------------------------------------------------------------


def subsections_of(record):
    for field in record.fields:
        yield from subsections_of(field.record) if field.record else ()
    for each in record.subsections:
        yield each
        yield from subsections_of(each)


def pattern(record):
    """The bytes of the record, in all states that send the same subsections; None where they may differ."""
    bytes_ = []
    for field in record.fields:
        bytes_ += pattern(field.record) if field.record else [None] * len(field.data) if field.free else field.data
    for each in record.subsections:
        if each.sends:
            bytes_ += SUBSECTION + counted(each.header) + be32(each.version)
            bytes_ += pattern(each)
    return bytes_


def whole_pattern(devices):
    bytes_ = []
    for index, device in enumerate(devices):
        record = pattern(device.record)
        head = PART_FULL + be32(index + 1) + counted(device.idstr) + be32(0) + be32(device.record.version)
        bytes_ += [*head, *record, *FOOTER, *be32(index + 1)]
    return bytes_


def has_pair(devices):
    optional = [each for device in devices for each in subsections_of(device.record)]
    patterns = []
    for sent in itertools.product((False, True), repeat=len(optional)):
        for each, sends in zip(optional, sent):
            each.sends = sends
        patterns.append(whole_pattern(devices))
    return any(len(one) == len(other) and all(a is None or b is None or a == b for a, b in zip(one, other))
               for one, other in itertools.combinations(patterns, 2))


# ---- The loader --------------------------------------------------------------------------------------------


def captured(streams, name):
    entry = next(each for each in json.loads((streams / "manifest.json").read_text()) if each["name"] == name)
    return {key: entry[key] for key in ("command", "capabilities", "qemu")}, (streams / entry["file"]).read_bytes()


def write_loader(folder, streams):
    entries = []

    def add(name, entry, data, outcome, schemas=()):
        (folder / f"{name}.vmstate").write_bytes(data)
        for each in schemas:
            shutil.copy(STREAMS / each, folder)
        entries.append(entry | {"name": name, "file": f"{name}.vmstate", "expected": {"heuristic": outcome},
                                "schemas": list(schemas)})

    write_packages(add, *captured(streams, "microvm"))
    write_looks(add)
    (folder / "manifest.json").write_text(json.dumps(entries))


def write_packages(add, entry, data):
    """Sections of a capture, in one package or two."""
    first = data.index(b"\5timer") - 5
    second = data.index(b"cpu_common") - 6
    last = data.index(b"globalstate") - 6
    end = data.index(EOF + DESCRIPTION, last)
    add("package", entry, data, "exact")

    def packaged(*parts):
        """The sections of the capture; a list is a package."""
        return data[:first] + b"".join(
            COMMAND + b"\0\7\0\4" + be32(len(part[0])) + part[0] if isinstance(part, list) else part
            for part in parts) + data[end:]

    one, two, three = data[first:second], data[second:last], data[last:end]
    add("package-with-eof", entry, packaged([one + two + three + EOF]), "exact")
    add("package-with-eof-2", entry, packaged(one, two, [three + EOF]), "exact")
    add("package-with-eof-3", entry, packaged([EOF], one, [two + EOF], three), "exact")
    add("package-with-eof-4", entry, packaged([one + EOF], [two + EOF], three), "exact")
    add("package-ends", entry, packaged([one + two + three]), "reject")
    add("package-ends-2", entry, packaged(one, two, [three]), "reject")
    add("package-ends-3", entry, packaged([b""], one, two, three), "reject")
    add("package-ends-4", entry, packaged([one + EOF], [two], three), "reject")


def write_looks(add):
    """In a stream without a description, a look-ahead at the tail of a USB port, with a length of our choice."""
    entry, data = captured(STREAMS, "bookworm-pc-2.2-bare")
    layout = ["bookworm-pc-2.2.vmstate"]
    add("look", entry, data, "exact", layout)
    entry["original"] = "look.vmstate"
    first = 15469  # the tail of ports[0] of the UHCI controller; ports[1] ends 2 bytes later
    second = first + 2

    def looks(tail, length):
        return data[:tail] + SUBSECTION + bytes([length]) + data[tail + 2:]

    add("look-beyond", entry, looks(first, 255), "reject", layout)
    add("look-beyond-2", entry, looks(second, 255), "reject", layout)
    add("look-beyond-3", entry, looks(first, len(data) - first - 2), "exact", layout)
    add("look-beyond-4", entry, looks(first, len(data) - first - 1), "reject", layout)
    add("look-within", entry, looks(first, 15), "exact", layout)


if __name__ == "__main__":
    if sys.argv[1] == "--loader":
        write_loader(Path(sys.argv[2]), Path(sys.argv[3]))
    elif sys.argv[1] == "--pairs":
        print(*(name for kind in (ambiguous_constant, ambiguous_sections) for name, devices in kind()
                if has_pair(devices)))
    else:
        write_small(Path(sys.argv[1]))
