#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tests tests/cases: small inputs of kinds for which vmwire was once wrong, each with its right answer. Each answer of
# `check` and `skew` is compared whole, and each witness is read back; the loader's cases are also fed to a real QEMU.
#
#     tests/cases.sh           tests $VMWIRE, or build/vmwire if it is not set
#     tests/cases.sh --slow    also the case that takes long
#
# Every check prints `ok NAME`, or `not ok NAME` and what differs.
# shellcheck disable=SC2030,SC2031
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

root=$PWD
vmwire=$(realpath "${VMWIRE:-build/vmwire}")
plain=$(realpath "${VMWIRE_PLAIN:-build/vmwire}") # without sanitizers, for limited memory and for captures
cases=$root/tests/cases
generate=$cases/generate.py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# ---- Checking --------------------------------------------------------------------------------------

passes() {
    echo "ok $1"
}

fails() { # NAME WHAT
    echo "not ok $1"
    # shellcheck disable=SC2001
    sed 's/^/# /' <<<"$2" | head -n 20
    failed=1
}

holds() { # NAME COMMAND...
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then passes "$name"; else fails "$name" "$output"; fi
}

# What the objects of --json say, in one line: for each place `IDSTR:PATH@OFFSET=OUTCOME,...`, with `!` where the two
# schemas differ and `*N` where N elements of arrays are meant; then how many tails are clean.
answer() { # FILE
    python3 - "$1" <<'PYTHON'
import json, sys
*rows, summary = [json.loads(line) for line in open(sys.argv[1])]
places = {}
for row in rows:
    place = row["idstr"] + ":"
    if "path" in row:
        place += f"{row['path']}@{row['offset']}" + "!" * ("differs" in row)
    count = row.get("elements", 1)
    places.setdefault(place, []).append(row.get("outcome", "undecided") + (f"*{count}" if count > 1 else ""))
print(*(f"{place}={','.join(outcomes)}" for place, outcomes in places.items()), f"clean={summary['clean']}")
PYTHON
}

# Runs the program: the answer in $found, the exit status in $status.
ask() { # ARGUMENTS...
    "$vmwire" "$@" --json >"$work/out" 2>"$work/err"
    status=$?
    found=$(answer "$work/out" 2>&1 | tail -n 1)
}

# ---- Witnesses -------------------------------------------------------------------------------------

# The values that a reader reads: where they stand, whether they are markers of a list, and bytes; and the names of
# subsections.
values() { # PARSED
    python3 - "$1" <<'PYTHON'
import json, sys

def values(record):
    for field in record.get("fields", []):
        if "data" in field:
            yield field["offset"], field["size"], field["class"] == "list", field["data"]
        yield from values(field.get("record", {}))
    for each in record.get("subsections", []):
        yield each["offset"], each["name"]
        yield from values(each["record"])

for line in open(sys.argv[1]):
    for value in values(json.loads(line).get("record", {})):
        print(*value)
PYTHON
}

# A stream without the description at its end.
without_description() { # FILE
    python3 -c 'import sys
data = open(sys.argv[1], "rb").read()
sys.stdout.buffer.write(data[:data.index(b"{\"devices\"") - 5])' "$1"
}

# Reads a witness as the reader does, and says whether the outcome is the one that is claimed. A reader of another
# release gets the stream without its description.
reads_as() { # OUTCOME FILE OPTION READER SCHEMA...
    local outcome=$1 file=$2 option=$3 reader=$4 parsed
    shift 4
    if [[ $reader ]]; then
        "$vmwire" parse --json --option "$option" "$file" >"$work/written" 2>/dev/null
        without_description "$file" >"$work/bare"
        file=$work/bare
        set -- --schema "$reader"
    else
        cp "$work/unchanged" "$work/written"
    fi
    "$vmwire" parse --json --option "$option" "$@" "$file" >"$work/read" 2>"$work/why"
    parsed=$?
    case $outcome in
    reject) ((parsed == 2)) && ! grep -q 'more bytes' "$work/why" ;;
    truncated) ((parsed == 2)) && grep -q 'more bytes' "$work/why" ;;
    # Values in other places than those of the state that was written.
    corrupt)
        ((parsed == 0)) &&
            ! cmp -s <(values "$work/read" | cut -d' ' -f-3) <(values "$work/written" | cut -d' ' -f-3)
        ;;
    # The reader takes it for one of two states.
    ambiguous) ((parsed == 0)) ;;
    esac
}

