#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests that memory does not grow with RAM, and that answers do not depend on it.

Each command runs on a stream with RAM and on the same stream without. With RAM it gets the memory that it needs without, and
1 MB; in no case more than 64 MB and four times the stream without RAM. Its answer must be the same; offsets may move, but the
same bytes must stand there. The limit is RLIMIT_DATA: private memory that can be written, mapped files not counted.

The same for iterable sections with a quarter of a million tiny entries, and for as many tiny sections. And all of this again for the
same stream in DER (option asn1).

`check --all-states` on captures of a PC needs no more than 64 MB and four times the stream either. Its search takes addresses
that it does not use, so here RssAnon is looked at: private memory that is in use.

$VMWIRE_PLAIN names the program (build/vmwire), without sanitizers, whose own memory would be counted. vmwire-verify lies
beside it.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
VMWIRE = Path(os.environ.get("VMWIRE_PLAIN", ROOT / "build/vmwire")).resolve()
STREAMS = ROOT / "corpus/streams"
RAM = 96  # MB
MEGABYTE = 1 << 20
STEP = MEGABYTE // 4  # how exactly it is found what a command needs
SLACK = MEGABYTE
ENDED_WELL = (0, 1, 3)  # 1: findings, 3: something is undecided
UNLIMITED = "unlimited"
MEM_SIZE = 0x04  # the flag of the entry that begins a list of blocks

# Keys of which the values depend on the pages, where they are numbers or names. Blocks of mapped RAM are aligned: a byte more
# before them can make the padding shorter by one.
OF_THE_PAGES = {"file", "reader_file", "bytes", "bytes_added", "bytes_added_percent", "state_added_percent", "bytes_examined_per_byte", "bytes_examined", "bytes_read",
                "bytes_allocated", "tokens", "reductions", "footers", "pages", "peak_memory", "megabytes_per_second",
                "longest_lookahead"}  # of a reader that goes by the description, which comes last

failed = 0


class Stream(NamedTuple):
    path: Path
    folder: Path  # for what the commands write

    def size(self):
        return self.path.stat().st_size

class Place:
    """An offset in a stream. That of another stream is the same place if the same bytes stand there, at the same distance from
    the beginning or from the end: the pages lie between."""

    def __init__(self, stream, offset):
        self.offset, self.left = offset, stream.size() - offset
        with stream.path.open("rb") as file:
            file.seek(offset)
            self.bytes = file.read(64)

    def __eq__(self, other):
        return self.bytes == other.bytes and (self.offset == other.offset or self.left == other.left)

    def __repr__(self):
        return f"{self.offset} ({self.left} before the end): {self.bytes[:16].hex()}"


# ---- Answers: comparable, whatever the stream's pages ------------------------------------------------


def comparable(value, stream):
    """Without what depends on the pages, and with places instead of offsets."""
    if isinstance(value, list):
        return [comparable(element, stream) for element in value]
    if not isinstance(value, dict):
        return value
    kept = {key: comparable(inner, stream) for key, inner in value.items()
            if key not in OF_THE_PAGES or isinstance(inner, list)}
    return kept | ({"offset": Place(stream, value["offset"])} if "offset" in value else {})


def objects(output, stream):
    return [comparable(json.loads(line), stream) for line in output.splitlines()]


def differences(output, stream):
    """Those of devices: the blocks of RAM are not the same, nor are the counts, nor all bytes behind an offset in the head."""
    lines = [json.loads(line) for line in output.splitlines()]
    return [comparable({key: value for key, value in line.items() if value is not None}, stream)
            for line in lines if "summary" not in line and line["section"] not in (None, "ram")]


def without_offsets(output, _):
    """What a state sends beside the stream comes before mapped RAM in one stream, and takes the place of padding in the other."""
    def strip(value):
        if isinstance(value, list):
            return [strip(element) for element in value]
        return {key: strip(inner) for key, inner in value.items() if key not in OF_THE_PAGES | {"offset"} or
                isinstance(inner, list)} if isinstance(value, dict) else value
    return [strip(json.loads(line)) for line in output.splitlines()]


def text(output, _):
    return output


def items(path, option="heuristic"):
    """Those of a stream, without what is in them."""
    parsed = subprocess.run([VMWIRE, "parse", "--json", "--option", option, path], stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in parsed.stdout.splitlines()]


