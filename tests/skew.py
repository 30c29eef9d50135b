#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks what `vmwire skew` and `vmwire explain` answer about situations that people reported, made anew with real QEMUs
(corpus/migrations), and about layouts that differ on purpose. What is right, the QEMU of then has said.

    tests/skew.py         tests $VMWIRE, or build/vmwire if it is not set

Each is asked with the streams alone, with both programs, from a pipe, and under another option.
"""
import copy
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from checks import exit_status, result

ROOT = Path(__file__).resolve().parent.parent
VMWIRE = os.path.abspath(os.environ.get("VMWIRE", ROOT / "build/vmwire"))
STREAMS, SCHEMAS = ROOT / "corpus/streams", ROOT / "corpus/schemas"
PC, PC_PROGRAM = STREAMS / "bookworm-pc.vmstate", SCHEMAS / "bookworm-x86_64.program.json"

# The situation, the release of the destination, the rule and the section of what is certain; None: accepted. A third word: it
# needs the programs.
SITUATIONS = [
    ("slot", "bookworm", "section-unknown", "0000:00:03.0/e1000"),
    ("usb-port", "bookworm", "section-unknown", "0000:00:02.0/1/usb-ptr"),
    ("scsi-lun", "bookworm", "section-unknown", "0000:00:02.0/0:0:0/scsi-disk"),
    ("cpus-fewer", "bookworm", "section-unknown", "cpu_common"),
    ("serial-extra", "bookworm", "section-unknown", "serial"),
    ("rom-size", "bookworm", "ram-size", "ram"),
    ("rom-missing", "bookworm", "ram-block", "ram"),
    ("rom-extra", "bookworm", None, None),
    ("type-newer", "bookworm", "machine-type", None),
    ("ram-more", "bookworm", "ram-size", "ram"),
    ("cpus-queues-blk", "bookworm", "pci-config", "0000:00:02.0/virtio-blk"),
    ("scsi-queues-more", "bookworm", "pci-config", "0000:00:02.0/virtio-scsi"),
    ("legacy-off-source", "bookworm", "pci-config", "0000:00:02.0/virtio-rng"),
    ("legacy-off-destination", "bookworm", "pci-config", "0000:00:02.0/virtio-rng"),
    ("hpet-more", "bookworm", None, None),
    ("cpus-more", "bookworm", None, None),
    ("device-extra", "bookworm", None, None),
    ("acpi-index-destination", "bookworm", ("fields", "condition"), "0000:00:01.3/piix4_pm"),
]


def run(*words, **more):
    return subprocess.run([VMWIRE, *map(str, words)], capture_output=True, timeout=300, **more)


def skew(*words, **more):
    """The differences, and the exit status."""
    done = run("skew", "--json", *words, **more)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [each for each in lines if "rule" in each and each["direction"] == "forward"], done.returncode, done


def certain(differences):
    return [each for each in differences if each["certainty"] == "certain"]


def answers(name, differences, status, rules, section, done):
    """The first thing that is certain is this one; or nothing is."""
    found = certain(differences)
    first = found[0] if found else None
    if rules is None:
        result(name, not found and status in (0, 1, 3), first or done.stderr.decode())
        return
    rules = (rules,) if isinstance(rules, str) else rules
    result(name, status == 1 and first is not None and first["rule"] in rules and first["section"] == section,
           first or done.stderr.decode() or f"exit {status}")


def explains(name, rules, section, *words, **more):
    done = run("explain", "--json", *words, **more)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    summary, cause = lines[-1] if lines else {}, next((each for each in lines if "cause" in each), {})
    rules = (rules,) if isinstance(rules, str) else rules
    if rules is None:
        result(name, done.returncode in (0, 3) and summary.get("outcome") in ("accept", "undecided"), done.stdout or done.stderr)
    else:
        result(name, done.returncode == 1 and summary.get("outcome") == "reject" and summary.get("section") == section
               and cause.get("rule") in rules,
               done.stdout.splitlines()[-1] if done.stdout else done.stderr)


def converted(folder, stream, name):
    target = folder / f"{name}.flagday.vmstate"
    run("convert", "--to", "flagday", "--output", target, stream, check=True)
    return target


def ask_situations(folder, records):
    for situation, release, rules, section in SITUATIONS:
        record = next(each for each in records if (each["set"], each["to"]) == (situation, release))
        refused = record["outcome"] != "completed"
        result(f"{situation}: QEMU did so", refused == (rules is not None), record["messages"])
        source, reader = (folder / "streams" / f"{record[side]}.vmstate" for side in ("stream", "reader"))
        programs = [folder / "programs" / f"{record[side]}-{record['program']}.program.json" for side in ("from", "to")]
        whole = f"{source}+{programs[0]}", f"{reader}+{programs[1]}"
        answers(f"{situation}: streams", *skew(source, reader)[:2], rules, section, skew(source, reader)[2])
        answers(f"{situation}: with programs", *skew(*whole)[:2], rules, section, skew(*whole)[2])
        with open(source, "rb") as pipe:
            differences, status, done = skew("-", reader, stdin=pipe)
        answers(f"{situation}: from a pipe", differences, status, rules, section, done)
        other = converted(folder, source, "source"), converted(folder, reader, "reader")
        differences, status, done = skew("--option", "flagday", *other)
        answers(f"{situation}: under flagday", differences, status, rules, section, done)
        explains(f"{situation}: explained", rules, section, *whole)


def sides_of(folder, records, name, source, reader, program="x86_64", machine=""):
    """A migration between two releases, both sides with their programs."""
    record = next(each for each in records if (each["set"], each["from"], each["to"]) == (name, source, reader) and machine in each["machine"])
    return record, [f"{folder}/streams/{record[stream]}.vmstate+{folder}/programs/{record[release]}-{program}.program.json"
                    for stream, release in (("stream", "from"), ("reader", "to"))]


def ask_messages(folder, records):
    """What QEMU says is told word for word, by the streams alone and with programs, which split encodings."""
    for name, source, reader, program in (("virt-bare", "trixie", "bookworm", "aarch64"), ("vectors-none", "bookworm", "bookworm", "x86_64"),
                                          ("pc-guest-pic", "trixie", "bookworm", "x86_64"), ("rom-size", "bookworm", "bookworm", "x86_64"),
                                          # QEMU 11.1 says these in other words than the releases before
                                          ("40p", "bookworm", "forky", "ppc64"), ("mac99", "bullseye", "forky", "ppc64"),
                                          ("riscv-bare", "trixie", "forky", "riscv64")):
        record, sides = sides_of(folder, records, name, source, reader, program)
        for words, given in ("streams", [side.split("+")[0] for side in sides]), ("programs", sides):
            found = certain(skew(*given)[0]) or [{"message": None}]
            # A stream does not tell which subsections a reader knows, nor its release where the machine type has none.
            if name not in ("pc-guest-pic", "40p", "mac99", "riscv-bare") or words == "programs":
                result(f"{name}: QEMU's words, with {words}", found[0]["message"] in "\n".join(record["messages"]), (found[0], record["messages"]))
    # Of several lines the one with words of its own decides; what is checked behind the load has none.
    for name, source, reader, program, machine, rule in (("virt-pci", "forky", "bullseye", "aarch64", "virt-5.2", "at-most"),
                                                         ("pseries-phb", "bookworm", "forky", "ppc64", "pseries-7.2", "ppc-processor"),
                                                         ("virt-gicv3", "bullseye", "forky", "aarch64", "virt-5.2", "arm-registers")):
        record, sides = sides_of(folder, records, name, source, reader, program, machine)
        lines = [json.loads(line) for line in run("explain", "--json", "--message", "\n".join(record["messages"]), *sides).stdout.splitlines()]
        result(f"{name}: explained by QEMU's words", lines[-1]["explains_message"] and next(each for each in lines if "cause" in each)["rule"]
               == rule, lines[-1])
        alone = json.loads(run("explain", "--json", "--message", record["messages"][0], *sides).stdout.splitlines()[-1])
        result(f"{name}: explained by the first line alone", alone["message_match"] == "explained" or rule == "ppc-processor", alone)
    found = certain(skew(*sides_of(folder, records, "vectors-none", "bookworm", "bookworm")[1])[0])[0]
    result("the capabilities that a device has are listed", "MSI-X at 98" in found["writer"] and "MSI-X" not in found["reader"], found)


def kind_of(messages):
    """The beginning of what QEMU says, without names and numbers."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|0x[0-9a-f]+|\d+", "#", " ".join(messages)[:60])


def ask_real_messages(folder, records):
    """One migration of each kind of message: as it is a real one of these two machines, the files cannot contradict it, nor refuse before it."""
    refused = [each for each in records if each["outcome"] in ("failed", "crashed") and each["messages"]]
    kinds = {kind_of(each["messages"]): each for each in reversed(refused)}
    for record in kinds.values():
        writer, reader = (f"{folder}/streams/{record[side]}.vmstate+{folder}/programs/{record[release]}-{record['program']}.program.json"
                          for side, release in (("stream", "from"), ("reader", "to")))
        for given, words in ("programs", (writer, reader)), ("the reader's program", (writer.split("+")[0], reader.split("+")[1])):
            done = run("explain", "--json", "--message", "\n".join(record["messages"]), *words)
            summary = json.loads(done.stdout.splitlines()[-1])
            notes = " ".join(each["note"] for each in summary["notes"])
            result(f"real message, {given}: {record['set']}, {record['machine']}, {record['from']} to {record['to']}",
                   summary["message_match"] not in ("contradicted", "foreign") and "refuses before that" not in notes
                   and (summary["message_match"] == "other" or summary["section"] in (None, record.get("section", summary["section"]))), summary)


