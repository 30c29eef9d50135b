#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests how a fuzzing campaign ends: what it takes for a crash, and what for a slow machine.

    tests/campaign.py        needs no build: a script stands for the fuzz target

The script behaves as a target of libFuzzer does that saves an input, or dies without one. Run over an input alone, it does what
the input says: it spins, sleeps, crashes, or ends. The bound on CPU time is a second here.
"""
import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import types
from importlib.machinery import SourceFileLoader
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
TARGET = "stream_fuzzer"
sys.path.insert(0, str(ROOT / "fuzz/tools"))
sys.dont_write_bytecode = True
module = types.ModuleType("campaign")
SourceFileLoader("campaign", str(ROOT / "fuzz/tools/campaign")).exec_module(module)
failed = False

# In a campaign: each turn saves the inputs in `saved`, says what `says` holds, and ends with the status in `status`. `saved` is
# empty for a turn after the first.
FAKE = r"""#!/bin/sh
here=$(dirname "$0")
for word; do
    case $word in -artifact_prefix=*) prefix=${word#*=} ;; esac
done
if [ "${prefix-}" ]; then
    [ ! -e "$here/turn" ] || { sleep 1; echo "stat::peak_rss_mb: 1"; exit 0; }
    touch "$here/turn"
    for file in "$here"/saved/*; do
        [ -e "$file" ] || continue
        cp "$file" "$prefix$(basename "$file")"
        echo "Test unit written to $prefix$(basename "$file")"
    done
    cat "$here/says"
    [ ! -e "$here/stays" ] || { trap '' INT; while :; do sleep 0.1; done; }
    exit "$(cat "$here/status")"
fi
for file; do :; done
echo "$file" >>"$here/alone"
case $(cat "$file") in
spin*) while :; do :; done ;;
sleep*) sleep 2 ;;
once*) [ "$(wc -l <"$here/alone")" != 1 ] || while :; do :; done ;;
crash*) echo "property violated: planted"; kill -ABRT $$ ;;
esac
"""


def result(name, right, found=""):
    global failed
    print(f"{'ok' if right else 'not ok'} {name}")
    if not right:
        failed = True
        print("\n".join(f"#   {line}" for line in str(found).splitlines()[:12]))


class Case:
    """A campaign with a script for the target. `saved` are the inputs of the first turn, by name."""

    def __init__(self, folder, engine="libfuzzer", saved={}, says="", status=70, seconds=0.7, stays=False):
        self.out, self.fake = folder / "out", folder / "variant/fuzz"
        (self.fake / "saved").mkdir(parents=True)
        for name, content in saved.items():
            (self.fake / "saved" / name).write_text(content)
        (self.fake / "says").write_text(says)
        (self.fake / "status").write_text(str(status))
        if stays:
            (self.fake / "stays").touch()
        (self.fake / TARGET).write_text(FAKE)
        (self.fake / TARGET).chmod(0o755)
        self.reports = [folder / "report.xml", folder / "report.sarif"]
        options = types.SimpleNamespace(
            engine=engine, out=self.out, target=TARGET, sanitize="address", time=seconds, jobs=1, sync=None, main=None,
            secondary=None, learn=False, known=folder / "known", report=self.reports, verbose=False)
        self.campaign = module.Campaign(options)
        self.campaign.variant = folder / "variant"
        self.campaign.make_folders()

    def run(self, fuzz=True):
        """Returns the exit status and what is printed."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            if fuzz:
                self.campaign.fuzz()
            status = module.report(self.campaign)
        return status, printed.getvalue()

    def kept(self, what):
        return sorted(path.name.split("-")[0] for path in (self.out / what / TARGET).iterdir())

    def commands(self, text):
        return re.findall(r"^  (VMWIRE_SHOW=1 .*)$", text, re.M)

    def reported(self):
        """Failures and skipped ones of the JUnit report; errors of SARIF."""
        suite = ElementTree.parse(self.reports[0]).getroot()[0]
        assert int(suite.get("tests")) == len(suite), "JUnit: a wrong number of tests"
        failures, skipped = len(suite.findall("*/failure")), len(suite.findall("*/skipped"))
        assert (suite.get("failures"), suite.get("skipped")) == (str(failures), str(skipped))
        results = json.loads(self.reports[1].read_text())["runs"][0]["results"]
        return failures, skipped, sum(each["level"] == "error" for each in results)


@contextlib.contextmanager
def case(**more):
    with tempfile.TemporaryDirectory() as folder:
        yield Case(Path(folder), **more)


def check_slow():
    alarm = "ALARM: working on the last Unit for 36 seconds\n==1== ERROR: libFuzzer: timeout after 36 seconds\n"
    for name, more in {
            "a timeout that ends at once when it runs alone": {"saved": {"timeout-1": "ends"}},
            "a slow unit that ends at once when it runs alone": {"saved": {"slow-unit-1": "ends"}, "status": 0},
            "a timeout that waits, and needs no CPU time": {"saved": {"timeout-1": "sleep"}},
            "a timeout that takes too much CPU time in one try only": {"saved": {"timeout-1": "once"}},
            "a timeout without an input": {"says": alarm}}.items():
        with case(**more) as one:
            status, text = one.run()
            result(f"{name}: no failure", status == module.EXIT_CLEAN, text)
            result(f"{name}: is said", "0 crashes" in text and "slow machine: 1 timeout not confirmed" in text, text)
            result(f"{name}: is kept apart", len(one.kept("timeouts")) == ("saved" in more) and not one.kept("crashes"), text)
            result(f"{name}: in the reports", one.reported() == (0, 1, 0), one.reported())
            result(f"{name}: tried once", one.run(fuzz=False)[0] == module.EXIT_CLEAN and not one.commands(text), text)
    with case(saved={f"timeout-{number}": f"ends {number}" for number in range(module.MOST_CRASHES)}) as one:
        status, text = one.run()
        result("many timeouts: no failure", status == module.EXIT_CLEAN, text)
        result("many timeouts: are counted", f"slow machine: {module.MOST_CRASHES} timeouts not confirmed" in text, text)
        result("many timeouts: the target is not started again, which is said", "was not started again: 20 inputs" in text, text)
    with case(seconds=0.6, stays=True) as one:
        status, text = one.run()
        result("a target that does not stop in time: no failure", status == module.EXIT_CLEAN, text)
        result("a target that does not stop in time: is said", "slow machine: 1 timeout not confirmed" in text, text)


def reproduces(command, status):
    """The command runs the target on the input, and ends as expected."""
    limited = f"ulimit -S -t 1; {command}"
    return subprocess.run(["bash", "-c", limited], cwd=ROOT, capture_output=True).returncode in (-status, 128 + status)


def check_crashes():
    for name, more, reason, status in (
            ("a timeout that takes too much CPU time in every try", {"saved": {"timeout-1": "spin"}},
             "takes longer than 1 s of CPU time", signal.SIGXCPU),
            ("a timeout that crashes when it runs alone", {"saved": {"timeout-1": "crash"}}, "property violated: planted", signal.SIGABRT),
            ("a crash", {"saved": {"crash-1": "crash"}, "status": 77}, "property violated: planted", signal.SIGABRT)):
        with case(**more) as one:
            ended, text = one.run()
            result(f"{name}: is a failure", ended == module.EXIT_FINDINGS and f"crash of {TARGET}: {reason}" in text, text)
            commands = one.commands(text)
            result(f"{name}: its command runs the target on the input",
                   len(commands) == 1 and reproduces(commands[0], status), text)
            result(f"{name}: nothing is said of a slow machine", "slow machine" not in text, text)
            result(f"{name}: in the reports", one.reported() == (1, 0, 1), one.reported())
            result(f"{name}: counts until it is deleted", one.run(fuzz=False)[0] == module.EXIT_FINDINGS)
    with case(saved={"timeout-1": "ends", "timeout-2": "crash too", "crash-1": "crash"}) as one:
        status, text = one.run()
        result("each for itself", status == module.EXIT_FINDINGS and len(one.commands(text)) == 1
               and text.startswith("1 crash, ") and one.kept("crashes") == ["crash", "crash"] and "slow machine: 1 timeout not confirmed" in text, text)


def check_death():
    with case(says="error while loading shared libraries\n", status=127) as one:
        status, text = one.run()
        log = re.search(r"^  no input was saved; the log: (.*)$", text, re.M)
        result("dies without an input: is a failure", status == module.EXIT_FINDINGS, text)
        result("dies without an input: says so", "0 crashes" in text and "1 target died without an input" in text
               and f"death without an input of {TARGET}: exit status 127: error while loading shared libraries" in text, text)
        result("dies without an input: names the log, and no command",
               log and (ROOT / log[1]).is_file() and not one.commands(text) and "cat " not in text, text)
        result("dies without an input: in the reports", one.reported() == (1, 0, 1), one.reported())
    with case(seconds=0.6, says="aborted\n", status=1) as one:
        result("dies with another status", one.run()[0] == module.EXIT_FINDINGS)


def check_afl():
    """Inputs as AFL++ leaves them."""
    with case(engine="afl") as one:
        here = one.out / "afl" / TARGET / "here"
        for name, content in ("hangs/id:000000,src:1", "ends"), ("hangs.2026-11-25-10:00:00/id:000000", "spin"), ("crashes/id:1", "crash"):
            (here / name).parent.mkdir(parents=True)
            (here / name).write_text(content)
        (here / "fuzzer_stats").write_text("execs_done        : 7\n")
        status, text = one.run(fuzz=False)
        result("AFL++: timeouts and crashes", status == module.EXIT_FINDINGS and text.startswith("2 crashes, ")
               and "slow machine: 1 timeout not confirmed" in text, text)
        result("AFL++: commands", sorted("hang-" in command for command in one.commands(text)) == [False, True]
               and one.kept("timeouts") != [] and one.kept("crashes") == ["hang"], text)
        turn = types.SimpleNamespace(target=TARGET, told=0.0, log=one.out / "log", process=types.SimpleNamespace(returncode=1))
        turn.log.write_text("[-] PROGRAM ABORT : Timeout while initializing fork server (setting AFL_FORKSRV_INIT_TMOUT may help)\n")
        one.campaign.engine.account(turn, {"executions": 0})
        result("AFL++: a fork server that times out", one.campaign.slow[TARGET] == 2 and not one.campaign.died, one.campaign.died)
        turn.log.write_text("[-] PROGRAM ABORT : Program 'x' not found or not executable\n")
        one.campaign.engine.account(turn, {"executions": 0})
        result("AFL++: a target that cannot be started", TARGET in one.campaign.died)


def check_signal():
    """No time to try: the next run does it."""
    with case(saved={"timeout-1": "crash"}) as one:
        one.campaign.fuzz()
        one.campaign.stopped = True
        status, text = one.run(fuzz=False)
        result("after a signal nothing is tried", status == module.EXIT_CLEAN and one.kept("crashes") == ["timeout"]
               and "slow machine: 1 timeout not confirmed" in text, text)
        one.campaign.stopped = False
        result("the next run tries it", one.run(fuzz=False)[0] == module.EXIT_FINDINGS and one.kept("crashes") == ["crash"])


def main():
    module.INPUT_SECONDS, module.TRIES = 1, 2
    for check in (check_slow, check_crashes, check_death, check_afl, check_signal):
        check()
    return failed


if __name__ == "__main__":
    sys.exit(main())
