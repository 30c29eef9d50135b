#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tests `./build.sh fuzz`: it finds signatures, stops on time, resumes, writes reports, and shares a folder with other
# runs. Each check prints `ok NAME` or `not ok NAME`.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

work=$(mktemp -d build/fuzz-tests.XXXXXX)
trap 'rm -rf "$work"' EXIT
failed=0

check() { # NAME COMMAND...
    local name=$1
    shift
    if "$@" >"$work/check" 2>&1; then
        echo "ok $name"
    else
        echo "not ok $name"
        failed=1
        sed 's/^/# /' "$work/check" | tail -n 20
    fi
}

# Runs it and keeps its exit status and what it printed.
fuzz() {
    ./build.sh fuzz "$@" >"$work/out" 2>"$work/err"
    status=$?
    cat "$work/err" >>"$work/out"
}

# Exit status as expected, or what it said is shown.
ended() { # STATUS
    ((status == $1)) || {
        echo "exit status $status"
        cat "$work/out"
        return 1
    }
}

targets() {
    for target in fuzz/targets/*_fuzzer.c; do
        basename "$target" .c
    done
}

# A row for each target, and each has run.
shows_all_targets() {
    local target
    for target in $(targets); do
        grep -qE "^$target +[1-9][0-9]* " "$work/out" || {
            cat "$work/out"
            return 1
        }
    done
}

executions() { # FOLDER
    python3 -c 'import json, sys
print(sum(target["executions"] for target in json.load(open(sys.argv[1])).values()))' "$1/state.json"
}

well_formed() {
    python3 - "$work/report.xml" "$work/report.sarif" <<'PY'
import json, sys
from xml.etree import ElementTree
suites = ElementTree.parse(sys.argv[1]).getroot()
assert suites.tag == "testsuites" and len(suites) >= 4, suites
assert all(int(suite.get("tests")) == len(suite) for suite in suites)
sarif = json.load(open(sys.argv[2]))
assert sarif["version"] == "2.1.0" and len(sarif["runs"][0]["tool"]["driver"]["rules"]) == len(suites)
assert all(result["locations"] for result in sarif["runs"][0]["results"])
PY
}

# What is found is learned in these runs: what the committed baseline knows is for longer ones to hold against.
check_libfuzzer() {
    local before
    fuzz --engine libfuzzer --time 12 --out "$work/libfuzzer" --known "$work/known" --learn --report "$work/report.xml" --report "$work/report.sarif"
    check "libFuzzer runs clean" ended 0
    check "libFuzzer: a row for each target" shows_all_targets
    check "libFuzzer finds what is decided" grep -qE ' [1-9][0-9]* of [1-9][0-9]* signatures' "$work/out"
    check "reports are well-formed" well_formed
    before=$(executions "$work/libfuzzer")
    fuzz --engine libfuzzer --target stream --time 2 --out "$work/libfuzzer" --known "$work/known"
    check "goes on in the same folder" test "$status" = 0 -a "$(executions "$work/libfuzzer")" -gt "$before"
}

check_missing() {
    local found all
    fuzz --engine libfuzzer --target roundtrip --time 1 --out "$work/libfuzzer" --verbose
    read -r found all < <(sed -n 's/.* \([0-9]*\) of \([0-9]*\) signatures.*/\1 \2/p' "$work/out")
    check "says which were not found" test $((all - found)) = "$(grep -c '^not found yet: ' "$work/out")"
}

# An input that ended a target is a failure, whenever it was.
check_crash() {
    printf 'QEVM' >"$work/libfuzzer/crashes/dump_fuzzer/crash-planted"
    fuzz --engine libfuzzer --target dump --time 1 --out "$work/libfuzzer" --known "$work/known"
    check "a crash is a failure" ended 1
    check "a crash has its command" grep -q '^  VMWIRE_SHOW=1 build/fuzz-libfuzzer-.*/crash-planted$' "$work/out"
}