def ask_fields_of_messages(folder, records):
    """What a message says of fields, and what a reader's device has not."""
    record, sides = sides_of(folder, records, "virt-pci", "forky", "bookworm", "aarch64", "virt-7.2")
    text = "\n".join(record["messages"])
    answer = json.loads(run("explain", "--json", "--message", text, sides[0].split("+")[0], sides[1].split("+")[1]).stdout.splitlines()[-1])
    result("a message with a field, and the reader's program alone", (answer["message_match"], answer["path"]) == ("read-off", "cpreg_vmstate_array_len"), answer)
    for name, changed, match in (("its own", text, "explained"), ("other values", text.replace("209", "210"), "contradicted"),
                                 ("another instance", "error while loading state for instance 0x5 of device 'cpu'", "contradicted"),
                                 ("a footer, and no length differs", "Missing section footer for cpu", "not-told")):
        answer = json.loads(run("explain", "--json", "--message", changed, *sides).stdout.splitlines()[-1])
        result(f"a message of a value, {name}", answer["message_match"] == match, (changed, answer))
    found = [each["rule"] for each in skew(*sides)[0]]
    result("a pointer of a subsection that the reader's program does not declare", "pointer-missing" not in found and "subsection-unknown" in found, found)
    record, sides = sides_of(folder, records, "virt-max", "trixie", "bullseye", "aarch64")
    answer = json.loads(run("explain", "--json", "--message", "\n".join(record["messages"]), *sides).stdout.splitlines()[-1])
    result("a subsection within the field that the message names", answer["path"] == "cpu.arm_gicv3_cpu/nmi", answer)
    record, sides = sides_of(folder, records, "request-queues-fewer", "trixie", "forky")
    found = certain(skew(*sides)[0])
    result("a queue that the reader's device has not", found and found[0]["rule"] == "virtio-queue-size"
           and found[0]["message"] == record["messages"][0] == "VQ 1 vring.num 1024 exceeds allocated max 0", (found, record["messages"]))
    record, sides = sides_of(folder, records, "request-queues-fewer", "trixie", "bookworm")
    found = [(each["certainty"], each["rule"]) for each in skew(*sides)[0] if each["rule"] == "virtio-queue-size" and each["certainty"] == "certain"]
    result("a queue that the reader's device has not: up to 10.2 nobody looks", not found, found)
    record, sides = sides_of(folder, records, "pseries-cap", "bookworm", "bookworm", "ppc64")
    text = "\n".join(record["messages"])
    for name, reader, changed, match in (("a default that no file tells", sides[1], text, "explained"),
                                         ("and the program alone", sides[1].split("+")[1], text, "read-off"),
                                         ("another level of the reader", sides[1], text.replace("(0)", "(1)"), "contradicted")):
        lines = [json.loads(line) for line in run("explain", "--json", "--message", changed, sides[0], reader).stdout.splitlines()]
        advice = next((each["advice"] for each in lines if "cause" in each), None)
        result(f"a capability, {name}", lines[-1]["message_match"] == match and "cap-ibs=" in str(advice), lines[-1])
    record, sides = sides_of(folder, records, "ivshmem", "forky", "trixie")
    found = certain(skew(*sides)[0])
    result("a RAM block of another name", found and found[0]["reader"] == 'not this one, but "0000:00:01.0/m1"', found)


# Without the reader's stream: a migration, whether the writer's program is given, how the message is related, and the rule of what is named
# first, the ends of the paths of all that is named, words of what to do, and of the writer's value.
WITHOUT_READER = (
    ("memory-block", "bookworm", "trixie", "x86_64", True, "read-off", "virtio-mem-property", ["block-size"], "alike", "0x100000"),
    ("serial-words", "forky", "trixie", "x86_64", True, "possible", "virtio-serial-ports", ["serial.ports_map"], "`nr`", "1"),
    ("serial-words", "forky", "trixie", "x86_64", False, "possible", "virtio-serial-ports", ["serial.ports_map"], "`nr`", "1"),
    ("memory-slots", "bookworm", "bookworm", "x86_64", True, "possible", "array-length", ["memhp.acpi_memory_hotplug.devs", "acpi_index"], "slots", "no element"),
    ("memory-slots", "bookworm", "bookworm", "x86_64", False, "possible", "condition", ["memhp.acpi_memory_hotplug.devs", "acpi_index"], None, None),
    ("memory-slots-more", "bookworm", "bookworm", "x86_64", True, "possible", "array-length", ["memhp.acpi_memory_hotplug.devs"], "slots", "2 elements"),
    ("xhci-ports-back", "forky", "trixie", "x86_64", True, "possible", "array-length", ["xhci.ports", "xhci.slots"], "p2 and p3", None),
    ("configuration-destination", "bookworm", "bookworm", "x86_64", True, "not-told", "configuration-unexpected", [], "send-configuration", None),
    ("arm-npcm", "forky", "trixie", "aarch64", True, "possible", "pointer-missing", ["cpu/wfxt-timer"], "11.1 sends", "cpu/wfxt-timer"),
    ("scsi-queues-more", "trixie", "bookworm", "x86_64", True, "read-off", "pci-config", ["config"], "num_queues", "0x9a: 03 (MSI-X, number of vectors: 4)"),
    ("rp-bus", "bookworm", "bookworm", "x86_64", False, "read-off", "pci-config", ["config"], "bus-reserve", "reserved resources of a bridge at 90"),
    ("modern-pio", "forky", "trixie", "x86_64", True, "read-off", "pci-config", ["config"], "modern-pio-notify", "virtio notifications at 84"),
    ("megasas3", "forky", "trixie", "x86_64", False, "read-off", "pci-config", ["config"], "property msi.", "MSI, 64 bits at 50"),
    ("sam", "bullseye", "bullseye", "ppc64", False, "possible", "fields", ["tlb6xx.env.tlb.tlbe", "mig_msr_mask"], "property", "2560 bytes"),
    ("pc-icount", "bullseye", "trixie", "x86_64", False, "explained", "version-older", ["timer/icount/shift"], "-icount shift=7", "version 1"),
    ("pseries-bare", "bookworm", "trixie", "ppc64", True, "possible", "ppc-processor", ["env.spr"], "-cpu", None),
    ("cubie", "bookworm", "trixie", "aarch64", True, "possible", "arm-constant", ["cpreg_vmstate_values", "cpreg_vmstate_indexes"], "CPU model", None),
)


def ask_without_reader(folder, records):
    """What can be the cause where nothing is given of the reader's machine: the true one is among it, and no other is said to be it."""
    for name, source, reader, program, both, match, rule, paths, advice, value in WITHOUT_READER:
        record, sides = sides_of(folder, records, name, source, reader, program)
        writer = sides[0] if both else sides[0].split("+")[0]
        done = run("explain", "--json", "--message", "\n".join(record["messages"]), writer, sides[1].split("+")[1])
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        cause = next(each for each in lines if "cause" in each)
        named = [each["path"] for each in lines if "cause" in each or "other" in each]
        result(f"{name}, {'both programs' if both else 'the reader'}'s alone: {rule}",
               (lines[-1]["message_match"], cause["rule"]) == (match, rule) and lines[-1]["explains_message"] == (match == "explained")
               and all(any(str(path).endswith(end) for path in named) for end in paths)
               and (advice is None or advice in cause["advice"]) and (value is None or value in cause["writer"]), (lines[-1], cause, named))
    record, sides = sides_of(folder, records, "memory-slots", "bookworm", "bookworm")
    text = run("explain", "--message", "\n".join(record["messages"]), sides[0], sides[1].split("+")[1]).stdout.decode()
    result("what else can be the cause is shown", "\nIt can as well be\n" in text and "acpi_index" in text.split("It can as well be")[1], text)
    record, sides = sides_of(folder, records, "megasas3", "forky", "trixie")
    text = run("explain", *sides).stdout.decode()
    result("the byte of a long value is shown", "  332f         1      50  \"P\"  in parent_obj[0].config[0].device_dependent, byte 41\n" in text
           and "Only the writer's device has \"MSI, 64 bits\": property msi." in text, text)
    record, sides = sides_of(folder, records, "configuration-destination", "bookworm", "bookworm")
    text = run("explain", *sides).stdout.decode()
    result("sections that the reader does not come to are counted", "the reader does not come to 31 sections\n" in text, text)
    answer = explained("Unknown savevm section type 71", sides[0], sides[1].split("+")[1])
    result("another number of a section's type", answer["message_match"] == "not-told" and "configuration" not in answer["sentence"], answer)
    record, sides = sides_of(folder, records, "scsi-queues-more", "trixie", "bookworm")
    answer = explained("\n".join(record["messages"]).replace("read: 3", "read: 4"), sides[0], sides[1].split("+")[1])
    result("a byte that the stream has not", answer["message_match"] == "contradicted", answer)
    record, sides = sides_of(folder, records, "pseries-cap", "bookworm", "bookworm", "ppc64")
    answer = explained(record["messages"][0], *sides)
    result("a value that only the message tells, by its first line", (answer["message_match"], answer["section"]) == ("explained", "spapr"), answer)
    record, sides = sides_of(folder, records, "pvpanic-back", "bookworm", "bookworm")
    for number, match in ("0", "explained"), ("1", "contradicted"):
        answer = explained("\n".join(record["messages"]).replace("'vmcoreinfo' 0", f"'vmcoreinfo' {number}"), *sides)
        result(f"a section with the instance {number}", answer["message_match"] == match, answer)
    record, sides = sides_of(folder, records, "arm-virt", "forky", "trixie", "aarch64")
    done = run("explain", "--json", "--message", "Assertion `first_elem || !n_elems || !size' failed", *sides).stdout.decode()
    result("a subsection behind a value that is refused", "refuses before that" in done, done[-900:])


def explained(message, *sides):
    """The summary of explain."""
    return json.loads(run("explain", "--json", "--message", message, *sides).stdout.splitlines()[-1])


def ask_whole_fields(folder, records):
    """What is in an encoding that can be read in several ways, and in a structure of which a program declares two."""
    for name, message in ("running-gpu-again", "3 != 1"), ("running-gpu-back", "1 != 3"):
        for source, reader in ("forky", "trixie"), ("bookworm", "bookworm"):
            record, sides = sides_of(folder, records, name, source, reader)
            found = certain(skew(*sides)[0])
            result(f"{name}, {source} to {reader}: a value in all ways alike", found and found[0]["rule"] == "equal" and found[0]["message"] == message
                   and found[0]["structure"] == "virtio-gpu-scanouts" and message in record["messages"], (found, record["messages"]))
            data = Path(sides[0].split("+")[0]).read_bytes()
            result(f"{name}, {source} to {reader}: its place", found and data[found[0]["offset"] + 3] == int(found[0]["writer"]), found)
    record, sides = sides_of(folder, records, "ccw-cpu2-back", "forky", "trixie", "s390x")
    found = [(each["certainty"], each["rule"], each["path"]) for each in skew(*sides)[0] if each["message"] in record["messages"]]
    result("fields that a machine need not read, as it need not send their section", found == [("undecided", "condition", "simm")], found)
    answer = json.loads(run("explain", "--json", "--message", "\n".join(record["messages"]), *sides).stdout.splitlines()[-1])
    result("such fields explain QEMU's message", (answer["message_match"], answer["path"]) == ("possible", "simm"), answer)
    record, sides = sides_of(folder, records, "sam", "bookworm", "forky", "ppc64")
    for words, reader in ("with a stream", sides[1]), ("by the program alone", sides[1].split("+")[1]), ("by its own program", sides[0]):
        found = certain(skew(sides[0], reader)[0])
        result(f"the second subsection of a name, {words}", [(each["path"], each["bytes"]) for each in found] == [("cpu/tlb6xx.env.tlb.tlbe", 992)], found)


