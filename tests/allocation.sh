#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Memory that runs out: makes each allocation of the program fail (tests/failing_memory.c), and checks that it ends with
# one line of error and exit status 2, releases all that it has, and leaves no half-written file.
#
#     tests/allocation.sh            one allocation of each call stack. Tests $VMWIRE_PLAIN, built without sanitizers, or
#                                    build/vmwire if it is not set
#     tests/allocation.sh --every    every allocation
#     tests/allocation.sh --sanitized    one of each call stack, in the program's objects in $BUILD, built with AddressSanitizer,
#                                    which looks for leaks too; a few commands, for it is slow
#
# Every check prints `ok NAME`, or `not ok NAME` and what is wrong.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

vmwire=$(realpath "${VMWIRE_PLAIN:-build/vmwire}")
verify=$(dirname "$vmwire")/vmwire-verify
streams=$PWD/corpus/streams
schemas=$PWD/corpus/schemas
tests=$PWD/tests
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export FAILING_REPORT=$work/report
[[ ${1:-} == --every ]] && export FAILING_EVERY=1
[[ ${1:-} == --sanitized ]] && objects=$(realpath "${BUILD:-build/checked}")
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
    if [[ -n ${objects:-} ]]; then "$@"; else LD_PRELOAD=$work/failing_memory.so "$@"; fi
}

# Links failing_memory.c into the program with sanitizers.
link_sanitized() {
    local wraps=() program name
    mapfile -d '' program < <(find "$objects/objects/program" -name '*.o' -print0)
    for name in malloc calloc realloc free mmap munmap rename clock_gettime; do
        wraps+=("-Wl,--wrap=$name")
    done
    clang -std=c11 -D_GNU_SOURCE -DWRAPPED -Wall -Wextra -Werror -O1 -g \
        -fsanitize=address,undefined -fno-sanitize-recover=all "${wraps[@]}" -o "$work/vmwire" "${program[@]}" \
        tests/failing_memory.c "$objects/libvmwire.a" -ljansson -lelf -lcapstone -lgcrypt -lm
}

# A child copies what its parent has printed, so standard output is open for reading, too.
# Runs a command once as it is, then with the failures. Those allocations after the first that fails: succeed, or fail too.
check() { # NAME COMMAND...
    local name=$1 status count tried wrong
    shift
    rm -rf "$work/here/emitted"
    with_failures "$@" >"$work/expected" 2>"$work/errors" </dev/null
    status=$?
    if ((status > 1 && status != 3)) || [[ -s $work/errors ]]; then
        fails "$name" <"$work/errors"
        return
    fi
    # What is there would be replaced by its full name.
    rm -rf "$work/report" "$work/children" "$work/here/converted" "$work/here/certificate" "$work/here/emitted" "$work/found"
    mkdir -p "$work/children/emitted"
    FAILING_CHILDREN=$work/children FAILING_OUTPUT=$work/expected FAILING_STATUS=$status with_failures "$@" 1<>"$work/found" 2>"$work/errors" </dev/null
    if (($? != status)) || ! cmp "$work/expected" "$work/found" || ! read -r count tried wrong 2>/dev/null <"$work/children/counts" ||
        ((count < 20 || tried < 15)); then
        { echo "the run without failure differs, or has too few allocations"; cmp "$work/expected" "$work/found"; cat "$work/errors"; } 2>&1 | fails "$name"
    elif ((wrong)); then
        fails "$name: $wrong of $tried failures" <"$work/report"
    else
        passes "$name ($tried of $count allocations failed)"
    fi
}

# ---- The commands --------------------------------------------------------------------------------------

check_stream() { # NAME FILE READER
    local name=$1 file=$2 reader=$3 option
    FAILING_PARTIAL=1 check "$name: parse" "$vmwire" parse "$file"
    FAILING_PARTIAL=1 check "$name: parse --json" "$vmwire" parse --json "$file"
    check "$name: parse --stats" "$vmwire" parse --stats "$file"
    check "$name: check" "$vmwire" check "$file"
    FAILING_PARTIAL=1 check "$name: check --json" "$vmwire" check --json --schema "$reader" "$file"
    check "$name: check --all-states" "$vmwire" check --all-states --emit emitted "$file"
    check "$name: check --ambiguity" "$vmwire" check --ambiguity "$file"
    check "$name: check --certificate" "$vmwire" check --certificate certificate "$file"
    "$vmwire" check --certificate "$work/certified" "$file" >/dev/null
    check "$name: vmwire-verify" "$verify" "$work/certified" "$file"
    check "$name: vmwire-verify --json" "$verify" --json "$work/certified" "$file"
    check_skew "$name" "$file" "$reader"
    check "$name: explain" "$vmwire" explain "$file" "$reader"
    FAILING_PARTIAL=1 check "$name: explain --json" "$vmwire" explain --json --message "Failed to load cpu:env" "$file" "$reader"
    check "$name: skew --contrived" "$vmwire" skew --contrived "$file" "$reader"
    check "$name: skew --to standalone" "$vmwire" skew --contrived --to standalone --all-states "$file" "$reader"
    check "$name: diff" "$vmwire" diff "$file" "$microvm"
    FAILING_PARTIAL=1 check "$name: diff --json" "$vmwire" diff --json "$microvm" "$file"
    check "$name: compare --costs" "$vmwire" compare --costs "$file"
    FAILING_PARTIAL=1 check "$name: compare --costs --json" "$vmwire" compare --costs --json "$file"
    check "$name: check --option described" "$vmwire" check --option described "$file"
    FAILING_PARTIAL=1 check "$name: compare" "$vmwire" compare --json --existing "$reader" "$file"
    for option in flagday standalone "toplevel --existing $reader"; do
        # shellcheck disable=SC2086
        check "$name: convert --to ${option%% *}" "$vmwire" convert --to $option --output converted "$file"
    done
    FAILING_PARTIAL=1 check "$name: convert to standard output" "$vmwire" convert --to legacy "$file"
}