# A baseline that knows nothing makes every finding a new one; the command that is printed shows it again.
check_new_finding() {
    mkdir "$work/nothing"
    fuzz --engine libfuzzer --target roundtrip --time 2 --out "$work/libfuzzer" --known "$work/nothing"
    check "a new finding is a failure" ended 1
    local command
    command=$(sed -n '/^new finding of roundtrip_fuzzer: legacy:/{n;s/^  //p;q}' "$work/out")
    [[ $command ]] || command=$(sed -n '/^new finding/{n;s/^  //p;q}' "$work/out")
    check "its command reproduces it" bash -c "$command | grep -q '^finding '"
}

# What lies in a folder is of one engine, and its inputs are of the shipped schemas of one pack.
check_other_folder() {
    fuzz --engine afl --time 1 --out "$work/libfuzzer"
    check "a folder is of one engine" ended 2
    mkdir "$work/older"
    echo '{"engine": "libfuzzer", "schemas.pack": "another"}' >"$work/older/campaign.json"
    fuzz --engine libfuzzer --time 1 --out "$work/older"
    check "and of one pack of schemas" ended 2
    check "says what to do" grep -q 'take another --out$' "$work/out"
}

# The shared folder is gone when the run is over.
check_lost_sync() {
    (until rmdir "$work/lost"; do sleep 0.1; done; touch "$work/lost") 2>/dev/null &
    fuzz --engine libfuzzer --target dump --time 6 --out "$work/libfuzzer" --sync "$work/lost" --known "$work/known"
    wait
    check "no run is lost with the shared folder" ended 0
    check "which is said" grep -q '^fuzz: no sync: ' "$work/out"
}

# An option has a plot where the table says that one of its inputs grows. In so short a run there is not one for each.
has_its_plot() { # OPTION
    local grows=no plot=no
    awk -v option="$1" '$1 == option && $6 != "-" { found = 1 } END { exit !found }' "$work/pictures/hotspots.txt" && grows=yes
    grep -qs '<svg' "$work/pictures/hotspots-$1.svg" && plot=yes
    test $grows = $plot
}

# What that run has left, drawn: the totals of what was reached, plots of options, and the table, with a row for each cost.
check_pictures() {
    local option
    fuzz --engine libfuzzer --target hotspot --time 10 --out "$work/libfuzzer" --known "$work/known"
    fuzz/tools/pictures "$work/libfuzzer" --output "$work/pictures" >"$work/out" 2>&1
    status=$?
    check "pictures are drawn" ended 0
    check "coverage has totals" grep -qE '^coverage of the inputs: [1-9][0-9.]*% of lines, [1-9][0-9.]*% of branches' "$work/out"
    check "and a page" grep -q 'Totals' "$work/pictures/coverage/index.html"
    for option in $(make -s --no-print-directory print-options); do
        check "hot spots of $option" has_its_plot "$option"
        check "their table" grep -qE "^$option +tokens +[1-9]" "$work/pictures/hotspots.txt"
    done
    check "most options have a plot" test "$(find "$work/pictures" -name 'hotspots-*.svg' | wc -l)" -ge 6
}

nothing_runs() { # TEXT
    ! pgrep -f "$1"
}

check_interruption() {
    local begun process
    ./build.sh fuzz --engine libfuzzer --time 300 --out "$work/interrupted" --known "$work/known" --learn >"$work/told" 2>&1 &
    process=$!
    begun=$SECONDS
    # Until something is found; then it is in the middle.
    until [[ $(find "$work/interrupted/findings" -type f 2>/dev/null | head -c 1) ]] || ((SECONDS - begun > 200)); do
        sleep 0.5
    done
    fuzz --engine libfuzzer --time 1 --out "$work/interrupted"
    check "a folder is for one run at a time" ended 2
    kill -TERM "$process"
    wait "$process"
    status=$?
    mv "$work/told" "$work/out"
    check "stops when it is told to" ended 0
    check "says so" grep -q '^interrupted' "$work/out"
    check "and loses nothing" test "$(executions "$work/interrupted")" -gt 0 -a \
        -n "$(find "$work/interrupted/findings" -type f)"
    check "and leaves nothing running" nothing_runs "$work/interrupted"
}