# The situation, two releases, the program, and what is certain first (None: nothing is); these were called clean.
ONCE_CLEAN = (
    ("serial-words", "bookworm", "forky", "x86_64", "virtio-serial-ports", "0000:00:01.0/virtio-console"),
    ("serial-words-back", "forky", "trixie", "x86_64", "virtio-serial-ports", "0000:00:01.0/virtio-console"),
    ("tco", "forky", "trixie", "x86_64", "pointer-missing", "0000:00:1f.0/ICH9LPC"),
    ("tco", "bookworm", "bookworm", "x86_64", None, None), ("tco-back", "forky", "trixie", "x86_64", None, None),
    ("hda-codec", "bookworm", "bookworm", "x86_64", "pointer-missing", "hda-audio"),
    ("hdamix-back", "bookworm", "bookworm", "x86_64", None, None), ("hdamix-back", "forky", "trixie", "x86_64", None, None),
    ("virt-smp", "forky", "forky", "aarch64", "arm-constant", "cpu"), ("virt-smp-back", "bookworm", "bookworm", "aarch64", "arm-constant", "cpu"),
    ("virt-smp-a57", "trixie", "trixie", "aarch64", "arm-constant", "cpu"), ("virt-smp-n1", "trixie", "trixie", "aarch64", None, None),
)


def ask_once_clean(folder, records):
    """Refusals and aborts that were called clean."""
    for name, source, reader, program, rule, section in ONCE_CLEAN:
        record, sides = sides_of(folder, records, name, source, reader, program)
        result(f"{name}, {source} to {reader}: QEMU did so", (record["outcome"] == "completed") == (rule is None), record)
        answers(f"{name}, {source} to {reader}", *skew(*sides)[:2], rule, section, skew(*sides)[2])
        if rule:
            answer = json.loads(run("explain", "--json", "--message", "\n".join(record["messages"]), *sides).stdout.splitlines()[-1])
            result(f"{name}, {source} to {reader}: explained", (answer["message_match"], answer["section"]) == ("explained", section), answer)
    _, sides = sides_of(folder, records, "tco", "bookworm", "forky")
    found = [each["certainty"] for each in skew(*(side.split("+")[0] for side in sides))[0] if each["rule"] == "pointer-missing"]
    result("a watchdog, and the reader's release is not known", found == ["undecided"], found)
    edited = folder / "registers.vmstate"
    _, sides = sides_of(folder, records, "virt-smp", "forky", "forky", "aarch64")
    stream, program = sides[1].split("+")
    data = Path(stream).read_bytes()
    field = re.search(r'"name":"cpreg_vmstate_indexes"[^}]*"array_len":(\d+)', run("parse", "--json", "--all", "--schema", program, stream).stdout.decode())
    registers = int(field[1])
    for name, number, rule in ("L2CTLR", 0x40200000200f480a, "arm-constant"), ("DBGDIDR", 0x40200000200e0000, "arm-constant"), ("MIDR of AArch32", 0x40200000200f0000, None):
        at = data.index(number.to_bytes(8, "big")) + 8 * registers + 7  # the last byte of its value
        edited.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
        found = [each["rule"] for each in certain(skew(f"{edited}+{program}", sides[1])[0])]
        result(f"a register of another value: {name}", found == ([rule] if rule else []), found)


def ask_elements_of_lists(folder):
    """A subsection that only an element of a list has sent: no description tells that, the bytes do."""
    word, counted = lambda number: number.to_bytes(4, "big"), lambda text: bytes([len(text)]) + text
    edited, programs = folder / "variables.vmstate", [f"{folder}/programs/{release}-x86_64.program.json" for release in ("forky", "trixie")]
    data = (folder / "streams/pc-bare@pc-i440fx-7.2@forky.vmstate").read_bytes()
    digest = b"\5" + counted(b"uefi-variable-digest") + word(0) + word(0)
    variable = bytes(16) + word(2) + word(1) + word(7) + b"a\0" + b"\1" + bytes(11)
    for name, variables, certainty in (("the first", [variable + digest, variable], "certain"), ("the last", [variable, variable + digest], "certain"),
                                       ("none", [variable, variable], "when")):
        fields = bytes(2) + word(0) + bytes(12 + 4 + 8) + b"".join(b"\1" + each for each in variables) + bytes(2)
        section = b"\4" + word(999) + counted(b"uefi-vars-sysbus") + word(0) + word(0) + fields + b"\x7e" + word(999)
        end = data.rindex(b"\0\6")
        edited.write_bytes(data[:end] + section + b"\0")
        found = [each["certainty"] for each in skew(f"{edited}+{programs[0]}", programs[1])[0] if each["structure"] == "uefi-variable"]
        result(f"a subsection of an element of a list, {name} has it", found == [certainty], found)
        summary = json.loads(run("explain", "--json", f"{edited}+{programs[0]}", programs[1]).stdout.splitlines()[-1])
        result(f"a subsection of an element of a list, {name} has it: explained", (summary["outcome"] == "reject") == (certainty == "certain"), summary)


def ask_features(folder, records):
    """The features that a guest uses of a virtio device: no stream tells what the reader's device offers, QEMU's message does."""
    for source, reader in ("bookworm", "bookworm"), ("forky", "trixie"), ("bookworm", "forky"):
        record, sides = sides_of(folder, records, "running-features", source, reader)
        text, name = "\n".join(record["messages"]), f"a feature, {source} to {reader}"
        found = [each for each in skew(*sides)[0] if each["rule"] == "virtio-features"]
        result(f"{name}: open", len(found) == 1 and found[0]["certainty"] == "undecided" and found[0]["writer"] == "0x300000044"
               and "uses: iommu_platform." in found[0]["advice"], found)
        for words, given in ("programs", sides), ("the streams", [side.split("+")[0] for side in sides]), ("the reader's program", [sides[0].split("+")[0], sides[1].split("+")[1]]):
            cause, *_, summary = [line for line in map(json.loads, run("explain", "--json", "--message", text, *given).stdout.splitlines())
                                  if "cause" in line or "summary" in line]
            # Without its program the stream's encoding is not split, and QEMU 11.1 prints of the features only those that are offered.
            advice = ("Give the reader's device the feature, too" if reader == "forky" and words != "programs"
                      else "feature 33" if words == "the streams" else "iommu_platform")
            result(f"{name}: read off, with {words}", (summary["message_match"], cause["rule"], cause["section"]) == ("read-off", "virtio-features", "0000:00:01.0/virtio-blk")
                   and advice in cause["advice"], (cause, summary))
        record, sides = sides_of(folder, records, "running-features-back", source, reader)
        found = [each for each in skew(*sides)[0] if each["rule"] == "virtio-features"]
        result(f"{name}: and back", record["outcome"] == "completed" and not found, found)
    record, sides = sides_of(folder, records, "running-net", "forky", "bookworm", machine="pc-q35-7.2")
    text = ("Features 0x01c0000130afffaf unsupported. Allowed features: 0x179bf8064\n"
            "error while loading state for instance 0x0 of device '0000:00:04.0/virtio-net'")
    cause = next(line for line in map(json.loads, run("explain", "--json", "--message", text, *sides).stdout.splitlines()) if "cause" in line)
    result("features that the reader's release does not know", "host_ufo, and guest_uso4 (machine types up to pc-i440fx-8.1, pc-q35-8.1 set guest_uso4 to off)"
           in cause["advice"] and "host_mtu" in cause["advice"] and "which the reader's release does not know" in cause["advice"], cause)


# The situation, two releases, and words of the advice that were tried with these QEMUs.
ADVICE = (
    ("running-vga", "bookworm", "bookworm", "qemu-extended-regs of VGA"),
    ("legacy-off-source", "bookworm", "bookworm", "disable-legacy"),
    ("rom-size", "bookworm", "bookworm", "romfile="),
    ("ram-more", "bookworm", "bookworm", "-m"),
    ("type-newer", "bookworm", "bookworm", "-machine"),
    ("pseries-bare", "bookworm", "bullseye", "neither machine type nor property"),
    ("mac99", "bullseye", "forky", "Only a release in between"),
)


def ask_real_advice(folder, records):
    for name, source, reader, words in ADVICE:
        record, sides = sides_of(folder, records, name, source, reader, next(each for each in records if each["set"] == name)["program"])
        lines = [json.loads(line) for line in run("explain", "--json", *sides).stdout.splitlines()]
        advice = next((each["advice"] for each in lines if "cause" in each), None)
        result(f"{name}: what to do", advice is not None and words in advice, (advice, record["messages"]))


def notes_of(*words):
    done = run("explain", "--json", *words)
    return [note["note"] for note in json.loads(done.stdout.splitlines()[-1])["notes"]]


def ask_notes(folder, records):
    """What explain says beside the cause."""
    record, sides = sides_of(folder, records, "cpus-queues-blk", "bookworm", "bookworm")
    found = certain(skew(*sides)[0])[0]
    result("vectors are counted", "number of vectors: 2)" in found["writer"] and "number of vectors: 5)" in found["reader"], found)
    notes = notes_of(*sides)
    result("more processors at the destination are told", any(note.startswith("Only the reader's machine has: cpu") for note in notes), notes)
    notes = notes_of(sides[0], sides[0])
    result("of the same machine nothing is told", not any(note.startswith("Only the reader's") for note in notes), notes)
    cut = folder / "cut.vmstate"
    cut.write_bytes(Path(sides[0].split("+")[0]).read_bytes()[:2000])
    notes = notes_of(cut, sides[1])
    result("nor of a stream that is cut off", not any(note.startswith("Only the reader's") for note in notes), notes)
    record, sides = sides_of(folder, records, "acpi-index-destination", "bookworm", "bookworm")
    for name, source, wanted in ("without the writer's program", sides[0].split("+")[0], True), ("with both programs", sides[0], False):
        notes = notes_of(source, sides[1])
        result(f"{name} it is {'asked for' if wanted else 'not asked for'}", any("program that wrote the stream" in note for note in notes) == wanted, notes)


def ask_ways_to_give(folder, records):
    """What QEMU accepts is not refused, whichever of the files are given: a number in a name that a version leaves out (e1000), unused
    bytes that an older release has sent otherwise (virtio-blk), a field that fits another one's condition (esp), requests that wait."""
    for name, source, reader, program in (("pc-net-roms", "bookworm", "trixie", "x86_64"), ("running-microvm", "trixie", "forky", "x86_64"),
                                          ("q35-scsi-adapters", "trixie", "bookworm", "x86_64"), ("pc-request-blk", "bookworm", "trixie", "x86_64"),
                                          ("pc-request-scsi", "bookworm", "trixie", "x86_64")):
        record, (writes, reads) = sides_of(folder, records, name, source, reader, program)
        result(f"{name}: QEMU accepts it", record["outcome"] == "completed", record)
        a, a_program = writes.split("+")
        b, b_program = reads.split("+")
        for words, given in (("streams", (a, b)), ("the writer's program", (writes, b)), ("the reader's program", (a, reads)),
                             ("no stream of the reader", (writes, b_program)), ("the reader's program alone", (a, b_program))):
            refused = [each for each in certain(skew(*given)[0]) if each["outcome"] == "reject"]
            result(f"{name}: nothing refuses it, with {words}", not refused, refused)