# Each finding's witness ends as the finding says. The table's arguments, in any order, are told apart by their form.
read_witnesses() { # NAME COMMAND ARGUMENTS...
    local name=$1 command=$2 option=heuristic reader='' schemas=() files=() ambiguous='' claimed witness outcome wrong=''
    shift 2
    rm -rf "$work/witnesses"
    mkdir "$work/witnesses"
    "$vmwire" "$command" "$@" --emit "$work/witnesses" >/dev/null 2>&1
    while (($#)); do
        case $1 in
        --option) option=$2 && shift ;;
        --schema) schemas+=(--schema "$2") && shift ;;
        --ambiguity) ambiguous=yes ;;
        --*) ;;
        *) files+=("$1") ;;
        esac
        shift
    done
    [[ $command == skew ]] && reader=${files[1]}
    "$vmwire" parse --json --option "$option" "${files[0]}" >"$work/unchanged" 2>/dev/null
    claimed=$(grep -c '"outcome":' "$work/out")
    [[ $(find "$work/witnesses" -type f | wc -l) == "$claimed" ]] || wrong="not $claimed witnesses"
    for witness in "$work"/witnesses/*; do
        [[ -e $witness ]] || continue
        outcome=${witness##*-}
        [[ $ambiguous ]] && outcome=ambiguous
        reads_as "$outcome" "$witness" "$option" "$reader" "${schemas[@]}" ||
            wrong+=" ${witness##*/}: $(cat "$work/why")"
    done
    if [[ $wrong ]]; then
        fails "$name: witnesses" "$wrong"
    elif ((claimed)); then
        passes "$name: $claimed witnesses"
    fi
}

# ---- The table -------------------------------------------------------------------------------------

# The path of a case's file. Where the option has a version of its own, streams of today's version are converted.
input() { # FILE OPTION
    if [[ $2 =~ ^(flagday|standalone)$ && $1 == *.vmstate && $(head -c 8 "$cases/$1" | tail -c 1) == $'\3' ]]; then
        "$vmwire" convert --to "$2" --output "$work/$1" "$cases/$1"
        echo "$work/$1"
    else
        echo "$cases/$1"
    fi
}

# One row. A finding that is known to be wrong has no witness to read.
decides() { # STATUS ANSWER RIGHT COMMAND ARGUMENTS...
    local expected=$1 answer=$2 right=$3 name option='' each command=()
    shift 3
    [[ " $* " =~ \ --option\ ([a-z]+)\  ]] && option=${BASH_REMATCH[1]}
    for each; do
        [[ $each == *.vmstate || $each == *.json ]] && each=$(input "$each" "$option")
        command+=("$each")
    done
    name="$*"
    ask "${command[@]}"
    if [[ $right && $found == "$right" ]]; then
        passes "$name: right, though the table knows it as wrong"
    elif ((status == expected)) && [[ $found == "$answer" ]]; then
        passes "$name"
        [[ $right ]] || read_witnesses "$name" "${command[@]}"
    else
        fails "$name" "$(printf '%s\n' "exit status $status: $found" "expected    $expected: $answer" "$(cat "$work/err")")"
    fi
}

