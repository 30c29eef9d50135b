#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests certificates and vmwire-verify, which checks them.

For every capture and every option: vmwire-verify accepts the certificate that `vmwire check` writes, and each clean
tail has a reason. Small streams made by hand cover cases that the captures lack. Then each listed way of spoiling a
certificate must be refused, for the reason beside it.

$VMWIRE names the program, and vmwire-verify lies beside it; $VMWIRE_PLAIN, without sanitizers, and its own vmwire-verify do most
of the captures.
"""
import concurrent.futures
import copy
import json
import os
import struct
import subprocess
import sys
import tempfile

from checks import PLAIN, VMWIRE, program_for

STREAMS = "corpus/streams"
OPTIONS = ["legacy", "guarded", "heuristic", "flagday", "standalone", "toplevel", "framed", "consistent", "combined",
           "described", "asn1"]

# What a reader cannot read although its own writer wrote it has no certificate; legacy reads one (README.md).
CANNOT_READ = {"guarded": {"bookworm-aarch64-virt-gicv3"},
               "described": {"bookworm-pc-2.2-bare", "bookworm-pc-postcopy"}}  # without a description
READ_BY_LEGACY = {"bookworm-avr-arduino-uno"}

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
work = tempfile.TemporaryDirectory()
failed = 0


def place(name):
    return os.path.join(work.name, name)


def result(name, right, found=""):
    global failed
    failed += not right
    print(("ok " if right else "not ok ") + name)
    if not right:
        print("\n".join("# " + line for line in str(found).splitlines()[:20]))


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


# ---- Streams ---------------------------------------------------------------------------------------


class Stream:
    """A stream under an option, and its certificate: a list of objects, the head first."""

    def __init__(self, name, path, option, schemas=()):
        self.name, self.path, self.option = name, path, option
        self.checker = VMWIRE + "-verify"
        self.tried = path + ".tried"
        self.schemas = [word for schema in schemas for word in ("--schema", schema)]

    def certify(self, program=VMWIRE):
        """None where the reader does not accept the stream."""
        file = self.path + ".certificate"
        code, _ = run(program, "check", "--option", self.option, "--certificate", file, *self.schemas, self.path)
        if code == 2:
            return None
        with open(file, encoding="utf-8") as lines:
            self.lines = [json.loads(line) for line in lines]
        return self

    def verify(self, lines, *more):
        """Exit status and output for a certificate: objects, or the text of lines."""
        file = self.tried
        with open(file, "w", encoding="utf-8") as output:
            output.write("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
        return run(self.checker, *more, *self.schemas, file, self.path)

    def accepted(self):
        code, output = self.verify(self.lines)
        return code == 0 and output.startswith("accepted: %d tails: " % (len(self.lines) - 1)), output

    def find(self, what):
        """The number of the first line for which `what` is true."""
        found = next((i for i, line in enumerate(self.lines) if i and what(line)), None)
        return found or sys.exit("%s under %s: no line of a kind that the tests need" % (self.name, self.option))


def captures():
    with open(STREAMS + "/manifest.json", encoding="utf-8") as manifest:
        for entry in json.load(manifest):
            schemas = [s for s in entry["schemas"] if s.endswith(".vmstate")]
            yield entry["name"], [os.path.join(STREAMS, s) for s in schemas]


def converted(name, option, schemas):
    path = place(name + "." + option)
    source = os.path.join(STREAMS, name + ".vmstate")
    words = [word for schema in schemas for word in ("--schema", schema)]
    code, output = run(PLAIN, "convert", *words, "--to", option, "--output", path, source)
    if code:
        sys.exit("%s under %s: %s" % (name, option, output))
    return Stream(name, path, option, schemas)


def field(name, kind, size, **more):
    return {"name": name, "type": kind, "size": size, **more}


def embedded(name, structure):
    size = sum(each["size"] for each in structure["fields"])
    return field(name, "struct", size, struct=structure)


def structure(name, *fields):
    return {"vmsd_name": name, "version": 1, "fields": list(fields)}


def made(name, option, layout, data, packaged=False, described=True):
    """A stream of one section, whose device has this structure and these bytes. The section may stand in a package;
    the description may stand in a file of its own."""
    version = {"flagday": 4, "standalone": 5, "framed": 6}.get(option, 3)
    device = {"name": "dev", "instance_id": 0, **layout}
    description = json.dumps({"page_size": 4096, "devices": [device]}).encode()
    path = place(name + "." + option)
    with open(path, "wb") as output:
        output.write(b"QEVM" + struct.pack(">I", version))
        section = b"\x04" + struct.pack(">I", 3) + b"\x03dev" + struct.pack(">II", 0, 1)
        section += data + b"\x7e" + struct.pack(">I", 3) + b"\x00"
        output.write(b"\x08\x00\x07\x00\x04" + struct.pack(">I", len(section)) if packaged else b"")
        output.write(section + (b"\x00" if packaged else b""))
        if described:
            output.write(b"\x06" + struct.pack(">I", len(description)) + description)
    if described:
        return Stream(name, path, option)
    with open(path + ".json", "wb") as output:
        output.write(description)
    return Stream(name, path, option, [path + ".json"])


INNER = structure("in", field("x", "uint8", 1))
FOLLOWED = structure("dev", embedded("in", INNER), field("next", "buffer", 64))
# Two tails at the same offset: what "inner" takes for its own is all that "in" would have taken, or not.
TWICE = structure("dev", embedded("out", structure("in/ner", embedded("in", INNER))), field("next", "buffer", 64))
APART = structure("dev", embedded("out", structure("out", embedded("in", INNER))), field("next", "buffer", 64))
# Behind the tail a byte that can be a marker, then one that cannot be the length of a plausible name.
ZEROS = structure("dev", embedded("in", INNER), field("mark", "uint8", 1), field("next", "unused_buffer", 63))
BOOLS = structure("dev", embedded("in", INNER), field("mark", "uint8", 1), field("next", "bool", 1, array_len=63))
# No name can follow the length, but a length can run over an end that is near.
LENGTH = structure("dev", embedded("in", INNER), field("mark", "uint16", 2), field("next", "unused_buffer", 62))
OPAQUE = structure("dev", embedded("in", INNER), field("next", "virtio", 64))

# What the reader takes for a subsection of the first makes up for what the second one sends: silent.
LONG = structure("in", field("x", "buffer", 32))
SENDING = {**LONG, "subsections": [structure("in/s", field("y", "uint8", 1))]}
SECOND = structure("dev", embedded("a", LONG), field("b", "struct", 43, struct=SENDING))
SECOND_DATA = bytes(64) + b"\x05\x04in/s" + struct.pack(">I", 1) + b"\x00"

# Two subsections of one owner, the first with one of its own: three records end before the second begins.
NESTED = {**structure("dev", field("x", "uint8", 1)), "subsections": [
    {**structure("dev/a", field("y", "uint8", 1)), "subsections": [structure("dev/a/b", field("z", "uint8", 1))]},
    structure("dev/c", field("w", "uint8", 1))]}


def nested_data(sentinel):
    a, b, c = (b"\x05" + bytes([len(name)]) + name + struct.pack(">I", 1) + b"\x00"
               for name in (b"dev/a", b"dev/a/b", b"dev/c"))
    return b"\x00" + a + b + sentinel + sentinel + c + sentinel


# Behind the version: the length of the fields, which are one byte each.
FRAMED = struct.pack(">I", 1) + b"\x00"


def nested_framed_data():
    a, b, c = (b"\x05" + bytes([len(name)]) + name + struct.pack(">I", 1) + FRAMED
               for name in (b"dev/a", b"dev/a/b", b"dev/c"))
    return FRAMED + a + b + b"\0\0" + c + b"\0\0"


NESTED_DATA, NESTED_FLAGDAY_DATA = nested_data(b""), nested_data(b"\x00")


# ---- All that is true is accepted ------------------------------------------------------------------


def capture_under(option, name, schemas):
    """What is wrong with the capture's certificate, "" if nothing; None where there is none."""
    stream = converted(name, option, schemas)
    if not stream.certify(PLAIN):
        return None
    stream.checker = program_for([option, name]) + "-verify"
    right, output = stream.accepted()
    certified = all(line.get("clean") != "not certified" for line in stream.lines)
    for file in (stream.path, stream.path + ".certificate", stream.tried):
        os.remove(file)
    return "" if right and certified else output