def ask_requests(folder, records):
    """Requests that wait in virtio-blk, and other queues at the reader: each request is split, and what the reader makes of it is told."""
    for name, rule in (("pc-request-blk", None), ("request-queues-fewer", "virtio-requests"), ("request-queues-more", "virtio-requests"),
                       ("request-packed-off", "virtio-requests")):
        record, sides = sides_of(folder, records, name, "bookworm", "bookworm")
        result(f"{name}: QEMU did so", record["outcome"] == ("failed" if rule else "completed"), record)
        differences, status, done = skew(*sides)
        answers(f"{name}: with programs", differences, status, rule, "0000:00:02.0/virtio-blk", done)
        explains(f"{name}: explained", rule, "0000:00:02.0/virtio-blk", *sides)
        found = [each["certainty"] for each in skew(sides[0], sides[1].split("+")[0])[0] if each["rule"] == "virtio-requests"]
        result(f"{name}: the reader's program is not given", found == ["undecided"], found)
        stream, program = sides[0].split("+")
        text = run("parse", "--schema", program, stream).stdout.decode()
        result(f"{name}: the request is split", ".elem.in_addr unused" in text and "virtio (opaque)" not in text, text[-300:])
    record, sides = sides_of(folder, records, "request-queue-size", "trixie", "forky")
    differences, status, done = skew(*sides)
    answers("a request waits in a queue that is too long", differences, status, "virtio-queue-size", "0000:00:02.0/virtio-blk", done)
    done = run("skew", sides[0].split("+")[0], sides[1])
    result("a request waits, and the writer's program is not given: that is said", b"Give the program that wrote the stream" in done.stdout, done.stdout)


def ask_processors(folder, records):
    """Two subsections of one name, of which a reader takes the first; and system registers of Arm that only the reader has."""
    for name, program, source, reader, rule, certainty in (
            ("sam", "ppc64", "bookworm", "bookworm", "fields", "certain"), ("sam", "ppc64", "bullseye", "bookworm", "fields", "certain"),
            ("sam", "ppc64", "trixie", "trixie", None, None),
            ("zynq", "aarch64", "bookworm", "trixie", "arm-registers-unsent", "certain"),
            ("zynq", "aarch64", "bullseye", "bookworm", "arm-registers-unsent", "undecided"),
            ("arm-imx6ul", "aarch64", "bullseye", "bookworm", "arm-registers-unsent", "certain")):
        record, sides = sides_of(folder, records, name, source, reader, program=program)
        result(f"{name}, {source} to {reader}: QEMU did so", record["outcome"] == "completed" or rule, record)
        differences, status, done = skew(*sides)
        answers(f"{name}, {source} to {reader}", differences, status, rule if certainty == "certain" else None, "cpu", done)
        result(f"{name}, {source} to {reader}: {rule} is {certainty}", {each["certainty"] for each in differences if each["rule"] == rule
               and each["section"] == "cpu"} == ({certainty} if certainty else set()), differences[:1])
        explains(f"{name}, {source} to {reader}: explained", rule if certainty == "certain" else None, "cpu", *sides)


def ask_untold_numbers(folder, records):
    """QEMU 11.1 always sends the processors that can be plugged in; how many an older reader has, its idle stream does not show."""
    _, sides = sides_of(folder, records, "pc-bare", "forky", "trixie")
    differences, status, done = skew(*sides)
    result("a number of elements that the reader's stream does not show is open", not certain(differences) and status == 1
           and ("undecided", "array-length") in {(each["certainty"], each["rule"]) for each in differences if each["path"].endswith("devs")},
           differences or done.stderr.decode())


def inserted(data, at, *pieces):
    return data[:at] + b"".join(pieces) + data[at:]


def ask_edited_streams(folder):
    """Streams that no QEMU of the corpus writes."""
    data, edited = PC.read_bytes(), folder / "edited.vmstate"
    items = [json.loads(line) for line in run("parse", "--json", PC).stdout.splitlines()]
    configuration, part = (next(each for each in items if each["kind"] == kind) for kind in ("configuration", "part"))
    word = lambda number, size=4: number.to_bytes(size, "big")
    counted = lambda text: bytes([len(text)]) + text

    for bits, rule in (12, None), (10, "page-bits"):
        edited.write_bytes(inserted(data, configuration["offset"] + configuration["size"], b"\5",
                                    counted(b"configuration/target-page-bits"), word(1), word(bits)))
        differences, status, done = skew(edited, PC)
        answers(f"pages of {bits} bits, told", differences, status, rule, None, done)

    edited.write_bytes(inserted(data, part["entries"][0]["offset"], word(0x1000 | 0x100, 8), counted(b"pc.ram"), word(2), b"xx"))
    for words, reader, expected in (("a stream", [PC], "undecided"), ("an older program", [f"{PC}+{PC_PROGRAM}"], "undecided"),
                                    ("a newer program", [f"{PC}+{folder}/programs/forky-x86_64.program.json"], "certain"),
                                    ("a newer program alone", [f"{folder}/programs/forky-x86_64.program.json"], "certain")):
        found = [each["certainty"] for each in skew(edited, *reader)[0] if each["rule"] == "ram-record"]
        result(f"a compressed page, and {words}", found == [expected], found)
    result("a compressed page against itself", skew(edited, edited)[1] == 0, "")

    start = next(each for each in items if each["kind"] == "start")["offset"]
    edited.write_bytes(inserted(data, start, b"\1", word(99), counted(b"block"), word(0), word(1), word(2, 8), b"\x7e", word(99)))
    for words, reader, expected in (("a stream", [PC], ["undecided"]), ("an older program", [f"{PC}+{PC_PROGRAM}"], []),
                                    ("a newer program", [f"{PC}+{folder}/programs/forky-x86_64.program.json"], ["certain"]),
                                    ("a newer program alone", [f"{folder}/programs/trixie-x86_64.program.json"], ["certain"])):
        found = [each["certainty"] for each in skew(edited, *reader)[0] if each["section"] == "block"]
        result(f"block migration, and {words}", found == expected, found)

    pci = next(each for each in items if each.get("idstr") == "0000:00:01.3/piix4_pm")
    at = data.index(word(2) + b"\x86\x80\x13\x71", pci["offset"])
    edited.write_bytes(data[:at] + word(130) + data[at + 4:])
    for words, sides in ("streams", (edited, PC)), ("programs", (f"{edited}+{PC_PROGRAM}", f"{PC}+{PC_PROGRAM}")):
        answers(f"a number above the reader's own, with {words}", *skew(*sides)[:2], "at-most", "0000:00:01.3/piix4_pm", skew(*sides)[2])

    description, end = description_of(PC), data.rindex(b"\0\6") + 2
    field_of(device_of(description, "0000:00:01.3/piix4_pm"), "ar.pm1.evt.sts")["size"] += 1
    text = json.dumps(description).encode()
    edited.write_bytes(data[:end] + word(len(text)) + text)
    differences, status, done = skew(f"{edited}+{PC_PROGRAM}", f"{PC}+{PC_PROGRAM}")
    result("a description that does not fit, and the writer's program", status == 0 and not differences, differences or done.stderr)
    result("a description that does not fit, alone", skew(edited, PC)[1] == 2, "")

    at = data.rindex(b'"runstate"')
    edited.write_bytes(inserted(data[:at + 1] + data[at + 2:], at + 1, b"s"))
    differences, status, done = skew(f"{edited}+{PC_PROGRAM}", f"{PC}+{PC_PROGRAM}")
    result("a field that the stream calls otherwise than its program", not differences and status == 0, differences or done.stderr.decode())


def ask_pages_of_ram(folder):
    """Pages that have no place in the list of blocks, and a question without a way for the answer: QEMU says what is expected here."""
    source, edited = STREAMS / "bookworm-q35-ram.vmstate", folder / "pages.vmstate"
    data = source.read_bytes()
    items = [json.loads(line) for line in run("parse", "--json", source).stdout.splitlines()]
    page, zero = (next(entry for each in items if each["kind"] == "part" for entry in each["entries"] if entry["kind"] == kind)["offset"]
                  for kind in ("RAM_PAGE", "RAM_ZERO"))
    name, start = page + 8 + 1, next(each for each in items if each["kind"] == "start")["offset"]
    ping, way = b"\x08\0\2\0\4\0\0\0\7", b"\x08\0\1\0\0"
    at = lambda place, address: data[:place] + (int.from_bytes(data[place:place + 8], "big") % 0x1000 + address).to_bytes(8, "big") + data[place + 8:]
    program = f"{source}+{PC_PROGRAM}"
    for what, changed, rule, message in (
            ("of no block", data[:name + 5] + b"X" + data[name + 6:], "ram-page-block", "Can't find block pc.raX"),
            ("behind its block", at(page, 0x500000), "ram-page-offset", "Illegal RAM offset 500000"),
            ("behind the block of the page before", at(zero, 0x400000), "ram-page-offset", "Illegal RAM offset 400000"),
            ("of its block's last bytes", at(zero, 0x3ff000), None, None)):
        edited.write_bytes(changed)
        for reader in (source, program):
            differences, status, done = skew(f"{edited}+{PC_PROGRAM}", reader)
            answers(f"a page of RAM {what}", differences, status, rule, "ram", done)
            result(f"a page of RAM {what}: QEMU's message", not rule or certain(differences)[0]["message"] == message, differences[:1])
            if rule:
                explains(f"a page of RAM {what}: explained", rule, "ram", f"{edited}+{PC_PROGRAM}", reader)
    edited.write_bytes(at(page, 0x500000)[:-60000])
    explains("a page of RAM behind its block, and the stream is cut off", "ram-page-offset", "ram", f"{edited}+{PC_PROGRAM}", program)
    edited.write_bytes(data[:name + 5] + b"X" + data[name + 6:])
    found = [(each["certainty"], each["rule"]) for each in skew(edited, PC_PROGRAM)[0]]
    result("a page of RAM of no block, and a program: its machine may have it", found == [("undecided", "ram-page-block")], found)
    for what, changed, rule in ("without a return path", (ping,), "no-return-path"), ("before it", (ping, way), "no-return-path"), ("behind it", (way, ping), None):
        edited.write_bytes(inserted(data, start, *changed))
        differences, status, done = skew(edited, source)
        answers(f"ping {what}", differences, status, rule, None, done)
        result(f"ping {what}: QEMU's message", not rule or certain(differences)[0]["message"] == "CMD_PING (0x7) received with no return path", differences[:1])


