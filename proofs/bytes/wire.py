# SPDX-License-Identifier: MIT
"""The bytes of a whole stream under each option, as a shape: sequences, choices and lengths.

A shape is every state of a schema: a stream of one section, in which each subsection is sent or not, in the order in which
it is declared. So two different ways through a shape are two different states. grammar/README.md tells the formats.
This file must not know lemon, nor what a reader does.
"""
from schemas import INTEGERS
from shapes import ANY, Bytes, Choice, Measured, Sequence, at_least_one_of, literal, some_of

SECTION, INSTANCE = 1, 0
FULL, SUBSECTION, DESCRIPTION, FOOTER, EOF = 0x04, 0x05, 0x06, 0x7E, 0x00

# The options of one format. The readers of the first row differ, their writer does not.
FORMATS = [
    ("inline", ["legacy", "guarded", "heuristic", "combined", "consistent"]),
    ("described", ["described"]),
    ("flagday", ["flagday"]),
    ("standalone", ["standalone"]),
    ("toplevel", ["toplevel"]),
    ("framed", ["framed"]),
    ("asn1", ["asn1"]),
]
VERSIONS = {"flagday": 4, "standalone": 5, "framed": 6, "asn1": 7}
# Parts of a format that can be left out, to see that the proof fails without them.
PARTS = {"flagday": ["sentinel"], "described": ["description"], "standalone": ["owner"], "toplevel": ["owner"]}


# ---- Fields ----------------------------------------------------------------------------------------------


def be32(number):
    return number.to_bytes(4, "big")


def str8(text):
    return bytes([len(text)]) + text.encode()


def values_of(field):
    """The bytes that an element can have on QEMU's wire."""
    one = {"bool": frozenset([0, 1]), "unused_buffer": frozenset([0])}.get(field.kind, ANY)
    return [one] * field.size


def joined(path, name):
    return f"{path}.{name}" if path else name


def elements(field, path):
    """The elements of a field, with their paths."""
    name = joined(path, field.name)
    return [f"{name}[{i}]" for i in range(field.count)] if field.array else [name]


class Format:
    """QEMU's format of today; what another one changes is overridden. `without`: parts that are left out."""

    def __init__(self, name, without=()):
        self.name, self.without = name, without

    def stream(self, schema):
        section = Sequence([self.header(schema), *self.device(schema), self.footer()])
        head = literal(b"QEVM" + be32(VERSIONS.get(self.name, 3)), "magic, version")
        return Sequence([head, section, *self.behind(schema), literal([EOF], "eof"), *self.description()])

    def header(self, schema):
        return literal(bytes([FULL]) + be32(SECTION) + str8(schema.device.name) + be32(INSTANCE) + be32(schema.device.version),
                       f'header of section "{schema.device.name}"')

    def footer(self):
        return literal(bytes([FOOTER]) + be32(SECTION), "footer")

    def device(self, schema):
        return [self.record(schema.device, "")]

    def behind(self, schema):
        return []

    def description(self):
        return []

    def record(self, structure, path):
        parts = [self.field(field, path) for field in structure.fields]
        return Sequence([*parts, self.tail(structure, path)], f"{structure.name} {path}")

    def field(self, field, path):
        if field.structure is None:
            name = joined(path, field.name)
            return Sequence([Bytes(values_of(field) * field.count, name)], name)
        return Sequence([self.embedded(field.structure, name) for name in elements(field, path)])

    def embedded(self, structure, path):
        return self.record(structure, path)

    def tail(self, structure, path):
        return some_of([self.subsection(each, path) for each in structure.subsections], f"tail of {path or structure.name}")

    def subsection(self, structure, path):
        name = joined(path, structure.name)
        head = literal(bytes([SUBSECTION]) + str8(structure.name) + be32(structure.version), f"subsection {name}")
        return Sequence([head, self.record(structure, name), *self.end()], f"subsection {name}")

    def end(self):
        return []


class Flagday(Format):
    def embedded(self, structure, path):
        return Sequence([self.record(structure, path), *self.end(path)])

    def end(self, path="subsection"):
        return [] if "sentinel" in self.without else [literal([0], f"end of {path}")]