def test_captures():
    names = dict(captures())
    for option in OPTIONS:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            found = dict(zip(names, pool.map(lambda name, option=option: capture_under(option, name, names[name]), names)))
        wrong = ["%s: %s" % each for each in found.items() if each[1]]
        result("captures under %s: certificates accepted" % option, not wrong, "\n".join(wrong))
        without_one = {name for name in found if found[name] is None}
        expected = set(names) - READ_BY_LEGACY if option == "legacy" else CANNOT_READ.get(option, set())
        result("captures under %s: each has a certificate" % option, without_one == expected, without_one)


def test_existing():
    """What an older release declares stays inline under toplevel: the checker has to know it as well."""
    existing = ["--existing", "corpus/schemas/bullseye-x86_64.json"]
    path = place("existing")
    code, output = run(PLAIN, "convert", *existing, "--to", "toplevel", "--output", path,
                       STREAMS + "/bookworm-q35.vmstate")
    stream = Stream("existing", path, "toplevel")
    stream.schemas = existing
    right, output = stream.accepted() if not code and stream.certify() else (False, output)
    result("toplevel with --existing", right and {"sent", "never looks", "findings"} <= set(verdicts(stream)),
           "%s\n%s" % (output, set(verdicts(stream))))
    stream.schemas = []
    code, output = stream.verify(stream.lines)
    result("refuses it without --existing", code == 1 and output.startswith("refused: line 1: "), output)


