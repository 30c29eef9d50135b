#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes captures of many machines with real QEMUs, and reads each one with its description and by its program alone.

    tests/fresh_captures.py FOLDER --lab DIR     the QEMUs of the labs DIR/RELEASE (corpus/lab makes them)
    tests/fresh_captures.py FOLDER               the QEMUs of this machine

fresh_captures.json is the table of machines: no row names a release. Each QEMU is asked for its machines, its devices and
their properties; what it does not have is left out, with a line that says so. A row is captured in all programs that it
names, and the stream is read twice: by the description at its end, and, without this description, by what the program
declares (`vmwire schema`). Both must be read to the last byte, to the same tree. With --twins a second capture is made
where QEMU itself leaves out the description (suppress-vmdesc); it must be the first one without its description.

The table at the end groups what was refused or differs. FOLDER keeps captures, declarations and results.json;
--compare-only reads the captures that are there again.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from itertools import islice
from pathlib import Path

import without_description as bare

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "corpus"))
sys.dont_write_bytecode = True

import drive  # noqa: E402
from drive import capture  # noqa: E402

VMWIRE = bare.VMWIRE
SECONDS = 120  # for one reading
# What a QEMU answers where it does not have what a row wants: it can be asked for devices, but not for this.
LACKS = "|".join((r"non-migratable device", r"Property '[^']*' not found", r"unable to find CPU model",
                  r"[Cc]ould not (find|load)", r"iommu-map", r"pluggable device type"))


# ---- What a QEMU has -------------------------------------------------------------------------------------


class Program:
    """A system emulator in a root folder, and what it answered about itself."""

    def __init__(self, release, root, architecture):
        self.release, self.root, self.architecture = release, root, architecture
        self.name = f"qemu-system-{architecture}"
        self.path = root / "usr/bin" / self.name
        self.machines, self.devices, self.properties = [], set(), {}
        self.declarations = None

    def absent(self):
        """Why there is nothing to test. A release can have a script of this name that starts another program."""
        if not self.path.is_file():
            return f"no {self.name}"
        with self.path.open("rb") as file:
            return None if file.read(4) == b"\x7fELF" else f"{self.name} is a script"

    def ask(self, table):
        """Asks for the machines, and for the properties of those devices of the table that it has."""
        command = [self.name, "-machine", "none", "-display", "none", "-nodefaults", "-qmp", "stdio"]
        with capture.Qemu(self.root, command) as qemu:
            self.version = qemu.greet()
            for machine in qemu.ask("query-machines"):
                self.machines += [machine["name"]] + ([machine["alias"]] if "alias" in machine else [])
            self.devices = {each["name"] for each in qemu.ask("qom-list-types", {"implements": "device", "abstract": False})}
            for device in sorted(wanted_devices(table) & self.devices):
                properties = qemu.ask("device-list-properties", {"typename": device})
                self.properties[device] = {each["name"] for each in properties}

    def machine(self, wanted):
        """Its name here. "oldest pc-q35": the oldest of the machines that begin so and end with a version."""
        if not wanted.startswith("oldest "):
            return wanted if wanted.split(",")[0] in self.machines else None
        kind = wanted.removeprefix("oldest ")
        versioned = [name for name in self.machines if re.fullmatch(re.escape(kind) + r"-[0-9.]+", name)]
        # Sections have footers, and streams a description, since 2.4.
        return min([name for name in versioned if version_of(name) >= [2, 4]], key=version_of, default=None)


def version_of(machine):
    return [int(part) for part in machine.rsplit("-", 1)[1].split(".")]


def device_name(option):
    return option.split(",")[0]


def wanted_devices(table):
    return {device_name(option) for row in table for group in row.get("devices", [])
            for option in ([group] if isinstance(group, str) else group)}


# ---- Command lines ---------------------------------------------------------------------------------------


class Options:
    """The options of one row, and what was left out of it."""

    def __init__(self, program):
        self.program, self.words, self.left_out, self.count = program, [], [], 0

    def add(self, text):
        words, self.count = drive.supply(text, self.count)
        self.words += words

    def add_group(self, group):
        """Devices that need one another: all of them, or none."""
        group = [group] if isinstance(group, str) else group
        if missing := [device_name(option) for option in group if device_name(option) not in self.program.devices]:
            self.left_out.append(f"no {' '.join(missing)}")
            return
        for option in group:
            self.add(f"-device {self.known(option)}")

    def known(self, option):
        """The option without the properties that this device does not have here."""
        name, *properties = option.split(",")
        known = self.program.properties[name] | {"id", "bus"}
        kept = [each for each in properties if each.split("=")[0] in known]
        self.left_out += [f"no {name}.{each.split('=')[0]}" for each in properties if each not in kept]
        return ",".join([name, *kept])


