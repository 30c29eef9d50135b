#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tests the files that vmwire writes: --emit, --certificate, convert --output. Nothing that is there is lost: no input, no
# file of an earlier run, nothing behind a link. An error is one line, in text and in JSON, and leaves nothing half written.
#
#     tests/files.sh       tests $VMWIRE, or build/vmwire if it is not set
# shellcheck disable=SC2094
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

vmwire=$(realpath "${VMWIRE:-build/vmwire}")
small=$PWD/corpus/streams/bookworm-microvm.vmstate # one finding or more
pair=$PWD/tests/cases/ambiguous-sections.vmstate   # another one
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

result() { # NAME COMMAND...
    local name=$1
    shift
    if "$@" >"$work/why" 2>&1; then
        echo "ok $name"
    else
        echo "not ok $name"
        sed 's/^/# /' "$work/why" "$work/err" | head -n 10
        failed=$((failed + 1))
    fi
}

# Everything below the folder: names, kinds, contents.
snapshot() { # FOLDER
    find "$1" -printf '%P %y %l\n' | sort
    find "$1" -type f -exec sha256sum {} + | sort
}

# Exit status 2, one line of error that has TEXT in it, nothing on standard output, and nothing changed in `there`;
# the same with --json, as an object.
refuses() { # NAME TEXT ARGUMENTS...
    local name=$1 text=$2 status
    shift 2
    snapshot there >before
    "$vmwire" "$@" >out 2>err
    status=$?
    snapshot there >after
    result "refuses $name" test "$status:$(wc -l <err):$(wc -c <out)" = 2:1:0
    result "refuses $name: says why" grep -qF -- "$text" err
    result "refuses $name: loses nothing" diff before after
    "$vmwire" "$@" --json >out 2>err
    result "refuses $name, in JSON" python3 -c 'import json, sys
error = json.load(open("err"))
assert error["file"] and sys.argv[1] in error["file"] + ": " + error["message"], error' "$text"
}

is_same_listing() { # FOLDER NAME...
    diff <(ls "$1") <(printf '%s\n' "${@:2}" | sort)
}

# ---- --emit ----------------------------------------------------------------------------------------