def ask_shared_blocks(folder, shared):
    """With x-ignore-shared on both sides, a block that is shared at the reader alone."""
    sent, own, program = folder / "not shared.vmstate", folder / "no pages.vmstate", PC_PROGRAM
    data = shared.read_bytes()
    items = [json.loads(line) for line in run("parse", "--json", shared).stdout.splitlines()]
    part = next(each for each in items if each["kind"] == "part")
    page = (2).to_bytes(8, "big") + b"\4ram0\0"
    sent.write_bytes(inserted(data, part["entries"][0]["offset"], page))
    own.write_bytes(data[:part["offset"]] + data[part["offset"] + part["size"]:])
    differences, status, done = skew(f"{sent}+{program}", f"{shared}+{program}")
    answers("a block that only the reader shares", differences, status, "ram-shared", "ram", done)
    result("a block that only the reader shares: QEMU's message", certain(differences)[0]["message"] == "block ram0 should not be migrated !", differences)
    explains("a block that only the reader shares: explained", "ram-shared", "ram", f"{sent}+{program}", f"{shared}+{program}")
    found = [(each["certainty"], each["rule"]) for each in skew(f"{sent}+{program}", f"{own}+{program}")[0]]
    result("a block that only the reader shares, and its stream has no pages", found == [("undecided", "ram-shared")], found)
    for name, reader in ("only the writer", sent), ("both", shared):
        found = skew(f"{shared}+{program}", f"{reader}+{program}")[0]
        result(f"a block that {name} shares", not found, found)


def ask_drives(folder):
    """Block migration: what the reader's own stream shows of its drives."""
    data = PC.read_bytes()
    start = next(each["offset"] for each in map(json.loads, run("parse", "--json", PC).stdout.splitlines()) if each.get("kind") == "start")
    number = (0x77).to_bytes(4, "big")

    def with_drives(name, *drives):
        chunks = b"".join((sector << 9 | 9).to_bytes(8, "big") + bytes([len(drive)]) + drive.encode() for drive, sector in drives)
        path = folder / f"{name}.vmstate"
        path.write_bytes(inserted(data, start, b"\1" + number + b"\5block" + bytes(4) + (1).to_bytes(4, "big") + chunks
                                  + (2).to_bytes(8, "big") + b"\x7e" + number))
        return path
    sent = with_drives("drives", ("d0", 0), ("d0", 2048), ("d1", 0))
    for name, drives, wanted in (("the same", (("d1", 0), ("d0", 2048)), []), ("longer", (("d0", 4096), ("d1", 0)), []),
                                 ("another name", (("d0", 2048), ("d2", 0)), [("drive-unknown", "d1")]),
                                 ("shorter", (("d0", 0), ("d1", 0)), [("drive-size", "d0")]),
                                 ("none", (), [("drive-unknown", "d0"), ("drive-unknown", "d1")])):
        reader = with_drives("reader", *drives)
        for given, words in ("streams", (sent, reader)), ("programs", (f"{sent}+{PC_PROGRAM}", f"{reader}+{PC_PROGRAM}")):
            differences, status, done = skew(*words)
            found = [(each["rule"], each["path"]) for each in differences]
            result(f"drives: {name}, {given}", found == wanted and status == (3 if wanted else 0)
                   and all(each["certainty"] == "undecided" for each in differences), done.stdout.decode()[:500] + done.stderr.decode())
    reader = with_drives("reader", ("d0", 2048), ("d2", 0))
    answer = json.loads(run("explain", "--json", "--message", "Error unknown block device d1", sent, reader).stdout.splitlines()[-1])
    result("drives: QEMU's message", (answer["outcome"], answer["message_match"], answer["path"]) == ("reject", "explained", "d1"), answer)
    found = [each["rule"] for each in skew(sent, f"{PC}+{SCHEMAS / 'trixie-x86_64.program.json'}")[0] if each["section"] == "block"]
    result("drives: a release without block migration", found == ["section-unknown"], found)


# What a reader refuses, or takes, by what its machine has at that place: a situation, the releases, and the only certain rules.
OWN_THINGS = (
    ("slot-filled", "bullseye", "bullseye", "x86_64", ["pci-config"]), ("slot-filled", "trixie", "bookworm", "x86_64", ["pci-config"]),
    ("slot-filled", "forky", "trixie", "x86_64", []), ("slot-filled-back", "bookworm", "bookworm", "x86_64", ["pci-config", "section-unknown"]),
    ("slot-filled-back", "forky", "trixie", "x86_64", ["section-unknown"]),
    ("ccw-subsystem", "trixie", "trixie", "s390x", ["null-pointer"]), ("ccw-subsystem", "forky", "forky", "s390x", ["null-pointer"]),
    ("ccw-subsystem-back", "forky", "forky", "s390x", ["null-pointer", "section-unknown"]),
    ("ccw-bare", "bookworm", "trixie", "s390x", []), ("running-nvme", "forky", "forky", "x86_64", []),
    ("pseries-compat", "bookworm", "bookworm", "ppc64", []), ("pseries-compat-none", "bookworm", "bookworm", "ppc64", ["ppc-processor"]),
    ("riscv-debug", "forky", "forky", "riscv64", ["pointer-missing"]), ("riscv-debug", "trixie", "trixie", "riscv64", []),
)


def ask_own_things(folder, records):
    for name, source, reader, program, rules in OWN_THINGS:
        record, sides = sides_of(folder, records, name, source, reader, program)
        found = certain(skew(*sides)[0])
        result(f"{name}, {source} to {reader}: QEMU did so", (record["outcome"] == "completed") == (not rules), record)
        result(f"{name}, {source} to {reader}: {rules}", [each["rule"] for each in found] == rules, found)
        found = certain(skew(*(side.split("+")[0] for side in sides))[0])
        result(f"{name}, {source} to {reader}: no alarm by the streams alone", rules or not found, found)
        if rules:
            answer = explained("\n".join(record["messages"]), *sides)
            result(f"{name}, {source} to {reader}: explained", (answer["message_match"], answer["section"]) == ("explained", record["section"]), answer)


def ask_pci_bytes(folder, records):
    """Bytes of PCI configurations that not every device, and not every reader, has compared."""
    record, sides = sides_of(folder, records, "pc-net-roms", "bookworm", "bookworm")
    stream, program = sides[0].split("+")
    edited, data = folder / "pci.vmstate", bytearray(Path(stream).read_bytes())
    at = data.index(b"\xec\x10\x39\x81") # 8139 of Realtek: its own bytes, and no capability
    data[at + 0xdc] = 0xff
    edited.write_bytes(data)
    result("rtl8139: a byte that its guest can write", data[at + 0x34] == 0xdc and not skew(f"{edited}+{program}", f"{stream}+{program}")[0], at)
    data[at + 0x34] ^= 0x10
    edited.write_bytes(data)
    found = [each["rule"] for each in skew(f"{edited}+{program}", f"{stream}+{program}")[0]]
    result("rtl8139: one that its guest cannot write", found == ["pci-config"], found)
    record, sides = sides_of(folder, records, "slot-filled", "bookworm", "bookworm")
    streams = [side.split("+")[0] for side in sides]
    for release, certainty in ("bullseye", "certain"), ("bookworm", "certain"), ("trixie", None), ("forky", None):
        found = [each["certainty"] for each in skew(streams[0], f"{streams[1]}+{folder}/programs/{release}-x86_64.program.json")[0]
                 if each["rule"] == "pci-config"]
        result(f"a slot that only the reader has filled, {release}", found == ([certainty] if certainty else []), found)
    found = [(each["certainty"], each["when"]) for each in skew(*streams)[0] if each["rule"] == "pci-config"]
    result("a slot that only the reader has filled, and its release is not known", found == [("undecided", "the reader is older than QEMU 8.1")], found)


def ask_bitmaps(folder):
    """Dirty bitmaps: which the reader's own stream shows."""
    sent, other, again = STREAMS / "bookworm-pc-dirty-bitmaps.vmstate", STREAMS / "bookworm-pc.vmstate", folder / "again.vmstate"
    again.write_bytes(sent.read_bytes())
    names = [("empty", "bitmap empty of node disk0"), ("disabled", "bitmap disabled of node disk1"), ("written", "bitmap written of node disk1")]
    for name, reader, wanted in (("the same", again, ("certain", "bitmap-exists")), ("none", other, ("undecided", "bitmap-node")), ("itself", sent, None)):
        found = [each for each in skew(sent, reader)[0] if each["section"] == "dirty-bitmap"]
        result(f"bitmaps: {name}", [(each["certainty"], each["rule"]) for each in found] == ([wanted] * 3 if wanted else []), found)
        result(f"bitmaps: their names, {name}", not wanted or [(each["path"], each["writer"]) for each in found] == names, found)
    answer = explained("Bitmap with the same name ('disabled') already exists on destination", sent, again)
    result("bitmaps: QEMU's message", (answer["message_match"], answer["path"]) == ("explained", "disabled"), answer)
    answer = explained("hbitmap.c:647: serialization_chunk: Assertion `(last >> hb->granularity) < hb->size' failed.", sent, other)
    result("bitmaps: a shorter node", answer["section"] == "dirty-bitmap" and answer["outcome"] == "reject", answer)


def ask_settings(folder):
    """Capabilities that only the stream of a migration shows."""
    postcopy, plain = (f"{STREAMS / name}.vmstate+{PC_PROGRAM}" for name in ("bookworm-pc-postcopy", "bookworm-pc"))
    for name, writer, reader, message in (("source", postcopy, plain, "RAM postcopy is disabled but have 16 byte advise"), ("destination", plain, postcopy, None),
                                          ("both", postcopy, postcopy, None)):
        found = [(each["certainty"], each["message"]) for each in skew(writer, reader)[0] if each["rule"] == "postcopy-disabled"]
        result(f"postcopy-ram at the {name}", found == ([("undecided", message)] if message else []), found)
    answer = explained("RAM postcopy is disabled but have 16 byte advise", postcopy, plain)
    result("postcopy-ram: QEMU's message", answer["message_match"] == "explained", answer)
    shared, two = STREAMS / "bookworm-pc-ignore-shared.vmstate", folder / "two.vmstate"
    data, name = shared.read_bytes(), b"\x0fx-ignore-shared"
    at = data.index(name)
    two.write_bytes(data[:at - 4] + (2).to_bytes(4, "big") + name + b"\x0dvalidate-uuid" + data[at + len(name):])
    found = [(each["rule"], each["writer"]) for each in skew(two, shared)[0]]
    result("the second of two capabilities", found == [("capability", "validate-uuid on")], found)


