#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads every field of a private encoding of streams by the layouts of grammar/layouts, and holds the layouts to account.

Usage: tests/layouts.py --declarations FOLDER [--vmwire PROGRAM] [--show TYPE] [--strict] [STREAM...]

FOLDER holds RELEASE-ARCH.json, each the output of `vmwire schema --json PROGRAM`; the name of a stream tells which one is
its own. Without streams, all of corpus/streams are read. A layout must consume a field's bytes exactly, in exactly one way.
A field that is read in no way, or in two ways, is an error. A type without a layout is counted, and is an error with
--strict.

The reader goes through a layout with a list of states; where only QEMU's code knows what comes, a state becomes two. A
state is a place in the bytes, the values that later lengths and conditions refer to, and the choices that were made.
grammar/layouts/README.md explains the language.
"""

import argparse
import itertools
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATES = 100000  # more than these at one time: the search is given up
PLAIN = {"uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8, "int8": 1, "int16": 2, "int32": 4, "int64": 8, "bool": 1,
         "timer": 8, "CPU_Double_U": 8, "uint8 equal": 1, "uint16 equal": 2, "uint32 equal": 4, "int32 equal": 4,
         "int64 equal": 8, "nullptr": 1, "ptr-marker": 1, "int32_as_uint16": 2, "uint16_from_uint8": 1,
         "powered_off": 1}
BYTES = {"buffer", "unused_buffer"}
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "aarch64", "arm": "aarch64", "ppc64": "ppc64", "s390x": "s390x",
                 "riscv64": "riscv64"}


class LayoutError(Exception):
    """A layout, or a declaration, cannot be used; the text tells why."""


class State:
    """Immutable. `names` and `leaves` are linked lists, last one first."""
    __slots__ = ("at", "names", "choices", "leaves")

    def __init__(self, at, names, choices, leaves):
        self.at, self.names, self.choices, self.leaves = at, names, choices, leaves

    def advance(self, at, name, value, leaf):
        return State(at, (name, value, self.names) if name is not None else self.names, self.choices,
                     (leaf, self.leaves) if leaf else self.leaves)

    def named(self, name, value):
        return State(self.at, (name, value, self.names), self.choices, self.leaves)

    def within(self, names):
        return State(self.at, names, self.choices, self.leaves)

    def choose(self, name, value):
        return State(self.at, self.names, {**self.choices, name: value}, self.leaves)


def lookup(names, wanted):
    while names:
        if names[0] == wanted:
            return names[1]
        names = names[2]
    raise LayoutError(f"no earlier field {wanted}")


class Layouts:
    """The types of all layout files, and the facts about declared structures."""

    def __init__(self, folder):
        self.types = defaultdict(list)
        self.structures, self.needed, self.counters, self.numbers = {}, {}, {}, {}
        self.nameless = []
        for path in sorted(folder.glob("*.json")):
            if path.name.endswith(".schema.json"):
                continue
            for entry in json.loads(path.read_text()).get("types", []):
                self.types[entry["type"]].append(entry)
                self.counters.update({field["class"]["counts"]: field["name"] for field in entry["fields"]
                                      if "counts" in field.get("class", "")})
            self.nameless += json.loads(path.read_text()).get("nameless", [])
            for entry in json.loads(path.read_text()).get("structures", []):
                for name in [entry["structure"]] if isinstance(entry["structure"], str) else entry["structure"]:
                    self.structures[name] = entry.get("fields", {})
                    self.numbers[name] = entry.get("numbers", [])
                    if "needed" in entry:
                        self.needed[name] = entry["needed"]

    def find(self, name, owner, idstr=None):
        for entry in self.types.get(name, []):
            if "section" in entry:
                if idstr and any(idstr == each or idstr.endswith("/" + each) for each in entry["section"]):
                    return entry
            elif "within" not in entry or owner in entry["within"]:
                return entry
        return None


class Declarations:
    """What one program declares."""

    def __init__(self, path, nameless=()):
        """`nameless`: the names of structures that get theirs when QEMU runs, by their fields."""
        self.structures = json.loads(path.read_text())["structures"]
        self.by_name = defaultdict(list)
        seen = set()
        for structure in self.structures:
            key = json.dumps(structure, sort_keys=True)
            if key not in seen:
                seen.add(key)
                fields = {field["name"] for field in structure.get("fields", [])}
                names = [entry["names"] for entry in nameless if not structure["name"] and fields.issuperset(entry["fields"])]
                for name in names[0] if names else [structure["name"]]:
                    self.by_name[name].append({**structure, "name": name})

    def named(self, name):
        """All structures of this name. A program without the device has none, and then sends none."""
        return self.by_name.get(name, [])


class Reader:
    """Reads the bytes of one opaque field."""

    def __init__(self, layouts, declarations, data, sections=None):
        self.layouts, self.declarations, self.data, self.sections = layouts, declarations, data, sections or Counter()

    # ---- values and conditions ----

    def number(self, state, value, end):
        """The numbers that VALUE can stand for: one, or many where only the machine knows."""
        if isinstance(value, int):
            return [value]
        if isinstance(value, str):
            return [lookup(state.names, value)]
        if "values" in value:
            possible = [one for one in value["values"] if not isinstance(one, dict) or
                        self.holds([state], one.get("when"), None, end)[0]]
            return list(dict.fromkeys(each for one in possible for each in self.number(
                state, one["value"] if isinstance(one, dict) and "when" in one else one, end)))
        if "machine" in value:
            unit = value.get("unit", 1)
            return range(0, min((end - state.at) // unit, value.get("at_most", end)) + 1)
        if "rest" in value:
            base = end - state.at
        elif "sections" in value:
            base = self.sections[value["sections"]]
        elif "capability" in value:
            if "default" in value and self.earlier(state, value["in"], ()) == ():
                return self.number(state, value["default"], end)
            base = self.capability(state, value)
            if base is None and "default" in value:
                return self.number(state, value["default"], end)
            if base is None:
                raise LayoutError("the capability is not there")
        else:
            base = self.earlier(state, value["field"], value.get("default"))
        if "mask" in value:
            base &= value["mask"]
        (times, divide) = (self.number(state, value.get(key, 1), end) for key in ("times", "divide"))
        if not times or not divide or not divide[0]:
            return []
        return [max(0, (base * times[0] + value.get("plus", 0)) // divide[0])]

    @staticmethod
    def earlier(state, field, default=None):
        """The value of an earlier field; of several names, of the last one that is there."""
        wanted, names = [field] if isinstance(field, str) else field, state.names
        while names:
            if names[0] in wanted:
                return names[1]
            names = names[2]
        if default is None:
            raise LayoutError(f"no earlier field {field}")
        return default

    def capability(self, state, value):
        """The place of a capability in a PCI configuration space, or the integer there; None: it has none such."""
        start, size = lookup(state.names, value["in"])
        config = self.data[start:start + size]
        if not config[6] & 0x10:
            return None
        place, steps = config[0x34] & 0xfc, 0
        while place and steps < 48:
            if config[place] == value["capability"]:
                if "offset" not in value:
                    return place
                return int.from_bytes(config[place + value["offset"]:][:value["size"]], "little")
            place, steps = config[place + 1] & 0xfc, steps + 1
        return None

    def holds(self, states, condition, owner, end, version=0):
        """Splits states into those for which the condition holds and those for which it does not."""
        if condition is None:
            return states, []
        if isinstance(condition, list):
            no = []
            for each in condition:
                states, failed = self.holds(states, each, owner, end, version)
                no += failed
            return states, no
        if "any" in condition:
            yes = []
            for each in condition["any"]:
                held, states = self.holds(states, each, owner, end, version)
                yes += held
            return yes, states
        if "version_below" in condition:
            return (states, []) if version < condition["version_below"] else ([], states)
        if "within" in condition:
            return (states, []) if owner in condition["within"] else ([], states)
        yes, no = [], []
        for state in states:
            if "either" in condition:
                name, wanted = condition["either"], condition.get("is", True)
                if name not in state.choices:
                    for choice in self.domain(name, wanted):
                        (yes if choice == wanted else no).append(state.choose(name, choice))
                    continue
                answer = state.choices[name] == wanted
            elif "capability" in condition and "default" in condition and self.earlier(state, condition["in"], ()) == ():
                answer = condition["default"]
            elif "capability" in condition:
                answer = self.capability(state, condition) is not None
            else:
                value = self.earlier(state, condition["field"])
                answer = (value == condition["equals"] if "equals" in condition else
                          value != condition["not"] if "not" in condition else
                          bool(value & condition["mask"]) if "mask" in condition else
                          value in condition["in"] if "in" in condition else
                          value not in condition["not_in"] if "not_in" in condition else
                          value <= condition["at_most"] if "at_most" in condition else value > condition["above"])
            (yes if answer else no).append(state)
        return yes, no

    def domain(self, name, wanted):
        if isinstance(wanted, bool):
            return [True, False]
        found = []

        def search(node):
            if isinstance(node, dict):
                if node.get("either") == name and node.get("is") not in found:
                    found.append(node.get("is"))
                for each in node.values():
                    search(each)
            elif isinstance(node, list):
                for each in node:
                    search(each)

        search(list(self.layouts.types.values()))
        return found

    # ---- layouts ----

    def type(self, states, entry, owner, end, path):
        """A value of a type. It ends at `end`, or where its last field ends."""
        outer = [state.names for state in states]
        return self.scoped(states, lambda some: self.fields(some, entry["fields"], owner, end, path), outer)

    def scoped(self, states, read, outer=None):
        """Reads with each state, and forgets the names that were added."""
        result = []
        for i, state in enumerate(states):
            for after in read([state]):
                result.append(after.within(outer[i] if outer else state.names))
        return result

    def fields(self, states, fields, owner, end, path):
        for field in fields:
            if not states:
                return []
            states, without = self.holds(states, field.get("when"), owner, end)
            states = self.field(states, field, owner, end, path) + without
            if len(states) > STATES:
                raise LayoutError(f"more than {STATES} states at {path}{field['name']}")
        return states

    def field(self, states, field, owner, end, path):
        here = path + field["name"]
        if "value" in field:
            return [state.named(field["name"], number) for state in states
                    for number in self.number(state, field["value"], end)]
        if "list" in field:
            return self.list(states, field, lambda some: self.fields(some, field["fields"], owner, end, here + "[]."), end,
                             here)
        result = []
        for state in states:
            counts = self.number(state, field["count"], end) if "count" in field else [None]
            for count in counts:
                result += self.elements([state], field, count, owner, end, here)
        return result

    def elements(self, states, field, count, owner, end, here):
        if "structure" in field:
            name = field["structure"]
            if isinstance(name, dict):
                name = name.get(owner)
                if name is None:
                    return states
            for _ in range(1 if count is None else count):
                states = self.structures(states, self.declarations.named(name), end, here, None, count is None)
            return states
        if "fields" in field:
            for _ in range(1 if count is None else count):
                states = self.scoped(states, lambda some: self.fields(some, field["fields"], owner, end, here + "."))
                if not states:
                    return []
            return states
        if field["type"] in BYTES:
            return [after for state in states for size in self.number(state, field["size"], end)
                    for after in self.bytes(state, field, size * (1 if count is None else count), end, here)]
        if field["type"] in PLAIN:
            return self.plain(states, field, count, end, here)
        entry = self.layouts.find(field["type"], owner)
        if entry is None:
            raise LayoutError(f"no layout of type {field['type']}")
        for _ in range(1 if count is None else count):
            states = self.type(states, entry, owner, end, here + ".")
        return states

    def bytes(self, state, field, size, end, here):
        if size < 0 or state.at + size > end:
            return []
        data = self.data[state.at:state.at + size]
        kind = field.get("class", "zeros" if field["type"] == "unused_buffer" else "free")
        if kind == "zeros" and any(data):
            return []
        return [state.advance(state.at + size, field["name"], (state.at, size), (here, state.at, size, kind))]

    def plain(self, states, field, count, end, here):
        width = PLAIN[field["type"]]
        kind = field.get("class", "constant" if field["type"].endswith("equal") or field["type"] in ("nullptr", "ptr-marker")
                         else "bool" if field["type"] in ("bool", "powered_off") else "free")
        result = []
        for state in states:
            size = width * (1 if count is None else count)
            if state.at + size > end:
                continue
            value = None
            if count is None or isinstance(kind, dict) or kind == "bool":
                order = "big" if field.get("order", "big") == "big" else "little"
                values = [int.from_bytes(self.data[at:at + width], order, signed=field["type"].startswith("int"))
                          for at in range(state.at, state.at + size, width)]
                if isinstance(kind, dict) and not self.in_class(state, kind, values, end):
                    continue
                if kind == "bool" and not all(each in (0, 1) for each in values):
                    continue
                value = values[0] if count is None else (state.at, size)
            else:
                value = (state.at, size)
            if kind == "zeros" and any(self.data[state.at:state.at + size]):
                continue
            result.append(state.advance(state.at + size, field["name"], value, (here, state.at, size, str(kind))))
        return result

    def in_class(self, state, kind, values, end):
        if "counts" in kind:
            return True
        limit, = self.number(state, kind.get("below", 0), end)
        return all(value in kind.get("values", []) or 0 <= value < limit for value in values)

    def list(self, states, field, read, end, here):
        """Elements, each behind a marker, and a marker 0, or another one that the layout tells, at the end."""
        counters = self.layouts.counters
        marker = field["list"] if isinstance(field["list"], dict) else {"name": "marker", "type": "uint8"}
        if "class" not in marker and marker["name"] == "marker":
            marker = {**marker, "class": {"values": [0, 1]}}
        result, going, count = [], [(state, state.names) for state in states], 0
        while going:
            further = []
            for state, names in going:
                for marked in self.plain([state], marker, None, end, here + "." + marker["name"]):
                    if lookup(marked.names, marker["name"]) not in marker.get("end", [0]):
                        further += [(after.within(names), names) for after in read([marked])]
                    elif field.get("name") not in counters or lookup(names, counters[field["name"]]) == count:
                        result.append(marked.within(names))
            going, count = further, count + 1
        return result

    # ---- declared structures ----

    def structures(self, states, candidates, end, here, version, single=True, inside=None):
        """One of these structures, with its tail. Behind a single one, its fields have names with its own in front."""
        result = []
        for structure in candidates:
            for state in states:
                for after in self.structure([state], structure, end, here, version, inside=inside):
                    names = self.exported(after.names, state.names, structure["name"]) if single else state.names
                    result.append(after.within(names))
        return result

    @staticmethod
    def exported(names, outer, structure):
        """The names around a structure, and behind them those of its fields, and of structures that are its fields."""
        found = []
        while names is not outer:
            if isinstance(names[0], str) and names[0] not in ("[", "+"):
                found.append((names[0] if "/" in names[0] else structure + "/" + names[0], names[1]))
            names = names[2]
        for name, value in reversed(found):
            outer = (name, value, outer)
        return outer

    def structure(self, states, structure, end, here, version, owned=True, inside=None):
        """A structure with its tail. Returns states that still have its names. A subsection is not `owned`: it lies in the
        same memory as its owner, so that the offset of a count can be that of a field of the owner."""
        version = structure["version_id"] if version is None else version
        facts = {**self.layouts.structures.get(structure["name"], {}), **(inside or {})}
        result = []
        for state in states:
            some = [state.named("[" if owned else "+", structure["name"])]
            for number in self.layouts.numbers.get(structure["name"], []):
                some = [each.named(number["name"], value) for each in some
                        for value in self.number(each, number["value"], end)]
            ordinal = Counter()
            for field in structure.get("fields", []):
                ordinal[field["name"]] += 1
                fact = facts.get(f"{field['name']}#{ordinal[field['name']]}", facts.get(field["name"], {}))
                some = self.declared(some, structure, field, fact, end, here, version)
                if not some:
                    break
                if len(some) > STATES:
                    raise LayoutError(f"more than {STATES} states at {here}/{field['name']}")
            result += self.tail(some, structure, end, here)
        return result

    def tail(self, states, structure, end, here):
        for index in structure.get("subsections", []):
            subsection = self.declarations.structures[index]
            name = subsection["name"].encode()
            head = b"\x05" + bytes([len(name)]) + name
            sent = []
            expected, absent = states, states
            if subsection["name"] in self.layouts.needed:
                expected, absent = self.holds(states, self.layouts.needed[subsection["name"]], structure["name"], end)
            for state in expected:
                if self.data[state.at:min(end, state.at + len(head))] != head or state.at + len(head) + 4 > end:
                    continue
                version = int.from_bytes(self.data[state.at + len(head):][:4], "big")
                if subsection["minimum_version_id"] <= version <= subsection["version_id"]:
                    opened = state.advance(state.at + len(head) + 4, None, None,
                                           (f"{here}+{subsection['name']}", state.at, len(head) + 4, "subsection"))
                    for after in self.structure([opened], subsection, end, f"{here}+{subsection['name']}", version,
                                                False):
                        sent.append(after.within(state.names))
            states = absent + sent
        return states

    def declared(self, states, structure, field, fact, end, here, version):
        flags = field.get("flags", [])
        if "must_exist" in flags:
            return states
        without = []
        if field.get("conditional") or "condition" in field:
            if "when" in fact:
                states, without = self.holds(states, fact["when"], structure["name"], end, version)
            else:
                states, without = self.unknown(states, ("condition", field.get("condition")))
        elif field.get("version_id", 0) > version:
            return states
        result = list(without)
        for state in states:
            counts, size = self.declared_counts(state, field, flags, fact, end), self.declared_size(state, field, flags, fact)
            if counts is None:
                result += self.any_count([state], structure, field, fact, flags, size, end, here + "/" + field["name"])
                continue
            sizes = [size]
            if "size" in fact:
                sizes = self.number(state, fact["size"], end)
            elif size is None and field.get("type") == "bitmap":
                sizes = range(0, (end - state.at) * 8 + 1, 64)
            elif size is None:
                sizes = range(end - state.at + 1)
            for each in sizes:
                for count in counts:
                    result += self.declared_elements([state], structure, field, fact, flags, count, each, end,
                                                     here + "/" + field["name"])
        return result

    @staticmethod
    def unknown(states, condition):
        """Splits states by a function of QEMU that no fact explains. Fields of one structure that have the same function
        share its answer."""
        yes, no = [], []
        for state in states:
            names = state.names
            while names[0] not in ("[", "+", condition):
                names = names[2]
            if names[0] == condition:
                (yes if names[1] else no).append(state)
            else:
                yes.append(state.named(condition, True))
                no.append(state.named(condition, False))
        return yes, no

    @staticmethod
    def by_offset(state, offset):
        names = state.names
        while names and names[0] != "[":
            if names[0] == ("offset", offset):
                return names[1]
            names = names[2]
        return None

    def any_count(self, states, structure, field, fact, flags, size, end, here):
        """An array of which nothing on the wire tells the number of elements."""
        result, limit = [], fact["count"].get("at_most") if isinstance(fact.get("count"), dict) else None
        for _ in itertools.count() if limit is None else range(limit + 1):
            result += states
            if not states:
                break
            if len(result) > STATES:
                raise LayoutError(f"more than {STATES} states at {here}")
            states = [after for state in states
                      for after in self.declared_elements([state], structure, field, fact, flags, 1, size, end, here)
                      if after.at > state.at]
        return result

    def declared_counts(self, state, field, flags, fact, end):
        """The numbers of elements that there can be; None: nothing tells it."""
        if "count" in fact:
            if isinstance(fact["count"], dict) and "machine" in fact["count"]:
                return None
            return self.number(state, fact["count"], end)
        count = field.get("num", 1) if "array" in flags else 1
        if "varray" in flags:
            count = self.by_offset(state, field.get("num_offset", 0))
            if count is None:
                return None
        if "multiply_elements" in flags:
            count *= field["num"]
        return [max(0, count)]

    def declared_size(self, state, field, flags, fact):
        size = field.get("size", 0)
        if "vbuffer" in flags and "bits" not in fact:
            size = self.by_offset(state, field.get("size_offset", 0))
            if size is not None and "multiply" in flags:
                size *= field["size"]
        return size

    def declared_elements(self, states, structure, field, fact, flags, count, size, end, here):
        kind = field.get("type")
        simple = {"name": field["name"], "type": kind, **{key: fact[key] for key in ("class", "order") if key in fact}}
        pointers = "array_of_pointer" in flags
        if kind in PLAIN and not pointers:
            if count == 1:
                states = self.plain(states, simple, None, end, here)
                return [state.named(("offset", field.get("offset", 0)), lookup(state.names, field["name"]))
                        for state in states]
            return self.plain(states, simple, count, end, here)
        if kind in BYTES:
            return [after for state in states for after in self.bytes(state, simple, size * count, end, here)]
        if kind == "bitmap":
            return [after for state in states
                    for bits in (self.number(state, fact["bits"], end) if "bits" in fact else [size])
                    for after in self.bytes(state, simple, (bits + 63) // 64 * 8, end, here)]
        for _ in range(count):
            nulls = []
            if pointers:
                nulls = [state.advance(state.at + 1, None, None, (here, state.at, 1, "constant")) for state in states
                         if state.at < end and self.data[state.at] == 0x30]
            states = self.declared_element(states, structure, field, fact, kind, simple, size, end, here, count == 1) + nulls
            if not states:
                return []
        return states

    def declared_element(self, states, structure, field, fact, kind, simple, size, end, here, single):
        inner = self.declarations.structures[field["structure"]] if "structure" in field else None
        if kind in ("qtailq", "qlist"):
            return self.list(states, {"list": True}, lambda some: self.structures(some, [inner], end, here, None, False), end, here)
        if inner is not None and kind == "tmp":
            return [after for state in states for after in self.structure([state], inner, end, here, None)]
        if inner is not None and kind in (None, "struct", "vstruct"):
            return self.structures(states, [inner], end, here, field.get("struct_version_id"), single, fact.get("inside"))
        if kind in PLAIN:
            return self.plain(states, simple, None, end, here)
        entry = self.layouts.find(kind, structure["name"])
        if entry is None:
            raise LayoutError(f"no layout of type {kind} in {structure['name']}")
        result = []
        for state in states:
            bounded = state.at + size if entry.get("sized") else end
            if bounded > end:
                continue
            for after in self.type([state], entry, structure["name"], bounded, here + "."):
                if not entry.get("sized") or after.at == bounded:
                    after = after.advance(after.at, field["name"], (state.at, after.at - state.at), None)
                    if [each.get("type") in PLAIN for each in entry["fields"]] == [True]:
                        number = int.from_bytes(self.data[state.at:after.at], "big")
                        after = after.named(("offset", field.get("offset", 0)), number)
                    result.append(after)
        return result


def read(layouts, declarations, entry, owner, data, count=1):
    """The ways to read a field of `count` elements."""
    reader = Reader(layouts, declarations, data)
    states = [State(0, None, {}, None)]
    for element in range(1, count + 1):
        states = reader.type(states, entry, owner, len(data) * element // count, "")
    return [state for state in states if state.at == len(data)]


def read_section(layouts, declarations, structure, version, data, sections=None):
    """The ways to read a whole section, by the program's declarations alone. Of several structures of this name, the device
    has one: the ways of the one that has most."""
    reader = Reader(layouts, declarations, data, sections)
    most = []
    for candidate in declarations.named(structure):
        found = reader.structure([State(0, None, {}, None)], candidate, len(data), structure, version)
        most = max(most, [state for state in found if state.at == len(data)], key=len)
    return most


def check_section(layouts, declarations, item, stream, sections=None):
    """`sections`: how many there are of each name. How many ways there are to read this section; None: the program declares no such structure."""
    structure = item["record"].get("vmsd_name")
    begin = item["offset"] + 14 + len(item["idstr"])
    data = stream[begin:item["offset"] + item["size"] - (5 if item["footer"] else 0)]
    if structure is None or not declarations.named(structure):
        return None
    return len(read_section(layouts, declarations, structure, item["version_id"], data, sections))


def opaque_fields(record, owner, idstr):
    """All leaf fields of a record as (owner, field)."""
    name = record.get("vmsd_name")
    owner = name if name else owner
    for field in record.get("fields", []):
        if "record" in field:
            if "data" in field:
                yield owner, field
            yield from opaque_fields(field["record"], owner, idstr)
        else:
            yield owner, field
    for subsection in record.get("subsections", []):
        yield from opaque_fields(subsection["record"], subsection["name"], idstr)


def split_fields(options, command, stream, cache):
    """Offset, size and name of each field that the program splits the stream's fields into."""
    if stream not in cache:
        schema = declarations_path(stream, options.declarations)
        done = subprocess.run(command + ["--schema", str(schema), str(stream)], capture_output=True, text=True, check=True)
        cache.clear()
        cache[stream] = sorted({(field["offset"], field["size"], field["name"])
                                for item in map(json.loads, done.stdout.splitlines()) if "record" in item
                                for _, field in opaque_fields(item["record"], item["idstr"], item["idstr"])
                                if field.get("size")}) if done.returncode == 0 else []
    return cache[stream]


