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
KEYS = {
    "rule": {"id", "about", "message", "places", "shown_by", "silent", "source", "since", "changed", "advice"},
    "value": {"rule", "structure", "field", "type", "compare", "limit", "reader", "unless", "missing", "length", "adds", "when", "property", "message", "places"},
    "spapr": {"subsection", "name", "switch"},
    "pointer": {"subsection", "until", "since", "unless", "source", "advice"},
    "need": {"subsection", "source", "advice"},
    "unsure": {"structure", "steady", "source", "when", "advice"},
    "ram": {"name", "limit", "source"},
    "alias": {"section", "ids", "last", "until", "movable", "source"},
    "removed": {"idstr", "until", "source", "advice"},
    "ram_record": {"entry", "flags", "since", "until", "capability", "message", "source", "advice"},
    "header": {"number", "name", "header", "at", "bytes", "cmask", "wmask", "w1cmask", "may", "advice"},
    "capability": {"name", "id", "vendor", "match", "size", "source", "made_by", "registers"},
    "register": {"number", "name", "at", "bytes", "cmask", "wmask", "w1cmask", "may", "older", "unless_set", "when_unless_set", "advice"},
    "arm_constant": {"name", "numbers", "written", "mask", "value", "op1", "op1_shift"},
    "device": {"name", "vendor", "device", "source", "registers"},
    "pci_advice": {"register", "vendor", "device", "advice"},
    "ram_origin": {"name", "advice"},
    "virtio_feature": {"structure", "bit", "property"},
    "negotiated": {"structure", "field", "bit"},
}
PLACES = {"sent": "s", "own": "o", "sent hex": "S", "own hex": "O", "property": "p", "name": "n", "section": "i", "block": "b", "element": "e", "other": "-"}
SHOWN_BY = {None: "VMWIRE_SHOWN_BY_NOTHING", "stream": "VMWIRE_SHOWN_BY_STREAM", "program": "VMWIRE_SHOWN_BY_PROGRAM"}
COMPARISONS = ["equal", "at most", "needs", "limit"]
MASKS = ["cmask", "wmask", "w1cmask", "may", "unless_set"]


def load(path=SOURCE):
    """The tables, checked: each rule once, each reference to one that is there, each mask within its register."""
    loader = tomllib.loads(path.read_text())
    seen = set()
    for rule in loader["rule"]:
        check_keys("rule", rule, rule["id"])
        require(rule["id"] not in seen, f'the rule "{rule["id"]}" twice')
        require(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule["id"]), f'the name of the rule "{rule["id"]}"')
        require(rule["about"].endswith("."), f'the rule "{rule["id"]}": no sentence')
        check_places(rule, rule["id"])
        require(rule.get("shown_by") in SHOWN_BY, f'the rule "{rule["id"]}": shown_by')
        require("silent" not in rule or "message" not in rule, f'the rule "{rule["id"]}": silent, with a message')
        seen.add(rule["id"])
    for value in loader["value"]:
        check_keys("value", value, value["rule"])
        require(value["rule"] in seen, f'no rule "{value["rule"]}"')
        require(value["compare"] in COMPARISONS, f'the value of "{value["rule"]}": {value["compare"]}')
        require((value["compare"] == "limit") == ("limit" in value), f'the value of "{value["rule"]}": the limit')
        check_places(value, value["rule"])
        require("message" not in value or "places" in value, f'the value of "{value["rule"]}": a message has its places')
        require(value.get("missing", 0) == 0, f'the value of "{value["rule"]}": a missing one that is not 0')
        require(value.get("length", "own") == "own", f'the value of "{value["rule"]}": the length')
        require({"structure", "field", "type"} & set(value), f'the value of "{value["rule"]}" is any')
    for block in loader["ram"]:
        check_keys("ram", block, block["name"])
    for record in loader["ram_record"]:
        check_keys("ram_record", record, record["entry"])
        require(("capability" in record) == ("message" in record), f'the record {record["entry"]}: a capability has its message')
    for removed in loader["removed"]:
        check_keys("removed", removed, removed["idstr"])
    for alias in loader["alias"]:
        check_keys("alias", alias, alias["section"])
        require(("last" in alias) == ("until" in alias), f'{alias["section"]}: the last release with the id, and the first without')
    for capability in loader["spapr"]:
        check_keys("spapr", capability, capability["name"])
    for pointer in loader["pointer"]:
        check_keys("pointer", pointer, pointer["subsection"])
        require(("until" in pointer) == ("since" in pointer), f'{pointer["subsection"]}: the last release that has it always, and the first that does not')
    for need in loader["need"]:
        check_keys("need", need, need["subsection"])
    for unsure in loader["unsure"]:
        check_keys("unsure", unsure, unsure["structure"])
    for registers in loader["arm_constant"]:
        check_keys("arm_constant", registers, registers["name"])
        require(("numbers" in registers) != ("mask" in registers), f'{registers["name"]}: numbers, or a mask')
        require(registers.get("value", 0) & ~registers.get("mask", 0) == 0, f'{registers["name"]}: bits outside of the mask')
    for block in loader["ram_origin"]["block"]:
        check_keys("ram_origin", block, block["name"])
    for feature in loader["virtio_feature"]["words"] + loader["virtio_feature"]["set_by"]:
        check_keys("virtio_feature", feature, feature["property"])
    for field in loader["virtio_feature"]["negotiated"]:
        check_keys("negotiated", field, field["field"])
    check_pci(loader["pci"])
    return loader


