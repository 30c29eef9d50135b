#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks what `vmwire explain` concludes about streams of which the truth is known.

    tests/explain.py            tests $VMWIRE, or build/vmwire if it is not set
    tests/explain.py --short    one of eight captures, witnesses and cuts: with sanitizers it takes long

The captures at themselves; the guests and the witnesses, as their manifests say; captures that are cut off, at many places;
captures with a description that was edited; readers whose program was edited; QEMU's messages; bad input.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VMWIRE = os.path.abspath(os.environ.get("VMWIRE", ROOT / "build/vmwire"))
CORPUS = ROOT / "corpus"
STREAMS, SCHEMAS, GUESTS, WITNESSES = (CORPUS / name for name in ("streams", "schemas", "guest", "witnesses"))
Q35, SMALL = STREAMS / "bookworm-q35.vmstate", STREAMS / "bookworm-microvm.vmstate"
PROGRAM, DUMP = SCHEMAS / "bookworm-x86_64.program.json", SCHEMAS / "bookworm-x86_64.json"
SHARE = 8 if sys.argv[1:] == ["--short"] else 1
STATUS = {"accept": 0, "reject": 1, "truncated": 1, "corrupt": 1, "undecided": 3}
KEYS = {"summary", "file", "reader", "outcome", "section", "instance", "path", "offset", "message", "sentence", "sections_read",
        "sections_unread", "notes"}
CAUSE_KEYS = {"direction", "certainty", "outcome", "rule", "section", "instance", "structure", "path", "writer", "reader", "when",
              "message", "advice", "offset", "bytes"}
failed = False


def result(name, right, found=""):
    global failed
    print(f"{'ok' if right else 'not ok'} {name}")
    if not right:
        failed = True
        print("\n".join(f"#   {line[:300]}" for line in str(found).splitlines()[:10]))


def run(*words, stdin=b"", command="explain"):
    return subprocess.run([VMWIRE, command, *map(str, words)], capture_output=True, input=stdin, timeout=120)


class Answer:
    """What --json says. Its exit status must be that of the outcome, and its summary must have all keys."""

    def __init__(self, *words, **more):
        done = run("--json", *words, **more)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.summary = lines[-1] if lines else {"outcome": f"exit status {done.returncode}: {done.stderr.decode()}"}
        self.sections = [line for line in lines if "read" in line]
        self.cause = next((line for line in lines if "cause" in line), None)
        self.later = [line for line in lines if "later" in line]
        self.outcome, self.section = self.summary["outcome"], self.summary.get("section")
        self.notes = " ".join(each["note"] for each in self.summary.get("notes", []))
        self.sound = (STATUS.get(self.outcome) == done.returncode and KEYS <= set(self.summary) and not done.stderr
                      and (not self.cause or CAUSE_KEYS <= set(self.cause)))

    def __str__(self):
        return json.dumps([self.summary, self.cause])


def concludes(name, answer, outcome, section=None, **cause):
    right = answer.sound and answer.outcome == outcome and (section is None or answer.section == section)
    for key, value in cause.items():
        right = right and answer.cause and answer.cause[key] == value
    result(name, right, answer)


def entries(folder):
    for entry in json.loads((folder / "manifest.json").read_text()):
        yield entry, folder / entry["file"], [folder / name for name in entry["schemas"]]


def items(path, *more):
    return [json.loads(line) for line in run("--json", *more, path, command="parse").stdout.splitlines()]


def begun(listed):
    return [item for item in listed if item["kind"] in ("start", "full")]


# ---- The corpus --------------------------------------------------------------------------------------