check_skew() { # NAME FILE READER
    local name=$1 file=$2 reader=$3
    check "$name: skew" "$vmwire" skew --both "$file" "$reader"
    check "$name: skew --to flagday" "$vmwire" skew --to flagday "$file" "$reader"
    FAILING_PARTIAL=1 check "$name: skew --json" "$vmwire" skew --json --both "$file" "$reader"
    for format in csv sarif junit; do
        check "$name: skew --$format" "$vmwire" skew "--$format" --both "$file" "$reader"
    done
    "$vmwire" skew --json --both "$file" "$reader" >"$work/accepted"
    check "$name: skew --baseline" "$vmwire" skew --baseline "$work/accepted" --both "$file" "$reader"
}

check_folder() { # NAME FILE
    mkdir -p "$work/folder"
    cp "$2" "$work/folder/stream"
    echo '[{"file": "stream", "name": "a stream with a name of more than 32 letters", "option": "heuristic"}]' >"$work/folder/manifest.json"
    check "$1: compare a folder" "$vmwire" compare "$work/folder"
    check "$1: compare --html" "$vmwire" compare --html converted "$work/folder"
    check "$1: replay" "$vmwire" replay "$work/folder"
    check "$1: replay --json" "$vmwire" replay --json "$work/folder"
}

# A folder of one witness.
check_witness() { # NAME WITNESS
    mkdir -p "$work/witness/originals"
    python3 - "$2" "$streams/../witnesses" "$work/witness" <<'PYTHON'
import json, shutil, sys
name, folder, made = sys.argv[1:]
entry = next(entry for entry in json.load(open(f"{folder}/manifest.json")) if entry["name"] == name)
for file in entry["file"], entry["original"]:
    shutil.copy(f"{folder}/{file}", f"{made}/{file}")
del entry["sha256"]  # libgcrypt keeps memory
json.dump([entry], open(f"{made}/manifest.json", "w"))
PYTHON
    FAILING_PARTIAL=1 check "$1: compare --json" "$vmwire" compare --json "$work/witness"
    check "$1: compare --html" "$vmwire" compare --html converted "$work/witness"
}

# With less and less address space the loader fails first, then the program.
check_limits() { # NAME ARGUMENTS...
    local name=$1 kilobytes status errors=0 others=0
    shift
    for ((kilobytes = 4000; kilobytes < 30000; kilobytes += 250)); do
        (ulimit -v "$kilobytes" && "$vmwire" --version) >"$work/found" 2>/dev/null || continue
        (ulimit -v "$kilobytes" && "$vmwire" "$@") >"$work/found" 2>"$work/errors"
        status=$?
        if ((status == 2)) && [[ $(wc -l <"$work/errors") == 1 ]] &&
            grep -qE 'out of memory|Cannot allocate memory' "$work/errors"; then
            errors=$((errors + 1))
        elif ((status > 1 && status != 3)) || [[ -s $work/errors ]]; then
            echo "$kilobytes: exit status $status: $(<"$work/errors")"
            others=$((others + 1))
        fi
    done >"$work/wrong"
    if ((others || !errors)); then
        echo "$errors errors" >>"$work/wrong"
        fails "$name" <"$work/wrong"
    else
        passes "$name ($errors limits too low)"
    fi
}

if [[ -n ${objects:-} ]]; then
    link_sanitized || exit 1
    vmwire=$work/vmwire
else
    cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O1 -g -shared -fPIC -o "$work/failing_memory.so" tests/failing_memory.c -ldl || exit 1
fi

"$vmwire" --version >/dev/null || exit 1
mkdir -p "$work/here/emitted" # every relative name is of a file that is written
cd "$work/here" || exit 1