def check_places(row, name):
    """One for each of the message."""
    for message in (row.get("message"), row.get("changed", {}).get("message")):
        require("places" not in row or not message or message.count("%") == len(row["places"]), f'"{name}": the places of the message')


def rule_of(loader, value):
    return next(rule for rule in loader["rule"] if rule["id"] == value["rule"])


def check_pci(pci):
    for register in pci["header"]:
        check_keys("header", register, register["name"])
        check_register(register, register["at"] + register["bytes"])
    for capability in pci["capability"] + pci["extended"]:
        check_keys("capability", capability, capability["name"])
        check_registers(capability, capability["size"])
    for device in pci["device"]:
        check_keys("device", device, device["name"])
        check_registers(device, 0x40)
    for advice in pci["advice"]:
        check_keys("pci_advice", advice, advice["register"])


def check_registers(owner, size):
    """They stand in order, apart, within the size."""
    end = 0
    for register in owner["registers"]:
        check_keys("register", register, f'{owner["name"]}: {register["name"]}')
        require(register["at"] >= end, f'{owner["name"]}: {register["name"]}: at {register["at"]}')
        end = check_register(register, size if isinstance(size, int) else 256)


def check_register(register, size):
    require(register["bytes"] in (1, 2, 4, 8), f'{register["name"]}: {register["bytes"]} bytes')
    require(all(register.get(mask, 0) < 1 << 8 * register["bytes"] for mask in MASKS), f'{register["name"]}: a mask')
    require(("unless_set" in register) == ("when_unless_set" in register), f'{register["name"]}: unless_set')
    require(register["at"] + register["bytes"] <= size, f'{register["name"]}: outside')
    return register["at"] + register["bytes"]


def check_keys(kind, row, name):
    require(set(row) <= KEYS[kind], f"{kind} {name}: {sorted(set(row) - KEYS[kind])}")


def text(value):
    """A string of C, or NULL."""
    if value is None:
        return "NULL"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def rule_row(rule):
    """A struct vmwire_skew_rule (parsers/include/vmwire/skew.h)."""
    members = {key: text(rule.get(key)) for key in ("id", "about", "message", "source", "advice")}
    changed = rule.get("changed", {})
    return initializer(members | {
        "changed": text(changed.get("message")),
        "changed_from": release_number(changed.get("from")),
        "places": places(rule),
        "shown_by": SHOWN_BY[rule.get("shown_by")],
        "silent": text(rule.get("silent")),
    })


def places(row):
    """A letter for each place of the message."""
    return text("".join(PLACES[place] for place in row.get("places", [])))


def names(value):
    """A list of strings of C that ends with NULL; NULL without one."""
    if value is None:
        return "NULL"
    return "(const char *const[]){" + ", ".join([text(name) for name in value] + ["NULL"]) + "}"


def boolean(value):
    return "true" if value else "false"


def initializer(members):
    """A structure of C by the names of its members."""
    return "{" + ", ".join(f".{name} = {value}" for name, value in members.items()) + "}"