def verdicts(stream):
    return [line.get("clean") or ("findings" if "findings" in line else "undecided") for line in stream.lines[1:]]


def test_made():
    cases = [
        ("second", SECOND, "heuristic", ["findings", "sent", "blocked", "blocked", "blocked"]),
        ("second", SECOND, "guarded", ["findings", "sent", "never looks", "blocked", "never looks"]),
        ("nested", NESTED, "heuristic", ["sent", "sent", "blocked", "blocked", "sent", "blocked", "blocked"]),
        ("nested", NESTED, "flagday", ["sent", "sent", "blocked", "blocked", "sent", "blocked", "blocked"]),
        ("nested", NESTED, "framed", ["sent", "sent", "blocked", "blocked", "sent", "blocked", "blocked"]),
        ("followed", FOLLOWED, "framed", ["blocked", "blocked"]),
        ("followed", FOLLOWED, "heuristic", ["findings", "blocked"]),
        ("followed", FOLLOWED, "legacy", ["findings", "blocked"]),
        ("followed", FOLLOWED, "guarded", ["never looks", "never looks"]),
        ("followed", FOLLOWED, "standalone", ["never looks", "never looks"]),
        ("followed", FOLLOWED, "toplevel", ["never looks", "never looks"]),
        ("twice", TWICE, "heuristic", ["findings", "taken before", "blocked"]),
        ("twice", TWICE, "legacy", ["findings", "taken before", "blocked"]),
        ("apart", APART, "heuristic", ["findings", "findings", "blocked"]),
        ("zeros", ZEROS, "heuristic", ["blocked", "blocked"]),
        ("zeros", ZEROS, "legacy", ["findings", "blocked"]),
        ("bools", BOOLS, "heuristic", ["blocked", "blocked"]),
        ("bools", BOOLS, "legacy", ["findings", "blocked"]),
        ("opaque", OPAQUE, "heuristic", ["undecided", "blocked"]),
    ]
    for name, layout, option, expected in cases:
        nested = {"flagday": NESTED_FLAGDAY_DATA, "framed": nested_framed_data()}.get(option, NESTED_DATA)
        data = {"second": SECOND_DATA, "nested": nested}.get(name, b"\x01" + bytes(64))
        if (name, option) == ("followed", "framed"):
            data = struct.pack(">III", 64 + 10, 1, 1) + b"\x01\0" + bytes(64) + b"\0"
        stream = made(name, option, layout, data).certify()
        right, output = stream.accepted() if stream else (False, "no certificate")
        result("%s under %s" % (name, option), right and verdicts(stream) == expected,
               "%s\n%s" % (output, stream and verdicts(stream)))
    result("nested under guarded: a state that it cannot send has no certificate",
           made("nested", "guarded", NESTED, NESTED_DATA).certify() is None)


