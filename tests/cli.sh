#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tests the command line of vmwire: exit status, errors in text and in JSON, pipes. Compares the trees of three
# real captures with those in tests/golden, which a person has checked.
#
#     tests/cli.sh             tests $VMWIRE, or build/vmwire if it is not set
#     tests/cli.sh --update    writes tests/golden again; check the difference before you commit it
#
# Every check prints `ok NAME`, or `not ok NAME` and the output of the failed check.
# shellcheck disable=SC2002,SC2012,SC2016,SC2094
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

vmwire=${VMWIRE:-build/vmwire}
plain=${VMWIRE_PLAIN:-build/vmwire} # without sanitizers, for its memory is measured
streams=corpus/streams
golden=tests/golden
small=$streams/bookworm-microvm.vmstate
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# ---- Checking --------------------------------------------------------------------------------------

passes() {
    echo "ok $1"
    passed=$((passed + 1))
}

fails() { # NAME WHAT
    echo "not ok $1"
    # shellcheck disable=SC2001
    sed 's/^/# /' <<<"$2" | head -n 20
    failed=$((failed + 1))
}

# Whether a command succeeds.
check() { # NAME COMMAND...
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then passes "$name"; else fails "$name" "$output"; fi
}

# Runs the program: $work/out, $work/err, and its exit status in $status.
run() {
    "$vmwire" "$@" >"$work/out" 2>"$work/err"
    status=$?
}

# The program exits with 2, prints nothing, and one line of error that has TEXT in it; the same with
# --json, as an object with all the keys of an error.
refuses() { # NAME TEXT ARGUMENTS...
    local name=$1 text=$2 found
    shift 2
    run "$@"
    found="exit status $status, $(wc -c <"$work/out") bytes of output, error: $(cat "$work/err")"
    if ((status == 2)) && [[ ! -s $work/out && $(wc -l <"$work/err") == 1 ]] &&
        [[ $(<"$work/err") == *"$text"* ]]; then
        passes "refuses $name"
    else
        fails "refuses $name" "$found"$'\n'"expected: $text"
    fi
    run --json "$@"
    found="exit status $status, $(wc -c <"$work/out") bytes of output, error: $(cat "$work/err")"
    if ((status == 2)) && [[ ! -s $work/out && $(wc -l <"$work/err") == 1 ]] &&
        TEXT=$text python3 -c 'import json, os, sys
error = json.load(sys.stdin)
assert {"error", "file", "section", "path", "message"} <= set(error), error
assert error["message"] and error["error"] not in ("none", "unknown"), error
place = "".join(str(error[key]) + " " for key in ("file", "section", "path", "message"))
assert os.environ["TEXT"] in place, error' <"$work/err" 2>"$work/why"; then
        passes "refuses $name, in JSON"
    else
        fails "refuses $name, in JSON" "$found"$'\n'"$(tail -n 1 "$work/why")"
    fi
}

# A usage error: exit status 2, nothing printed, TEXT and the way to the help on standard error.
misused() { # NAME TEXT ARGUMENTS...
    local name=$1 text=$2
    shift 2
    run "$@"
    if ((status == 2)) && [[ ! -s $work/out && $(<"$work/err") == *"$text"*--help* ]]; then
        passes "usage: $name"
    else
        fails "usage: $name" "exit status $status: $(cat "$work/err")"
    fi
}

# ---- Bad input, made here --------------------------------------------------------------------------

