# SPDX-License-Identifier: MIT
"""What the scripts share that feed streams to real QEMUs: a QEMU in a root folder, its answers over QMP, and what its trace
and its standard error say of a load.

It knows how to drive QEMU (with corpus/capture). It does not know the stream format: where sections stand says vmwire.
"""

import contextlib
import importlib.machinery
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CORPUS = Path(__file__).resolve().parent
PATIENCE = 30  # seconds for a guest to say something, and for a migration


def load_capture():
    """corpus/capture as a module; it drives a QEMU."""
    loader = importlib.machinery.SourceFileLoader("capture", str(CORPUS / "capture"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("capture", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


capture = load_capture()

RELEASES = {"5.2": "bullseye", "7.2": "bookworm", "10.0": "trixie", "11.1": "forky"}  # from the oldest on


def short(version):
    return ".".join(version.split(".")[:2])


# ---- vmwire ----------------------------------------------------------------------------------------------------------


class Vmwire:
    def __init__(self, program):
        self.program = program.resolve()
        if not self.program.exists():
            raise capture.CaptureError(f"{self.program} is not there; build it, or give --vmwire")

    def run(self, *arguments):
        return subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True)

    def read(self, command, declared, *arguments):
        """The output of a command that reads a stream by its description; what the program declares is for a stream
        without one."""
        for reading in (["--option", "described"], *([["--schema", declared]] if declared else [])):
            result = self.run(command, *reading, *arguments)
            if result.returncode == 0:
                return result.stdout
        raise capture.CaptureError(f"vmwire {command}: {result.stderr.strip()}")

    def sections(self, path, declared=None):
        """The sections that were sent, in order: each as the parsed item."""
        items = [json.loads(line) for line in self.read("parse", declared, "--json", path).splitlines()]
        return [item for item in items if item["kind"] in ("start", "full")]

    def drop_ram(self, whole, output, declared=None):
        self.read("convert", declared, "--to", "heuristic", "--drop-ram", "--output", output, whole)


# ---- QEMU ------------------------------------------------------------------------------------------------------------


class Lab:
    """A QEMU: of this machine, or in a root folder."""

    def __init__(self, root, program="qemu-system-x86_64"):
        self.root, self.program = root, program
        with self.qemu(["-machine", "none", "-display", "none", "-nodefaults"]) as qemu:
            self.version = qemu.greet()
        self.number = self.version.split()[0]
        self.release = RELEASES.get(short(self.number), "")

    @contextlib.contextmanager
    def folder(self):
        """A folder, as this machine sees it."""
        with tempfile.TemporaryDirectory(dir=self.root / "tmp") as folder:
            yield Path(folder)

    def inside(self, path):
        """The path as QEMU sees it."""
        return Path("/") / path.relative_to(self.root)

    def qemu(self, arguments):
        return capture.Qemu(self.root, [self.program, *arguments, "-qmp", "stdio"])


# What an option refers to is made anew at each place: the option that makes it.
SUPPLIES = {
    "@disk": ("node", "-blockdev null-co,node-name={},size=67108864,read-zeroes=on"),
    "@floppy": ("floppy", "-blockdev null-co,node-name={},size=1474560,read-zeroes=on"),
    "@net": ("net", "-netdev hubport,id={},hubid=0"),
    "@ram": ("ram", "-object memory-backend-ram,id={},size=134217728"),
    "@chardev": ("chardev", "-chardev null,id={}"),
    "@audio": ("audio", "-audiodev none,id={}"),
    "@rng": ("rng", "-object rng-builtin,id={}"),
    "@crypto": ("crypto", "-object cryptodev-backend-builtin,id={}"),
    "@bmc": ("bmc", "-device ipmi-bmc-sim,id={}"),
    "@iothread": ("iothread", "-object iothread,id={}"),
}


def supply(text, count):
    """The words of an argument behind what makes each thing that it refers to; `count` numbers these things."""
    made = []
    for mark, (name, option) in SUPPLIES.items():
        while re.search(re.escape(mark) + r"\b", text):
            made += option.format(f"{name}{count}").split(" ", 1)
            text = re.sub(re.escape(mark) + r"\b", f"{name}{count}", text, count=1)
            count += 1
    return [*made, *text.split(" ", 1)], count


def supplied(arguments):
    made, count = [], 0
    for text in arguments:
        more, count = supply(text, count)
        made += more
    return made


def words(arguments):
    """Each argument is an option and, behind the first blank, its value."""
    return [part for argument in arguments for part in argument.split(" ", 1)]


def errors_of(qemu):
    """What QEMU has written to its standard error, while it may go on writing."""
    return os.pread(qemu.errors.fileno(), 1 << 26, 0).decode(errors="replace")


def await_that(condition, what):
    end = time.monotonic() + PATIENCE
    while not (result := condition()):
        if time.monotonic() > end:
            raise capture.CaptureError(f"{what}: nothing within {PATIENCE} seconds")
        time.sleep(0.02)
    return result


def migration_ended(qemu):
    status = qemu.ask("query-migrate").get("status")
    return status if status in capture.ENDED else None


def set_capabilities(qemu, names):
    if names:
        qemu.ask("migrate-set-capabilities", {"capabilities": [{"capability": name, "state": True} for name in names]})


# ---- Guests ----------------------------------------------------------------------------------------------------------

FLOPPY = 1474560  # bytes
SAYS, READY, UNABLE = 0x500, b"rady", b"unab"  # guest/boot.inc


def assemble(source, defines):
    """The boot sector of a guest as bytes."""
    with tempfile.TemporaryDirectory() as folder:
        object_file, image = Path(folder) / "guest.o", Path(folder) / "guest.image"
        for command in (["clang", "--target=i386-pc-none-elf", "-c", f"-I{CORPUS / 'guest'}", source, "-o", object_file,
                         *(f"-D{name}={value}" for name, value in defines.items())],
                        ["ld.lld", "-m", "elf_i386", "-Ttext=0x7c00", "--oformat=binary", "-e", "_start", "-o", image,
                         object_file]):
            result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
            if result.returncode:
                raise capture.CaptureError(f"{source.name}: {command[0]}: {result.stderr.strip()}")
        return image.read_bytes()


def monitor(qemu, line):
    return qemu.ask("human-monitor-command", {"command-line": line}).strip()


def says(qemu):
    """The word at the address where a guest says that it is ready."""
    number = re.search(r": (0x[0-9a-f]+)", monitor(qemu, f"xp /1xw {SAYS:#x}"))
    return number and int(number[1], 16).to_bytes(4, "little")


# ---- What a QEMU says of a load --------------------------------------------------------------------------------------

EVENTS = ("qemu_loadvm_state_section_startfull", "vmstate_subsection_load_bad")
TRACED = re.compile(r"^(\d+@\d+\.\d+:)?(qemu_loadvm|vmstate)_\w+ ")
LOADED = re.compile(EVENTS[0] + r" (\d+)\((.*?)\) (\d+) (\d+)")
UNKNOWN = re.compile(EVENTS[1] + r" (.*): (.*)/\(lookup\)")  # the owner, and the name that it does not declare


def said_lines(text):
    """What QEMU says that is no trace, without its own name."""
    lines = (line.strip() for line in text.splitlines() if not TRACED.match(line))
    return [re.sub(r"^(\S*qemu-system-\w+: )?(Error: )?", "", line) for line in lines if line]


def message_in(text):
    """The first line in which a destination says why it refuses: what is no warning and no trace."""
    return next((line for line in said_lines(text) if "warning:" not in line), "")


def verdict(sent, said, refused):
    """`sent` are (idstr, instance) of all sections; a destination that succeeds should have loaded all."""
    loaded = [(match[2], int(match[3])) for match in LOADED.finditer(said)]
    new = {"verdict": "reject", "message": message_in(said), "loaded": len(loaded), "sent": len(sent)}
    if refused:
        unknown = UNKNOWN.search(said)
        return {**new, "unknown": {"owner": unknown[1], "name": unknown[2]}} if unknown else new
    if loaded == sent:
        return {**new, "verdict": "accept", "message": ""}
    if loaded == sent[:len(loaded)]:
        return {**new, "verdict": "truncated", "message": f"not loaded: all behind {loaded[-1][0]}"}
    missing = [name for name, instance in sent if (name, instance) not in loaded]
    return {**new, "verdict": "corrupt", "message": f"not loaded: {', '.join(missing)}"}
