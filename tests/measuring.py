# SPDX-License-Identifier: MIT
"""How tests/bench measures a command: time, processor time, page faults, memory. Knows nothing of what the commands do."""
import os
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

CORE = min(os.sched_getaffinity(0))


class Run(NamedTuple):
    """What one run of a command took, or the medians of several runs."""
    wall: float  # seconds
    cpu: float  # seconds, user and system
    faults: float  # page faults, of both kinds

    def less(self, other):
        return Run(*(a - b for a, b in zip(self, other)))


def start(command):
    """On one core, as whatever is measured in turn with it."""
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CORE})
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    os.sched_setaffinity(0, everywhere)
    return process


def end(process, command, status):
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):  # 1: findings, 3: something is undecided
        raise subprocess.CalledProcessError(process.returncode, command)


def run(command):
    begin = time.perf_counter()
    process = start(command)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    end(process, command, status)
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_minflt + usage.ru_majflt)


def medians(*commands, runs=9):
    """The medians of each command, run in turn so that the machine's moods hit all alike."""
    for command in commands:
        run(command)  # page cache
    rounds = [[run(command) for command in commands] for _ in range(runs)]
    return [Run(*map(statistics.median, zip(*column))) for column in zip(*rounds)]


def anonymous_memory(process):
    """RssAnon of a process, in bytes: what it holds in memory beside mapped files. 0 when it has ended."""
    try:
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            return next((int(line.split()[1]) << 10 for line in status if line.startswith("RssAnon:")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def peak_memory(command):
    """The most of anonymous_memory(), looked at every millisecond. The exact peaks that the kernel keeps count mapped files too."""
    process, peak, ended = start(command), 0, 0
    while not ended:
        peak = max(peak, anonymous_memory(process))
        time.sleep(0.001)
        ended, status = os.waitpid(process.pid, os.WNOHANG)
    end(process, command, status)
    return peak


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