def converted(option):
    """What lies behind the RAM of the stream that was written."""
    def answer(_, stream):
        path = stream.folder / "converted"
        last = [item for item in items(path, option) if item.get("idstr") == "ram"][-1]
        return path.read_bytes()[last["offset"] + last["size"]:]
    return answer


def certificate(_, stream):
    """It is of the stream without pages, so it is the same."""
    return (stream.folder / "certificate").read_text().splitlines()


# Each command with what its answer is. vmwire-verify takes the certificate of the line before.
COMMANDS = {
    "parse --stats": ("vmwire parse --stats --json FILE", objects),
    "check": ("vmwire check --json FILE", objects),
    "check --all-states": ("vmwire check --all-states --json FILE", objects),
    "check --ambiguity": ("vmwire check --ambiguity --json FILE", objects),
    "skew": ("vmwire skew --json FILE FILE", differences),
    "skew of another machine": (f"vmwire skew --json FILE {STREAMS}/bookworm-isapc.vmstate", differences),
    "skew --contrived": ("vmwire skew --contrived --json FILE FILE", objects),
    "compare --costs": ("vmwire compare --costs --json FILE", objects),
    "convert --drop-ram": ("vmwire convert --drop-ram --to flagday --output FOLDER/converted FILE", converted("flagday")),
    "convert": ("vmwire convert --to flagday --output FOLDER/converted FILE", converted("flagday")),
    "convert --drop-ram --to asn1": ("vmwire convert --drop-ram --to asn1 --output FOLDER/converted FILE", converted("asn1")),
    "convert --to asn1": ("vmwire convert --to asn1 --output FOLDER/converted FILE", converted("asn1")),
    "check --certificate": ("vmwire check --certificate FOLDER/certificate FILE", certificate),
    "vmwire-verify": ("vmwire-verify FOLDER/certificate FILE", text),
}


def of_asn1(command):
    """The same command for a stream in DER."""
    program, *words = command.split()
    if program == "vmwire-verify":
        return command  # the certificate tells the option
    both = ["--to", "asn1"] if words[0] == "skew" else []
    return " ".join([program, words[0], "--option", "asn1", *both, *words[1:]])


# ---- Running -----------------------------------------------------------------------------------------


def result(name, fault=""):
    global failed
    failed += bool(fault)
    print(("not ok " if fault else "ok ") + name)
    if fault:
        print("\n".join("# " + line[:300] for line in str(fault).splitlines()[:10]))


def run(command, stream, limit):
    """The finished process, with at most `limit` bytes of private memory."""
    program, *words = (word.replace("FOLDER", str(stream.folder)) for word in command.split())
    arguments = [str(stream.path) if word == "FILE" else word for word in words]
    return subprocess.run(["prlimit", f"--data={limit}", VMWIRE.with_name(program), *arguments], capture_output=True, text=True)


def need(command, stream, most):
    """The least limit, in whole steps, with which the command ends well; `most` where it needs that or more."""
    enough, too_little = most // STEP, 0
    while enough - too_little > 1:
        middle = (enough + too_little) // 2
        if run(command, stream, middle * STEP).returncode in ENDED_WELL:
            enough = middle
        else:
            too_little = middle
    return enough * STEP


def difference(one, other):
    """The first that differs, of two lists; or that two answers differ."""
    if isinstance(one, list) and len(one) == len(other):
        return next((f"without RAM: {a}\nwith RAM: {b}" for a, b in zip(one, other) if a != b), "")
    return "" if one == other else f"the answers differ; without RAM: {one[:100]!r}\nwith RAM: {other[:100]!r}"


def fault_of(command, answer, whole, bare):
    most = 4 * bare.size() + 64 * MEGABYTE
    expected = run(command, bare, UNLIMITED)
    if expected.returncode not in ENDED_WELL:
        return f"without RAM: status {expected.returncode}: {expected.stderr}"
    limit = min(need(command, bare, most) + SLACK, most)
    found = run(command, whole, limit)
    if found.returncode != expected.returncode:
        return f"status {found.returncode} instead of {expected.returncode}, with {limit / MEGABYTE} MB: {found.stderr}"
    try:
        return difference(answer(expected.stdout, bare), answer(found.stdout, whole))
    except (subprocess.CalledProcessError, OSError, ValueError) as error:
        return f"no answer: {error}"


