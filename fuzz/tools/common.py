"""What the scripts of fuzzing have alike: the targets, how an engine is told to run them, and where the description of a
stream begins."""
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ORIGINALS = ROOT / "corpus/witnesses/originals"
LONGEST_INPUT = 1 << 18
# The mutator knows what is compared with what; libFuzzer need not guess.
NO_GUESSING = "-fno-sanitize-coverage=trace-cmp,trace-div,trace-gep,indirect-calls"
# Of inputs that are as good, those that take less time are mutated more often: a few streams are a hundred times as long.
QUICK_ONES_FIRST = "-entropic_scale_per_exec_time=1"
# To cut pieces off a stream as bytes is mostly in vain; what is left of a stream, our mutator makes.
AFL_SETTINGS = {"AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_NO_AFFINITY": "1", "AFL_ALLOW_TMP": "1",
                "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_FAST_CAL": "1", "AFL_DISABLE_TRIM": "1"}


def kinds_of_targets():
    """What the inputs of each target are: streams or json. In the order of fuzz/targets/targets.list."""
    lines = (ROOT / "fuzz/targets/targets.list").read_text().splitlines()
    return dict(line.split() for line in lines if line and line[0] != "#")


def without_description(stream):
    """The stream up to its description, and the description: what stands behind the last 06 whose four bytes of length
    reach to the end. None: it has none."""
    for at in range(len(stream) - 6, 0, -1):
        if stream[at:at + 1] == b"\x06" and int.from_bytes(stream[at + 1:at + 5], "big") == len(stream) - at - 5:
            return stream[:at], stream[at + 5:]
    return None


def progress(text):
    """One line, of who watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text[:160]}", end="", file=sys.stderr, flush=True)