# Columns: the exit status, the command, the answer. Where vmwire is known to be wrong, or to know less than is true, the
# right answer stands behind "=>"; both are accepted. Comments begin with "#".
decide_all() {
    local status arguments answer right
    while IFS='|' read -r status arguments answer; do
        [[ -z $status || $status == '#'* ]] && continue
        right=
        [[ $answer == *' => '* ]] && right=${answer##* => }
        # shellcheck disable=SC2086
        decides "$status" "${answer%% => *}" "$right" $arguments
    done
}

check_decisions() {
    decide_all <<'ROWS'
0|skew --contrived --option standalone skew-ordinal-3.vmstate skew-ordinal-3.reader.json|clean=4
1|skew --contrived --option standalone skew-ordinal-4.vmstate skew-ordinal-4.reader.json|dev:s1@32!=reject clean=3
# The reader has the byte of `t` as `t.a`, or a record without bytes before `s0`. The tail of that record counts, too.
0|skew --contrived --option standalone skew-ordinal.vmstate skew-ordinal.reader.json|clean=5
0|skew --contrived --option standalone skew-ordinal-2.vmstate skew-ordinal-2.reader.json|clean=5
1|skew --contrived --option standalone skew-standalone.vmstate skew-standalone.reader.json|dev:s@32!=reject clean=2
1|skew --contrived --option standalone skew-standalone-2.vmstate skew-standalone-2.reader.json|dev:s.S/a.t@58!=reject clean=4
1|skew --contrived --option standalone skew-standalone-3.vmstate skew-standalone-3.reader.json|dev:s@32!=reject clean=2
1|skew --contrived --option standalone skew-standalone-4.vmstate skew-standalone-4.reader.json|dev:s.S/a@51!=reject clean=2
1|skew --contrived skew-list.vmstate skew-list.reader.json|dev:s@26=reject dev:@26!=reject,truncated,corrupt clean=0
1|skew --contrived skew-list-2.vmstate skew-list-2.reader.json|dev:s@47=reject dev:@47!=reject,corrupt clean=1
1|skew --contrived skew-list-3.vmstate skew-list-3.reader.json|dev:@47!=corrupt clean=2
1|skew --contrived --option flagday skew-list-4.vmstate skew-list-4.reader.json|dev:@48!=reject,corrupt clean=2
1|skew --contrived --option flagday flagday-bool.vmstate flagday-bool.reader.json|dev:s@26!=reject,corrupt clean=0
1|skew --contrived --option flagday flagday-bool-2.vmstate flagday-bool-2.reader.json|dev:s.S/a@36!=reject,corrupt clean=1
1|skew --contrived --option flagday flagday-bool-3.vmstate flagday-bool-3.reader.json|dev:s@26!=reject,corrupt clean=0
1|skew --contrived --option flagday flagday-bool-4.vmstate flagday-bool-4.reader.json|dev:s@26!=reject clean=0
# A reader that counts readings refuses this very stream; the search does not see why.
3|skew --contrived --to consistent counted-readings.vmstate counted-readings.reader.json|dev:@47=undecided clean=4
3|skew --contrived --to consistent counted-readings-2.vmstate counted-readings-2.reader.json|dev:@40=undecided clean=2
3|skew --contrived --to consistent counted-readings-3.vmstate counted-readings-3.reader.json|dev:@27=undecided clean=0
0|skew --contrived --to consistent counted-readings-4.vmstate counted-readings-4.reader.json|clean=5
1|skew --contrived old-style.vmstate old-style.reader.json|dev:@29!=reject clean=0
1|skew --contrived old-style-2.vmstate old-style-2.reader.json|dev:@29!=reject,truncated,undecided clean=0
1|skew --contrived old-style-3.vmstate old-style-3.reader.json|dev:s@29!=reject,undecided clean=0
0|skew --contrived old-style-4.vmstate old-style-4.reader.json|clean=0
# A list of one element moves all that the reader reads behind it by 2 bytes, so that it finds a footer in `c`.
1|check list-two-values.vmstate|dev:s@90=reject,truncated,corrupt clean=8
1|check list-two-values-2.vmstate|dev:s@91=reject,truncated,corrupt clean=8
1|check list-two-values-3.vmstate|dev:s@90=reject,truncated,corrupt clean=8
1|check list-two-values-4.vmstate|dev:s@90=reject clean=8
3|check --schema version-range.dump.json version-range.vmstate|dev:s@58=undecided clean=5
3|check --schema version-range-2.dump.json version-range-2.vmstate|dev:s@58=undecided clean=5
1|check --schema version-range-3.dump.json version-range-3.vmstate|dev:s@58=reject clean=5
1|check --schema version-range-4.dump.json version-range-4.vmstate|dev:s@58=reject clean=5
1|check --all-states --schema order.dump.json order.vmstate|dev:s.S/a@36=reject clean=5
1|check --all-states --schema order-2.dump.json order-2.vmstate|dev:s.S/a@36=reject clean=7
0|check --all-states --schema order-3.dump.json order-3.vmstate|clean=6
1|check --all-states --schema order-4.dump.json order-4.vmstate|dev:D/x@36=reject clean=4
1|check --all-states --schema many-optional-2.dump.json many-optional-2.vmstate|dev:s[0].S/000@39=reject*2 dev:s[0].S/001@51=reject*2 dev:s[0].S/002@63=reject*2 dev:s[0].S/003@75=reject*2 dev:s[0]@75=reject*2 clean=9
1|check --all-states --schema many-optional-3.dump.json many-optional-3.vmstate|dev:s[0].S/000@39=reject*3 dev:s[0].S/001@51=reject*3 dev:s[0]@51=reject*3 clean=7
# Behind a bound; it is not passed in silence.
1|check --all-states --schema many-optional-4.dump.json many-optional-4.vmstate|dev:s[0].S/000@39=reject*2 dev:s[0].S/001@51=reject*2 dev:s[0].S/002@63=reject*2 dev:s[0].S/003@75=reject*2 dev:s[0].S/004@87=reject*2 dev:s[0].S/005@99=reject*2 dev:s[0].S/006@111=reject*2 dev:s[0].S/007@123=reject*2 dev:s[0]@123=reject*2,undecided*2 dev:s[0]@99=undecided*4 clean=13 => dev:s[0].S/000@39=reject*2 dev:s[0].S/001@51=reject*2 dev:s[0].S/002@63=reject*2 dev:s[0].S/003@75=reject*2 dev:s[0].S/004@87=reject*2 dev:s[0].S/005@99=reject*2 dev:s[0].S/006@111=reject*2 dev:s[0].S/007@123=reject*2 dev:s[0]@123=reject*2 clean=17
# "ab" takes each header that "b" would take one byte later, so `t` is clean. The search finds a way that the reader
# does not go, and says so instead of an answer.
1|check taken-before.vmstate|dev:s@26=reject dev:t@27=undecided clean=1 => dev:s@26=reject clean=2
1|check taken-before-2.vmstate|dev:t@27=reject clean=2
1|check taken-before-3.vmstate|dev:s@26=reject dev:t@27=undecided clean=1 => dev:s@26=reject clean=2
1|check taken-before-4.vmstate|dev:s.t@26=reject clean=2
# One state sends S/a with its constants 07, the other sends P/x and has them in `g`.
1|check --ambiguity ambiguous-constant.vmstate|dev:s@26=ambiguous*2 clean=4
0|check --ambiguity ambiguous-constant-2.vmstate|clean=6
1|check --ambiguity ambiguous-constant-3.vmstate|dev:s@26=ambiguous*2 clean=4
0|check --ambiguity ambiguous-constant-4.vmstate|clean=6
1|check --ambiguity ambiguous-sections.vmstate|d1:s@25=ambiguous*2 clean=6
1|check --ambiguity --all-states ambiguous-sections.vmstate|d1:s@25=ambiguous*2 clean=6
# There is such a pair (see check_pairs).
1|check missed-package.vmstate|dev:s@26=reject,truncated,corrupt c:t@83=reject clean=10
1|check swallowed-start.vmstate|dev:s@117=reject,truncated,undecided clean=9
1|check section-goes-on.vmstate|dev:s@97=reject,truncated,corrupt clean=7
1|check --ambiguity ambiguous-sections-2.vmstate|d1:s@25=ambiguous*2 clean=7
0|check --ambiguity ambiguous-sections-3.vmstate|clean=9
0|check --ambiguity ambiguous-sections-4.vmstate|clean=8
ROWS
}

# ---- Readings --------------------------------------------------------------------------------------

# Columns: the exit status of `parse`, its arguments, a text in what it prints.
check_readings() {
    local status arguments text found
    while IFS='|' read -r status arguments text; do
        # shellcheck disable=SC2086
        (cd "$cases" && "$vmwire" parse $arguments) >"$work/out" 2>&1
        found=$?
        if ((found == status)) && grep -qF -- "$text" "$work/out"; then
            passes "parse $arguments"
        else
            fails "parse $arguments" "exit status $found, expected $status and: $text"$'\n'"$(tail -n 3 "$work/out")"
        fi
    done <<'ROWS'
2|order.both.vmstate|subsection "S/ab" in "S/a" does not exist
2|--schema many-optional.dump.json many-optional.misled.vmstate|subsection "SZ" in "S" does not exist
2|--schema version-range.dump.json version-range.misled.vmstate|the layout of version 0 of "S/a" is not known
0|ambiguous-sections.a.vmstate|subsection "S/x" version 1
2|ambiguous-sections.b.vmstate|subsection "S/x" in "S" does not exist
0|avr-arduino-uno.vmstate|RAM_ZERO 0..f00 "sram", 16 of them
ROWS
}

# The subsection goes to the owner that sent it, in whatever place the reader has this owner.
check_ordinals() {
    local name
    for name in skew-ordinal skew-ordinal-2 skew-ordinal-3; do
        without_description "$(input $name.vmstate standalone)" >"$work/bare"
        "$vmwire" parse --json --option standalone --schema "$cases/$name.reader.json" "$work/bare" >"$work/out" 2>&1
        holds "$name: the owner is s1" python3 -c 'import json, sys
records = [json.loads(line)["record"] for line in open(sys.argv[1]) if "\"full\"" in line]
owners = [field["name"] for field in records[0]["fields"] if "subsections" in field["record"]]
assert len(records) == 1 and owners == ["s1"], owners' "$work/out"
    done
}

# Two states with the same bytes: told without vmwire, and shown in the two streams of one case.
check_pairs() {
    holds "there are pairs of these" test "$("$generate" --pairs)" = "ambiguous-constant-3 ambiguous-sections-2"
    holds "ambiguous-sections: the same bytes" cmp -n 262 "$cases/ambiguous-sections.a.vmstate" "$cases/ambiguous-sections.b.vmstate"
}

# Names are shown byte for byte, where they are no UTF-8 in hexadecimal.
check_names() {
    local name hex
    while read -r name hex; do
        "$vmwire" check --json --all-states "$cases/$name.vmstate" >"$work/out"
        holds "$name: valid JSON, the name $hex" python3 -c 'import json, sys
sent = [each for line in open(sys.argv[1]) for each in json.loads(line).get("sends", [])]
assert sent and all(set(each) <= {"name", "name_hex"} for each in sent), sent
name = bytes.fromhex(sys.argv[2])
for each in sent:
    assert each["name"] == name.decode(errors="replace") or "name_hex" in each, each
    assert bytes.fromhex(each.get("name_hex", each["name"].encode().hex())) == name, each' "$work/out" "$hex"
    done <<'NAMES'
json-null-key 532f6200ff
json-null-key-2 532f6200225c
json-null-key-3 532f6200c080
json-null-key-4 532f6200eda080
NAMES
    decide_all <<'ROWS'
1|check --all-states json-null-key.vmstate|dev:s.S/b@38=reject dev:s@38=reject clean=2
1|check --all-states json-null-key-2.vmstate|dev:s.S/b@39=reject dev:s@39=reject clean=2
1|check --all-states json-null-key-3.vmstate|dev:s.S/b@39=reject dev:s@39=reject clean=2
1|check --all-states json-null-key-4.vmstate|dev:s.S/b@40=reject dev:s@40=reject clean=2
ROWS
}

# A few hundred bytes that describe an array of any length, under a limit of memory.
check_large_arrays() {
    (
        ulimit -v 6000000
        vmwire=$plain
        decide_all <<'ROWS'
3|check large-array.json|dev:=undecided clean=0
3|check large-array-2.json|dev:=undecided clean=0
3|check large-array-3.json|dev:=undecided clean=1
3|check large-array-4.json|dev:=undecided clean=0
3|skew --contrived tiny.vmstate large-array.json|dev:@25=undecided clean=0
3|skew --contrived tiny.vmstate large-array-2.json|dev:@25=undecided clean=0
# The reader's array is in a subsection that no state sends, and no byte behind the tail can be 05.
0|skew --contrived tiny.vmstate large-array-3.json|clean=1
3|skew --contrived tiny.vmstate large-array-4.json|dev:@25=undecided clean=0
ROWS
        exit $failed
    ) || failed=1
}

# With the dump more is known: what was found without it is still found.
check_dumps() {
    local stream dump
    while read -r stream dump; do
        for schema in "" "--schema=corpus/schemas/$dump.json"; do
            # shellcheck disable=SC2086
            "$plain" check --json --option guarded $schema "corpus/streams/$stream.vmstate" >"$work/${schema:+with-}dump"
        done
        holds "guarded-dump: $stream keeps its findings" python3 -c 'import json, sys
def found(file):
    rows = [json.loads(line) for line in open(file)]
    return {(row["idstr"], row["path"], row["outcome"]) for row in rows if "outcome" in row}
less, more = map(found, sys.argv[1:])
silent = {outcome for _, path, outcome in less if path == "pm"}
assert silent == {"reject", "truncated", "corrupt"} and less <= more, less - more' "$work/dump" "$work/with-dump"
    done <<'STREAMS'
bookworm-q35 bookworm-x86_64
bullseye-q35 bullseye-x86_64
trixie-q35 trixie-x86_64
forky-q35 forky-x86_64
STREAMS
}

# ---- What is not followed --------------------------------------------------------------------------

# The states that an answer leaves out are counted in the summary, and it is not clean.
check_left_out() {
    local status counted arguments
    while IFS='|' read -r status counted arguments; do
        # shellcheck disable=SC2086
        holds "left out: $arguments" bash -c '(cd "$1" && "$2" ${*:5} --json >"$3"/out); (($? == $4)) &&
            tail -n 1 "$3/out"' _ "$cases" "$vmwire" "$work" "$status" $arguments
        holds "$counted" grep -qF "$counted" <(tail -n 1 "$work/out")
    done <<'ROWS'
3|"unfollowed_subsections":1|skew --contrived --all-states --option standalone sent-behind.vmstate sent-behind.reader.json
3|"unfollowed_subsections":1|skew --contrived --option standalone sent-behind.writer.json sent-behind.reader.json
1|"unfollowed_subsections":1|check --all-states --option toplevel --existing sent-behind-toplevel.existing.json sent-behind-toplevel.vmstate
0|"unfollowed_subsections":0|check --all-states --option standalone sent-behind.vmstate
3|"unfollowed_lists":1|check list-length.json
3|"unfollowed_lists":1|check --all-states --schema list-length.json list-length-empty.vmstate
1|"unfollowed_lists":0|check list-length.vmstate
ROWS
    holds "no reader: an empty file" bash -c ': | "$1" skew --contrived "$2" -; (($? == 2))' _ "$vmwire" "$cases/list-length.vmstate"
}

# ---- The loader ------------------------------------------------------------------------------------

# A capture of this QEMU: the firmware of another one has another size.
microvm='{"name": "microvm", "machine": "microvm", "arguments": ["-m 8", "-device virtio-rng-device"]}'

# The outcome under heuristic, and what QEMU did: `relation` says how the two compare. QEMU 10 has no machine of 2014 any
# more: then it must say so.
check_loader() {
    mkdir "$work/loader"
    holds "microvm captured" corpus/capture --output "$work" --vmwire "$vmwire" --entry "$microvm"
    "$generate" --loader "$work/loader" "$work/streams"
    "$vmwire" replay --json --qemu qemu-system-x86_64 "$work/loader" >"$work/out" 2>"$work/err"
    local name outcome relation old=''
    qemu-system-x86_64 -machine help | grep -q '^pc-i440fx-2.2 ' || old='unsupported machine type: "pc-i440fx-2.2"'
    while read -r name outcome relation; do
        local unable=''
        [[ $name == look* ]] && unable=$old
        holds "$name: $outcome, ${unable:-as QEMU does}" python3 -c 'import json, sys
file, name, outcome, relation, unable = sys.argv[1:]
row = next(row for row in map(json.loads, open(file)) if row["name"] == name)
assert row["options"]["heuristic"]["outcome"] == outcome and not row["differs"], row
if unable:
    assert row["relation"] == "unable" and unable in row["qemu"]["message"], row
else:
    assert row["relation"] == relation and row["compared"] == row["qemu"]["decisions"] > 0, row' \
            "$work/out" "$name" "$outcome" "both $relation" "$unable"
    done <<'ROWS'
package exact accept
package-with-eof exact accept
package-with-eof-2 exact accept
package-with-eof-3 exact accept
package-with-eof-4 exact accept
package-ends reject reject
package-ends-2 reject reject
package-ends-3 reject reject
package-ends-4 reject reject
look exact accept
look-within exact accept
look-beyond reject reject
look-beyond-2 reject reject
look-beyond-3 exact accept
look-beyond-4 reject reject
ROWS
}

# ---- The files -------------------------------------------------------------------------------------

check_generated() {
    mkdir "$work/generated"
    "$generate" "$work/generated"
    local file wrong=''
    for file in "$work"/generated/*; do
        cmp -s "$file" "$cases/${file##*/}" || wrong+=" ${file##*/}"
    done
    holds "the generator makes the members again" test -z "$wrong"
}

# Takes half a minute without sanitizers. What lies behind a bound is undecided beside the finding.
check_slow() {
    ask check --all-states --schema "$cases/many-optional.dump.json" "$cases/many-optional.vmstate"
    holds "many-optional finds s[0] and counts what is undecided" \
        grep -qE ' dev:s\[0\]@[0-9]+=reject.*undecided' <<<" $found"
}

check_generated
check_decisions
check_readings
check_ordinals
check_pairs
check_names
check_large_arrays
check_dumps
check_left_out
check_loader
[[ ${1:-} == --slow ]] && check_slow
exit $failed
