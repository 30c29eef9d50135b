# SPDX-License-Identifier: MIT
"""What tests in Python print: a line `ok NAME` or `not ok NAME` for each check, and what was found instead. And which program
they test: $VMWIRE, or build/vmwire if it is not set."""
import os
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VMWIRE, PLAIN = (str((ROOT / os.environ.get(name, "build/vmwire")).resolve()) for name in ("VMWIRE", "VMWIRE_PLAIN"))
SHARE = 8  # one command of so many is run with $VMWIRE
failures = []


def program_for(words):
    """The program for one of many similar commands: always the same one. Most run without sanitizers, which take five times as
    long, with $VMWIRE_PLAIN."""
    names = " ".join(Path(str(word)).name for word in words)
    return PLAIN if zlib.crc32(names.encode()) % SHARE else VMWIRE


def check(name, problem):
    """`problem`: a text; nothing if it is right."""
    print(f"not ok {name}" if problem else f"ok {name}", flush=True)
    if problem:
        failures.append(name)
        print("\n".join(f"# {line[:300]}" for line in str(problem).splitlines()[:12]))


def result(name, right, found=""):
    """`found`: is printed where it is not right."""
    check(name, "" if right else str(found) or "it is not so")


def exit_status():
    return 1 if failures else 0