def with_address(data):
    """The stream with x-ignore-shared, too: a capability more, and an address behind the length of each block."""
    name, own = b"\x0amapped-ram", b"\x0fx-ignore-shared"
    at = data.index(name)
    data = bytearray(data[:at - 4] + (2).to_bytes(4, "big") + own + data[at:])
    added, begin = len(own), 0
    for block in b"\x0bmicrovm.ram", b"\x07pc.bios":
        at = data.index(block, begin) + len(block) + 8
        data[at:at] = bytes(8)
        added += 8
        header = at + 8
        bitmap, pages = (int.from_bytes(data[header + 12 + 8 * i:header + 20 + 8 * i], "big") for i in range(2))
        data[header + 12:header + 20] = (bitmap + added).to_bytes(8, "big")
        del data[pages:pages + added]
        begin, added = pages, 0
    return bytes(data)


def ask_mapped_ram(folder):
    """With mapped-ram QEMU compares no sizes of blocks."""
    stream, longer, shared = STREAMS / "trixie-microvm-mapped-ram.vmstate", folder / "longer.vmstate", folder / "shared too.vmstate"
    data, size = stream.read_bytes(), 0x10000
    at = data.index(b"\x07pc.bios") + 8
    pages = int.from_bytes(data[at + 8 + 20:at + 8 + 28], "big")
    total = data.index(b"\x0bmicrovm.ram") - 8
    data = inserted(data[:total] + data[total + 8:], total, (int.from_bytes(data[total:total + 8], "big") + size).to_bytes(8, "big"))
    longer.write_bytes(data[:at] + (2 * size).to_bytes(8, "big") + data[at + 8:pages + size] + bytes(size) + data[pages + size:])
    shared.write_bytes(with_address(stream.read_bytes()))
    for name, sides, wanted in (("longer at the reader", (stream, longer), [("undecided", "ram-longer-mapped", None)]),
                                ("longer at the writer", (longer, stream), [("undecided", "ram-size-mapped", "page outside of ramblock pc.bios range")]),
                                ("as long", (stream, stream), [])):
        found = [(each["certainty"], each["rule"], each["message"]) for each in skew(*sides)[0]]
        result(f"mapped-ram: a block is {name}", found == wanted, found)
    for release, certainty in ("trixie", "certain"), ("forky", None), (None, "undecided"):
        program = f"+{SCHEMAS}/{release}-x86_64.program.json" if release else ""
        differences, status, done = skew(f"{shared}{program}", f"{shared}{program}")
        found = [(each["certainty"], each["rule"], each["message"]) for each in differences]
        message = "Error reading ramblock microvm.ram pages, region has bad alignment"
        result(f"mapped-ram and x-ignore-shared, {release}", found == ([(certainty, "mapped-ram-shared", message)] if certainty else []),
               found or done)


def ask_numbers_of_blocks(folder):
    """What stands behind the length of a block, and what is said of all blocks before postcopy."""
    edited, own = folder / "numbers.vmstate", folder / "own numbers.vmstate"
    shared, postcopy = (STREAMS / f"bookworm-pc-{name}.vmstate" for name in ("ignore-shared", "postcopy"))
    program = PC_PROGRAM
    data = shared.read_bytes()
    place = data.index(b"\4ram0") + 5 + 8
    edited.write_bytes(data[:place + 3] + b"\1" + data[place + 4:])
    found = [(each["certainty"], each["rule"], each["path"], each["message"]) for each in skew(f"{edited}+{program}", f"{shared}+{program}")[0]]
    result("a block at another address, with x-ignore-shared", found ==
           [("undecided", "ram-address", "ram0", "Mismatched GPAs for block ram0 4294967296!= 0")], found)
    ask_shared_blocks(folder, shared)
    data = postcopy.read_bytes()
    place = data.index(b"\x08\0\3\0\x10") + 5
    edited.write_bytes(data[:place + 5] + b"\x20" + data[place + 6:])
    differences, status, done = skew(f"{edited}+{program}", f"{postcopy}+{program}")
    answers("pages of another size before postcopy", differences, status, "postcopy-page-sizes", None, done)
    result("pages of another size before postcopy: QEMU's message", certain(differences)[0]["message"]
           == "Postcopy needs matching RAM page sizes (s=201000 d=1000)", differences[:1])
    place = data.index(b"\6pc.ram") + 7 + 8
    for file, pages in (edited, "0000000000200000"), (own, "0000000040000000"):
        file.write_bytes(inserted(data, place, bytes.fromhex(pages)))
    differences, status, done = skew(f"{edited}+{program}", f"{own}+{program}")
    answers("a block with pages of another size", differences, status, "ram-page-size", "ram", done)
    result("a block with pages of another size: QEMU's message", certain(differences)[0]["message"]
           == "Mismatched RAM page size pc.ram (local) 1073741824 != 2097152", differences[:1])
    result("a block with pages of this size", skew(f"{own}+{program}", f"{own}+{program}")[0] == [], "")


def ask_sizes_of_pages(folder):
    """Targets with other pages in another release, as avr: 256 bytes, and 1024 since 10.1. Of a stream of zero pages, those remain here
    that lie where a larger page begins."""
    source, own = STREAMS / "bookworm-avr-arduino-uno.vmstate", folder / "larger pages.vmstate"
    data = source.read_bytes()
    items = [json.loads(line) for line in run("parse", "--json", source).stdout.splitlines()]
    description = description_of(source)
    description["page_size"] = 1024
    text, end = json.dumps(description).encode(), data.rindex(b"\0\6") + 2
    begin = next(each for each in items if each["kind"] == "part")["entries"][0]["offset"]
    kept = data[:begin]
    for name, pages in ("flash", 128), ("sram", 16):
        for page in range(pages):
            length = 8 + 1 + (0 if page else 1 + len(name))
            kept += data[begin:begin + length] if page % 4 == 0 else b""
            begin += length
    own.write_bytes(kept + data[begin:end] + len(text).to_bytes(4, "big") + text)
    differences, status, done = skew(source, own)
    answers("a target with larger pages", differences, status, "ram-target-page", "ram", done)
    explains("a target with larger pages: explained", "ram-target-page", "ram", source, own)
    found = [(each["certainty"], each["rule"]) for each in skew(own, source)[0]]
    result("a target with smaller pages, and all are zero", found == [("undecided", "ram-target-page")], found)
    result("a target with the same pages", skew(own, own)[0] == [], "")


def ask_pointers(folder):
    """A subsection of a timer, which the reader's device does not have: QEMU aborts."""
    source, own, program = STREAMS / "trixie-riscv64-xbzrle.vmstate", folder / "no timer.vmstate", SCHEMAS / "trixie-riscv64.program.json"
    data = source.read_bytes()
    sent = b"\5\x09cpu/timer"
    length = len(sent) + 4 + 2 * 8
    while sent in data:
        at = data.index(sent)
        data = data[:at] + data[at + length:]
    own.write_bytes(data[:data.rindex(b"\0\6") + 1])
    differences, status, done = skew(f"{source}+{program}", f"{own}+{program}")
    answers("a timer that the reader's processor lacks", differences, status, "pointer-missing", "cpu", done)
    explains("a timer that the reader's processor lacks: explained", "pointer-missing", "cpu", f"{source}+{program}", f"{own}+{program}")
    found = certain(skew(f"{own}+{program}", f"{source}+{program}")[0])
    result("a timer that the writer's processor lacks", not found, found)


def ask_second_ids(folder):
    """Instance ids of old, which QEMU takes too, and 0xffffffff, which it takes for sections without one: so said QEMU 5.2 to 11.1."""
    edited, newer = folder / "second id.vmstate", folder / "programs/forky-x86_64.program.json"
    sent, by_newer = f"{edited}+{PC_PROGRAM}", f"{PC}+{newer}"
    word = lambda number: number.to_bytes(4, "big")
    for name, own, other, reader, expected in (
            ("i8254", 0, 0x40, f"{PC}+{PC_PROGRAM}", []), ("i8259", 0, 0x20, PC, []), ("i8259", 1, 0xa0, by_newer, []),
            ("i8254", 0, 0x41, PC, ["certain"]), ("mc146818rtc", 0, 0x70, f"{PC}+{PC_PROGRAM}", []),
            ("mc146818rtc", 0, 0x70, by_newer, ["certain"]), ("mc146818rtc", 0, 0x70, PC, ["undecided"]),
            ("i8254", 0, 0xffffffff, PC, ["certain"]), ("mc146818rtc", 0, 0xffffffff, f"{PC}+{PC_PROGRAM}", ["certain"]),
            ("mc146818rtc", 0, 0xffffffff, by_newer, []), ("mc146818rtc", 0, 0xffffffff, PC, ["undecided"]),
            ("pckbd", 0, 0xffffffff, by_newer, []), ("ram", 0, 0xffffffff, PC, ["certain"]), ("fdc", 0, 0x3f0, PC, []),
            ("fdc", 0, 0x370, PC, ["undecided"])):
        data, head = PC.read_bytes(), bytes([len(name)]) + name.encode()
        if head + word(own) not in data:
            result(f"{name} is in the stream", False, "")
            continue
        edited.write_bytes(data.replace(head + word(own), head + word(other), 1))
        found = [each["certainty"] for each in skew(sent, reader)[0] if each["rule"] == "section-unknown" and each["section"] == name]
        result(f"{name} under the id {other:#x}, read by {Path(str(reader)).name}", found == expected, found)
        if expected != ["undecided"]:
            summary = json.loads(run("explain", "--json", sent, reader).stdout.splitlines()[-1])
            result(f"{name} under the id {other:#x}, read by {Path(str(reader)).name}: explained",
                   (summary["outcome"] == "reject" and summary["section"] == name) == bool(expected), summary)


def without_subsection(folder, program, name):
    """What the program declares, but for this subsection."""
    declared = json.loads(Path(program).read_text())
    gone = next(i for i, each in enumerate(declared["structures"]) if each["name"] == name)
    for structure in declared["structures"]:
        structure["subsections"] = [each for each in structure.get("subsections", []) if each != gone]
    file = folder / "without.program.json"
    file.write_text(json.dumps(declared))
    return file