def test_ends():
    """A length that runs over the end of the stream or of the package makes the reader refuse the stream."""
    for name, packaged, described, expected in (("far", False, True, "blocked"), ("in a package", True, True, "findings"),
                                                ("of the stream", False, False, "findings")):
        stream = made("end-" + name.replace(" ", "-"), "heuristic", LENGTH, b"\x01" + bytes(64), packaged, described)
        right, output = stream.certify().accepted()
        result("an end " + name, right and verdicts(stream) == [expected, "blocked"], "%s\n%s" % (output, verdicts(stream)))
        if expected == "findings":
            for step in range(5):
                refused("an end %s, said to be blocked by byte %d" % (name, step), "it is not so", stream,
                        without(1, "findings", clean="blocked", at=stream.lines[1]["offset"] + step))


# ---- What is not true is refused -------------------------------------------------------------------


def refused(name, why, stream, spoil, *more):
    """`spoil` changes a copy of the certificate, or returns another one."""
    lines = copy.deepcopy(stream.lines)
    lines = spoil(lines) or lines
    code, output = stream.verify(lines, *more)
    result("refuses " + name, code == 1 and output.startswith("refused: line ") and why in output,
           "exit status %d: %s\nexpected: %s" % (code, output, why))


def changing(number, **values):
    def spoil(lines):
        lines[number].update(values)
    return spoil


def without(number, *keys, **values):
    def spoil(lines):
        for key in keys:
            del lines[number][key]
        lines[number].update(values)
    return spoil


def test_lines(stream):
    last = len(stream.lines) - 1
    count = len(stream.lines)
    middle = count // 2
    refused("a line dropped", '"offset" is not', stream, lambda lines: lines[:5] + lines[6:])
    refused("the last line dropped", "1 tails have no line", stream, lambda lines: lines[:-1])
    refused("all lines dropped", "%d tails have no line" % last, stream, lambda lines: lines[:1])
    refused("a line twice", "is not", stream, lambda lines: lines[:6] + lines[5:])
    refused("the last line twice", "more lines", stream, lambda lines: lines + lines[-1:])
    refused("two lines exchanged", "is not", stream, lambda lines: lines[:5] + [lines[6], lines[5]] + lines[7:])
    refused("no head", "not the head", stream, lambda lines: lines[1:])
    refused("an empty file", "not the head", stream, lambda lines: [""])
    refused("a line cut off", "cut off", stream, lambda lines: lines[:-1] + [json.dumps(lines[-1])])
    refused("half a line", "not JSON", stream, lambda lines: lines[:-1] + [json.dumps(lines[-1])[:-9] + "\n"])
    refused("a line that is no object", "is not", stream, lambda lines: lines[:5] + [[]] + lines[6:])
    refused("a blank line", "not JSON", stream, lambda lines: lines + ["\n"])
    refused("a key twice", "not JSON", stream,
            lambda lines: lines[:5] + ['{"offset":0,' + json.dumps(lines[5])[1:] + "\n"] + lines[6:])
    for key, value in (("section", 77), ("idstr", "other"), ("instance", 9), ("path", "x"), ("owner", "other"),
                       ("offset", stream.lines[middle]["offset"] + 1), ("offset", "0")):
        refused("%s changed to %r" % (key, value), '"%s" is not' % key, stream, changing(middle, **{key: value}))
    refused("an owner left out", '"owner" is not', stream, without(middle, "owner"))
    refused("a key too many", '"sends" does not belong', stream, changing(middle, sends=["x"]))