def value_row(value, rule):
    """A struct value_row (parsers/skew/shared/loader_tables.h)."""
    return initializer({
        "rule": text(value["rule"]),
        "structure": text(value.get("structure")),
        "fields": names(value.get("field")),
        "type": text(value.get("type")),
        "comparison": "COMPARE_" + value["compare"].upper().replace(" ", "_"),
        "limits": names(value.get("limit")),
        "first_name": boolean(value.get("reader")),
        "unless": text(value.get("unless")),
        "missing_is_0": boolean("missing" in value),
        "own_length": boolean("length" in value),
        "adds": text(value.get("adds", {}).get("section")),
        "adds_when": text(value.get("adds", {}).get("when")),
        "when": text(value.get("when")),
        "since": release_number(rule.get("since")),
        "property": text(value.get("property")),
        "message": text(value.get("message")),
        "places": places(value if "message" in value else rule),
    })


def release_number(release):
    """10.2 as 1002; without a release 0."""
    major, minor = (release or "0.0").split(".")
    return 100 * int(major) + int(minor)


def spapr_row(capability):
    """A struct spapr_row."""
    return f'{{{text(capability["subsection"])}, {text(capability["name"])}, {boolean(capability.get("switch"))}}}'


def unsure_row(unsure):
    """A struct unsure_row."""
    return f'{{{text(unsure["structure"])}, {unsure["steady"]}, {text(unsure["when"])}, {text(unsure["advice"])}}}'


def pointer_row(pointer):
    """A struct pointer_row."""
    return initializer({
        "subsection": text(pointer["subsection"]),
        "advice": text(pointer.get("advice")),
        "unless": text(pointer.get("unless")),
        "until": release_number(pointer.get("until")),
        "since": release_number(pointer.get("since")),
    })


def need_row(need):
    """A struct need_row."""
    return f'{{{text(need["subsection"])}, {text(need["advice"])}}}'


def ram_row(block):
    """A struct resizable_row."""
    return f'{{{text(block["name"])}, {block.get("limit", 0):#x}}}'


def removed_row(removed):
    """A struct removed_row."""
    return initializer({
        "idstr": text(removed["idstr"]),
        "until": release_number(removed["until"]),
        "advice": text(removed["advice"]),
    })


def alias_row(alias):
    """A struct alias_row: one for each id."""
    return [initializer({
        "section": text(alias["section"]),
        "id": f'{each["id"]:#x}',
        "instance": each["instance"],
        "last": release_number(alias.get("last")),
        "until": release_number(alias.get("until")),
        "movable": alias.get("movable", 0),
    }) for each in alias["ids"]]


def ram_record_row(record):
    """A struct ram_record_row."""
    return initializer({
        "entry": text(record["entry"]),
        "flags": f'{record["flags"]:#x}',
        "since": release_number(record.get("since")),
        "until": release_number(record.get("until")),
        "capability": text(record.get("capability")),
        "message": text(record.get("message")),
        "advice": text(record["advice"]),
    })


def arm_constant_row(registers):
    """A struct arm_constant_row: one for each number, or for each op1."""
    numbers = registers.get("numbers") or [registers["value"] | op1 << registers["op1_shift"] for op1 in registers["op1"]]
    return [f'{{{registers.get("mask", (1 << 64) - 1):#x}, {number:#x}, {boolean("written" in registers)}}}' for number in numbers]


def register_row(register, cmask):
    """A struct pci_register. `cmask`: of one byte, where the row has none."""
    full = int.from_bytes(bytes([cmask] * register["bytes"]), "little")
    masks = ", ".join(f'.{mask} = {register.get(mask, full if mask == "cmask" else 0):#x}' for mask in MASKS)
    older = register.get("older", {})
    when = register.get("when_unless_set") or (older and f'the reader is older than QEMU {older["until"]}') or None
    number = register.get("number", {})
    return (f'{{.at = {register["at"]:#x}, .number_mask = {number.get("mask", 0):#x}, .number_plus = {number.get("plus", 0)}, .bytes = {register["bytes"]}, {masks}, .name = {text(register["name"])}, '
            f'.older_until = {release_number(older.get("until"))}, .older_cmask = {older.get("cmask", 0):#x}, .advice = {text(register.get("advice"))}, .when_unless_set = {text(when)}}}')