def ask_subsections(folder, records):
    """Subsections that the reader lacks: of QEMUs, and of one whose IDE or USB is older than it is."""
    for name, source, reader, section, subsection in (("pc-guest-pic", "trixie", "bookworm", "i8259", "i8259/ltim"),
                                                      ("pc-guest-keyboard", "bookworm", "bullseye", "ps2kbd", "ps2kbd/command_reply_queue")):
        record = next(each for each in records if (each["set"], each["from"], each["to"], each["kind"]) == (name, source, reader, "migration"))
        result(f"{subsection}: QEMU did so", record["outcome"] == "failed", record)
        sides = sides_of(folder, records, name, source, reader)[1]
        differences, status, done = skew(*sides)
        answers(f"{subsection}: the reader lacks it", differences, status, "subsection-unknown", section, done)
        result(f"{subsection}: it is named", subsection in certain(differences)[0]["path"], differences[:1])
        explains(f"{subsection}: explained", "subsection-unknown", section, *sides)
    program = folder / "programs/bookworm-x86_64.program.json"
    sent = next(folder.glob("streams/pc-guest-ide@*@bookworm.vmstate"))
    older = without_subsection(folder, program, "ide_drive/pio_state")
    differences, status, done = skew(f"{sent}+{program}", older)
    answers("ide_drive/pio_state is sent, and the reader lacks it", differences, status, "subsection-unknown", "0000:00:01.1/ide", done)
    differences, status, done = skew(f"{PC}+{program}", older)
    result("ide_drive/pio_state is not sent, and the reader lacks it", not certain(differences) and status == 1, differences)
    differences, status, done = skew(program, without_subsection(folder, program, "usb-hub/port-timer"))
    result("usb-hub/port-timer: the reader lacks it", [(each["certainty"], each["rule"], each["section"]) for each in differences]
           == [("when", "subsection-unknown", "usb-hub")], differences)


def description_of(stream):
    """The JSON at the stream's end."""
    data = Path(stream).read_bytes()
    return json.loads(data[data.rindex(b"\0\6") + 6:])


def device_of(description, name):
    return next(each for each in description["devices"] if each["name"] == name)


def field_of(device, name):
    return next(each for each in device["fields"] if each["name"] == name)


def ask_layouts(folder):
    """Readers that have other layouts than the writer of a capture."""
    own = description_of(PC)
    piix4 = "0000:00:01.3/piix4_pm"

    def reader(name, change):
        description = copy.deepcopy(own)
        change(device_of(description, piix4)["fields"])
        file = folder / f"{name}.json"
        file.write_text(json.dumps(description))
        return file

    def at(fields, name):
        return next(i for i, each in enumerate(fields) if each["name"] == name)

    def inner(fields, name):
        return fields[at(fields, name)]["struct"]["fields"]

    def swap(fields):
        smb = inner(fields, "smb")
        one, other = at(smb, "smb_ctl"), at(smb, "smb_cmd")
        smb[one], smb[other] = smb[other], smb[one]

    def unused(fields):
        smb = inner(fields, "smb")
        data = smb[at(smb, "smb_data")]
        size = data["size"] * data.get("array_len", 1)
        smb[at(smb, "smb_data")] = {"name": "unused", "type": "unused_buffer", "size": size}

    def split(fields):
        i = at(fields, "ar.pm1.evt.sts")
        fields[i:i + 1] = [{"name": "low", "type": "uint8", "size": 1}, {"name": "high", "type": "uint8", "size": 1}]

    def taken_apart(fields):
        i = at(fields, "apm")
        fields[i:i + 1] = fields[i]["struct"]["fields"]

    def shorter(fields):
        del fields[at(fields, "ar.pm1.evt.en")]

    def longer(fields):
        fields.insert(at(fields, "ar.pm1.evt.en"), {"name": "new", "type": "uint32", "size": 4})

    for name, change, rule in (("fields that changed places", swap, "fields-moved"), ("bytes that became unused", unused, None),
                               ("a field that was split", split, None), ("a structure that was taken apart", taken_apart, None),
                               ("a field less", shorter, "fields"), ("a field more", longer, "fields")):
        differences, status, done = skew(PC, reader("reader", change))
        answers(name, differences, status, rule, piix4, done)
        if rule == "fields-moved":
            result(f"{name}: silent", certain(differences)[0]["outcome"] == "corrupt", differences)
        elif rule:
            result(f"{name}: both sides are named, and the bytes", (certain(differences)[0]["bytes"], bool(
                certain(differences)[0]["writer"] or certain(differences)[0]["reader"])) == ({"a field less": 2, "a field more": -4}[name], True),
                differences)


def with_scanouts(folder, stream, outputs, long, resources=0):
    """A stream of a machine with a virtio GPU: as many outputs, as many of them with the fields that QEMU 9.1 added, and as many
    resources of one pixel."""
    name, data = "0000:00:01.0/virtio-gpu", Path(stream).read_bytes()
    start = data.rindex(b"\0\6") + 1
    description = json.loads(data[start + 5:])
    field = field_of(device_of(description, name), "virtio-gpu")
    at = data.index(b"\x7e", data.index(bytes([len(name)]) + name.encode()) + 45000) - field["size"]
    numbers = [number for each in range(1, resources + 1) for number in (each, 1, 1, 1, 0, 0x123456)]
    numbers += [0, 0, outputs] + outputs * 10 * [0] + long * 6 * [0]
    value = b"".join(number.to_bytes(4, "big") for number in numbers)
    text_of = json.dumps({**description, "devices": [
        {**each, "fields": [{**one, "size": len(value)} if one["name"] == "virtio-gpu" else one for one in each["fields"]]}
        if each["name"] == name else each for each in description["devices"]]}).encode()
    file = folder / f"scanouts-{outputs}-{long}-{resources}-{Path(stream).name}"
    file.write_bytes(data[:at] + value + data[at + field["size"]:start] + b"\6" + len(text_of).to_bytes(4, "big") + text_of)
    return file


def ask_scanouts(folder, records):
    """Scanouts of virtio-gpu: nothing on the wire tells which of them have fields that QEMU 9.1 added."""
    section = "0000:00:01.0/virtio-gpu"
    refused = [each for each in records if each["set"] == "q35-virtio-gpu" and "Missing section footer" in str(each["messages"])]
    result("two scanouts: QEMU did so", len(refused) == 12, refused)
    older = ("bullseye", "bookworm")
    streams = {release: folder / f"streams/q35-virtio-gpu@pc-q35-5.2@{release}.vmstate" for release in (*older, "trixie", "forky")}
    programs = {release: folder / f"programs/{release}-x86_64.program.json" for release in streams}
    for record in refused:
        name = f"two scanouts, {record['machine']}, {record['from']} to {record['to']}"
        writer, reader = (folder / f"streams/{record[side]}.vmstate" for side in ("stream", "reader"))
        sides = f"{writer}+{programs[record['from']]}", f"{reader}+{programs[record['to']]}"
        differences, status, done = skew(*sides)
        answers(name, differences, status, "fields", section, done)
        more = record["to"] in older
        result(f"{name}: the bytes", [each["bytes"] for each in certain(differences)] == [24 if more else -24], certain(differences))
        result(f"{name}: is no possibility", not any(each["structure"] == "virtio-gpu-one-scanout" and each["certainty"] != "certain"
                                                     for each in differences), differences)
        explains(f"{name}: explained", "fields", section, writer, programs[record["to"]] if more else sides[1])

    def asked(writer, writes, reader, reads):
        sides = [f"{with_scanouts(folder, streams[release], *scanouts)}+{programs[release]}"
                 for release, scanouts in ((writer, writes), (reader, reads))]
        differences, status, done = skew(*sides)
        return [each for each in differences if each["rule"] == "fields" and each["section"] == section], done

    for name, writer, writes, reader, reads, expected in (
            ("a reader that has them short, too", "bookworm", (2, 0), "trixie", (2, 0), []),
            ("a reader that has one long, too", "trixie", (2, 1), "forky", (2, 1), []),
            ("a writer with both long, a reader with one", "forky", (2, 2), "trixie", (2, 1), [("certain", 24)]),
            ("with two resources", "bookworm", (2, 0, 2), "trixie", (2, 1), [("certain", -24)]),
            ("with two resources, which the older reader takes", "trixie", (2, 0, 2), "bookworm", (2, 0), []),
            ("with two resources, to an older reader", "trixie", (2, 1, 2), "bookworm", (2, 0), [("certain", 24)]),
            ("three", "bookworm", (3, 0), "trixie", (3, 1), [("certain", -24)]),
            ("four, of which the last one is decided by memory of others", "bookworm", (4, 0), "trixie", (4, 2), [("undecided", -48)]),
            ("four, to an older reader", "trixie", (4, 2), "bookworm", (4, 0), [("certain", 48)])):
        found, done = asked(writer, writes, reader, reads)
        result(f"scanouts, {name}", [(each["certainty"], each["bytes"]) for each in found] == expected, found or done.stderr.decode())


def ask_programs(folder):
    """Whole programs, of which one has a field more: a property can leave it out, or none does, or bytes before it ask for it."""
    none, unasked, some = "No property leaves the field out", "The programs ask no property", "Find the property"

    def edited(name, change, of=PC_PROGRAM, without=()):
        declared = {key: value for key, value in json.loads(of.read_text()).items() if key not in without}
        change({each["name"]: each for each in declared["structures"] if each.get("name")})
        file = folder / f"{name}.program.json"
        file.write_text(json.dumps(declared))
        return file

    def added(structure, condition=None, name="new"):
        field = {"name": name, "type": "uint8", "offset": 600, "size": 1, "flags": ["single"]}
        if condition is not None:
            field["condition"] = condition
        return lambda structures: structures[structure]["fields"].append(field)

    def wider(structures):
        field_of(structures["piix4_pm"], "ar.pm1.evt.en").update(type="uint32", size=4)

    def of_a_later_version(structures):
        added("piix4_pm")(structures)
        structures["piix4_pm"]["version_id"] = structures["piix4_pm"]["fields"][-1]["version_id"] = 4

    def asked(name, sides, expected):
        differences, _, done = skew(*sides)
        found = [(each["certainty"], each["rule"], each["path"], (each["advice"] or "")[:len(expected[3])]) for each in differences]
        result(name, found == [expected], differences or done.stderr.decode())

    always, other = edited("always", added("piix4_pm")), edited("wider", wider)
    asked("a field that the reader does not have: no property", (always, PC_PROGRAM), ("certain", "fields", "new", none))
    asked("a field that the writer does not have: no property", (PC_PROGRAM, always), ("certain", "fields", "new", none))
    asked("a field of another size: no property is asked", (PC_PROGRAM, other), ("certain", "fields", "ar.pm1.evt.en", unasked))
    untold = edited("untold", wider, without=("types",))  # as a program whose properties are not found
    asked("a field of another size: perhaps a property", (PC_PROGRAM, untold), ("certain", "fields", "ar.pm1.evt.en", some))
    later = edited("later", of_a_later_version)
    asked("a field of a version that is not sent: no property is asked", (always, later), ("certain", "fields", "new", unasked))
    asked_for = edited("asked_for", added("esp", condition=21, name="asc_mode"))
    for sides, certainty in ((PC_PROGRAM, asked_for), "undecided"), ((asked_for, PC_PROGRAM), "when"):
        differences, _, done = skew(*sides)
        found = {(each["section"], each["certainty"], each["rule"], each["path"]) for each in differences}
        result(f"a field that bytes before it ask for, {'which the writer lacks' if certainty == 'undecided' else 'and the writer has'}",
               found == {(section, certainty, "condition", "esp.asc_mode") for section in ("pciespscsi", "sysbusespscsi")},
               differences or done.stderr.decode())


