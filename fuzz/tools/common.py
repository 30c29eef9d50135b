# SPDX-License-Identifier: MIT
"""Shared by the scripts in fuzz/: the list of targets, options of the fuzzing engines, and how to split a stream from its
description."""
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ORIGINALS = ROOT / "corpus/witnesses/originals"
LONGEST_INPUT = 1 << 18
# Our mutator knows the names and numbers that readers compare with, so libFuzzer need not trace comparisons.
NO_GUESSING = "-fno-sanitize-coverage=trace-cmp,trace-div,trace-gep,indirect-calls"
# libFuzzer prefers quick inputs: a few streams are a hundred times as long as the others.
QUICK_ONES_FIRST = "-entropic_scale_per_exec_time=1"
# No trimming: a stream without some of its bytes is rarely a stream, and our mutator makes streams shorter itself.
AFL_SETTINGS = {"AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_NO_AFFINITY": "1", "AFL_ALLOW_TMP": "1",
                "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_FAST_CAL": "1", "AFL_DISABLE_TRIM": "1"}


def kinds_of_targets():
    """Returns the kind of inputs of each target, streams or json, in the order of fuzz/targets/targets.list."""
    lines = (ROOT / "fuzz/targets/targets.list").read_text().splitlines()
    return dict(line.split() for line in lines if line and line[0] != "#")


def length_behind(stream, at):
    """Returns where the bytes of a description begin whose item begins here, and their number: in QEMU's encoding a be32
    behind the 06, in DER (asn1) the length octets behind the 46. None: it is another item."""
    if stream[at] == 0x06:
        return at + 5, int.from_bytes(stream[at + 1:at + 5], "big")
    if stream[at] == 0x46:
        first = stream[at + 1]
        more = first & 0x7f if first >= 0x80 else 0
        return at + 2 + more, int.from_bytes(stream[at + 2:at + 2 + more], "big") if more else first
    return None


def without_description(stream):
    """Returns the stream up to its description, and the description: the last one whose length reaches to the end. Returns
    None if there is no description."""
    for at in range(len(stream) - 6, 0, -1):
        begin, length = length_behind(stream, at) or (0, 0)
        if begin and length == len(stream) - begin:
            return stream[:at], stream[begin:]
    return None


def progress(text):
    """Shows one line on a terminal, in place of the last one."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text[:160]}", end="", file=sys.stderr, flush=True)