make_inputs() {
    python3 - "$work" <<'PYTHON'
import json, os, sys

os.chdir(sys.argv[1])

def be32(number):
    return number.to_bytes(4, "big")

def section(record, idstr=b"dev", version=1):
    return b"\4" + be32(1) + bytes([len(idstr)]) + idstr + be32(0) + be32(version) + record + b"\x7e" + be32(1)

def stream(items, description=None, version=3):
    if isinstance(description, dict):
        description = json.dumps(description).encode()
    end = b"" if description is None else b"\6" + be32(len(description)) + description
    return b"QEVM" + be32(version) + items + b"\0" + end

def device(*fields, **more):
    return {"devices": [{"name": "dev", "instance_id": 0, "vmsd_name": "dev", "version": 1, "fields": list(fields),
                         **more}]}

def field(name, kind, size, **more):
    return {"name": name, "type": kind, "size": size, **more}

def struct(name, size, *fields):
    return field("in", "struct", size, struct={"vmsd_name": name, "version": 1, "fields": list(fields)})

byte, word = field("a", "uint8", 1), field("b", "uint32", 4)
deep = byte
for level in range(70):
    deep = struct(f"level{level}", 1, deep)

one = section(b"\1")
files = {
    "empty": b"",
    "text": b"hello, world\n",
    "version-2": stream(one, device(byte), 2),
    "version-9": stream(one, device(byte), 9),
    "unknown-item": stream(one + b"\x2a", device(byte)),
    "never-started": stream(b"\2" + be32(7), device(byte)),
    "no-schema": stream(section(b"\1", b"elsewhere"), device(byte)),
    "no-description": stream(one),
    "no-grammar": stream(b"\1" + be32(1) + b"\5block" + be32(0) + be32(1)),
    "longer-than-described": stream(one + section(b"\1\2\3"), device(byte)),
    "shorter-than-described": stream(one + one, device(word, field("c", "buffer", 900))),
    "size-of-type": stream(one, device(field("a", "uint32", 3))),
    "size-of-struct": stream(one, device(struct("in", 4, byte))),
    "not-json": stream(one, b"{devices"),
    "not-a-description": stream(one, b'{"machines": []}'),
    "deep-structures": stream(one, device(deep)),
    "deep-json": stream(one, b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"),
    "above-version": stream(section(b"\1", version=2), device(byte)),
    "no-footer": stream(one + section(b"\1")[:-5], device(byte)),
    "unknown-subsection": stream(section(b"\1\5\5dev/x" + be32(1) + b"\2"), device(byte)),
    "not-utf8": stream(section(b"\1", b"d\xff\xfev"), device(byte)),
    "escape": stream(section(b"\1", b"\x1b[31m\n"), device(byte)),
    "unread": stream(one, device(byte)) + b"more",
    "cut": stream(one, device(byte))[:20],
    "good": stream(one, device(byte)),
    "package": stream(b"\x08\0\7\0\4" + be32(9999) + one, device(byte)),
}
for name, content in files.items():
    open(name, "wb").write(content)
with open("large", "wb") as large:
    length = (64 << 20) + 1
    large.write(stream(one) + b"\6" + be32(length) + b"{")
    large.truncate(large.tell() + length - 1)
PYTHON
}

check_bad_inputs() {
    refuses "an empty file" "expected the magic QEVM" parse "$work/empty"
    refuses "what is not a stream" "not a migration stream" parse "$work/text"
    refuses "version 2" "obsolete v2 stream" parse "$work/version-2"
    refuses "version 9" "expected stream version 3 (heuristic), found 9" parse "$work/version-9"
    refuses "another option's version" "expected stream version 4 (flagday), found 3" \
        parse --option flagday "$small"
    refuses "an unknown item" "found 2a" parse "$work/unknown-item"
    refuses "a section never started" "section id 7 was never started" parse "$work/never-started"
    refuses "an idstr without a schema" "no description of section \"elsewhere\"" parse "$work/no-schema"
    refuses "a stream without a description" "no description of section \"dev\"" parse "$work/no-description"
    refuses "an iterable without a grammar" "no grammar for iterable section \"block\"" \
        parse "$work/no-grammar"
    refuses "more bytes than described" "expected a section footer (7e), found 02" \
        parse "$work/longer-than-described"
    refuses "fewer bytes than described" "buffer of 900 bytes, but only" parse "$work/shorter-than-described"
    refuses "a size that is not its type's" "uint32 has 4 bytes, described are 3" parse "$work/size-of-type"
    refuses "a size that is not its structure's" "described are 4 bytes, what is in it makes 1" \
        parse "$work/size-of-struct"
    refuses "a description that is not JSON" "not JSON" parse "$work/not-json"
    refuses "a description of something else" "devices" parse "$work/not-a-description"
    refuses "structures nested too deep" "structures nested deeper than 64" parse "$work/deep-structures"
    refuses "JSON nested too deep" "not JSON: maximum parsing depth" parse "$work/deep-json"
    refuses "a description that is too large" "a description of 67108865 bytes; a schema has at most 67108864" \
        parse "$work/large"
    refuses "a version above" "version_id 2 of \"dev\" is above the reader's 1" parse "$work/above-version"
    refuses "a missing footer" "expected a section footer (7e), found 00" parse "$work/no-footer"
    refuses "an unknown subsection" "subsection \"dev/x\" in \"dev\" does not exist" \
        parse "$work/unknown-subsection"
    refuses "a name that is not UTF-8" "its layout is not known" parse "$work/not-utf8"
    refuses "a name with control characters" "its layout is not known" parse "$work/escape"
    refuses "bytes behind the end" "expected the end of the file, found 4 more bytes" \
        parse --schema "$work/good" "$work/unread"
    refuses "a stream cut off" "bytes are left" parse "$work/cut"
    refuses "a package longer than the file" "expected a package of 9999 bytes" parse "$work/package"
    refuses "a dump given as a stream" "found JSON: a dump or a description is a schema" \
        parse corpus/schemas/bookworm-x86_64.json
    refuses "a file that is not there" "No such file or directory" parse "$work/nowhere"
    refuses "a name of a file that is not UTF-8" "No such file or directory" parse "$work/"$'\xff'
    refuses "a folder" "Is a directory" parse "$work"
    refuses "a schema that is not there" "No such file or directory" parse --schema "$work/nowhere" "$small"
    refuses "a schema that is none" "not JSON" parse --schema "$work/text" "$small"
    refuses "a schema without a description" "no description at its end" \
        parse --schema "$work/no-description" "$small"
    refuses "an older release that is none" "not JSON" convert --to toplevel --existing "$work/text" "$small"
    refuses "to convert what cannot be read" "not a migration stream" convert --to flagday "$work/text"
    refuses "to write where it cannot" "No such file or directory" \
        convert --to flagday --output "$work/no/where" "$small"
    check "an error names the offset and the section" grep -q 'offset 0x[0-9a-f]* ([0-9]*), section "dev"' \
        <("$vmwire" parse "$work/above-version" 2>&1)
    check "an error names the path" grep -q 'section "dev" instance 0, path c: ' \
        <("$vmwire" parse "$work/shorter-than-described" 2>&1)
    check "an error moves no cursor" bash -c '! "$0" parse "$1" 2>&1 | LC_ALL=C grep -q "[[:cntrl:]]"' \
        "$vmwire" "$work/escape"
}

check_usage() {
    misused "nothing" "no command"
    misused "an unknown command" 'no command "bake"' bake
    misused "an unknown option" "unrecognized option" parse --bake "$small"
    misused "an unknown protocol option" 'no protocol option "bake"' parse --option bake "$small"
    misused "no file" "no FILE" parse
    misused "convert without --to" "no --to" convert "$small"
    for option in --help --version; do
        run $option
        check "$option" test "$status:$(wc -c <"$work/err")" = 0:0 -a -s "$work/out"
    done
    for name in parse convert compare legacy guarded heuristic flagday standalone toplevel --schema; do
        check "--help tells of $name" grep -q -e "$name" <("$vmwire" --help)
    done
    run convert --to flagday "$small" "$small"
    check "convert takes one file" test "$status" = 2 -a ! -s "$work/out"
}

# ---- parse -----------------------------------------------------------------------------------------

# Every line is a JSON object; the items are as long as the stream, with its head of 8 bytes.
check_json_lines() {
    "$vmwire" parse --json "$1" | python3 -c 'import json, sys
lines = [json.loads(line) for line in sys.stdin]
stream, items = lines[0], lines[1:]
assert stream["kind"] == "stream" and all("kind" in item for item in items)
assert sum(stream["accounted"].values()) == stream["size"], stream
assert 8 + sum(item["size"] for item in items) == stream["size"], stream
at = 8
for item in items:
    assert item.get("offset", at) == at, item
    at += item["size"]'
}

check_stats() {
    local size
    size=$(stat -c %s "$small")
    check "--stats" grep -q "bytes_read  *$size\$" <("$vmwire" parse --stats "$small")
    check "--stats --json" python3 -c 'import json, subprocess, sys
stats = json.loads(subprocess.check_output([sys.argv[1], "parse", "--stats", "--json", sys.argv[2]]))
assert stats["bytes_read"] == int(sys.argv[3]) and stats["tokens"] and stats["peak_memory"], stats' \
        "$vmwire" "$small" "$size"
    check "--stats is the same twice" cmp <("$vmwire" parse --stats "$small") <("$vmwire" parse --stats "$small")
}

check_parse() {
    run parse "$small"
    check "parse" test "$status:$(wc -c <"$work/err")" = 0:0
    check "parse of a pipe" cmp <(cat "$small" | "$vmwire" parse - | tail -n +2) \
        <("$vmwire" parse "$small" | tail -n +2)
    check "parse of standard input that is a file" cmp <("$vmwire" parse - <"$small" | tail -n +2) \
        <("$vmwire" parse "$small" | tail -n +2)
    check "parse --all folds nothing" bash -c '! "$0" parse --all "$1" | grep -q "\.\.\."' "$vmwire" "$small"
    check "parse folds" grep -q '\.\.\.' <("$vmwire" parse "$small")
    for name in bookworm-microvm bookworm-q35-ram forky-pc-multifd bookworm-pc-dirty-bitmaps trixie-s390x-virtio; do
        check "parse --json $name" check_json_lines "$streams/$name.vmstate"
    done
    check_stats
    run parse "$small" "$work/text" "$small"
    check "a bad file between good ones" \
        test "$status:$(grep -c 'accepted by' "$work/out"):$(wc -l <"$work/err")" = 2:2:1
    check "parse with the schema of another stream" grep -q 'accepted by heuristic' \
        <("$vmwire" parse --schema $streams/bookworm-pc-2.2.vmstate $streams/bookworm-pc-2.2-bare.vmstate)
    "$vmwire" parse "$small" >/dev/full 2>"$work/err"
    check "a full disk" test $? = 2 -a -s "$work/err"
}

# ---- convert ---------------------------------------------------------------------------------------

# To the option and back, once through files and once through pipes.
round_trip() { # OPTION FILE SCHEMA-ARGUMENTS...
    local option=$1 file=$2
    shift 2
    "$vmwire" convert --to "$option" "$@" --output "$work/there" "$file" &&
        "$vmwire" convert --option "$option" --to heuristic "$@" --output "$work/back" "$work/there" &&
        cmp "$work/back" "$file" &&
        "$vmwire" convert --to "$option" "$@" - <"$file" |
        "$vmwire" convert --option "$option" --to heuristic "$@" - | cmp - "$file"
}

check_convert() {
    for option in heuristic guarded flagday standalone toplevel; do
        check "convert to $option and back" round_trip $option "$small"
        check "convert to $option and back, without a description" round_trip $option \
            $streams/bookworm-pc-2.2-bare.vmstate --schema $streams/bookworm-pc-2.2.vmstate
    done
    check "convert with --existing and back" round_trip toplevel $streams/bookworm-q35.vmstate \
        --existing corpus/schemas/bullseye-x86_64.json
    check "a converted stream parses" grep -q 'accepted by flagday' \
        <("$vmwire" convert --to flagday "$small" | "$vmwire" parse --option flagday -)
    check "convert --drop-ram" bash -c '"$0" convert --to heuristic --drop-ram --output "$2" "$1" &&
        "$0" parse --stats "$2" | grep -q "pages  *0$"' "$vmwire" $streams/bookworm-q35-ram.vmstate "$work/dropped"
    "$vmwire" convert --to flagday "$small" >/dev/full 2>"$work/err"
    check "convert to a full disk" test $? = 2 -a -s "$work/err"
    "$vmwire" convert --to flagday --output "$work/none" "$work/unread" 2>/dev/null
    check "no output of a bad input" test ! -e "$work/none"
    cp "$small" "$work/same"
    "$vmwire" convert --to flagday --output "$work/same" "$work/same"
    check "convert a file in place" cmp "$work/same" <("$vmwire" convert --to flagday "$small")
}

# ---- compare ---------------------------------------------------------------------------------------

check_compare() {
    run compare "$small"
    check "compare" test \
        "$status:$(grep -c -E '^(legacy|guarded|heuristic|flagday|standalone|toplevel) ' "$work/out")" = 0:6
    run compare --json "$small"
    check "compare --json" python3 -c 'import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
outcomes = {row["option"]: row["outcome"] for row in rows if "outcome" in row}
assert outcomes["legacy"] == "reject", outcomes
assert all(outcomes[o] == "exact" for o in ("heuristic", "flagday", "standalone", "toplevel")), outcomes' "$work/out"
    run compare "$work/text"
    check "compare of what is not a stream" test "$status" = 2 -a -s "$work/err"
}

# ---- check ------------------------------------------------------------------------------------------

# A witness that was written does to the reader what was said of it.
check_emitted() {
    local witness wrong=0 expected
    for witness in "$work"/witnesses/*; do
        run parse "$witness"
        expected=2
        case $witness in
        *-corrupt) expected=0 ;;
        *-reject) grep -q 'does not exist' "$work/err" || wrong=1 ;;
        *-truncated) grep -q 'more bytes' "$work/err" || wrong=1 ;;
        *) wrong=1 ;;
        esac
        ((status == expected && !wrong)) || return 1
    done
}

check_check() {
    local q35=$streams/bookworm-q35.vmstate
    run check "$q35"
    check "check finds, and says where" test "$status" = 1 -a ! -s "$work/err"
    check "check shows bytes beside the fields" grep -q '05 08 78 6d 6d 5f 72 65  "..xmm_re"  in cpu _q_ZMMReg' "$work/out"
    mkdir "$work/witnesses"
    run check --json --emit "$work/witnesses" "$q35"
    check "check --json" python3 -c 'import json, sys
findings = [json.loads(line) for line in open(sys.argv[1])]
keys = {"file", "device", "idstr", "instance", "owner", "path", "option", "outcome", "offset", "witness"}
assert all(keys <= set(finding) for finding in findings)
assert {finding["outcome"] for finding in findings} == {"reject", "truncated", "corrupt"}
assert any(finding["owner"] == "xmm_reg" and finding["witness"].startswith("0508786d6d5f726567") for finding in findings)
assert len(findings) == int(sys.argv[2])' "$work/out" "$(ls "$work/witnesses" | wc -l)"
    check "check --emit writes what the reader falls for" check_emitted
    run check --emit "$work/nowhere" "$q35"
    check "check --emit into no folder" test "$status" = 2 -a -s "$work/err"
    "$vmwire" convert --to flagday --output "$work/flagday" "$q35"
    run check --option flagday "$work/flagday"
    check "check of a clean stream" test "$status" = 0 -a ! -s "$work/err"
    run check "$work/text"
    check "check of what is not a stream" test "$status" = 2 -a ! -s "$work/out"
}

# ---- Memory ----------------------------------------------------------------------------------------

# At most four times the input and 16 MB: once the input itself, which is mapped, and 4 MB for the
# program and its libraries; the rest is a limit on its data that the kernel sees to.
check_memory() { # FILE...
    local file size status
    for file in "$@"; do
        head -c $(($(stat -c %s "$file") / 2)) "$file" >"$work/half"
        for input in "$file" "$work/half"; do
            size=$(stat -c %s "$input")
            (
                ulimit -d $(((3 * size + (12 << 20)) / 1024))
                exec "$plain" parse "$input" >/dev/null 2>&1
            )
            status=$?
            ((status == 0 || status == 2)) || {
                echo "$file, $size bytes: status $status"
                return 1
            }
        done
    done
}

# ---- Golden trees ----------------------------------------------------------------------------------

golden_trees=(bookworm-microvm bookworm-s390x-virtio trixie-microvm-mapped-ram)

golden_tree() {
    "$vmwire" parse "$streams/$1.vmstate"
}

if [[ ${1:-} == --update ]]; then
    mkdir -p $golden
    for name in "${golden_trees[@]}"; do
        golden_tree "$name" >"$golden/$name.txt" || exit 1
    done
    exit 0
fi

[[ -x $vmwire ]] || {
    echo "not ok the program $vmwire is there"
    exit 1
}
make_inputs || exit 1
check_usage
check_bad_inputs
check_parse
check_convert
check_compare
check_check
mapfile -t largest < <(ls -S $streams/*.vmstate | head -n 5)
check "memory" check_memory "${largest[@]}"
for name in "${golden_trees[@]}"; do
    check "golden tree of $name" diff "$golden/$name.txt" <(golden_tree "$name")
done

echo "$passed passed, $failed failed"
((failed == 0))