def test_heads(stream, other):
    for key, value in (("certificate", 2), ("size", 5), ("fnv1a", "0" * 16), ("tails", 3)):
        refused("%s changed in the head" % key, '"%s" is not' % key, stream, changing(0, **{key: value}))
    refused("a key too many in the head", '"by" does not belong', stream, changing(0, by="me"))
    refused("an option that there is not", "not the head", stream, changing(0, option="other"))
    for option in OPTIONS:
        why = "does not accept" if option in ("legacy", "flagday", "standalone", "framed") else "line "
        if option != stream.option:
            refused("%s as the option" % option, why, stream, changing(0, option=option))
    refused("a certificate of another stream", '"size" is not', stream, lambda lines: other.lines)
    refused("one with the right head", "is not", stream, lambda lines: stream.lines[:1] + other.lines[1:])


def test_findings(stream):
    with open(stream.path, "rb") as file:
        data = file.read()
    number = stream.find(lambda line: "findings" in line)
    finding = stream.lines[number]["findings"][0]
    clean = stream.find(lambda line: line.get("clean") == "blocked")
    silent = stream.find(lambda line: any(each["outcome"] != "reject" for each in line.get("findings", [])))

    def with_bytes(change, at=number):
        def spoil(lines):
            for each in lines[at]["findings"]:
                each["bytes"] = change(each["bytes"])
        return spoil

    def first(**values):
        return lambda each: [{**each[0], **values}] + each[1:]

    misled = "not misled first at this tail"
    refused("another value of a byte", misled, stream, with_bytes(first(value=6)))
    refused("a byte left out", misled, stream, with_bytes(lambda each: each[1:]))
    refused("all bytes left out", misled, stream, with_bytes(lambda each: []))
    refused("a byte moved", misled, stream, with_bytes(first(offset=finding["bytes"][0]["offset"] + 16)))
    refused("a byte of framing", "cannot be", stream, with_bytes(lambda each: each + [{"offset": 0, "value": 0}]))
    refused("a byte behind the file", "not a byte", stream, with_bytes(first(offset=len(data))))
    refused("a byte before the file", "not a byte", stream, with_bytes(first(offset=-1)))
    refused("a value that is no byte", "not a byte", stream, with_bytes(first(value=256)))
    refused("a byte without a value", "not a byte", stream, with_bytes(lambda each: [{"offset": 1}]))
    refused("no list of bytes", '"bytes"', stream, with_bytes(lambda each: {}))
    refused("another outcome", "outcome is reject, not corrupt", stream,
            lambda lines: lines[number]["findings"][0].update(outcome="corrupt"))
    refused("the outcome exact", "outcome is reject, not exact", stream,
            lambda lines: lines[number]["findings"][0].update(outcome="exact"))
    refused("a silent outcome said to reject", "not reject", stream,
            lambda lines: [each.update(outcome="reject") for each in lines[silent]["findings"]] and None)
    refused("no findings", "has none", stream, changing(number, findings=[]))
    refused("findings said to be undecided as well", "does not belong", stream, changing(number, undecided="?"))
    for reason in ("never looks", "sent", "taken before", "described"):
        refused('"%s" where there is a finding' % reason, "it is not so", stream,
                without(number, "findings", clean=reason))
    for step in range(12):
        refused('"blocked" by byte %d where there is a finding' % step, "it is not so", stream,
                without(number, "findings", clean="blocked", at=stream.lines[number]["offset"] + step))
    refused("findings and clean", "", stream, changing(number, clean="never looks"))
    refused("a finding at a clean tail", misled, stream,
            without(clean, "clean", "at", findings=stream.lines[number]["findings"]))
    refused("a finding of another tail", misled, stream, changing(silent, findings=[finding]))


