#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Inputs that are no streams are refused at once, and a stream of more than 4 GiB has right offsets.

Tests the program $VMWIRE, or build/vmwire. Each check prints `ok NAME` or `not ok NAME`.
"""
import bz2
import gzip
import json
import lzma
import os
import shlex
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from checks import check, exit_status

ROOT = Path(__file__).resolve().parent.parent
VMWIRE = str((ROOT / os.environ.get("VMWIRE", "build/vmwire")).resolve())
STREAMS = ROOT / "corpus/streams"
CAPTURE = STREAMS / "bookworm-microvm.vmstate"
OPTIONS = ["heuristic", "flagday", "standalone", "toplevel", "framed", "consistent", "combined", "described", "asn1"]
SECONDS = 20  # patience with a busy machine; the inputs themselves never end


def run(*arguments, **options):
    return subprocess.run([VMWIRE, *map(str, arguments)], capture_output=True, text=True, timeout=SECONDS, **options)


def refusal(arguments, expected, **options):
    """What is wrong with the answer: it is one line of error that has the expected words, and exit status 2."""
    try:
        result = run(*arguments, **options)
    except subprocess.TimeoutExpired:
        return f"no answer within {SECONDS} s"
    right = result.returncode == 2 and result.stderr.count("\n") == 1 and expected in result.stderr and not result.stdout
    return None if right else f"exit status {result.returncode}\n{result.stdout[:400]}{result.stderr}"


class Endless:
    """A pipe that repeats these bytes until nobody reads it, or writes them once and stays open."""

    def __init__(self, first, repeated=b""):
        self.reading, self.writing = os.pipe()
        self.thread = threading.Thread(target=self.feed, args=(first, repeated), daemon=True)
        self.thread.start()

    def feed(self, first, repeated):
        try:
            os.write(self.writing, first)
            while repeated:
                os.write(self.writing, repeated)
        except OSError:
            pass

    def close(self):
        os.close(self.reading)
        self.thread.join(SECONDS)
        os.close(self.writing)


PIPES = {
    "yes": (b"y\n", b"y\n" * 4096),
    "zeros": (b"\0", bytes(65536)),
    "a stream that ends, then zeros": (b"QEVM\0\0\0\3", bytes(65536)),
    "a stream of an unknown version": (b"QEVM\0\0\0\x63", bytes(65536)),
    "a word, then nothing": (b"hello", b""),
    "blanks": (b" ", b" " * 65536),
}
COMMANDS = [["parse"], ["parse", "--stats"], ["check"], ["check", "--all-states"], ["compare"], ["convert", "--to", "flagday"]]


def check_pipes():
    for name, (first, repeated) in PIPES.items():
        for command in COMMANDS:
            pipe = Endless(first, repeated)
            check(f"{name}: {' '.join(command)}", refusal([*command, "-"], "vmwire: -: ", stdin=pipe.reading))
            pipe.close()
        pipe = Endless(first, repeated)
        check(f"{name}: skew, the reader", refusal(["skew", CAPTURE, "-"], "vmwire: -: ", stdin=pipe.reading))
        pipe.close()
        pipe = Endless(first, repeated)
        check(f"{name}: skew --contrived, the reader",
              refusal(["skew", "--contrived", CAPTURE, "-"], "vmwire: -: ", stdin=pipe.reading))
        pipe.close()
        pipe = Endless(first, repeated)
        check(f"{name}: --schema", refusal(["check", "--schema", "-", CAPTURE], "vmwire: -: ", stdin=pipe.reading))
        pipe.close()


def check_files(folder):
    sparse, fifo = folder / "sparse", folder / "fifo"
    with open(sparse, "wb") as file:
        file.truncate(10 << 30)
    ended = folder / "ended"
    with open(ended, "wb") as file:
        file.write(b"QEVM\0\0\0\3")
        file.truncate(10 << 30)
    for command in COMMANDS:
        words = " ".join(command)
        for name in ["/dev/zero", "/dev/urandom", "/dev/null", folder, sparse, ended]:
            shown = name if str(name).startswith("/dev") else "a folder" if name == folder else name.name
            check(f"{shown}: {words}", refusal([*command, name], str(name)))
        os.mkfifo(fifo)
        writer = subprocess.Popen(["sh", "-c", f"exec yes >'{fifo}'"], stderr=subprocess.DEVNULL)
        check(f"a FIFO without end: {words}", refusal([*command, fifo], str(fifo)))
        check("its writer ends with it", None if writer.wait(SECONDS) else "it goes on")
        fifo.unlink()


def saved(data, compression):
    """As virsh save writes it: a header of 92 bytes, the machine's XML, the stream."""
    xml = b"<domain type='qemu'/>\0" * 100
    return b"LibvirtQemudSave" + struct.pack("<19I", 2, len(xml), 1, compression, *[0] * 15) + xml + data