def ask_advice(folder):
    """What decides over a difference: the property, and the machine types that set it; the state; or what no program shows."""
    sides = [f"{STREAMS / release}-pc.vmstate+{SCHEMAS / release}-x86_64.program.json" for release in ("bookworm", "bullseye")]
    found = {each["path"]: each["advice"] for each in skew(*sides)[0]}
    for path, words in (("acpi_pci_hotplug.acpi_index", "x-not-migrate-acpi-index of PIIX4_PM is off (machine types up to "),
                        ("acpi_pci_hotplug.acpi_index", "up to pc-i440fx-6.2, pc-q35-6.2 set x-not-migrate-acpi-index to on"),
                        ("acpi_pci_hotplug.acpi_index", "see whether that can be switched at the writer"),
                        ("kbd.pckbd/extended_state", "It is sent if property extended-state of i8042 is on"),
                        ("cpu/pkrs", "only the device's state"),
                        ("cpu/intel_sgx", "does not show what decides"),  # a feature of the processor, which -cpu sets
                        ("ps2kbd/command_reply_queue", "only the device's state")):
        result(f"what decides over {path}: {words}", words in found.get(path, ""), found)
    power = [folder / f"programs/{release}-ppc64.program.json" for release in ("forky", "bullseye")]
    found = [each["when"] for each in skew(*power)[0] if "rtas-stopped-state" in (each["when"] or "")]
    result("a property is that of the type that declares it", found and all("of powerpc64-cpu " in each for each in found), found)
    programs = [SCHEMAS / f"{release}-x86_64.program.json" for release in ("trixie", "bookworm")]
    found = [each["advice"] for each in certain(skew(*programs)[0]) if each["path"] == "vhost-user-fs-backend"]
    result("a subsection that is always sent", found and all(each.startswith("It is always sent") for each in found), found)
    found = certain(skew(*sides[::-1])[0])
    result("what the reader's machine has more is switched there",
           any("see whether that can be switched at the reader" in each["advice"] for each in found if (each["path"] or "").endswith("acpi_index")), found)
    shown = run("skew", *sides).stdout.decode()
    cpu = shown[shown.index("\ncpu\n"):shown.index("\nps2kbd\n")]
    result("each group of differences has its own advice", cpu.count("advice") == cpu.count("result") > 2, cpu)


def ask_about_itself(folder):
    """Nothing differs between a side and itself."""
    undescribed = folder / "undescribed.vmstate"
    data = PC.read_bytes()
    undescribed.write_bytes(data[:data.rindex(b"\0\6") + 1])
    package = STREAMS / "bookworm-pc-postcopy.vmstate"
    for name, side in (("a stream", PC), ("a stream with its program", f"{PC}+{PC_PROGRAM}"), ("a program", PC_PROGRAM),
                       ("a dump", SCHEMAS / "bookworm-x86_64.json"), ("a stream without a description", f"{undescribed}+{PC_PROGRAM}"),
                       ("a package", f"{package}+{PC_PROGRAM}")):
        differences, status, done = skew(side, side)
        result(f"{name} against itself", not differences and status == 0, differences or done.stderr.decode())
    differences, status, done = skew(f"{undescribed}+{PC_PROGRAM}", PC)
    result("a stream without a description against the same with one", not certain(differences) and status in (0, 3),
           differences or done.stderr.decode())
    differences, status, done = skew(undescribed, PC)
    result("without a program it is an error that says what to give", status == 2 and b"FILE+PROGRAM" in done.stdout + done.stderr,
           done.stdout + done.stderr)
    for command in (["parse", undescribed], ["check", undescribed], ["convert", "--to", "flagday", undescribed], ["diff", undescribed, PC]):
        done = run(*command)
        result(f"{command[0]}: without a program it is an error that says what to give",
               done.returncode == 2 and b"suppress-vmdesc=off" in done.stderr and b"--schema" in done.stderr, done.stderr)
    explains("a stream without a description, explained by the reader's program", None, None, undescribed, PC_PROGRAM)
    done = run("skew", STREAMS / "bookworm-s390x-virtio.vmstate", PC)
    result("another machine", done.returncode == 1 and b"Unknown savevm section" in done.stdout + done.stderr, done.stdout[:400])


def ask_about_cuts(folder):
    """A stream that ends within a device: where, and how much of it there is."""
    data = PC.read_bytes()
    parsed = [json.loads(line) for line in run("parse", "--json", PC).stdout.splitlines()]
    section = next(each for each in parsed if each.get("idstr") == "0000:00:01.3/piix4_pm")
    cut = folder / "cut.vmstate"
    cut.write_bytes(data[:section["offset"] + 300])
    done = run("explain", "--json", f"{cut}", PC_PROGRAM)
    summary = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
    result("a stream that is cut off in a device", summary.get("section") == "0000:00:01.3/piix4_pm" and done.returncode == 1,
           done.stdout.splitlines()[-1:] or done.stderr)


def ask_programs_alone(folder):
    """A stream, and only the program of the reader: one that is too old for the machine type, and for a command."""
    stream, new = folder / "streams/virt-bare@virt-10.0@trixie.vmstate", folder / "programs/trixie-aarch64.program.json"
    for name, machines, reader, rules in [
        ("an older program", None, "bullseye-aarch64", ["machine-type", "command-unknown"]),
        ("a program of other machine types", ["virt-10.1", "virt-1"], "trixie-aarch64", ["machine-type"]),
        ("a program of this machine type", ["virt-9.2", "virt-10.0"], "trixie-aarch64", []),
        ("a program of a longer name", ["virt-10.0.1"], "trixie-aarch64", []),
        ("a program that tells no machine types", None, "trixie-aarch64", []),
    ]:
        document = json.loads((folder / f"programs/{reader}.program.json").read_text())
        if machines:
            document["machines"] = [{"name": each} for each in machines]
        program = folder / "machines.program.json"
        program.write_text(json.dumps(document))
        differences, status, _ = skew(f"{stream}+{new}", program)
        found = [each["rule"] for each in certain(differences) if not each["section"]]
        result(f"{name}: {rules or 'nothing'}", found == rules and (status == 1 or not rules), differences or status)


def queue_places(stream, program):
    """Where the lengths of virtqueues stand in a stream: offsets of numbers of four bytes."""
    places = []

    def walk(value):
        if isinstance(value, dict):
            if value.get("name", "").endswith("vring.num"):
                places.append(value["offset"])
            value = list(value.values())
        for each in value if isinstance(value, list) else []:
            walk(each)

    for line in run("parse", "--json", "--schema", program, stream).stdout.splitlines():
        walk(json.loads(line))
    return places


def ask_queues(folder):
    """Two devices with longer virtqueues than the reader's: each is told where the release is known, and one question is enough
    where it is not."""
    stream = STREAMS / "bookworm-microvm.vmstate"
    places = queue_places(stream, PC_PROGRAM)
    data = bytearray(stream.read_bytes())
    for place in places:
        data[place + 2] = 0x04  # 1024 and more
    longer = folder / "longer.vmstate"
    longer.write_bytes(data)
    for releases, certainty, count in ("11.1", "certain", len(places)), ("8.0 to 11.1", "undecided", 1):
        document = {**json.loads(PC_PROGRAM.read_text()), "shape": releases}
        program = folder / "release.program.json"
        program.write_text(json.dumps(document))
        differences = [each for each in skew(f"{longer}+{PC_PROGRAM}", f"{stream}+{program}")[0] if each["rule"] == "virtio-queue-size"]
        result(f"queues of two devices are longer, {releases}: {count} {certainty}",
               len(places) > 1 and [each["certainty"] for each in differences] == [certainty] * count, differences or places)


def ask_damaged_encodings(folder):
    """Damage in what no description splits: the reader's program cannot take it, and that is said."""
    stream = STREAMS / "bookworm-microvm.vmstate"
    data = stream.read_bytes()
    for name, found, damaged in (("version", b"virtio/64bit_features\0\0\0\x01", b"virtio/64bit_features\0\0\0\x09"),
                                 ("name", b"virtio/64bit_features", b"virtio/64bit_featureZ"),
                                 ("length of the name", b"\x15virtio/64bit_features", b"\x16virtio/64bit_features")):
        result(f"damaged encoding: the stream has the {name}", found in data)
        file = folder / "damaged.vmstate"
        file.write_bytes(data.replace(found, damaged, 1))
        for sides in (f"{file}+{PC_PROGRAM}", f"{stream}+{PC_PROGRAM}"), (file, f"{stream}+{PC_PROGRAM}"), (file, PC_PROGRAM):
            differences, status, done = skew(*sides)
            result(f"damaged encoding: the {name} is not clean", status in (1, 3) and any(
                each["section"].endswith("virtio-blk") or "virtio" in each["section"] for each in differences), differences or done.stderr)
        done = run("explain", file, f"{stream}+{PC_PROGRAM}")
        result(f"damaged encoding: {name}, explained", done.returncode in (1, 3) and b"Give a program" not in done.stdout, done.stdout)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([ROOT / "corpus/migrate", "unpack", folder], check=True, stdout=subprocess.DEVNULL)
        records = json.loads((ROOT / "corpus/migrations/seen.json").read_text())
        ask_situations(folder, records)
        ask_subsections(folder, records)
        ask_messages(folder, records)
        ask_real_messages(folder, records)
        ask_real_advice(folder, records)
        ask_fields_of_messages(folder, records)
        ask_without_reader(folder, records)
        ask_whole_fields(folder, records)
        ask_once_clean(folder, records)
        ask_elements_of_lists(folder)
        ask_features(folder, records)
        ask_notes(folder, records)
        ask_ways_to_give(folder, records)
        ask_untold_numbers(folder, records)
        ask_requests(folder, records)
        ask_processors(folder, records)
        ask_edited_streams(folder)
        ask_pages_of_ram(folder)
        ask_numbers_of_blocks(folder)
        ask_drives(folder)
        ask_own_things(folder, records)
        ask_pci_bytes(folder, records)
        ask_bitmaps(folder)
        ask_settings(folder)
        ask_mapped_ram(folder)
        ask_sizes_of_pages(folder)
        ask_pointers(folder)
        ask_second_ids(folder)
        ask_layouts(folder)
        ask_scanouts(folder, records)
        ask_programs(folder)
        ask_advice(folder)
        ask_programs_alone(folder)
        ask_queues(folder)
        ask_damaged_encodings(folder)
        ask_about_itself(folder)
        ask_about_cuts(folder)
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