def command_of(row, program, machine):
    options = Options(program)
    for text in row.get("arguments", []):
        options.add(text)
    for group in row.get("devices", []):
        options.add_group(group)
    # Before 9.0 a board with sound is content without a driver.
    audio = ["-audio", "driver=none"] if int(program.version.split(".")[0]) > 8 else []
    return [program.name, "-machine", machine, *capture.COMMON, *audio, *options.words, "-qmp", "stdio"], options.left_out


def make(program, row, command, stream):
    """Captures one stream. "run": the guest runs for so many seconds first. @blank is a file of zeros."""
    with tempfile.TemporaryDirectory(dir=program.root / "tmp") as folder:
        blank = Path(folder) / "blank"
        blank.write_bytes(bytes(65536))
        words = [word.replace("@blank", f"/{blank.relative_to(program.root)}") for word in command]
        with capture.Qemu(program.root, words) as qemu:
            qemu.greet()
            steps = [{"execute": "cont"}, {"sleep": row["run"]}, {"execute": "stop"}] if "run" in row else []
            entry = {"commands": steps, "capabilities": row.get("capabilities", []), "to": "pipe", "meanwhile": []}
            try:
                capture.migrate(qemu, entry, Path(folder), program.root)
            except BrokenPipeError:
                qemu.receive()  # says why QEMU has ended
        made = Path(folder) / "stream"
        if not made.exists():
            raise capture.CaptureError("QEMU says that it has migrated, and there is no stream")
        stream.write_bytes(made.read_bytes())


# ---- Reading ---------------------------------------------------------------------------------------------