def check_other_formats(folder):
    """What people hold instead of a stream is named, and the command that is printed reads it."""
    data = CAPTURE.read_bytes()
    expected = run("parse", CAPTURE).stdout.splitlines()[1:]
    file = folder / "other file"
    for name, other, words, follow in (
            ("virsh save", saved(data, 0), "a file of virsh save", True),
            ("virsh save, gzip", saved(gzip.compress(data), 1), "a file of virsh save", True),
            ("virsh save, xz", saved(lzma.compress(data), 3), "a file of virsh save", True),
            ("virsh save of a compression that is not known", saved(data, 99), " | ... | vmwire parse -", False),
            ("virsh save, cut within its header", saved(data, 0)[:40], "a file of virsh save", False),
            ("virsh save that was not finished", saved(data, 0).replace(b"Save", b"Part", 1), "was not finished", False),
            ("gzip", gzip.compress(data), "what gzip has compressed", True),
            ("xz", lzma.compress(data), "what xz has compressed", True),
            ("bzip2", bz2.compress(data), "bzip2 -dc FILE | vmwire parse -", False),
            ("a channel of multifd", bytes.fromhex("1122334400000001") + bytes(4000), "the stream is in the main channel", False),
            ("a program", Path(VMWIRE).read_bytes()[:4096], "--schema FILE", False),
            ("a disk image", b"QFI\xfb" + bytes(100), "a disk image", False)):
        file.write_bytes(other)
        for command in COMMANDS if name != "a program" else COMMANDS[:1]:  # check takes a program for a schema
            check(f"{name}: {' '.join(command)}", refusal([*command, file], words))
        with open(file, "rb") as piped:
            check(f"{name}: from standard input", refusal(["parse", "-"], words, stdin=piped))
        if follow:
            printed = run("parse", file).stderr.rpartition(": ")[2]
            command = printed.replace("FILE", shlex.quote(str(file))).replace("vmwire", shlex.quote(VMWIRE))
            done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=SECONDS)
            check(f"{name}: the command that is printed reads it",
                  None if done.returncode == 0 and done.stdout.splitlines()[1:] == expected else f"{command}{done.stderr}{done.stdout[:200]}")


def check_cut_description(folder):
    """The state before it is whole, and a program reads it; so the cut is named as what it is."""
    data, file = CAPTURE.read_bytes(), folder / "cut"
    begin, program = data.rindex(b"\0\6", 0, data.index(b'{"') + 1) + 1, ROOT / "corpus/schemas/bookworm-x86_64.program.json"
    file.write_bytes(data[:-100])
    words = f"offset 0x{begin:x} ({begin}): a description of {len(data) - begin - 5} bytes, but only {len(data) - begin - 105} are left"
    for command in ["parse"], ["parse", "--schema", program], ["check", "--schema", program]:
        check(f"a description that is cut off: {' '.join(map(str, command[:2]))}", refusal([*command, file], words))
    check("a description that is cut off: skew", refusal(["skew", f"{file}+{program}", CAPTURE], words))


def check_spool(folder):
    data = CAPTURE.read_bytes()
    expected = run("parse", "--stats", CAPTURE).stdout.splitlines()[1:]

    def parse(environment):
        return subprocess.run([VMWIRE, "parse", "--stats", "-"], input=data, capture_output=True, timeout=SECONDS,
                              env={**os.environ, **environment})

    result = parse({"TMPDIR": str(folder)})
    lines = result.stdout.decode().splitlines()[1:]
    check("a pipe is parsed as the file is", None if lines == expected else result.stderr.decode() or lines)
    check("nothing is left of it", [path.name for path in folder.iterdir()] or None)
    result = parse({"TMPDIR": str(folder / "none")})
    check("TMPDIR is honoured", None if result.returncode == 2 and b"TMPDIR" in result.stderr else result.stderr)
    with open(CAPTURE, "rb") as file:
        result = run("parse", "--stats", "-", stdin=file, env={**os.environ, "TMPDIR": str(folder / "none")})
    check("a file as standard input is not copied", None if result.stdout.splitlines()[1:] == expected else result.stderr)


def feed_in_pieces(pipe, data):
    """The first bytes one by one: a pipe is judged each time that some have come."""
    try:
        for at in range(300):
            os.write(pipe, data[at:at + 1])
        for at in range(300, len(data), 5000):
            os.write(pipe, data[at:at + 5000])
    except OSError:
        pass
    os.close(pipe)