def register_list(registers):
    """The members `registers` and `register_count`."""
    if not registers:
        return ".registers = NULL, .register_count = 0"
    rows_of = ", ".join(register_row(register, 0xFF) for register in registers)
    return f".registers = (const struct pci_register[]){{{rows_of}}}, .register_count = {len(registers)}"


def header_row(register):
    """A struct header_register: of which type of header."""
    return f'{{{register.get("header", -1)}, {register_row(register, 0)}}}'


def capability_row(capability):
    """A struct pci_capability."""
    match, size = capability.get("match", {}), capability["size"]
    number = {} if isinstance(size, int) else size
    members = initializer({
        "id": hex(capability["id"]),
        "vendor": hex(capability.get("vendor", 0)),
        "match_at": match.get("at", 0),
        "match_mask": hex(match.get("mask", 0)),
        "match_value": hex(match.get("value", 0)),
        "size": 0 if number else size,
        "size_at": number.get("at", 0),
        "size_mask": hex(number.get("mask", 0)),
        "name": text(capability["name"]),
        "made_by": text(capability.get("made_by")),
    })
    return f"{members[:-1]}, {register_list(capability['registers'])}}}"


def device_row(device):
    """A struct pci_device."""
    return f'{{.vendor = {device["vendor"]:#x}, .device = {device["device"]:#x}, {register_list(device["registers"])}}}'


def pci_advice_row(advice):
    """A struct pci_advice_row."""
    return f'{{{text(advice["register"])}, {advice["vendor"]:#x}, {advice.get("device", 0):#x}, {text(advice["advice"])}}}'


def ram_origin_row(block):
    """A struct ram_origin_row."""
    return f'{{{text(block["name"])}, {text(block["advice"])}}}'


def feature_row(feature):
    """A struct feature_row, of a property or a field."""
    return f'{{{text(feature.get("structure"))}, {feature["bit"]}, {text(feature.get("property", feature.get("field")))}}}'


def rows(loader):
    tables = {
        "SKEW_RULE_ROWS": map(rule_row, loader["rule"]),
        "VALUE_ROWS": [value_row(value, rule_of(loader, value)) for value in loader["value"]],
        "SPAPR_ROWS": map(spapr_row, loader["spapr"]),
        "POINTER_ROWS": map(pointer_row, loader["pointer"]),
        "NEED_ROWS": map(need_row, loader["need"]),
        "UNSURE_ROWS": map(unsure_row, loader["unsure"]),
        "AT_NEED_ROWS": map(text, loader["at_need"]["sections"]),
        "ALIAS_ROWS": [row for alias in loader["alias"] for row in alias_row(alias)],
        "REMOVED_ROWS": map(removed_row, loader["removed"]),
        "RESIZABLE_ROWS": map(ram_row, loader["ram"]),
        "RAM_RECORD_ROWS": map(ram_record_row, loader["ram_record"]),
        "ARM_CONSTANT_ROWS": [row for registers in loader["arm_constant"] for row in arm_constant_row(registers)],
        "PCI_HEADER_ROWS": map(header_row, loader["pci"]["header"]),
        "PCI_CAPABILITY_ROWS": map(capability_row, loader["pci"]["capability"]),
        "PCI_EXTENDED_ROWS": map(capability_row, loader["pci"]["extended"]),
        "PCI_DEVICE_ROWS": map(device_row, loader["pci"]["device"]),
        "PCI_ADVICE_ROWS": map(pci_advice_row, loader["pci"]["advice"]),
        "FEATURE_WORD_ROWS": map(feature_row, loader["virtio_feature"]["words"]),
        "NEGOTIATED_ROWS": map(feature_row, loader["virtio_feature"]["negotiated"]),
        "FEATURE_ROWS": map(feature_row, loader["virtio_feature"]["set_by"]),
        "RAM_ORIGIN_ROWS": map(ram_origin_row, loader["ram_origin"]["block"] + [{"name": "*", "advice": loader["ram_origin"]["other"]}]),
    }
    return "\n".join(["/* Made by grammar/loader_rows.py of grammar/loader.toml: rows of arrays. The includer has the structures. */",
                      ""] + [f'#define NEWEST_RELEASE {release_number(loader["newest"])}\n']
                     + [macro(name, table) for name, table in tables.items()])


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