def check_captures():
    """A stream at its own machine is accepted. Where only the reader's program is given, its conditions may be open."""
    wrong, count, accepted = [], 0, 0
    for entry, path, schemas in list(entries(STREAMS))[::SHARE]:
        programs = [name for name in schemas if name.name.endswith(".program.json")]
        if entry["size"] > 400_000 or not programs:
            continue
        for words, outcomes in ([f"{path}+{programs[0]}"] * 2, ["accept"]), ([path, programs[0]], ["accept", "undecided"]):
            answer = Answer(*words)
            count += 1
            accepted += answer.outcome == "accept"
            if answer.outcome not in outcomes or not answer.sound:
                wrong.append(f"{words}: {answer}")
    result(f"captures at their own machine: {accepted} of {count} accepted", not wrong and accepted >= 40 // SHARE, "\n".join(wrong) or count)


def expected_of(entry):
    expected = entry["expected"]["heuristic"]
    return "accept" if expected == "exact" else expected


def check_guests():
    seen, newer = ({each["guest"]: each for each in json.loads((GUESTS / "seen.json").read_text())
                    if each["source"].startswith("7.2") and each["destination"].startswith(release) and each["way"] == "file"}
                   for release in ("7.2", "11.1"))
    for entry, path, (program, *_) in entries(GUESTS):
        answer = Answer(path, program)
        concludes(f"guest {entry['name']}", answer, expected_of(entry))
        if entry["control"]:
            continue
        result(f"guest {entry['name']}: a value misleads, in the structure",
               answer.cause["rule"] == "value-misleads" and answer.cause["structure"] == entry["signature"]["owner"], answer)
        there, read = seen[entry["guest"]], answer.summary["sections_read"]
        if entry["signature"]["outcome"] != "reject":
            sent = read + answer.summary["sections_unread"]
            result(f"guest {entry['name']}: QEMU loads {there['loaded']} of {there['sent']} sections",
                   (read, sent) == (there["loaded"], there["sent"]), (read, sent))
        else:
            words = f"error while loading state for instance 0x{answer.cause['instance']:x} of device '{answer.section}'"
            result(f"guest {entry['name']}: QEMU's message", answer.summary["message"] == words, answer)
            said = newer.get(entry["guest"], {}).get("message", "")
            if "VM subsection" in said and "x86_64" in program.name:
                answer = Answer(path, SCHEMAS / "forky-x86_64.program.json")
                result(f"guest {entry['name']}: the message of QEMU 11.1", (answer.summary["message"] or "nothing") in said, (said, answer))
    text = run(GUESTS / "chip-config-end.vmstate", PROGRAM).stdout.decode()
    result("guest chip-config-end in words", "leaves 18 of 31 sections unread" in text and "a byte 00 at 0x4fa4" in text
           and "05 f4 69 63 68 39 5f 70 6d" in text and "in chip_config, byte 0" in text, text)
    without = Answer("--option", "described", GUESTS / "chip-config-end.vmstate", PROGRAM)
    concludes("guest chip-config-end at a reader that goes by the description", without, "accept")


def check_witnesses():
    wrong, count = [], 0
    for entry, path, schemas in list(entries(WITNESSES))[::SHARE]:
        program = SCHEMAS / f"{entry['release']}-{entry['command'][0].rpartition('-')[2]}.program.json"
        if entry["option"] != "heuristic" or not program.exists():
            continue
        count += 1
        answer = Answer(path, program)
        if not answer.sound or (answer.outcome, answer.summary["offset"]) != (expected_of(entry), entry["offset"]):
            wrong.append(f"{entry['name']}: {answer}")
    result(f"witnesses: {count}", not wrong and count >= 80 // SHARE, "\n".join(wrong))


# ---- Streams that are cut off ------------------------------------------------------------------------


def check_cut(folder):
    data, listed = Q35.read_bytes(), items(Q35)
    end = next(item["offset"] for item in listed if item["kind"] == "eof")
    sections = begun(listed)
    choice, cut = random.Random(19), folder / "cut"
    for _ in range(24 // SHARE):
        length = choice.randrange(400, end)
        cut.write_bytes(data[:length])
        complete = [each for each in sections if each["offset"] + each["size"] <= length]
        within = next((each for each in sections if each["offset"] < length < each["offset"] + each["size"]), None)
        for name, words in ("its program", [f"{cut}+{PROGRAM}", PROGRAM]), ("B's program", [cut, PROGRAM]), ("B's stream", [cut, Q35]):
            answer = Answer(*words)
            # Where the header is cut, the name may not be known.
            named = within and length > within["offset"] + 14 + len(within["idstr"])
            right = answer.sound and answer.outcome == "reject" and answer.cause["rule"] == "cut-off"
            right = right and answer.summary["sections_read"] == len(complete) and (not named or answer.section == within["idstr"])
            right = right and answer.summary["offset"] <= length
            result(f"cut at {length}, read by {name}", right, f"{len(complete)} complete, in {within and within['idstr']}: {answer}")
    cut.write_bytes(data[:20000])
    text = run(cut, Q35).stdout.decode()
    result("cut within a field, in words", "at chip_config: expected uint8 of 16384 bytes, but only 14215 are left" in text, text)
    cut.write_bytes(data[:end + 100])
    concludes("cut within the description", Answer(cut, PROGRAM), "accept")
    cut.write_bytes(data[:20000])
    concludes("cut, and nothing tells the layouts", Answer(cut, DUMP), "undecided", rule="not-described")


# ---- Damaged bytes -----------------------------------------------------------------------------------


def check_damaged(folder):
    """A byte that is wrong: what can be told, with which files, and in QEMU's words."""
    damaged, data, listed = folder / "damaged", SMALL.read_bytes(), begun(items(SMALL))
    sections = {item["idstr"]: item for item in listed if item["kind"] == "full"}
    name = next(each for each in sections if each.startswith("virtio-mmio") or each == "fw_cfg")
    section = sections[name]["offset"]
    both = f"{damaged}+{PROGRAM}", f"{SMALL}+{PROGRAM}"

    def damage(offset, byte):
        damaged.write_bytes(data[:offset] + bytes([byte]) + data[offset + 1:])

    damage(section, 0x77)
    for what, words in ("streams", (damaged, SMALL)), ("B's program", (damaged, PROGRAM)), ("all", both):
        concludes(f"no item begins there, {what}", Answer(*words), "reject", rule="item-unknown",
                  message="Unknown savevm section type 119")
    answer = Answer("--message", "Unknown savevm section type 119", *both)
    result("no item begins there, and QEMU says so", answer.summary["explains_message"] and answer.cause["rule"] == "item-unknown", answer)
    text = run(*both).stdout.decode()
    result("no item begins there: it is no section that fails", "the reader refuses the stream: expected an item" in text, text)

    damage(section, 0x00)
    left = sum(item["kind"] == "full" for item in listed if item["offset"] >= section)
    for what, words in ("streams", (damaged, SMALL)), ("B's program", (damaged, PROGRAM)), ("all", both):
        answer = Answer(*words)
        concludes(f"an end before sections that the description has, {what}", answer, "truncated", rule="early-end")
        result(f"an end before sections that the description has, {what}: {left} are left",
               answer.summary.get("sections_unread") == left > 3, answer)

    damage(section + 6, ord("X"))
    renamed = "X" + name[1:]
    for what, words in ("streams", (damaged, SMALL)), ("all", both):
        concludes(f"a section that B's machine does not have, {what}", Answer(*words), "reject", renamed, rule="section-unknown",
                  message=f"Unknown savevm section or instance '{renamed}' 0. Make sure that your current VM setup matches your "
                          "saved VM setup, including any hotplugged devices")
    concludes("a section that nothing describes", Answer(f"{damaged}+{PROGRAM}", DUMP), "undecided")

    damage(section + 6 + len(name) + 7, 0xee)  # the last byte of its version
    concludes("a version that nobody has", Answer(*both), "reject", name)
    concludes("a version that nobody has, B's program", Answer(damaged, PROGRAM), "reject", name)

    behind = sections[name]["offset"] + sections[name]["size"]
    for what, place, byte in (("a footer", behind - 5, 0x7d), ("the number in a footer", behind - 1, 0x55), ("the number in a header", section + 4, 0x55)):
        damage(place, byte)
        for whose, words in ("streams", (damaged, SMALL)), ("B's program", (damaged, PROGRAM)), ("all", both):
            concludes(f"{what}, {whose}", Answer(*words), "reject", name, rule="damaged")
    damaged.write_bytes(data[:behind - 5] + b"\x7d" + data[behind - 4:behind + 30] + data[behind - 5:behind] + data[behind + 30:])
    answer = Answer(*both)
    concludes("a footer further on", answer, "undecided", name, rule="not-described")
    result("a footer further on: no program is asked for that is given", "Give" not in answer.cause["advice"], answer)
    damage(next(each for each in listed if each["idstr"] == "ram")["offset"], 0x77)
    concludes("the first section", Answer(*both), "reject")

    damage(section, 0x07)
    concludes("a configuration record between sections", Answer(*both), "reject", rule="item-unknown",
              message="Unknown savevm section type 7")
    for what, changed in (("of a wrong length", data[:12] + b"\xff" + data[13:]), ("twice", data[:8] + data[8:13 + data[12]] + data[8:])):
        damaged.write_bytes(changed)
        for whose, words in ("streams", (damaged, SMALL)), ("all", both):
            answer = Answer(*words)
            concludes(f"a configuration record {what}, {whose}", answer, "reject")
            result(f"a configuration record {what}, {whose}: it is not missing", answer.cause["rule"] != "configuration-missing", answer)

    described = next(each for each in items(SMALL) if each["kind"] == "description")["offset"]
    for what, changed in (("a description of another type", data[:described] + b"\x05" + data[described + 1:]),
                          ("a description that is cut off in its head", data[:described + 3])):
        damaged.write_bytes(changed)
        for whose, words in ("streams", (damaged, SMALL)), ("B's program", (damaged, PROGRAM)):
            concludes(f"{what} leaves nothing unread, {whose}", Answer(*words), "accept")

    damaged.write_bytes(data[:section + 8])
    concludes("cut in a name", Answer(*both), "reject", rule="cut-off-name",
              message=f"Unable to read ID string for section {int.from_bytes(data[section + 1:section + 5], 'big')}")

    devices = STREAMS / "bookworm-q35-devices-a.vmstate"
    whole = devices.read_bytes()
    virtio = next(each for each in begun(items(devices)) if "/virtio-" in each["idstr"])
    for distance in range(330, 430, 11 * SHARE):
        place = virtio["offset"] + distance
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1:])
        answer = Answer(f"{damaged}+{PROGRAM}", f"{devices}+{PROGRAM}")
        result(f"a private encoding with a wrong byte {distance}: no other section is blamed",
               answer.sound and (answer.outcome in ("accept", "undecided") or answer.section == virtio["idstr"]), answer)


# ---- Descriptions that do not fit --------------------------------------------------------------------


def with_description(path, edit):
    """The stream with an edited description."""
    data, listed = path.read_bytes(), items(path)
    item = next(each for each in listed if each["kind"] == "description")
    description = json.loads(data[item["offset"] + 5:item["offset"] + item["size"]])
    edit(next(each for each in description["devices"] if each["name"] == "hpet")["fields"])
    text = json.dumps(description, separators=(",", ":")).encode()
    return data[:item["offset"] + 1] + len(text).to_bytes(4, "big") + text


def resize(fields):
    fields[1]["size"] += 4


EDITS = {"a field fewer": lambda fields: fields.pop(1), "a field more": lambda fields: fields.insert(1, dict(fields[0])),
         "a wrong size": resize}


def check_descriptions(folder):
    edited = folder / "edited"
    for name, edit in EDITS.items():
        edited.write_bytes(with_description(Q35, edit))
        for whose, words in ("its program", [f"{edited}+{PROGRAM}", PROGRAM]), ("B's program", [edited, PROGRAM]), ("B's stream", [edited, Q35]):
            answer = Answer(*words)
            concludes(f"a description with {name}, and {whose}", answer, "accept")
            result(f"a description with {name}, and {whose}: it is said", '"hpet"' in answer.notes
                   and "does not fit its bytes" in answer.notes, answer.notes)
        concludes(f"a description with {name}, and nothing else", Answer(edited, DUMP), "undecided",
                  section=None if edit is resize else "hpet")


# ---- Readers that differ -----------------------------------------------------------------------------


def check_readers(folder):
    program, reader = json.loads(PROGRAM.read_text()), folder / "reader.json"
    hpet = next(each for each in program["structures"] if each["name"] == "hpet")
    hpet["fields"] = [field for field in hpet["fields"] if field["name"] != "isr"]
    reader.write_text(json.dumps(program))
    pair = [f"{Q35}+{PROGRAM}", reader]
    answer = Answer(*pair)
    concludes("a reader without a field", answer, "reject", "hpet", bytes=8, message="Missing section footer for hpet")
    result("a reader without a field: the fields side by side",
           [each["reader"] for each in answer.cause["beside"] if each["differs"]] == [None], answer)
    before = [each for each in answer.sections if each["read"]]
    result("a reader without a field: what is read before", len(before) == answer.summary["sections_read"] > 10
           and before[-1]["section"] != "hpet", answer)
    for text, explained, section in (
            ("Missing section footer for hpet", True, "hpet"),
            ("error while loading state for instance 0x0 of device 'hpet'\nload of migration failed: Invalid argument", True, "hpet"),
            ("load of migration failed: Invalid argument", False, "hpet"),
            ("savevm: unsupported version 3 for 'spapr_iommu' v2\nload of migration failed: Invalid argument", False, "hpet"),
            ("Missing section footer for ioapic\nerror while loading state for instance 0x0 of device 'spapr'", False, "hpet"),
            ("error while loading state for instance 0x0 of device 'cpu'\nload of migration failed: Operation not permitted", False, "cpu"),
            ("Missing section footer for ioapic", False, "ioapic"),
            ("Failed to bind socket: Address already in use", False, "hpet"),
            ("audio: Failed to create voice `ioapic.out'\nerror while loading state for instance 0x0 of device 'hpet'", True, "hpet"),
            ("cpu: Invalid value 5 expecting positive value <= 4\nFailed to load cpu:number", False, "hpet")):
        answer = Answer("--message", text, *pair)
        concludes(f"message {text.splitlines()[0]}", answer, "reject", section)
        result(f"message {text.splitlines()[0]}: {'explained' if explained else 'not explained'}",
               answer.summary.get("explains_message") == explained, answer)
    for name in "mc146818rtc", "timer":  # the sections of one are behind, those of the other before
        structure = next(each for each in program["structures"] if each["name"] == name)
        structure["fields"] = structure["fields"][1:]
    reader.write_text(json.dumps(program))
    answer = Answer(*pair)
    concludes("a reader without three fields: the first in the stream counts", answer, "reject", "timer")
    result("a reader without three fields: the others are told, in the order of the stream",
           [each["section"] for each in answer.later] == ["hpet", "mc146818rtc"], answer.later)
    text = run(*pair).stdout.decode()
    result("a reader without three fields: the others are told in text",
           "Once that is out of the way, the reader refuses for 2 more reasons\n  hpet: " in text, text)
    answer = Answer("--message", "Missing section footer for mc146818rtc", *pair)
    concludes("a reader without three fields: that of the message", answer, "reject", "mc146818rtc")
    result("a reader without three fields: that of the message is not the first one", "refuses before that, in section \"timer\"" in answer.notes, answer)
    text = run("--message", "Missing section footer for mc146818rtc", *pair).stdout.decode()
    result("a reader without three fields: that of the message, in text", "but by the files the reader refuses before that, as is said at the end" in text
           and "Once that is out of the way, the reader refuses for 1 more reason\n  hpet: " not in text, text)
    misled = [GUESTS / "xmm.vmstate", PROGRAM]
    answer = Answer("--message", "VM subsection 'xmm_reg!' in 'xmm_reg' does not exist", *misled)
    concludes("message of a value that misleads", answer, "reject", "cpu", rule="value-misleads")
    result("message of a value that misleads: explained", answer.summary["explains_message"], answer)


# Messages about a stream of a pc-q35-7.2: how each is related to it and the reader's program, how if the reader's machine is given too, which
# is that of the writer; then section, the writer's value, the reader's, and words of what to do.
MESSAGES = [
    ("Machine type received is 'pc-q35-7.2' and local is 'pc-q35-7.1'", "read-off", "contradicted", None, "pc-q35-7.2", "pc-q35-7.1", "-machine pc-q35-7.2."),
    ("UUID received is 1234 and local is 5678", "read-off", "read-off", None, "1234", "5678", "-uuid 1234."),
    ("Size mismatch: pc.bios: 0x20000 != 0x10000: Invalid argument", "read-off", "contradicted", None, "0x20000", "0x10000", "-bios"),
    ("Unknown ramblock \"m0\", cannot accept migration", "contradicted", "contradicted", None, None, None, ""),
    ("Unknown ramblock \"pc.rom\", cannot accept migration", "not-told", "contradicted", None, None, None, "which comes from"),
    ("Machine type received is 'pc-q35-7.1' and local is 'pc-q35-7.2'", "contradicted", "contradicted", None, None, None, ""),
    ("MIG_CMD 0xb unknown (len 0x0)", "contradicted", "contradicted", None, None, None, ""),
    ("Missing section footer for 0000:00:09.0/e1000", "contradicted", "contradicted", None, None, None, ""),
    ("Invalid value 255 expecting positive value <= 209\nFailed to load cpu:cpreg_vmstate_array_len\n"
     "error while loading state for instance 0x0 of device 'cpu'", "contradicted", "contradicted", None, None, None, ""),
    ("1 != 3", "not-told", "not-told", None, None, None, "lines before"),
    ("load of migration failed: Invalid argument", "not-told", "not-told", None, None, None, "lines before"),
    ("Unknown savevm section or instance 'i6300esb' 0. Make sure that your current VM setup matches your saved VM setup, including any hotplugged devices", "contradicted", "contradicted", None, None, None, ""),
    ("Unknown section or instance 'i2c_bus' 7. Make sure that your current VM setup matches your saved VM setup, including any hotplugged devices", "contradicted", "contradicted", None, None, None, ""),
    ("2026-11-01T10:00:00.1Z qemu-system-x86_64: unsupported version 13 for 'cpu' v12", "contradicted", "contradicted", None, None, None, ""),
    ("hpet: incoming version_id 1 is too old for local minimum version_id  2", "contradicted", "contradicted", None, None, None, ""),
    ("get_pci_config_device: Bad config data: i=0x8 read: 2 device: 3 cmask: ff wmask: 0 w1cmask:0\n"
     "error while loading state for instance 0x0 of device '0000:00:1f.3/ich9_smb'", "read-off", "read-off", "0000:00:1f.3/ich9_smb",
     "0x8: 02 (the revision)", "0x8: 03 (the revision)", "same"),
    ("get_pci_config_device: Bad config data: i=0x34 read: 80 device: 0 cmask: ff wmask: 0 w1cmask:0\n"
     "error while loading state for instance 0x0 of device '0000:00:1f.2/ich9_ahci'", "read-off", "read-off", "0000:00:1f.2/ich9_ahci",
     "0x34: 80 (the list of capabilities: MSI, 64 bits at 80; SATA at a8)", "0x34: 00 (another list of capabilities)", "MSI, 64 bits: property msi."),
    ("get_pci_config_device: Bad config data: i=0x8 read: 0 device: 2 cmask: ff wmask: 0 w1cmask:0\n"
     "error while loading state for instance 0x0 of device '0000:00:1f.3/ich9_smb'", "contradicted", "contradicted", None, None, None, ""),
    ("get_pci_config_device: Bad config data: i=0x8 read: 0 device: 2 cmask: ff wmask: 0 w1cmask:0\n"
     "error while loading state for instance 0x0 of device '0000:00:02.0/vga'", "contradicted", "contradicted", None, None, None, ""),
    ("VQ 0 vring.num 1024 exceeds allocated max 64", "read-off", "read-off", None, "1024", "64", "queue-size"),
    ("2 != 1\nFailed to load virtio-gpu-scanouts:parent_obj.conf.max_outputs\nerror while loading state for instance 0x0 of device 'hpet'",
     "read-off", "read-off", "hpet", "0x1", "0x2", None),
    ("error while loading state for instance 0x0 of device '", "not-told", "not-told", None, None, None, "-trace"),
    ("vmstate_load_state: Assertion `first_elem || !n_elems || !size' failed.", "not-told", "not-told", None, None, None, "-icount"),
    ("hw/sd/sd.c:297: sd_ocr_powerup: Assertion `!FIELD_EX32(sd->ocr, OCR, CARD_POWER_UP)' failed.", "not-told", "not-told", None, None, None, "-trace"),
    ("error while loading state for instance 0x0 of device 'hpet'", "not-told", "not-told", "hpet", None, None, "post_load"),
    ("TCG cannot support more than 1 thread/core on a pseries machine", "foreign", "foreign", None, None, None, ""),
]


def check_messages():
    for text, *matches, section, writer, reader, advice in MESSAGES:
        for given, match, words in zip(("the program", "all"), matches, ([Q35, PROGRAM], [f"{Q35}+{PROGRAM}"] * 2)):
            answer = Answer("--message", text, *words)
            cause = answer.cause or {"writer": None, "reader": None, "advice": ""}
            told = match in ("read-off", "not-told")
            result(f"message {text.splitlines()[0][:70]}: {match}, given {given}",
                   answer.sound and answer.outcome == ("reject" if told else "accept") and answer.summary["message_match"] == match
                   and (not told or (answer.section, cause["writer"], cause["reader"]) == (section, writer, reader)
                        and (advice or "") in (cause["advice"] or "")), answer)
            text_of = run("--message", text, *words).stdout.decode()
            result(f"message {text.splitlines()[0][:70]}: no place is made up, given {given}", "head of the stream" not in text_of, text_of)
    answer = Answer("--message", "Timer with period zero, disabling\n\nVQ 0 vring.num 1024 exceeds allocated max 64\nload of migration failed: Invalid argument", Q35, PROGRAM)
    result("a log: the line that says what is wrong is shown", answer.cause["message"] == "VQ 0 vring.num 1024 exceeds allocated max 64", answer)
    text = run("--message", MESSAGES[-1][0], Q35, PROGRAM).stdout.decode()
    result("a message of no load comes before the answer", text.startswith("The message that is given is none of a QEMU that loads a stream"), text)


def check_programs():
    """A program that cannot have written the stream that it is given with."""
    other = SCHEMAS / "bookworm-aarch64.program.json"
    for name, words in ("writer", [f"{Q35}+{other}", PROGRAM]), ("reader", [Q35, f"{Q35}+{other}"]):
        done = run(*words)
        result(f"the {name}'s program is of another architecture", done.returncode == 2 and not done.stdout
               and b"and not this stream's \"pc-q35-7.2\"" in done.stderr, done)
    answer = Answer("--message", "Missing section footer for ioapic", Q35, other)
    result("a reader of another architecture, with a message", answer.outcome == "reject" and "refuses before that, in the stream's head" in answer.notes, answer)
    concludes("a reader of another architecture", Answer(Q35, other), "reject", rule="machine-type")
    older = [STREAMS / "bullseye-q35.vmstate", SCHEMAS / "bullseye-x86_64.program.json"]
    for name, words, advice in (("has", [older[0], f"{Q35}+{PROGRAM}"], "Start the reader with the writer's machine type: -machine pc-q35-5.2."),
                                ("has not", [Q35, "+".join(map(str, older))], "Start the writer with a machine type that both programs have.")):
        concludes(f"a machine type that the reader's program {name}", Answer(*words), "reject", rule="machine-type", advice=advice)


def check_input(folder):
    def ends(name, text, *words, **more):
        done = run(*words, **more)
        result(name, done.returncode == 2 and not done.stdout and done.stderr.count(b"\n") == 1 and text in done.stderr.decode(),
               f"exit status {done.returncode}\n{done.stderr.decode()}{done.stdout.decode()[:200]}")
    message = folder / "destination.log"
    message.write_text("Missing section footer for cpu\n")
    ends("the name of a file for a message", "found the name of a file", "--message", message, SMALL, SMALL)
    help_of = subprocess.run([VMWIRE, "describe", "--help"], capture_output=True)
    result("no help for a command that there is not", help_of.returncode == 2 and b'no command "describe"' in help_of.stderr, help_of)
    empty, garbage = folder / "empty", folder / "garbage"
    empty.write_bytes(b"")
    garbage.write_bytes(random.Random(1).randbytes(5000))
    for name, file in ("empty", empty), ("garbage", garbage), ("missing", folder / "missing"):
        ends(f"{name} stream", "", file, PROGRAM)
        ends(f"{name} reader", "", SMALL, file)
    ends("no stream", "STREAM", PROGRAM, PROGRAM)
    ends("an empty message", "--message", "--message", "", SMALL, PROGRAM)
    ends("one file", "a stream and a reader", SMALL)
    ends("standard input twice", "standard input", "-", "-")
    piped = Answer("-", SMALL, stdin=SMALL.read_bytes())
    concludes("a stream in a pipe", piped, "accept")
    concludes("a reader in a pipe", Answer(SMALL, "-", stdin=SMALL.read_bytes()), "accept")
    concludes("a reader in a pipe, for a stream that is cut off",
              Answer(*(lambda path: (path.write_bytes(SMALL.read_bytes()[:3000]), (path, "-"))[1])(folder / "half"),
                     stdin=SMALL.read_bytes()), "reject", rule="cut-off")
    concludes("another stream version", Answer("--option", "flagday", SMALL, SMALL), "reject", rule="stream-version")
    flagday = folder / "flagday"
    run("--to", "flagday", "--output", flagday, SMALL, command="convert")
    concludes("a stream of another version at its reader", Answer("--option", "flagday", flagday, SMALL), "accept")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_captures()
        check_guests()
        check_witnesses()
        check_cut(folder)
        check_damaged(folder)
        check_descriptions(folder)
        check_readers(folder)
        check_messages()
        check_programs()
        check_input(folder)
    return failed


if __name__ == "__main__":
    sys.exit(main())
