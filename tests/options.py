#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks every option with every command.

    tests/options.py         tests $VMWIRE, or build/vmwire if it is not set

`vmwire --help` says which command takes which option. A command refuses each other one. An option that it takes has an effect:
a scenario shows that the output, a file or the exit status is another one without it. The usage lines and the synopsis of the
manual page list the same options. An option that has one value is refused when it is given twice, and so is one that has no
effect beside the others.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from checks import exit_status, result

ROOT = Path(__file__).resolve().parent.parent
VMWIRE = os.path.abspath(os.environ.get("VMWIRE", ROOT / "build/vmwire"))
STREAMS, SCHEMAS, CASES = ROOT / "corpus/streams", ROOT / "corpus/schemas", ROOT / "tests/cases"
SMALL, OTHER = STREAMS / "bookworm-microvm.vmstate", STREAMS / "trixie-microvm-mapped-ram.vmstate"
BARE, DESCRIBED = STREAMS / "bookworm-pc-2.2-bare.vmstate", STREAMS / "bookworm-pc-2.2.vmstate"
OLDER, DUMP = SCHEMAS / "bullseye-x86_64.json", SCHEMAS / "bookworm-x86_64.json"
LISTS = [CASES / "list-length-empty.vmstate", "--schema", CASES / "list-length.json"]
PAIR = CASES / "ambiguous-sections.vmstate"
QEMU = "/usr/bin/qemu-system-x86_64"
OPAQUE = "opaque"  # made below: a private encoding in front of other fields


