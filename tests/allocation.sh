#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Memory that runs out: makes each allocation of the program fail (tests/failing_memory.c), and checks that it ends with
# one line of error and exit status 2, releases all that it has, and leaves no half-written file.
#
#     tests/allocation.sh            one allocation of each call stack. Tests $VMWIRE_PLAIN, built without sanitizers, or
#                                    build/vmwire if it is not set
#     tests/allocation.sh --every    every allocation
#
# Every check prints `ok NAME`, or `not ok NAME` and what is wrong.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

vmwire=${VMWIRE_PLAIN:-build/vmwire}
verify=$(dirname "$vmwire")/vmwire-verify
streams=corpus/streams
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export FAILING_REPORT=$work/report
[[ ${1:-} == --every ]] && export FAILING_EVERY=1
passed=0
failed=0

passes() {
    echo "ok $1"
    passed=$((passed + 1))
}

fails() { # NAME; what is wrong is standard input
    echo "not ok $1"
    head -n 40 | sed 's/^/# /'
    failed=$((failed + 1))
}

# The program with failing_memory.c in it.
with_failures() { # COMMAND...
    LD_PRELOAD=$work/failing_memory.so "$@"
}

# A child copies what its parent has printed, so standard output is open for reading, too.
# Runs a command once as it is, then with the failures. Those allocations after the first that fails: succeed, or fail too.
check() { # NAME COMMAND...
    local name=$1 status count tried wrong
    shift
    with_failures "$@" >"$work/expected" 2>"$work/errors" </dev/null
    status=$?
    if ((status > 1 && status != 3)) || [[ -s $work/errors ]]; then
        fails "$name" <"$work/errors"
        return
    fi
    rm -f "$work/report" "$work/counts" "$work/found"
    FAILING_CHILDREN=$work FAILING_OUTPUT=$work/expected FAILING_STATUS=$status with_failures "$@" 1<>"$work/found" 2>"$work/errors" </dev/null
    if (($? != status)) || ! cmp "$work/expected" "$work/found" || ! read -r count tried wrong 2>/dev/null <"$work/counts" ||
        ((count < 20 || tried < 15)); then
        fails "$name" <<<"the run without failure differs, or has too few allocations"
    elif ((wrong)); then
        fails "$name: $wrong of $tried failures" <"$work/report"
    else
        passes "$name ($tried of $count allocations failed)"
    fi
}

# ---- The commands --------------------------------------------------------------------------------------

check_stream() { # NAME FILE READER
    local name=$1 file=$2 reader=$3
    FAILING_PARTIAL=1 check "$name: parse" "$vmwire" parse "$file"
    FAILING_PARTIAL=1 check "$name: parse --json" "$vmwire" parse --json "$file"
    check "$name: parse --stats" "$vmwire" parse --stats "$file"
    check "$name: check" "$vmwire" check "$file"
    check "$name: check --json" "$vmwire" check --json "$file"
    check "$name: check --all-states" "$vmwire" check --all-states "$file"
    check "$name: check --ambiguity" "$vmwire" check --ambiguity "$file"
    check "$name: skew" "$vmwire" skew "$file" "$reader"
    check "$name: compare" "$vmwire" compare "$file"
    for option in flagday standalone toplevel; do
        check "$name: convert --to $option" "$vmwire" convert --to "$option" --output "$work/converted" "$file"
    done
    check "$name: convert to standard output" "$vmwire" convert --to legacy "$file"
}

cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O1 -g -shared -fPIC -o "$work/failing_memory.so" tests/failing_memory.c -ldl || exit 1

check_stream "AVR" $streams/bookworm-avr-arduino-uno.vmstate corpus/schemas/bookworm-avr.json

echo
echo "$passed passed, $failed failed"
((!failed))