# ---- Streams -----------------------------------------------------------------------------------------


def ram_entries(path):
    """Those of the first ram section."""
    return next(item for item in items(path) if item.get("idstr") == "ram")["entries"]


def make_enlarged(path):
    capture = STREAMS / "bookworm-pc.vmstate"
    subprocess.run([ROOT / "corpus/enlarge", "--vmwire", VMWIRE, "--ram", str(RAM), capture, path], check=True)


def make_captured(path):
    subprocess.run([ROOT / "corpus/capture_ram", "--machine", "pc", str(RAM), path], check=True)


def make_mapped(path):
    """The first block gets more pages. All offsets of the file behind them grow."""
    source, more = STREAMS / "trixie-microvm-mapped-ram.vmstate", RAM * MEGABYTE
    data = bytearray(source.read_bytes())

    def grow(offset):
        data[offset:offset + 8] = (int.from_bytes(data[offset:offset + 8], "big") + more).to_bytes(8, "big")

    def behind_name(block):
        return block["offset"] + 1 + len(block["name"])

    total, first, second, _ = ram_entries(source)
    grow(total["offset"])
    grow(behind_name(first))  # the length of the block
    grow(behind_name(second) + 20)  # where its bitmap is
    grow(behind_name(second) + 28)  # where its pages are
    with path.open("wb") as file:
        file.write(data[:second["offset"]])
        file.seek(more, os.SEEK_CUR)
        file.write(data[second["offset"]:])


def leave_out_pages(whole, bare):
    """Only the pages: every section stays."""
    subprocess.run([VMWIRE, "convert", "--drop-ram", "--to", "heuristic", "--output", bare, whole], check=True)
    kinds = [[item["kind"] for item in items(path)] for path in (whole, bare)]
    result("--drop-ram keeps each section", "" if kinds[0] == kinds[1] and "part" in kinds[0] else kinds)


def leave_out_mapped_blocks(whole, bare):
    """No list of blocks: `convert` keeps it."""
    total, *_, end = ram_entries(whole)
    with whole.open("rb") as pages, bare.open("wb") as file:
        file.write(pages.read(total["offset"]))
        pages.seek(end["offset"])
        file.write(pages.read())


def in_der(stream):
    """The stream in DER."""
    der = Stream(stream.folder / "stream.asn1", stream.folder)
    subprocess.run([VMWIRE, "convert", "--to", "asn1", "--output", der.path, stream.path], check=True)
    return der


KINDS = {"enlarged": (make_enlarged, leave_out_pages), "captured": (make_captured, leave_out_pages),
         "mapped-ram": (make_mapped, leave_out_mapped_blocks)}


# ---- Hostile streams: millions of entries -------------------------------------------------------------


def be32(value):
    return value.to_bytes(4, "big")


def be64(value):
    return value.to_bytes(8, "big")


EOS, FLUSH, HOOK, ZERO, CONTINUE = 0x10, 0x200, 0x80, 0x02, 0x20
PAGE_SIZE = 4096
STATTR_EOS, STATTR_DONE = be64(0x01), be64(0x08)
HTAB_CHUNK, HTAB_BEGIN, HTAB_END = be32(1) + be32(0), be32(0), be64(0)
LAST_BITMAP_CHUNK = b"\x01"
DISK_EOS, DISK_PROGRESS = be64(0x02), be64(0x04)
MARK = be64(FLUSH)
ZERO_PAGE = be64(ZERO | CONTINUE) + b"\0"
FIRST_ZERO_PAGE = be64(ZERO) + b"\x01b\0"
BEGIN_ONE_PAGE, ONE_PAGE = be64(PAGE_SIZE | MEM_SIZE), b"\x01b" + be64(PAGE_SIZE)
RAM_ID, OTHER_ID = 2, 200


def footer(section_id):
    return b"\x7e" + be32(section_id)


def continued(kind, section_id, content):
    return bytes([kind]) + be32(section_id) + content + footer(section_id)


def started(section_id, idstr, version, content):
    return b"\x01" + be32(section_id) + bytes([len(idstr)]) + idstr + be32(0) + be32(version) + content + footer(section_id)