def run(*words):
    """The exit status, both outputs, and the files that the run left in its folder."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([VMWIRE, *map(str, words)], capture_output=True, cwd=folder)
        files = {str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}
    return done.returncode, without_speed(done.stdout), done.stderr, files


def without_speed(output):
    """It differs in each run: without the lines that tell it, and a column of `compare --costs` (the last one)."""
    output = re.sub(rb'"megabytes_per_second":[0-9.e+]+', b"", output)
    lines = [line for line in output.splitlines(keepends=True) if b"speed" not in line]
    return re.sub(rb" +\d+\n", b"\n", b"".join(lines))


# ---- What is said -----------------------------------------------------------------------------------


def read_help():
    """Usage lines by command; rows (option, value, commands) in order; all options of the table."""
    text = run("--help")[1].decode()
    usages = dict(re.findall(r"^  vmwire (\w+) +(.*)$", text, re.M))
    rows = {}
    for name, value, about in re.findall(r"^  --([a-z-]+)(?: (\S+))? +(\S.*)$", text.partition("Options:")[2], re.M):
        listed = re.match(r"((?:\w+, )*\w+): ", about)
        names = listed[1].split(", ") if listed else []
        rows[name] = value, names if names and set(names) <= set(usages) else list(usages)
    return usages, rows


def read_manual():
    """The options of each command in the synopsis."""
    synopsis = (ROOT / "parsers/program/vmwire.1").read_text().partition(".Sh SYNOPSIS")[2].partition(".Sh")[0]
    found = {}
    for part in synopsis.split(".Cm ")[1:]:
        command, _, rest = part.partition("\n")
        rest = rest.partition(".Nm vmwire-verify")[0]
        found[command] = re.findall(r"Fl -([a-z-]+)", rest)
    return found


# ---- What an option changes -------------------------------------------------------------------------


def scenarios(folder):
    """For a command and an option: the words of the option, and the rest of the command line."""
    opaque, flagday, toplevel = folder / OPAQUE, folder / "flagday", folder / "toplevel"
    flag = lambda name: [f"--{name}"]
    as_json, existing = flag("json"), ["--existing", OLDER]
    schema, kept = ["--schema", DESCRIBED], ["--option", "toplevel", toplevel]
    emit, states, reader = ["--emit", "made"], flag("all-states"), [SMALL, OTHER]
    return {
        "parse": {"option": (["--option", "flagday"], [flagday]), "schema": (schema, [BARE]), "existing": (existing, kept),
                  "stats": (flag("stats"), [SMALL]), "all": (flag("all"), [SMALL]), "json": (as_json, [SMALL])},
        "convert": {"option": (["--option", "flagday"], ["--to", "heuristic", flagday]), "to": (["--to", "flagday"], [SMALL]),
                    "schema": (schema, ["--to", "flagday", BARE]),
                    "existing": (existing, ["--to", "toplevel", STREAMS / "bookworm-q35.vmstate"]),
                    "output": (["--output", "made"], ["--to", "flagday", SMALL]),
                    "drop-ram": (flag("drop-ram"), ["--to", "heuristic", STREAMS / "bookworm-q35-ram.vmstate"]),
                    "json": (as_json, ["--to", "flagday", flagday])},
        "compare": {"option": (["--option", "flagday"], [flagday]), "schema": (schema, [BARE]),
                    "existing": (existing, ["--json", STREAMS / "bookworm-pc.vmstate"]), "json": (as_json, [SMALL]),
                    "trust": (flag("trust"), ["--json", folder / "outside"]),
                    "costs": (flag("costs"), [SMALL]), "csv": (flag("csv"), [SMALL]), "html": (["--html", "made"], [SMALL]),
                    "since": (["--since", "99.0"], [STREAMS / "bookworm-pc.vmstate"])},
        "check": {"option": (["--option", "flagday"], [flagday]), "schema": (schema, [BARE]), "existing": (existing, kept),
                  "emit": (emit, [SMALL]), "all-states": (states, LISTS), "ambiguity": (flag("ambiguity"), [PAIR]),
                  "strict": (flag("strict"), [opaque]), "certificate": (["--certificate", "made"], [SMALL]),
                  "json": (as_json, [SMALL])},
        "skew": {"option": (["--option", "flagday"], [flagday, SMALL]), "to": (["--to", "flagday"], [SMALL, SMALL]),
                 "schema": (schema, [BARE, DESCRIBED]), "existing": (existing, ["--contrived", *kept, toplevel]),
                 "contrived": (flag("contrived"), reader), "emit": (emit, ["--contrived", *reader]),
                 "all-states": (states, ["--contrived", *LISTS, LISTS[0]]),
                 "ambiguity": (flag("ambiguity"), ["--contrived", PAIR, PAIR]),
                 "strict": (flag("strict"), ["--to", "guarded", STREAMS / "bookworm-pc.vmstate", SMALL]),
                 "both": (flag("both"), reader), "machine": (["--machine", "no-such-machine"], [QEMU, QEMU]), "baseline": (["--baseline", folder / "accepted"], ["--to", "flagday", *reader]),
                 "csv": (flag("csv"), reader), "sarif": (flag("sarif"), reader), "junit": (flag("junit"), reader),
                 "json": (as_json, reader)},
        "diff": {"option": (["--option", "flagday"], ["--to", "heuristic", flagday, SMALL]), "to": (["--to", "flagday"], [SMALL, flagday]),
                 "schema": (schema, [BARE, DESCRIBED]),
                 "existing": (existing, ["--to", "heuristic", *kept, STREAMS / "bookworm-q35.vmstate"]),
                 "all": (flag("all"), [STREAMS / "bookworm-q35.vmstate", STREAMS / "bookworm-q35-firmware-ran.vmstate"]), "csv": (flag("csv"), reader),
                 "json": (as_json, reader)},
        "explain": {"option": (["--option", "flagday"], [flagday, SMALL]), "schema": (schema, [BARE, DUMP]),
                    "message": (["--message", "Failed to load cpu:env"], [SMALL, SMALL]), "json": (as_json, reader)},
        "schema": {"verify": (flag("verify"), [QEMU]), "root": (["--root", folder], [QEMU]), "json": (as_json, ["no-such-file"])},
        "asn1": {"schema": (schema, [BARE]), "json": (as_json, ["no-such-file"])},
        "replay": {"qemu": (["--qemu", "no-such-program"], [folder]), "schema": (["--schema", "no-such-schema"], [folder]),
                   "existing": (["--existing", "no-such-dump"], [folder]), "json": (as_json, [folder]),
                   "trust": (flag("trust"), [folder / "outside"])},
    }


# Beside others: two that go together, two of which one alone has an effect.
TOGETHER = [["check", "--ambiguity", *LISTS, "--all-states"], ["check", "--ambiguity", OPAQUE, "--strict"],
            ["parse", "--stats", SMALL, "--json"], ["parse", "--all", SMALL, "--json"],
            ["check", "--ambiguity", PAIR, "--emit", "made"], ["check", "--certificate", "made", SMALL, "--emit", "witnesses"]]
APART = [("--all is not for use with --stats", ["parse", "--stats", "--all", SMALL]),
         ("--since is not for use with --costs", ["compare", "--costs", "--since", "7.2", SMALL]),
         ("--html is not for use with --costs", ["compare", "--costs", "--html", "made", SMALL]),
         ("--csv is not for use with --costs", ["compare", "--costs", "--csv", SMALL]),
         ("--root needs --qemu", ["replay", "--root", "/", "FOLDER"]),
         ("--standby needs --qemu", ["replay", "--standby", "LIBRARY", "FOLDER"]),
         ("--standby needs --trust", ["replay", "--standby", "LIBRARY", "--qemu", QEMU, "FOLDER"]),
         ("replay takes no --verify", ["replay", "--verify", "--root", "/", "FOLDER"]),
         ("schema: no FILE", ["schema", "--root", "/"]),
         ("--certificate is not for use with --all-states", ["check", "--certificate", "made", "--all-states", SMALL]),
         ("--certificate is not for use with --ambiguity", ["check", "--ambiguity=section", "--certificate", "made", SMALL]),
         ("check --certificate takes one FILE", ["check", "--certificate", "made", SMALL, SMALL]),
         ("convert takes one FILE", ["convert", "--to", "flagday", SMALL, OTHER]),
         ("diff takes two FILES, found 1", ["diff", SMALL]),
         ("diff takes two FILES, found 3", ["diff", SMALL, SMALL, OTHER]),
         ("convert: no --to OPTION", ["convert", SMALL]),
         *[(f"--{option[0]} needs --contrived", ["skew", *(f"--{option[0]}", *option[1:]), SMALL, SMALL])
           for option in (["all-states"], ["ambiguity"], ["emit", "made"], ["existing", OLDER])],
         *[(f"--{option[0]} is not for use with --contrived", ["skew", "--contrived", *(f"--{option[0]}", *option[1:]), SMALL, SMALL])
           for option in (["both"], ["machine", "none"], ["baseline", "made"], ["csv"], ["sarif"], ["junit"])],
         ("--sarif is not for use with --csv", ["skew", "--sarif", "--csv", SMALL, SMALL]),
         ("--junit is not for use with --csv", ["skew", "--junit", "--csv", SMALL, SMALL]),
         ("--junit is not for use with --sarif", ["skew", "--junit", "--sarif", SMALL, SMALL]),
         *[("--existing is for toplevel only", [*words, "--existing", OLDER, SMALL])
           for words in (["parse"], ["check"], ["check", "--option", "flagday"], ["convert", "--to", "standalone"])],
         ("--existing is for toplevel only", ["skew", "--contrived", "--to", "guarded", "--existing", OLDER, SMALL, SMALL])]


def prepare(folder):
    """Streams under other options, and one that is not analysed in full; a manifest for replay."""
    for option, source in ("flagday", SMALL), ("toplevel", STREAMS / "bookworm-q35.vmstate"):
        more = ["--existing", OLDER] if option == "toplevel" else []
        subprocess.run([VMWIRE, "convert", "--to", option, *more, "--output", folder / option, source], check=True)
    shutil.copy(SMALL, folder / "stream")
    (folder / "manifest.json").write_text('[{"name": "one", "file": "stream", "schemas": []}]')
    (folder / "accepted").write_text('{"rule": "stream-version"}\n')
    (folder / "outside").mkdir()
    (folder / "outside/manifest.json").write_text('[{"name": "one", "file": "../stream", "schemas": []}]')
    fields = '[{"name": "a", "type": "uint8", "size": 1}, {"name": "p", "type": "virtio", "size": 9}]'
    text = f'{{"devices": [{{"name": "dev", "instance_id": 0, "vmsd_name": "dev", "version": 1, "fields": {fields}}}]}}'.encode()
    section = b"\4\0\0\0\1\3dev\0\0\0\0\0\0\0\1" + bytes(10) + b"\x7e\0\0\0\1"
    (folder / OPAQUE).write_bytes(b"QEVM\0\0\0\3" + section + b"\0\6" + len(text).to_bytes(4, "big") + text)


def check_usage(name, text, *words):
    """A usage error: exit status 2, one line, nothing printed, nothing written. With --json the line is an object."""
    as_object = json.dumps({"error": "usage", "message": text}, separators=(",", ":"))
    for line, extra in (f"vmwire: {text}; see vmwire --help\n", []), (f"{as_object}\n", ["--json"]):
        code, output, errors, files = run(*extra, *words)
        right = code == 2 and not output and not files and errors.decode() == line
        result(" ".join([name, *extra]), right, f"exit status {code}: {errors.decode()}")


def check_table(usages, rows, effects):
    for option, (value, commands) in rows.items():
        words = [f"--{option}"] + (["heuristic" if value == "NAME" else "made"] if value and value[0] != "[" else [])
        for command in usages:
            if option in ("help", "version"):
                code, output, errors, _ = run(command, *words, SMALL)
                result(f"{command} --{option}", code == 0 and output and not errors, errors)
            elif command not in commands:
                check_usage(f"{command} refuses --{option}", f"{command} takes no --{option}", command, *words, SMALL, SMALL)
            elif option not in effects[command]:
                # replay --root needs a user who may, --standby a QEMU; tests/replay.sh has them.
                result(f"{command}: --{option} has a scenario", option in ("root", "standby"), "expected one in scenarios()")
            else:
                words, rest = effects[command][option]
                result(f"{command}: --{option} has an effect", run(command, *words, *rest) != run(command, *rest))


def check_words(usages, rows, manual):
    """The usage lines leave out what is the same in most commands."""
    takes = {command: {name for name, (_, names) in rows.items() if command in names} - {"help", "version"} for command in usages}
    for command, usage in usages.items():
        named = set(re.findall(r"--([a-z-]+)", usage))
        left_out = takes[command] - named - {"option", "schema", "existing", "json"}
        result(f"usage line of {command}", named <= takes[command] and not left_out, (named - takes[command], left_out))
        listed = manual.get(command, [])
        result(f"synopsis of {command} in the manual page", sorted(listed) == sorted(takes[command]),
               set(listed) ^ takes[command])


def check_repeated(rows, effects):
    for option, (value, commands) in rows.items():
        command = next((name for name in commands if option in effects[name]), None)
        if option == "schema" or not command:
            continue
        words, rest = effects[command][option]
        if value:
            check_usage(f"--{option} twice", f"--{option} is given twice", command, *words, *rest, *words)
        else:
            result(f"--{option} twice", run(command, *words, *rest) == run(command, *words, *words, *rest))
    check_usage("--ambiguity in two forms", "--ambiguity is given twice", "check", "--ambiguity", "--ambiguity=section", PAIR)
    for command, option in ("compare", "csv"), ("skew", "csv"), ("skew", "sarif"), ("skew", "junit"):
        text = f"--{option} is not for use with --json"
        result(f"{command}: {text}", text in run(command, f"--{option}", "--json", SMALL, SMALL)[2].decode())
    schemas = ["--schema", SMALL, "--schema", DESCRIBED]
    result("--schema twice counts both", run("parse", *schemas, BARE)[0] == 0 and run("parse", *schemas[:2], BARE)[0] == 2)


def main():
    usages, rows = read_help()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        effects = scenarios(folder)
        result("help lists commands and options", len(usages) >= 6 and len(rows) >= 18, (usages, rows))
        for command in usages:
            own = re.findall(r"^  --([a-z-]+)", run(command, "--help")[1].decode(), re.M)
            result(f"{command} --help lists its options", own == [name for name, (_, names) in rows.items() if command in names], own)
        check_table(usages, rows, effects)
        check_words(usages, rows, read_manual())
        check_repeated(rows, effects)
        for words in TOGETHER:
            words = [folder / OPAQUE if word == OPAQUE else word for word in words]
            last = words[-2:] if words[-2] == "--emit" else words[-1:]
            result(" ".join(str(word) for word in words if str(word)[0] != "/"), run(*words) != run(*words[:-len(last)]))
        for text, words in APART:
            check_usage(text, text, *[folder if word == "FOLDER" else word for word in words])
        result("--json behind the error", run("parse", "--bogus", "--json")[2][:1] == b"{")
        result("no byte of a word moves the cursor", run("\x1b[2J")[2].startswith(b'vmwire: no command "\\x1b[2J";'))
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