def last_word(name):
    return re.split(r"[./]", re.sub(r"\[\d+\]$", "", name))[-1]


def differing(state, field, split):
    """How the program's fields differ from those of this way to read the field; None: they do not."""
    begin, end = field["offset"], field["offset"] + field["size"]
    expected = [(begin + at, size, last_word(name)) for name, at, size, kind in leaves(state) if size and kind != "subsection"]
    found = [(offset, size, last_word(name)) for offset, size, name in split if begin <= offset < end]
    for one, other in zip(expected, found):
        if one != other:
            return f"the program has {other}, expected is {one}"
    return None if len(expected) == len(found) else f"the program has {len(found)} fields, expected are {len(expected)}"


def leaves(state):
    found, node = [], state.leaves
    while node:
        found.append(node[0])
        node = node[1]
    return reversed(found)


def declarations_path(stream, folder):
    parts = stream.stem.split("-")
    arch = next((ARCHITECTURES[part] for part in parts if part in ARCHITECTURES), "x86_64")
    return folder / f"{parts[0]}-{arch}.json"


def declarations_of(stream, folder, cache, layouts):
    path = declarations_path(stream, folder)
    if path not in cache:
        cache[path] = Declarations(path, layouts.nameless)
    return cache[path]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--declarations", type=Path, required=True)
    parser.add_argument("--vmwire", default=str(ROOT / "build" / "vmwire"))
    parser.add_argument("--layouts", type=Path, default=ROOT / "grammar" / "layouts")
    parser.add_argument("--schema", action="append", default=[])
    parser.add_argument("--show", help="print the named fields of values of this type")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--compare", action="store_true", help="compare with how the program splits each field")
    parser.add_argument("--sections", action="store_true", help="read whole sections by the declarations alone")
    parser.add_argument("streams", nargs="*", type=Path)
    options = parser.parse_args()
    layouts, cache = Layouts(options.layouts), {}
    streams = options.streams or sorted((ROOT / "corpus" / "streams").glob("*.vmstate"))
    total, explained, left, known, classes, errors = 0, Counter(), Counter(), Counter(), Counter(), 0
    sections, compared, cache_of_splits = Counter(), 0, {}
    manifest = {}
    path = ROOT / "corpus" / "streams" / "manifest.json"
    for entry in json.loads(path.read_text()):
        manifest[entry["file"]] = entry
    for stream in streams:
        command = [options.vmwire, "parse", "--json", "--all"]
        for schema in options.schema + [str(path.parent / each) for each in manifest.get(stream.name, {}).get("schemas", [])
                                        if each.endswith(".vmstate")]:
            command += ["--schema", schema]
        done = subprocess.run(command + [str(stream)], capture_output=True, text=True)
        if done.returncode:
            print(f"{stream.name}: not read: {done.stderr.strip()}", file=sys.stderr)
            errors += 1
        items = [json.loads(line) for line in done.stdout.splitlines()]
        idstrs = Counter(item.get("idstr") for item in items)
        for item in items:
            if "record" not in item:
                continue
            if options.sections and item["kind"] == "full":
                name = item["record"].get("vmsd_name")
                try:
                    ways = check_section(layouts, declarations_of(stream, options.declarations, cache, layouts), item,
                                         stream.read_bytes(), idstrs)
                except LayoutError as error:
                    ways = str(error)
                sections[name, ways] += 1
            for owner, field in opaque_fields(item["record"], item["idstr"], item["idstr"]):
                total += field.get("size", 0)
                kind = field["type"]
                entry = layouts.find(kind, owner, item["idstr"] if owner == item["idstr"] else None)
                if field["class"] != "opaque" and (entry is None or kind == "buffer"):
                    continue
                where = f"{stream.name}: {item['idstr']} {owner}.{field['name']} ({kind}, {field['size']} bytes)"
                try:
                    if entry is None:
                        raise LayoutError("no layout")
                    ways = read(layouts, declarations_of(stream, options.declarations, cache, layouts), entry, owner,
                                bytes.fromhex(field["data"]), field.get("array_len", 1))
                except LayoutError as error:
                    left[kind] += field["size"]
                    print(f"{where}: {error}", file=sys.stderr)
                    errors += options.strict or str(error) != "no layout"
                    continue
                if len(ways) != 1:
                    print(f"{where}: read in {len(ways)} ways {[way.choices for way in ways][:4]}", file=sys.stderr)
                    left[kind] += field["size"]
                    errors += 1
                    if options.show == kind:
                        for way in ways[:2]:
                            for leaf in leaves(way):
                                print("   ", *leaf)
                    continue
                if field["class"] != "opaque":
                    known[kind] += field["size"]
                    continue
                explained[kind] += field["size"]
                if options.compare:
                    compared += field["size"]
                    problem = differing(ways[0], field, split_fields(options, command, stream, cache_of_splits))
                    if problem:
                        print(f"{where}: {problem}", file=sys.stderr)
                        errors += 1
                for leaf in leaves(ways[0]):
                    classes[re.sub(r"^\{.*", "values", leaf[3])] += leaf[2]
                if options.show == kind:
                    print(where, ways[0].choices)
                    for name, at, size, leaf_class in leaves(ways[0]):
                        print(f"    {at:6} {size:5} {leaf_class:10} {name}")
    opaque = sum(explained.values()) + sum(left.values())
    print(f"{'type':36} {'before':>9} {'explained':>10} {'opaque':>8}")
    for kind in sorted(set(explained) | set(left), key=lambda each: -explained[each] - left[each]):
        print(f"{kind:36} {explained[kind] + left[kind]:9} {explained[kind]:10} {left[kind]:8}")
    print(f"{'all':36} {opaque:9} {opaque - sum(left.values()):10} {sum(left.values()):8}")
    if known:
        print("no longer opaque, and read as well: " + ", ".join(f"{kind} {known[kind]}" for kind in sorted(known)))
    print(f"of {total} bytes of fields {100 * opaque / max(1, total):.2f} % were opaque, "
          f"{100 * sum(left.values()) / max(1, total):.3f} % are; classes: "
          + ", ".join(f"{name} {size}" for name, size in classes.most_common()))
    if options.compare:
        print(f"{compared} bytes are split by the program in the same way")
        errors += not compared
    for (name, ways), number in sorted(sections.items(), key=str):
        if ways != 1:
            print(f"section {name}: {number} times, read in {ways} ways")
    if sections:
        print(f"{sum(number for (_, ways), number in sections.items() if ways == 1)} of {sum(sections.values())} sections "
              "are read in exactly one way by the declarations alone")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
