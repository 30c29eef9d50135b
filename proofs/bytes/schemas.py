# SPDX-License-Identifier: MIT
"""The schemas of the proof on bytes: those of schemas.json, and the cut-down documents that vmwire can read.

A schema is written there in whole, or it is cut out of what a real program declares (corpus/schemas): only the fields,
elements (or bytes of a buffer) and subsections that are named are kept. Sizes, types, versions, names and their order are the
program's. A field about which a function of QEMU decides is refused; if "decided" names it, it is always sent.
This file must not know the protocol options.
"""
import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent

# QEMU's types that a field here may have: bytes on the wire, and for integers whether they have a sign (for asn1).
INTEGERS = {"uint8": (1, False), "uint16": (2, False), "uint32": (4, False), "uint64": (8, False),
            "int8": (1, True), "int16": (2, True), "int32": (4, True), "int64": (8, True), "timer": (8, True)}
BUFFERS = ("buffer", "unused_buffer")


class SchemaError(Exception):
    pass


class Field:
    """A field that is bytes (`structure` is None), or a structure. `count`: elements, where it is an `array`."""

    def __init__(self, name, kind, size, structure, count, array):
        self.name, self.kind, self.size, self.structure, self.count, self.array = name, kind, size, structure, count, array


class Structure:
    def __init__(self, name, version):
        self.name, self.version, self.fields, self.subsections = name, version, [], []


class Schema:
    def __init__(self, entry, document):
        self.name, self.about, self.source, self.stream = entry["name"], entry["about"], entry["from"], entry.get("stream")
        self.document = document  # what a program declares, as `vmwire schema` prints it
        self.device = structure_of(document["structures"], 0, ())


def load(path=FOLDER / "schemas.json"):
    with open(path, encoding="utf-8") as text:
        return [Schema(entry, document_of(entry)) for entry in json.load(text)]


def document_of(entry):
    structures = entry["structures"] if "structures" in entry else cut(entry)
    return {"declarations": 1, "files": [entry["device"]], "shape": "7.0 to 7.2", "structures": structures}


# ---- Cutting ---------------------------------------------------------------------------------------------


def cut(entry):
    """The device's structures, the device first, with only what entry["keep"] names."""
    with open(ROOT / entry["from"], encoding="utf-8") as text:
        declared = json.load(text)["structures"]
    numbers, kept, named = {}, [], set()

    def keep(number):
        if number in numbers:
            return numbers[number]
        numbers[number] = len(kept)
        kept.append(None)
        kept[numbers[number]] = one(declared[number])
        return numbers[number]

    def one(structure):
        wanted = entry["keep"].get(structure["name"], {})
        named.add(structure["name"])
        made = {key: value for key, value in structure.items() if key not in ("fields", "subsections")}
        made["fields"] = [field_of(field, wanted.get("fields")) for field in chosen(structure, wanted)]
        sent = wanted.get("subsections", [])
        numbers_sent = [n for n in structure.get("subsections", []) if declared[n]["name"] in sent]
        if len(numbers_sent) != len(sent):
            raise SchemaError(f"{structure['name']} does not declare all of {sent}")
        if sent:
            made["subsections"] = [keep(n) for n in numbers_sent]
        return made

    def field_of(field, counts):
        made = dict(field)
        if field["name"] in entry.get("decided", []):
            made.pop("condition", None)
        if counts and field.get("type") in BUFFERS:
            made["size"] = counts[field["name"]]
        elif counts and counts[field["name"]] != field.get("num", 1):
            made["num"] = counts[field["name"]]
            made["flags"] = sorted(({*field["flags"]} - {"varray", "pointer"}) | {"array"})
            for key in ("num_offset", "num_bytes"):
                made.pop(key, None)
        if "structure" in field:
            made["structure"] = keep(field["structure"])
        return made

    first = next((n for n, each in enumerate(declared) if each["name"] == entry["device"]), None)
    if first is None:
        raise SchemaError(f"{entry['from']} does not declare {entry['device']}")
    keep(first)
    unused = set(entry["keep"]) - named
    if unused:
        raise SchemaError(f"{entry['device']} has no structure {sorted(unused)}")
    return kept


def chosen(structure, wanted):
    """The fields that are kept, in the program's order; of several of one name the first."""
    names = wanted.get("fields")
    fields = structure.get("fields", [])
    if names is None:
        return fields
    kept = {}
    for field in fields:
        if field["name"] in names:
            kept.setdefault(field["name"], field)
    if len(kept) != len(names):
        raise SchemaError(f"{structure['name']} does not have all of the fields {sorted(names)}")
    return list(kept.values())


# ---- Reading a document ----------------------------------------------------------------------------------


def structure_of(structures, number, around):
    if number in around:
        raise SchemaError("a structure holds itself")
    declared = structures[number]
    structure = Structure(declared["name"], declared["version_id"])
    for field in declared["fields"]:
        structure.fields.append(read_field(structures, field, (*around, number)))
    structure.subsections = [structure_of(structures, n, (*around, number)) for n in declared.get("subsections", [])]
    if any(sends(each) for each in structure.subsections):
        raise SchemaError(f"{structure.name}: a subsection with subsections is not known here")
    return structure


def sends(structure):
    """Whether it, or a structure in it, has a subsection."""
    return bool(structure.subsections) or any(sends(field.structure) for field in structure.fields if field.structure)


def read_field(structures, field, around):
    if "num_offset" in field or "size_offset" in field or "condition" in field:
        raise SchemaError(f"{field['name']}: another field or a function decides about it")
    array = "array" in field["flags"]
    count = field.get("num", 1) if array else 1
    if "structure" in field:
        return Field(field["name"], "struct", None, structure_of(structures, field["structure"], around), count, array)
    kind = field["type"]
    if kind in INTEGERS:
        return Field(field["name"], kind, INTEGERS[kind][0], None, count, array)
    if kind == "bool" or kind in BUFFERS:
        return Field(field["name"], kind, 1 if kind == "bool" else field["size"], None, count, array)
    raise SchemaError(f"{field['name']}: bytes of the type {kind} are not known here")