def check_slow_pages(folder):
    """Entries of RAM come long before the description, which tells the size of a page."""
    for option in OPTIONS:
        file = folder / "pages.vmstate"
        run("convert", "--to", option, "--output", file, STREAMS / "bookworm-avr-arduino-uno.vmstate")
        data, expected = file.read_bytes(), run("parse", "--stats", "--option", option, file).stdout.splitlines()[1:]
        process = subprocess.Popen([VMWIRE, "parse", "--stats", "--option", option, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        os.write(process.stdin.fileno(), data[:200])
        time.sleep(0.3)
        try:
            output = process.communicate(data[200:], timeout=SECONDS)[0]
        except BrokenPipeError:
            output = b""
        check(f"a pipe whose RAM comes first, under {option}", None if output.decode().splitlines()[1:] == expected else f"found {output}")


def check_slow_pipe():
    """The first bytes come alone, and what follows them late."""
    data, expected = CAPTURE.read_bytes(), run("parse", "--stats", CAPTURE).stdout.splitlines()[1:]
    for length in 1, 3, 6, 9, 20:
        process = subprocess.Popen([VMWIRE, "parse", "--stats", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdin.write(data[:length])
        process.stdin.flush()
        time.sleep(0.3)
        try:
            output = process.communicate(data[length:], timeout=SECONDS)[0]
        except BrokenPipeError:
            output = b""
        check(f"a pipe that begins with {length} bytes", None if output.decode().splitlines()[1:] == expected else f"found {output}")


def check_captures(folder):
    """Each capture, under each option, is read from a pipe as it is from a file."""
    for capture in sorted(STREAMS.glob("*.vmstate")):
        for option in OPTIONS:
            file = folder / f"{option}.vmstate"
            if run("convert", "--to", option, "--output", file, capture).returncode:
                file = capture  # one without a description: it is refused both times
            expected = run("parse", "--stats", "--option", option, file)
            reading, writing = os.pipe()
            thread = threading.Thread(target=feed_in_pieces, args=(writing, file.read_bytes()), daemon=True)
            thread.start()
            result = run("parse", "--stats", "--option", option, "-", stdin=reading)
            os.close(reading)
            thread.join(SECONDS)
            same = [(each.returncode, each.stdout.splitlines()[1:]) for each in (expected, result)]
            check(f"{capture.stem} under {option} from a pipe", None if same[0] == same[1] else f"{same[1]}, {result.stderr}")


def items_of(file, *arguments):
    return [json.loads(line) for line in run("parse", "--json", *arguments, file).stdout.splitlines()]


def enlarge_mapped_ram(file, added):
    """The capture with mapped RAM, its last block longer by these bytes, which are a hole in the file."""
    capture = STREAMS / "trixie-microvm-mapped-ram.vmstate"
    data = capture.read_bytes()
    entries = next(item["entries"] for item in items_of(capture, "--all") if item.get("entries"))
    total = next(entry for entry in entries if entry["kind"] == "RAM_MEM_SIZE")
    block = [entry for entry in entries if entry["kind"] == "BLOCK_NAME"][-1]  # those before it stay where they are
    number = lambda at, size: int.from_bytes(data[at:at + size], "big")
    name_end = block["offset"] + 1 + data[block["offset"]]
    header = name_end + 8  # behind the length of the block
    length, page_size = number(name_end, 8), number(header + 4, 8)
    pages, behind = number(header + 20, 8), block["offset"] + block["size"]
    bitmap = ((length + added) // page_size + 63) // 64 * 8
    new_pages = -(-(header + 28 + bitmap) // (1 << 20)) * (1 << 20)
    big = lambda value: value.to_bytes(8, "big")
    with open(file, "wb") as out:
        out.write(data[:total["offset"]] + big(number(total["offset"], 8) + added))
        out.write(data[total["offset"] + 8:name_end] + big(length + added))
        out.write(data[header:header + 20] + big(new_pages))
        out.write(data[header + 28:header + 28 + (length // page_size + 63) // 64 * 8])
        out.seek(new_pages)
        out.write(data[pages:pages + length])
        out.seek(new_pages + length + added)
        out.write(data[behind:])
    return new_pages + length + added - behind


def check_large(folder):
    capture, large = STREAMS / "trixie-microvm-mapped-ram.vmstate", folder / "large"
    moved = enlarge_mapped_ram(large, 5 << 30)
    small_items, large_items = items_of(capture), items_of(large)
    check("more than 4 GiB: all items", None if len(small_items) == len(large_items) > 5 else run("parse", large).stderr)
    places = [(a["kind"], a["offset"] + moved, b["offset"]) for a, b in zip(small_items, large_items)
              if a["kind"] == "full"]
    check("their offsets", None if places and all(at == found > 4 << 30 for _, at, found in places) else places[:5])
    for command in [["check", "--json"], ["check", "--json", "--all-states"]]:
        small, found = (run(*command, "--option", "legacy", file).stdout.splitlines() for file in (capture, large))
        differ = [(a, b) for a, b in zip(map(json.loads, small), map(json.loads, found))
                  if a.get("offset", 0) + ("offset" in a) * moved != b.get("offset", 0) or a.get("outcome") != b.get("outcome")]
        check(f"the answers of {' '.join(command)}", differ[:1] or (None if len(small) == len(found) > 3 else found[:2]))
    place = places[-1][2]
    with open(large, "r+b") as file:
        file.seek(place)
        file.write(b"\x55")
    check("the offset of an error", refusal(["parse", large], f"({place})"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_pipes()
        check_files(Path(folder))
        check_other_formats(Path(folder))
        (Path(folder) / "spool").mkdir()
        check_cut_description(Path(folder))
        check_spool(Path(folder) / "spool")
        check_slow_pipe()
        check_slow_pages(Path(folder))
        check_captures(Path(folder))
        check_large(Path(folder))
    sys.exit(exit_status())


if __name__ == "__main__":
    main()