class Described(Format):
    """As today, and the description behind the end. What it says of subsections is one byte here for each place where one
    can stand: 01 if it was sent. So there is a stream for each set of subsections. They share all parts that are alike."""

    def stream(self, schema):
        places = self.places(schema.device, "")
        self.shared = {}
        return Choice([self.sending(schema, places, number) for number in range(1 << len(places))], "stream")

    @staticmethod
    def places(structure, path):
        return [name for path, _, owner in owners(structure, path) for name in subsections_of(owner, path)]

    def sending(self, schema, places, number):
        marks = [number >> bit & 1 for bit in range(len(places))]
        self.sent = {place for place, mark in zip(places, marks) if mark}
        self.told = bytes([DESCRIPTION]) + be32(len(marks)) + bytes(marks)
        return Sequence([Format.stream(self, schema)])

    def record(self, structure, path):
        key = path, frozenset(self.sent.intersection(self.places(structure, path)))
        if key not in self.shared:
            self.shared[key] = super().record(structure, path)
        return self.shared[key]

    def field(self, field, path):
        key = joined(path, field.name)
        if field.structure is not None:
            return super().field(field, path)
        if key not in self.shared:
            self.shared[key] = super().field(field, path)
        return self.shared[key]

    def subsection(self, structure, path):
        key = "subsection " + joined(path, structure.name)
        if key not in self.shared:
            self.shared[key] = super().subsection(structure, path)
        return self.shared[key]

    def tail(self, structure, path):
        names = subsections_of(structure, path)
        sent = [each for each, name in zip(structure.subsections, names) if name in self.sent]
        return Sequence([self.subsection(each, path) for each in sent])

    def description(self):
        return [] if "description" in self.without else [literal(self.told, "description")]


class Separate(Format):
    """Subsections are sent behind their section. They name their owner by its path and by where it ends."""

    def tail(self, structure, path):
        return Sequence([])

    def behind(self, schema):
        items = [self.item(schema, path, end, each, name) for path, end, owner in owners(schema.device)
                 for each, name in zip(owner.subsections, subsections_of(owner, path))]
        return [some_of(items, "subsections")]

    def item(self, schema, path, end, structure, name):
        owner = (path, end) if "owner" not in self.without else ("", 0)
        head = literal(self.item_header(schema, *owner, structure), f"subsection {name}")
        return Sequence([head, self.record(structure, name), self.footer()], f"subsection {name}")


class Standalone(Separate):
    def item_header(self, schema, path, end, structure):
        return (bytes([SUBSECTION]) + be32(SECTION) + str8(path) + be32(end) + str8(structure.name)
                + be32(structure.version))


class Toplevel(Separate):
    """All subsections are new ones: none stays inline."""

    def item_header(self, schema, path, end, structure):
        idstr = f"{schema.device.name}/{path.replace('/', '//')}/{structure.name}"
        return bytes([FULL]) + be32(SECTION) + str8(idstr) + be32(end) + be32(structure.version)


class Framed(Format):
    def header(self, schema):
        return literal(bytes([FULL]) + be32(SECTION) + str8(schema.device.name) + be32(INSTANCE),
                       f'header of section "{schema.device.name}"')

    def record(self, structure, path):
        name = path or structure.name
        fields = Sequence([self.field(field, path) for field in structure.fields])
        return Sequence([literal(be32(structure.version), f"version of {name}"),
                         Measured(be32, fields, f"fields of {name}", f"length of {name}"),
                         self.tail(structure, path), literal([0], f"end of {name}")], f"{structure.name} {path}")

    def subsection(self, structure, path):
        name = joined(path, structure.name)
        head = literal(bytes([SUBSECTION]) + str8(structure.name), f"subsection {name}")
        return Sequence([head, self.record(structure, name)], f"subsection {name}")


# ---- asn1 ------------------------------------------------------------------------------------------------


def der_length(length):
    if length < 128:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def tagged(tag, part, name, label=None):
    return Sequence([literal(tag, label), Measured(der_length, part, name, label)])


def der_integer(number):
    octets = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\x02" + der_length(len(octets)) + octets