check_afl() {
    fuzz --engine afl --time 24 --out "$work/afl" --known "$work/known" --learn
    check "AFL++ runs clean" ended 0
    check "AFL++: a row for each target" shows_all_targets
    check "AFL++: all schemas have their turns" has_turns build/fuzz/mutator_streams.so \
        "$work/afl/seeds/roundtrip_fuzzer"
}

# Whichever input AFL++ asks to be changed: within 800 changes the shipped schemas came up, but those of which no seed is a
# state.
has_turns() { # MUTATOR SEEDS
    python3 - "$@" <<'PY'
import ctypes, pathlib, sys
mutator = ctypes.CDLL(sys.argv[1])
mutator.afl_custom_init.restype = ctypes.c_void_p
mutator.afl_custom_fuzz.restype = ctypes.c_size_t
seeds = sorted(pathlib.Path(sys.argv[2]).iterdir())
own = ctypes.c_void_p(mutator.afl_custom_init(None, 1))
for path in seeds:
    mutator.afl_custom_queue_new_entry(own, bytes(path), None)
number = lambda data: int.from_bytes(data[:2], "big")
kinds = {number(path.read_bytes()) for path in seeds if path.read_bytes()[:4] != b"QEVM"}
asked, out, seen = min((path.read_bytes() for path in seeds), key=len), ctypes.c_void_p(), set()
mutator.afl_custom_queue_get(own, bytes(seeds[0]))
for _ in range(800):
    size = mutator.afl_custom_fuzz(own, asked, ctypes.c_size_t(len(asked)), ctypes.byref(out), None,
                                   ctypes.c_size_t(0), ctypes.c_size_t(1 << 18))
    seen.add(number(ctypes.string_at(out, size)))
mutator.afl_custom_deinit(own)
sys.exit(f"never: {sorted(kinds - seen)}" if len(kinds) < 40 or len(kinds - seen) > 4 else 0)
PY
}

# Two hosts, each with a folder of its own; a third one is what they share.
check_sync() {
    local both=0 runs=() flag run
    for flag in "--main one" "--secondary two"; do
        # shellcheck disable=SC2086
        ./build.sh fuzz --engine afl --target ambiguity --time 8 --jobs 1 --out "$work/${flag#* }" --sync "$work/shared" \
            --known "$work/known" --learn $flag >"$work/${flag#* }.txt" 2>&1 &
        runs+=($!)
    done
    # Each by its own number: `wait -n` also returns for one that ended long before.
    for run in "${runs[@]}"; do
        wait "$run" || both=1
    done
    # Each ends with a sync; who ended first has what the other one gave until then.
    ./build.sh fuzz --engine afl --target ambiguity --time 1 --jobs 1 --out "$work/one" --sync "$work/shared" --main one \
        --known "$work/known" --learn >"$work/one.txt" 2>&1 || both=1
    status=$both
    cat "$work/one.txt" "$work/two.txt" >"$work/out"
    check "two hosts run" ended 0
    check "each has the other's queue" test -n "$(ls "$work/one/afl/ambiguity_fuzzer/two/queue")"
    check "and they share findings" test -n "$(ls "$work/shared/findings/ambiguity_fuzzer")"
}

# The list that runs are held against is what the engine decides now.
check_decided() {
    fuzz/tools/campaign --decided >"$work/decided"
    check "what the engine decides is as committed" diff fuzz/baseline/decided "$work/decided"
}

check_usage() {
    local words
    for words in "--engine none" "--target nothing" "--time 0" "--jobs 0" "--report report.txt" "--unknown" "--main one" \
        "--engine afl --main one --secondary two" "--engine afl --main ../one" "--sanitize nothing" \
        "--engine afl --sync $work/shared" "--report $work/none/report.xml" "--out Makefile"; do
        # shellcheck disable=SC2086
        fuzz $words
        check "usage: $words" ended 2
    done
}

check_usage
check_decided
check_libfuzzer
check_new_finding
check_pictures
check_missing
check_other_folder
check_lost_sync
check_crash
check_interruption
check_afl
check_sync
exit $failed