def test_reasons(streams):
    """Each reason that is given, at a tail where it is not the reason."""
    for stream, reason in streams:
        number = stream.find(lambda line, reason=reason: line.get("clean") == reason)
        for other in ("never looks", "sent", "taken before", "described", "not certified", "", None, 7):
            if other != reason:
                why = "it is not so" if other and other != "not certified" and other != 7 else '"clean"'
                refused('%r in place of "%s" under %s' % (other, reason, stream.option), why, stream,
                        without(number, "clean", *(["at"] if reason == "blocked" else []), clean=other))
    stream = streams[0][0]
    number = stream.find(lambda line: line.get("clean") == "blocked" and line["at"] > line["offset"])
    line = stream.lines[number]
    refused("no at", "no offset", stream, without(number, "at"))
    behind = line["offset"] + 2 + len(line["owner"])
    for at in (0, line["offset"] - 1, *range(line["offset"], line["at"]), behind, 1 << 40):
        refused("blocked by %+d in place of %+d" % (at - line["offset"], line["at"] - line["offset"]), "it is not so",
                stream, changing(number, at=at))
    sent = stream.find(lambda line: line.get("clean") == "sent")
    for at in (0, 1, 2):
        refused("what is sent as blocked, %d" % at, "it is not so", stream,
                changing(sent, clean="blocked", at=stream.lines[sent]["offset"] + at))
    refused("at beside another reason", "does not belong", stream, changing(sent, at=line["at"]))


def test_made_refused():
    guarded = made("second", "guarded", SECOND, SECOND_DATA).certify()
    refused('"never looks" under guarded, where there are subsections', "it is not so", guarded,
            without(1, "findings", clean="never looks"))
    opaque = made("opaque", "heuristic", OPAQUE, b"\x01" + bytes(64)).certify()
    at = opaque.lines[1]["offset"]
    for step in range(5):
        refused("undecided said to be blocked by byte %d" % step, "it is not so", opaque,
                without(1, "undecided", clean="blocked", at=at + step))
    header = [{"offset": at + i, "value": value} for i, value in enumerate(b"\x05\x03inx")]
    refused("a finding in opaque bytes", "cannot be", opaque,
            without(1, "undecided", findings=[{"outcome": "reject", "bytes": header}]))
    refused("undecided without a reason", "neither", opaque, changing(1, undecided=None))
    nested = made("nested", "flagday", NESTED, NESTED_FLAGDAY_DATA).certify()
    refused('"taken before" where each tail has a sentinel', "it is not so", nested,
            without(4, "at", clean="taken before"))
    apart = made("apart", "heuristic", APART, b"\x01" + bytes(64)).certify()
    refused('"taken before" by a tail with another name', "it is not so", apart,
            without(2, "findings", clean="taken before"))
    for name, layout in (("followed", FOLLOWED), ("zeros", ZEROS), ("bools", BOOLS)):
        legacy = made(name, "legacy", layout, b"\x01" + bytes(64)).certify()
        for step in range(5):
            refused("%s under legacy said to be blocked by byte %d" % (name, step), "it is not so", legacy,
                    without(1, "findings", clean="blocked", at=legacy.lines[1]["offset"] + step))
        value = 2 if name == "bools" else 1
        if name != "followed":
            refused("a byte that %s do not have" % name, "cannot be", legacy,
                    lambda lines, value=value: set_second_byte(lines[1]["findings"][0]["bytes"], value))


def set_second_byte(header, value):
    del header[1:]
    header.append({"offset": header[0]["offset"] + 1, "value": value})


def test_silent():
    second = made("second", "heuristic", SECOND, SECOND_DATA).certify()
    outcomes = [each["outcome"] for each in second.lines[1].get("findings", [])]
    result("a silent outcome is certified", outcomes == ["reject", "truncated", "corrupt"] and second.accepted()[0], second.lines[1])
    for outcome in ("exact", "reject", "truncated"):
        refused("corrupt said to be " + outcome, "is corrupt, not " + outcome, second,
                lambda lines, outcome=outcome: lines[1]["findings"][2].update(outcome=outcome))