def der_integers(size, signed):
    """INTEGERs of so many bytes, without padding: each number has one encoding."""
    def between(first, last):
        return frozenset(range(first, last + 1))

    choices = []
    for length in range(1, size + (1 if signed else 2)):
        head = literal([0x02, length])
        rest = [ANY] * (length - 1)
        if length == 1:
            choices.append(Sequence([head, Bytes([ANY if signed else between(0, 0x7F)])]))
            continue
        choices.append(Sequence([head, Bytes([between(0, 0), between(0x80, 0xFF), *rest[1:]])]))
        if length <= size:
            choices.append(Sequence([head, Bytes([between(1, 0xFE if signed else 0x7F), *rest])]))
        if signed:
            choices.append(Sequence([head, Bytes([between(0xFF, 0xFF), between(0, 0x7F), *rest[1:]])]))
    return Choice(choices, f"{'signed' if signed else 'unsigned'} {size}")


class Asn1(Format):
    """An array of structures is a SEQUENCE for each element, as where one of them sends a subsection."""

    def __init__(self, name, without=()):
        super().__init__(name, without)
        self.integers = {key: der_integers(*key) for key in set(INTEGERS.values())}
        self.boolean = Sequence([literal([0x01, 0x01]), Bytes([frozenset([0x00, 0xFF])])])

    def stream(self, schema):
        head = literal(b"QEVM" + be32(VERSIONS["asn1"]), "magic, version")
        name = schema.device.name.encode()
        named = literal(der_integer(SECTION) + b"\x04" + der_length(len(name)) + name + der_integer(INSTANCE)
                        + der_integer(schema.device.version), f'header of section "{schema.device.name}"')
        section = tagged([0x64], Sequence([named, self.record(schema.device, "")]), "section",
                         f'header of section "{schema.device.name}"')
        footer = literal(b"\x6b\x03" + der_integer(SECTION), "footer")
        return Sequence([head, section, footer, literal([0x40, 0x00], "eof")])

    def record(self, structure, path):
        name = path or structure.name
        return tagged([0x30], Sequence([super().record(structure, path)]), f"SEQUENCE {name}", name)

    def field(self, field, path):
        made = [self.element(field, name) for name in elements(field, path)]
        if not field.array or field.structure is not None:
            return Sequence(made)
        name = joined(path, field.name)
        return tagged([0x30], Sequence(made), f"SEQUENCE OF {name}", name)

    def element(self, field, path):
        if field.structure is not None:
            return self.record(field.structure, path)
        if field.kind in INTEGERS:
            return Sequence([self.integers[INTEGERS[field.kind]]], path, path)
        if field.kind == "bool":
            return Sequence([self.boolean], path, path)
        octets = values_of(field)
        return Sequence([literal(b"\x04" + der_length(len(octets))), Bytes(octets)], path, path)

    def tail(self, structure, path):
        if not structure.subsections:
            return Sequence([])
        name = f"subsections of {path or structure.name}"
        sent = at_least_one_of([self.subsection(each, path) for each in structure.subsections], f"{name} 0")
        return Choice([Sequence([]), tagged(b"\x7f\xd3\x4c", sent, name, name)], f"tail of {path or structure.name}")

    def subsection(self, structure, path):
        name = joined(path, structure.name)
        octets = structure.name.encode()
        named = literal(b"\x04" + der_length(len(octets)) + octets + der_integer(structure.version), f"subsection {name}")
        return tagged(b"\x7f\xd3\x53", Sequence([named, self.record(structure, name)]), f"subsection {name}",
                      f"subsection {name}")


# ---- Owners of subsections -------------------------------------------------------------------------------


def length_of(structure):
    """The bytes of its fields, where no subsection is sent."""
    return sum(field.count * (field.size if field.structure is None else length_of(field.structure))
               for field in structure.fields)


def owners(structure, path="", begins=0):
    """The records of a section in the order in which they begin: path, the place where it ends, structure."""
    found, at = [(path, begins + length_of(structure), structure)], begins
    for field in structure.fields:
        for name in elements(field, path):
            if field.structure is not None:
                found += owners(field.structure, name, at)
            at += field.size if field.structure is None else length_of(field.structure)
    return found


def subsections_of(structure, path):
    """The names of its subsections, each with the path of its owner."""
    return [joined(path, each.name) for each in structure.subsections]


BUILDERS = {"inline": Format, "described": Described, "flagday": Flagday, "standalone": Standalone, "toplevel": Toplevel,
            "framed": Framed, "asn1": Asn1}


def stream_shape(name, schema, without=()):
    return BUILDERS[name](name, without).stream(schema)