microvm=$streams/bookworm-microvm.vmstate
isapc=$streams/bookworm-isapc.vmstate
aarch64=$streams/bookworm-aarch64-virt-gicv3.vmstate
declared=$work/declared
mkdir -p "$declared"
for part in "program -pie -Wl,-e,start,--export-dynamic" "declared-module.so -DMODULE -shared"; do
    # shellcheck disable=SC2086
    cc -O1 -ffreestanding -nostdlib -fno-stack-protector -fPIC -fvisibility=hidden -o "$declared/"$part "$tests/declared_program.c" || exit 1
done
if [[ -n ${objects:-} ]]; then
    avr=$streams/bookworm-avr-arduino-uno.vmstate
    check "parse" "$vmwire" parse --stats "$avr"
    check "check" "$vmwire" check --all-states "$avr"
    check "skew" "$vmwire" skew --sarif "$avr" "$streams/bookworm-isapc.vmstate"
    check "skew --contrived" "$vmwire" skew --contrived "$avr" "$avr"
    check "convert" "$vmwire" convert --to toplevel --output converted "$avr"
    check "compare" "$vmwire" compare --costs "$avr"
    check_witness "a witness" heuristic-dma_regs-reject
    check "schema" "$vmwire" schema "$declared/program"
    exit $failed
fi
check_stream "AVR" "$streams/bookworm-avr-arduino-uno.vmstate" "$schemas/bookworm-avr.json"
check_stream "x86" "$microvm" "$isapc"
# What the other two have not: system registers.
if [[ -n ${FAILING_EVERY:-} ]]; then check_stream "AArch64" "$aarch64" "$microvm"; else check_skew "AArch64" "$aarch64" "$aarch64"; fi
check_folder "AVR" "$streams/bookworm-avr-arduino-uno.vmstate"
check_witness "a witness" heuristic-dma_regs-reject
check "a dump" "$vmwire" check "$schemas/bookworm-avr.json"
check "schema" "$vmwire" schema "$declared/program"
check "schema with modules" "$vmwire" schema "$declared/program" "$declared/declared-module.so"
check "skew of programs" "$vmwire" skew "$declared/program" "$schemas/bookworm-avr.program.json"
check "skew of a stream with a program" "$vmwire" skew "$streams/bookworm-avr-arduino-uno.vmstate+$schemas/bookworm-avr.program.json" "$declared/program"
guest=$streams/../guest/chip-config-end.vmstate
check "explain of a value that misleads" "$vmwire" explain "$guest" "$schemas/bookworm-x86_64.program.json"
head -c 20000 "$guest" >"$work/cut"
check "explain of a stream that is cut off" "$vmwire" explain "$work/cut" "$schemas/bookworm-x86_64.program.json"
check "schema --root" "$vmwire" schema --root "$declared" program
clang --target=powerpc64-linux-gnu -mabi=elfv2 -O1 -ffreestanding -fPIC -fvisibility=hidden -c -o "$declared/object" "$tests/declared_program.c" &&
    ld.lld -pie -e start -s -o "$declared/big-endian" "$declared/object" || exit 1
check "schema, big-endian" "$vmwire" schema "$declared/big-endian"
# A static program takes no library that lets its allocations fail.
cc -O1 -static-pie -DRUNS -o "$declared/runs" "$tests/declared_program.c" || exit 1
echo '{"machine": {}, "a": {"Description": {"name": "inner", "version_id": 2, "minimum_version_id": 2,
    "Fields": [{"field": "number", "version_id": 0, "field_exists": false, "size": 4}]}}}' >"$declared/dump"
DECLARED_DUMP=$declared/dump check "schema --verify" "$vmwire" schema --verify "$declared/runs"
DECLARED_DUMP=$declared/dump check "schema --verify --json" "$vmwire" schema --verify --json "$declared/runs"
FAILING_REST=1 check "all behind one fail: schema" "$vmwire" schema "$declared/program"
FAILING_REST=1 check "all behind one fail: parse" "$vmwire" parse --stats "$isapc"
FAILING_REST=1 check "all behind one fail: check" "$vmwire" check --all-states "$isapc"
FAILING_REST=1 check "all behind one fail: skew" "$vmwire" skew "$isapc" "$microvm"
FAILING_REST=1 check "all behind one fail: explain" "$vmwire" explain "$isapc" "$microvm"
FAILING_REST=1 check "all behind one fail: skew --contrived" "$vmwire" skew --contrived "$isapc" "$microvm"
FAILING_REST=1 check "all behind one fail: convert" "$vmwire" convert --to toplevel --output converted "$isapc"
FAILING_REST=1 check "all behind one fail: compare" "$vmwire" compare --costs "$isapc"
for command in "parse --stats" check "check --all-states" "convert --to flagday" "compare --costs"; do
    # shellcheck disable=SC2086
    check_limits "limits of address space: $command" $command "$isapc"
done

echo
echo "$passed passed, $failed failed"
((!failed))