def test_count(stream):
    """A machine's name that is said to be shorter ends elsewhere, which is no decision at a tail."""
    with open(stream.path, "rb") as file:
        length = struct.unpack_from(">I", file.read(13), 9)[0]
    shorter = [{"offset": 12, "value": length - 1}]
    refused("a tail that is moved", "not misled first at this tail", stream,
            without(1, "clean", "at", findings=[{"outcome": "reject", "bytes": shorter}]))


def test_stream_changed(stream):
    """The stream differs in a field's byte or in framing from the one that was certified."""
    with open(stream.path, "rb") as file:
        data = bytearray(file.read())
    number = stream.find(lambda line: "findings" in line)
    for name, offset, why in (("a field", stream.lines[number]["offset"], '"fnv1a" is not'), ("framing", 0, "")):
        changed = Stream("changed", place("changed"), stream.option)
        data[offset] ^= 0x40
        with open(changed.path, "wb") as file:
            file.write(data)
        changed.lines = stream.lines
        refused("a stream changed in " + name, why, changed, lambda lines: None)
        data[offset] ^= 0x40


def test_program(stream):
    file = stream.tried
    stream.verify(stream.lines)
    code, output = run(stream.checker, "--json", file, stream.path)
    verdict = json.loads(output)
    counts = {"clean": 0, "undecided": 0, "tails_with_findings": 0, "findings": 0}
    for line in stream.lines[1:]:
        counts["clean"] += "clean" in line
        counts["undecided"] += "undecided" in line
        counts["tails_with_findings"] += "findings" in line
        counts["findings"] += len(line.get("findings", []))
    result("counts what it accepts, in JSON",
           code == 0 and verdict == {"verdict": "accepted", "tails": len(stream.lines) - 1, **counts}, output)
    code, output = stream.verify(stream.lines[:-1], "--json")
    result("refuses in JSON", code == 1 and json.loads(output)["verdict"] == "refused"
           and json.loads(output)["line"] == len(stream.lines), output)
    for name, arguments in (("no arguments", []), ("one argument", [file]), ("three", [file] * 3),
                            ("an unknown option", ["--other", file, stream.path]),
                            ("no such certificate", [place("none"), stream.path]),
                            ("no such stream", [file, place("none")])):
        code, output = run(stream.checker, *arguments)
        result("exit status 2: " + name, code == 2 and output, output)
    code, output = run(stream.checker, "--help")
    result("--help", code == 0 and "CERTIFICATE STREAM" in output, output)
    code, output = run(VMWIRE, "check", "--certificate", place("none/x"), stream.path)
    result("a certificate that cannot be written", code == 2 and "cannot write" in output, output)
    code, output = run(VMWIRE, "check", "--certificate", place("x"), stream.path, stream.path)
    result("one certificate is of one file", code == 2 and "one FILE" in output, output)


def main():
    schemas = dict(captures())
    small, large = (converted(name, "heuristic", schemas[name]).certify() for name in ("bookworm-microvm", "bookworm-q35"))
    sends, guarded = (converted(name, option, schemas[name]).certify() for name, option in
                      (("bookworm-s390x-virtio", "heuristic"), ("bookworm-microvm", "guarded")))
    test_lines(small)
    test_heads(small, sends)
    test_findings(large)
    twice = made("twice", "heuristic", TWICE, b"\x01" + bytes(64)).certify()
    test_reasons([(large, "blocked"), (large, "sent"), (guarded, "never looks"), (twice, "taken before")])
    test_made_refused()
    test_silent()
    test_count(small)
    test_stream_changed(small)
    test_program(small)
    test_made()
    test_ends()
    test_existing()
    test_captures()
    return failed > 0


sys.exit(main())