def read(*arguments):
    """The answer of parse --json, and the object of the error where there is none."""
    try:
        result = subprocess.run([VMWIRE, "parse", "--json", *map(str, arguments)], capture_output=True, text=True,
                                errors="replace", timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return None, {"message": f"no answer within {SECONDS} s"}
    if result.returncode == 0:
        return result.stdout, None
    try:
        return None, json.loads(result.stderr.splitlines()[-1])
    except (ValueError, IndexError):
        return None, {"message": f"exit status {result.returncode}: {result.stderr.strip()[-300:]}"}


def tiles(value, others):
    """How many of the values, one after another, are this one in more detail; 0 if they are not."""
    end = at = value[0]
    for count, (offset, size, kind, *_) in enumerate(others, 1):
        if offset != at or kind == "subsection":
            return 0
        at += size
        if at >= end + value[1]:
            return count if at == end + value[1] else 0
    return 0


def with_null_pointers(values):
    """QEMU 11.1 has another name for the type of a null pointer, and where elements have markers each one has one."""
    return [(*value[:2], "nullptr", None, *value[4:]) if value[2] in ("nullptr", "ptr-marker") else value for value in values]


def first_difference(described, declared):
    """Each value is (offset, size, type, class, bytes, path). The program may tell more of an opaque value, or of an array."""
    one, other = with_null_pointers(bare.tree(described)), with_null_pointers(bare.tree(declared))
    at = 0
    for a in one:
        b = other[at] if at < len(other) else None
        if a == b or b and bare.renamed(a) == b:
            at += 1
            continue
        count = tiles(a, islice(other, at, None)) if a[3] == "opaque" or b and a[2:4] == b[2:4] else 0
        if not count:
            return {"section": a[-1].split(".")[0], "message": f"{a} by the description, {b} by the program"}
        at += count
    if at != len(other):
        return {"section": "", "message": f"{len(one)} values by the description, {len(other)} by the program"}
    return None


def section_of(problem):
    """The name and the instance of a section, as the description has them."""
    match = re.fullmatch(r'"(.*)" instance (\d+)', problem.get("section", ""))
    return match and (match[1], int(match[2]))


def with_described(cut, description, known):
    """The stream, with a description of the known sections only."""
    chosen = [device for device in description["devices"] if (device["name"], device["instance_id"]) in known]
    if not chosen:
        return cut
    text = json.dumps({**description, "devices": chosen}).encode()
    return cut + b"\x06" + len(text).to_bytes(4, "big") + text


def compare(stream, declarations):
    """Reads both ways. A section that the program does not determine is described then, to see those behind it. The program's
    declarations are given both times, so that private encodings are split and classes told; a description goes before them."""
    described, problem = read(stream, "--schema", declarations)
    if problem:
        return {"outcome": "unreadable", "causes": [problem]}
    cut = bare.without_description(stream)
    if len(cut) == stream.stat().st_size:
        return {"outcome": "unreadable", "causes": [{"message": "the stream has no description"}]}
    description = json.loads(stream.read_bytes()[len(cut) + 5:])
    described_sections = {(device["name"], device["instance_id"]) for device in description["devices"]}
    causes, known = [], set()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stream"
        while True:
            path.write_bytes(with_described(cut, description, known))
            declared, problem = read(path, "--schema", declarations)
            if not problem:
                break
            causes.append({"section": problem.get("section", ""), "message": problem["message"]})
            section = section_of(problem)
            if section not in described_sections - known:
                return {"outcome": "refused", "causes": causes, "rest": "not read"}
            known.add(section)
    difference = first_difference(described, declared)
    if causes:
        return {"outcome": "refused", "causes": causes + [difference] * bool(difference),
                "rest": "differs" if difference else "same"}
    return {"outcome": "differs", "causes": [difference]} if difference else {"outcome": "same", "causes": [],
                                                                             "values": len(bare.tree(described))}


def shape(output):
    """All values, without what they are and where: clocks, and what QEMU puts into RAM at random, differ."""
    return [(value[1], *value[2:4], value[5]) for value in bare.tree(output)]


def compare_twin(stream, twin, declarations):
    """What a stream that QEMU wrote without a description has in common with the one whose description was cut off."""
    if bare.without_description(stream) == twin.read_bytes():
        return "the same bytes"
    described, _ = read(stream)
    declared, problem = read(twin, "--schema", declarations)
    if problem:
        return f"refused: {problem['message']}"
    return "the same shape" if shape(described) == shape(declared) else "another shape"


# ---- Causes ----------------------------------------------------------------------------------------------


def kind_of(section):
    """A section's name without the place of the device on its bus."""
    match = section and re.match(r'"?(.*?)"?(?: instance \d+)?$', section)
    return re.sub(r"\b(0x)?[0-9a-f]{2,}\b", "N", match[1].rsplit("/", 1)[-1]) if match else ""


def cause_of(problem):
    """Messages that differ in places and numbers only have one cause."""
    message = problem["message"]
    if " by the description, " in message:
        match = re.search(r"'([^']*)'\) by the description", message)
        return re.sub(r"\[\d+\]", "", match[1]) + " differs" if match else "the number of values differs"
    return f"{kind_of(problem.get('section', ''))}: " + re.sub(r"\b(0x[0-9a-f]+|\d+)\b", "N", message)


def print_table(results):
    groups = defaultdict(list)
    for name, result in results.items():
        for cause in {cause_of(problem): problem for problem in result["causes"]}.items():
            groups[cause[0]].append((name, result["outcome"], cause[1]["message"]))
    for cause, found in sorted(groups.items(), key=lambda item: (item[1][0][1], -len(item[1]))):
        print(f"\n{found[0][1]}, {len(found)} streams: {cause}")
        if cause.split(": ")[-1] != found[0][2]:
            print(f"    {found[0][2]}")
        for name, _, _ in found:
            print(f"    {name}")
    print()
    counts = Counter((name.split("/")[0], result["outcome"]) for name, result in results.items())
    outcomes = ["same", "differs", "refused", "unreadable", "not captured"]
    print(f"{'release':12}" + "".join(f"{outcome:>14}" for outcome in outcomes))
    for release in sorted({release for release, _ in counts}):
        print(f"{release:12}" + "".join(f"{counts[release, outcome]:>14}" for outcome in outcomes))
    print(f"{'all':12}" + "".join(f"{sum(n for (_, each), n in counts.items() if each == outcome):>14}"
                                  for outcome in outcomes), flush=True)


# ---- All of it -------------------------------------------------------------------------------------------


def declarations_of(program, options):
    """Made once in a run, as another vmwire may find more."""
    if not program.declarations:
        result = subprocess.run([VMWIRE, "schema", "--json", str(program.path)], capture_output=True, text=True,
                                timeout=SECONDS)
        if result.returncode:
            raise capture.CaptureError(f"vmwire schema: {result.stderr.strip()}")
        program.declarations = options.folder / "declarations" / f"{program.release}-{program.architecture}.json"
        program.declarations.parent.mkdir(parents=True, exist_ok=True)
        program.declarations.write_text(result.stdout)
    return program.declarations


def test_row(program, row, options, results):
    name = f"{program.release}/{program.architecture}-{row['name']}"
    stream = options.folder / f"{name}.vmstate"
    if options.names and not any(each in name for each in options.names):
        return
    if options.compare_only:
        if not stream.exists():
            return
    else:
        machine = program.machine(row["machine"])
        if not machine:
            print(f"skipped {name}: {program.name} {program.version} has no machine {row['machine']}")
            return
        command, left_out = command_of(row, program, machine)
        if left_out:
            print(f"# {name}: {program.name} {program.version} has {', '.join(left_out)}: left out")
        try:
            make(program, row, command, stream)
        except capture.CaptureError as error:
            if re.search(LACKS, str(error)):
                print(f"skipped {name}: {program.name} {program.version}: {error}")
                return
            results[name] = {"outcome": "not captured", "command": command,
                             "causes": [{"section": row["name"], "message": " ".join(str(error).split())}]}
            print(f"not captured {name}: {error}", flush=True)
            return
    old = results.get(name, {})
    results[name] = {**compare(stream, declarations_of(program, options)), "bytes": stream.stat().st_size,
                     "command": old.get("command") if options.compare_only else command}
    if options.compare_only and "twin" in old:
        results[name]["twin"] = old["twin"]
    if options.twins and not options.compare_only:
        results[name]["twin"] = make_twin(program, row, command, stream, declarations_of(program, options))
    print_result(name, results[name])


def print_result(name, result):
    about = [f"{kind_of(cause['section'])}: {cause['message']}" for cause in result["causes"]]
    twin = [f"twin: {result['twin']}"] if "twin" in result else []
    passed = "ok" if result["outcome"] == "same" else "not ok"
    print(f"{passed} {name}: {'; '.join([result['outcome'], *about, *twin])}", flush=True)


def make_twin(program, row, command, stream, declarations):
    """The same machine, where QEMU itself leaves the description out."""
    twin = stream.with_suffix(".bare")
    at = command.index("-machine") + 1
    try:
        make(program, row, [*command[:at], f"{command[at]},suppress-vmdesc=on", *command[at + 1:]], twin)
    except capture.CaptureError as error:
        return str(error)
    return compare_twin(stream, twin, declarations)


def releases(options):
    """The root folders of the QEMUs."""
    if not options.lab:
        return {capture.host_release(): Path("/")}
    names = {path.name for path in options.lab.iterdir() if (path / "usr/bin").is_dir()}
    known = [name for name in capture.RELEASES if name in names]
    return {name: options.lab / name for name in [*known, *sorted(names - set(known))]}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=capture.whole_path, metavar="FOLDER", help="where captures and results are kept")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only captures whose RELEASE/PROGRAM-ROW has this in it")
    parser.add_argument("--lab", type=capture.whole_path, metavar="DIR", help="DIR/RELEASE is a root folder with QEMUs")
    parser.add_argument("--table", type=Path, default=HERE / "fresh_captures.json", metavar="FILE",
                        help="another table of machines")
    parser.add_argument("--twins", action="store_true", help="also capture where QEMU leaves the description out")
    parser.add_argument("--compare-only", action="store_true", help="read the captures of FOLDER again, make none")
    return parser.parse_intermixed_args()


def main():
    options = parse_arguments()
    table = json.loads(options.table.read_text())
    path = options.folder / "results.json"
    results = json.loads(path.read_text()) if path.exists() and (options.names or options.compare_only) else {}
    for release, root in releases(options).items():
        (options.folder / release).mkdir(parents=True, exist_ok=True)
        for architecture in sorted({each for row in table for each in row["programs"]}):
            program = Program(release, root, architecture)
            rows = [row for row in table if architecture in row["programs"]]
            captures = [f"{release}/{architecture}-{row['name']}" for row in rows]
            if options.names and not any(name in each for name in options.names for each in captures):
                continue
            if absent := program.absent():
                print(f"skipped {release}: {absent}")
                continue
            try:
                if not options.compare_only:
                    program.ask(rows)
            except capture.CaptureError as error:
                print(f"skipped {release}: {program.name}: {error}")
                continue
            for row in rows:
                test_row(program, row, options, results)
                path.write_text(json.dumps(results, indent=1) + "\n")
    print_table(results)
    return 0 if all(result["outcome"] == "same" for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