def ram(start=b"", part=b"", end=b""):
    return (started(RAM_ID, b"ram", 4, start + be64(EOS)) + continued(2, RAM_ID, part + be64(EOS)) +
            continued(3, RAM_ID, end + be64(EOS)))


def package(sections):
    return b"\x08\0\x07\0\x04" + be32(len(sections) + 1) + sections + b"\0"


def table(count):
    return HTAB_BEGIN + HTAB_CHUNK * count + HTAB_END


IN_PACKAGE = "marks in a package"  # a package is written when it is complete: convert and compare need memory for it

# The sections before those of the devices, with so many entries or sections.
HOSTILE = {
    "marks in the start": lambda count: ram(start=MARK * count),
    "marks in a part": lambda count: ram(part=MARK * count),
    "marks in the end": lambda count: ram(end=be64(HOOK) * count),
    "pages and marks in the start": lambda count: ram(start=FIRST_ZERO_PAGE + (ZERO_PAGE + MARK) * count),
    "pages and marks in the end": lambda count: ram(end=FIRST_ZERO_PAGE + (ZERO_PAGE + MARK) * count),
    "lists": lambda count: ram(start=be64(MEM_SIZE) * count),
    "blocks": lambda count: ram(start=BEGIN_ONE_PAGE + (b"\x01a" + be64(0)) * count + ONE_PAGE),
    IN_PACKAGE: lambda count: package(ram(part=MARK * count)),
    "starts": lambda count: ram() + started(RAM_ID, b"ram", 4, be64(EOS)) * count,
    "parts": lambda count: ram() + continued(2, RAM_ID, be64(EOS)) * count,
    "ends": lambda count: ram() + continued(3, RAM_ID, be64(EOS)) * count,
    "dirty-bitmap": lambda count: started(OTHER_ID, b"dirty-bitmap", 1, bytes(count) + LAST_BITMAP_CHUNK) +
    continued(2, OTHER_ID, bytes(count) + LAST_BITMAP_CHUNK),
    "spapr/htab": lambda count: started(OTHER_ID, b"spapr/htab", 1, be32(18)) + continued(2, OTHER_ID, table(count)) +
    continued(3, OTHER_ID, table(count)),
    "s390-storage_attributes": lambda count: started(OTHER_ID, b"s390-storage_attributes", 0, STATTR_DONE * count + STATTR_EOS) +
    continued(3, OTHER_ID, STATTR_DONE * count + STATTR_EOS),
    "block": lambda count: started(OTHER_ID, b"block", 1, DISK_PROGRESS * count + DISK_EOS) +
    continued(3, OTHER_ID, DISK_PROGRESS * count + DISK_EOS),
}
HOSTILE_COUNT = 250_000  # eight bytes each would be seen


def written_end(_, stream):
    """Of the converted stream: devices and description."""
    return (stream.folder / "converted").read_bytes()[-STATE_AT_LEAST:]


STATE_AT_LEAST = 16 << 10  # bytes of the capture's devices and description
HOSTILE_COMMANDS = {name: COMMANDS[name] for name in ("parse --stats", "check", "skew", "skew --contrived", "compare --costs")} | {
    name: (COMMANDS[name][0], written_end)
    for name in ("convert", "convert --drop-ram", "convert --to asn1", "convert --drop-ram --to asn1")}


def make_hostile(path, sections):
    """The capture with these sections instead of those of RAM."""
    capture = STREAMS / "bookworm-microvm.vmstate"
    data, listed = capture.read_bytes(), items(capture)
    first = next(item for item in listed if item["kind"] == "start")
    behind = next(item for item in listed if item["kind"] == "full")
    path.write_bytes(data[:first["offset"]] + sections + data[behind["offset"]:])


def block_of_mapped_ram(name, length, at, pages):
    """`at`: where it begins in the file; its bitmap begins behind it."""
    return name + be64(length) + be32(1) + be64(PAGE_SIZE) + be64(at + len(name) + 8 + 28) + be64(pages)