check_emit() {
    rm -rf there && mkdir there
    "$vmwire" check --emit there/new --json "$small" >out 2>err
    result "--emit makes its folder" test -d there/new -a "$(grep -c '"outcome"' out)" = "$(find there/new -type f | wc -l)"
    result "there is a witness" test "$(find there/new -type f | wc -l)" -gt 1
    refuses "to overwrite a witness" "there/new/bookworm-microvm.vmstate-heuristic-0-reject: cannot write: File exists" \
        check --emit there/new "$small"
    # The last file of the run is in the way: those before it go.
    local last
    last=$(find there/new -type f | sort -t- -k4n | tail -n 1)
    mkdir there/late && cp "$last" there/late && echo precious >"there/late/${last##*/}"
    refuses "to overwrite the last witness" "${last##*/}: cannot write: File exists" \
        check --emit there/late "$small"
    echo precious >there/target && mkdir there/links
    ln -s ../target there/links/bookworm-microvm.vmstate-heuristic-0-reject
    refuses "a link in the place of a witness" "cannot write: File exists" check --emit there/links "$small"
    rm there/links/* && ln -s ../nowhere there/links/bookworm-microvm.vmstate-heuristic-0-reject
    refuses "a link to nowhere in the place of a witness" "cannot write: File exists" \
        check --emit there/links "$small"
    mkdir there/empty && ln -s empty there/link
    for name in there/link there/link/ there/link// there/link/. there/link/.//. there/target there/target/; do
        refuses "--emit $name" "expected a folder to write into" check --emit "$name" "$small"
    done
    ln -s nowhere there/dangling
    refuses "--emit into a link to nowhere" "expected a folder to write into" \
        check --emit there/dangling "$small"
    refuses "--emit into a folder of a folder that is not there" "there/no/where: cannot write: No such file or directory" \
        check --emit there/no/where "$small"
    mkdir there/skew && echo precious >there/skew/bookworm-microvm.vmstate-heuristic-0-reject
    refuses "to overwrite a file of skew" "there/skew/bookworm-microvm.vmstate-heuristic-0-reject: cannot write: File exists" \
        skew --contrived --to flagday --emit there/skew "$small" "$small"
}

# A disk that is full: nothing half written stays.
check_full() {
    rm -rf there && mkdir there
    (
        ulimit -f 4 # blocks of 1024 bytes
        trap '' XFSZ
        refuses "--emit onto a full disk" "cannot write: File too large" check --emit there "$small"
        refuses "--output onto a full disk" "cannot write: File too large" convert --to flagday --output there/file "$small"
        refuses "--certificate onto a full disk" "cannot write: File too large" check --certificate there/file "$small"
        exit "$failed"
    )
    failed=$?
}

check_namesakes() {
    rm -rf there && mkdir -p there/a there/b
    cp "$small" there/a/stream && cp "$pair" there/b/stream
    "$vmwire" check --emit there/alone "$small" >out 2>err
    "$vmwire" check --json --emit there/out there/a/stream there/b/stream there/a/stream >out 2>err
    result "witnesses of streams of one name: all are there" \
        test "$(find there/out -type f | wc -l)" = "$(grep -c '"outcome"' out)"
    result "witnesses of streams of one name: each is its own" bash -c 'cmp there/out/stream-heuristic-0-reject \
            there/out/stream.3-heuristic-0-reject && cmp there/out/stream-heuristic-0-reject there/alone/*-heuristic-0-reject &&
        ! cmp -s there/out/stream-heuristic-0-reject there/out/stream.2-heuristic-0-reject'
}

# ---- --certificate ---------------------------------------------------------------------------------

check_certificate() {
    rm -rf there && mkdir there
    cp "$small" there/stream && ln there/stream there/hard && ln -s stream there/soft
    for name in there/stream there/./stream there/hard there/soft; do
        refuses "--certificate $name" "it is the input" check --certificate "$name" there/stream
    done
    echo old >there/certificate
    "$vmwire" check --certificate there/certificate there/stream >out 2>err
    result "--certificate replaces one of an earlier run" grep -q '^{"certificate":1' there/certificate
    result "--certificate leaves nothing beside it" is_same_listing there certificate hard soft stream
    "$vmwire" check --certificate /dev/stdout there/stream >both 2>err
    result "--certificate /dev/stdout" grep -q '^{"certificate":1' both
    result "--certificate /dev/stdout loses no answer" grep -q 'Of [0-9]* tails' both
}

# ---- convert --output ------------------------------------------------------------------------------

check_output() {
    local input
    rm -rf there && mkdir there
    cp "$small" there/stream && ln there/stream there/hard && ln -s stream there/soft && cp "$small" there/schema
    for input in there/stream there/./stream there/../there/stream "$work/there/stream" there/hard there/soft; do
        refuses "--output $input" "it is the input" convert --to flagday --output "$input" there/stream
        refuses "--output there/stream of $input" "there/stream: expected another file to write" \
            convert --to flagday --output there/stream "$input"
    done
    refuses "--output to a schema" "it is the input \"there/schema\"" \
        convert --to flagday --schema there/schema --output there/schema there/stream
    refuses "--output to the older release" "it is the input" convert --to toplevel \
        --existing there/schema --output there/schema there/stream
    for input in - /dev/stdin; do
        refuses "--output to standard input, $input" "it is the input" \
            convert --to flagday --output there/soft "$input" <there/stream
    done
    for input in there/stream there/hard -; do
        snapshot there >before
        "$vmwire" convert --to flagday "$input" <there/stream >>there/stream 2>err
        result "standard output is $input: refused" test $? = 2 -a "$(wc -l <err)" = 1
        result "standard output is $input: loses nothing" diff before <(snapshot there)
        "$vmwire" convert --to flagday --output - "$input" <there/stream >>there/stream 2>err
        result "--output - is $input: refused" test $? = 2
        result "--output - is $input: loses nothing" diff before <(snapshot there)
    done
    "$vmwire" convert --to flagday --output there/new there/stream 2>err
    result "--output to a new file" cmp there/new <("$vmwire" convert --to flagday there/stream)
    ln -s new there/link && chmod 640 there/new
    "$vmwire" convert --to heuristic --output there/link there/stream 2>err
    result "--output replaces what a link points to" cmp there/new there/stream
    result "--output keeps the mode" test "$(stat -c %a there/new)" = 640 -a -L there/link
    ln -s nowhere there/lost
    refuses "--output to a link to nowhere" "a symbolic link that leads nowhere" \
        convert --to flagday --output there/lost there/new
    "$vmwire" convert --to flagday - </dev/null >/dev/null 2>err
    result "devices may be input and output" grep -q "expected the magic" err
}

check_emit
check_full
check_namesakes
check_certificate
check_output
((failed == 0))