def make_hostile_mapped(path, count):
    """Many blocks without pages, and one with a page."""
    source = STREAMS / "trixie-microvm-mapped-ram.vmstate"
    data, (total, *_, end) = source.read_bytes(), ram_entries(source)
    at = total["offset"] + 8
    pieces = [data[:total["offset"]], BEGIN_ONE_PAGE]
    for _ in range(count):
        pieces.append(block_of_mapped_ram(b"\x01a", 0, at, at + 38))
        at += 38
    pages = -(-(at + 38 + 8) // MEGABYTE) * MEGABYTE
    bitmap = bytes(pages - at - 38)
    pieces += [block_of_mapped_ram(b"\x01b", PAGE_SIZE, at, pages), bitmap, bytes(PAGE_SIZE), data[end["offset"]:]]
    path.write_bytes(b"".join(pieces))


def check_hostile(kind, make, folder):
    many, one = (Stream(folder / f"{name}.vmstate", folder / name) for name in ("many", "one"))
    for stream, count in ((many, HOSTILE_COUNT), (one, 1)):
        stream.folder.mkdir(parents=True)
        make(stream.path, count)
    commands = {name: command for name, command in HOSTILE_COMMANDS.items()
                if kind != IN_PACKAGE or name in ("parse --stats", "check", "skew", "skew --contrived")}
    for name, (command, answer) in commands.items():
        result(f"many entries, {kind}: {name}", fault_of(command, answer, many, one))
    many_in_der, one_in_der = in_der(many), in_der(one)
    for name, (command, answer) in commands.items():
        result(f"many entries, {kind}, asn1: {name}", fault_of(of_asn1(command), answer, many_in_der, one_in_der))


def hostile_kinds():
    for kind, sections in HOSTILE.items():
        yield kind, lambda path, count, sections=sections: make_hostile(path, sections(count))
    yield "mapped-ram", make_hostile_mapped


# ---- All states --------------------------------------------------------------------------------------


def peak_in_use(process):
    """The most RssAnon that is seen until the process ends, in bytes."""
    peak = 0
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak = max([peak] + [int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("RssAnon")])
        time.sleep(0.002)
    return peak


def check_all_states(capture):
    most = 64 * MEGABYTE + 4 * capture.stat().st_size
    with subprocess.Popen([VMWIRE, "check", "--all-states", "--json", capture], stdout=subprocess.DEVNULL) as process:
        peak = peak_in_use(process)
    fault = f"{peak / MEGABYTE:.1f} MB, expected at most {most / MEGABYTE:.1f}" if peak > most else ""
    if process.returncode not in ENDED_WELL or not peak:
        fault = f"status {process.returncode}, {peak} bytes in use"
    result(f"{capture.stem}: memory of check --all-states", fault)


def check_commands(kind, whole, bare, command_of=str):
    for name, (command, answer) in COMMANDS.items():
        if kind.startswith("mapped-ram") and name in ("check --all-states", "check --ambiguity"):
            answer = without_offsets
        result(f"{kind}: {name}", fault_of(command_of(command), answer, whole, bare))


def compared_size(stream, option):
    """The bytes that `compare` says the stream has under the option."""
    compared = subprocess.run([VMWIRE, "compare", "--costs", "--json", stream.path], stdout=subprocess.PIPE, text=True, check=True)
    rows = [json.loads(line) for line in compared.stdout.splitlines()]
    return next(row["bytes"] for row in rows if row.get("file") and row["option"] == option)


def check_kind(kind, folder):
    make, leave_out = KINDS[kind]
    whole, bare = (Stream(folder / f"{name}.vmstate", folder / name) for name in ("whole", "bare"))
    for stream in (whole, bare):
        stream.folder.mkdir(parents=True)
    make(whole.path)
    leave_out(whole.path, bare.path)
    result(f"{kind}: {RAM} MB of RAM", "" if whole.size() - bare.size() > (RAM - 4) * MEGABYTE else f"only {whole.size()} bytes")
    check_commands(kind, whole, bare)
    der = in_der(whole)
    check_commands(f"{kind}, asn1", der, in_der(bare), of_asn1)
    compared = compared_size(whole, "asn1")
    result(f"{kind}: compare knows the size in asn1", "" if compared == der.size() else f"{compared} instead of {der.size()}")


def main():
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            check_kind(kind, Path(folder))
    for kind, make in hostile_kinds():
        with tempfile.TemporaryDirectory() as folder:
            check_hostile(kind, make, Path(folder))
    for name in ("forky-q35", "bookworm-q35", "bookworm-q35-devices-a"):
        check_all_states(STREAMS / f"{name}.vmstate")
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
