#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tests the command line of vmwire: exit status, errors in text and in JSON, pipes. Compares the trees of three
# real captures with those in tests/golden, which a person has checked.
#
#     tests/cli.sh             tests $VMWIRE, or build/vmwire if it is not set
#     tests/cli.sh --update    writes tests/golden again; check the difference before you commit it
#
# Every check prints `ok NAME`, or `not ok NAME` and the output of the failed check.
# shellcheck disable=SC2002,SC2012,SC2016,SC2030,SC2031,SC2094
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

vmwire=${VMWIRE:-build/vmwire}
plain=${VMWIRE_PLAIN:-build/vmwire} # without sanitizers: its memory is measured, and with them it takes five times as long
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

def structure(name, *subsections):
    more = {"subsections": list(subsections)} if subsections else {}
    return {"vmsd_name": name, "version": 1, "fields": [byte], **more}

def subsection(name):
    return b"\5" + bytes([len(name)]) + name + be32(1) + b"\2"
def part(name, *subsections):
    value = {"vmsd_name": name, "version": 1, "fields": [byte]}
    return field("in", "struct", 1, struct={**value, "subsections": list(subsections)} if subsections else value)

def items(size):
    return part("S") | {"array_len": size}

one = section(b"\1")
private, free = field("p", "virtio", 9), field("f", "buffer", 9)
odd = {"vmsd_name": "S/b", "version": 1, "fields": [byte]}
files = {
    "empty": b"",
    "text": b"hello, world\n",
    "version-2": stream(one, device(byte), 2),
    "version-9": stream(one, device(byte), 9),
    "unknown-item": stream(one + b"\x2a", device(byte)),
    "never-started": stream(b"\2" + be32(7), device(byte)),
    "no-schema": stream(section(b"\1", b"elsewhere"), device(byte)),
    "no-description": stream(one),
    "no-grammar": stream(b"\1" + be32(1) + b"\5other" + be32(0) + be32(2)),
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
    "nested": stream(section(b"\1" + subsection(b"dev/a") + subsection(b"dev/a/b")),
                     device(byte, subsections=[structure("dev/a", structure("dev/a/b"))])),
    "not-utf8": stream(section(b"\1", b"d\xff\xfev"), device(byte)),
    "escape": stream(section(b"\1", b"\x1b[31m\n"), device(byte)),
    "unread": stream(one, device(byte)) + b"more",
    "cut": stream(one, device(byte))[:20],
    "good": stream(one, device(byte)),
    "opaque": stream(section(bytes(10)), device(byte, private)),
    "undecided": stream(section(bytes(10)), device(part("S"), private)),
    "both": stream(section(bytes(20)), device(part("S"), private, part("S"), free)),
    "large.json": json.dumps(device(items(200000000))).encode(),
    "large-subsection.json": json.dumps(device(
        part("S"), byte, byte,
        subsections=[{"vmsd_name": "dev/x", "version": 1, "fields": [items(200000000)]}])).encode(),
    "odd-name": stream(section(b"\1\5\5S/b\0\xff" + be32(1) + b"\2" + bytes(20)),
                       device(part("S", odd) | {"size": 11}, field("f", "buffer", 20))),
    "far-page": stream(b"\1" + be32(9) + b"\3ram" + be32(0) + be32(4) + (4096 | 4).to_bytes(8, "big") + b"\6pc.ram"
                       + (4096).to_bytes(8, "big") + (0x10).to_bytes(8, "big") + b"\x7e" + be32(9) + b"\2" + be32(9)
                       + 0xfffffffffffff002.to_bytes(8, "big") + b"\6pc.ram" + b"\0" + (0x10).to_bytes(8, "big")
                       + b"\x7e" + be32(9) + one, {"page_size": 4096, **device(byte)}),
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
    refuses "an iterable without a grammar" "no grammar for iterable section \"other\"" \
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
    refuses "to convert a subsection of a subsection to guarded" \
        'subsection "dev/a" declares subsections of its own, which the writer asserts it does not' \
        convert --to guarded "$work/nested"
    refuses "a subsection of a subsection under guarded" \
        'subsection "dev/a" declares subsections of its own, which the reader asserts it does not' \
        parse --option guarded "$work/nested"
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
    misused "an unknown option" "no option" parse --bake "$small"
    misused "a file that looks like an option" 'no option "-+"; a file of such a name follows --' skew -+x "$small"
    misused "a value that is missing at the end" 'no option "--baseline", or its value is missing' skew "$small" "$small" --baseline
    misused "an unknown protocol option" 'no protocol option "bake"' parse --option bake "$small"
    misused "no file" "no FILE" parse
    misused "convert without --to" "no --to" convert "$small"
    for option in "--to flagday" "--output x" --drop-ram "--qemu x" "--root x" --stats --all; do
        # shellcheck disable=SC2086
        misused "check $option" "check takes no ${option% *}" check $option "$small"
    done
    for option in "--certificate x" "--output x" --drop-ram "--qemu x" "--root x" --stats --all; do
        # shellcheck disable=SC2086
        misused "skew $option" "skew takes no ${option% *}" skew $option "$small" "$small"
    done
    misused "parse --strict" "parse takes no --strict" parse --strict "$small"
    for option in --help --version; do
        run $option
        check "$option" test "$status:$(wc -c <"$work/err")" = 0:0 -a -s "$work/out"
    done
    for name in parse convert compare legacy guarded heuristic flagday standalone toplevel framed consistent combined described asn1 --schema --strict; do
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
    # Of no structure of the stream this program knows anything, and virtio has some without a name.
    run parse --stats --schema corpus/schemas/bookworm-avr.program.json corpus/guest/virtqueue.vmstate
    check "a schema of another machine" test "$status" = 0
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
    check "a number above 2^63 - 1 is a string" grep -q '"value":"0xfffffffffffff000",' <("$vmwire" parse --json "$work/far-page")
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
    for option in heuristic guarded flagday standalone toplevel framed consistent combined asn1; do
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
}

# ---- compare ---------------------------------------------------------------------------------------

check_compare() {
    run compare --costs "$small"
    check "compare --costs" test \
        "$status:$(grep -c -E '^(legacy|guarded|heuristic|flagday|standalone|toplevel|framed|consistent|combined|described|asn1) ' "$work/out")" = 0:11
    run compare --costs --json "$small"
    check "compare --costs --json" python3 -c 'import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
outcomes = {row["option"]: row["outcome"] for row in rows if "outcome" in row}
assert outcomes["legacy"] == "reject", outcomes
assert all(outcomes[o] == "exact" for o in ("heuristic", "flagday", "standalone", "toplevel", "framed", "consistent", "asn1")), outcomes' "$work/out"
    run compare "$small"
    check "compare" grep -q 'heuristic) can be made to refuse at 70 of 101 tails, and is misled in silence at 0' "$work/out"
    vmwire=$plain run compare --json --existing corpus/schemas/bullseye-x86_64.json $streams/bookworm-q35.vmstate
    check "compare --json" python3 -c 'import json, sys
rows = {row["summary"]: row for row in map(json.loads, open(sys.argv[1])) if "summary" in row}
misled = {name: (row["tails_reject"], row["tails_silent"]) for name, row in rows.items() if row["decided"]}
assert misled["guarded"] == misled["combined"] == (1, 1) and misled["heuristic"] == (550, 1), misled
assert misled["older-guarded"] == misled["guarded"] and misled["backported"] == misled["bumped"] == (550, 1), misled
assert all(misled[name] == (0, 0) for name in ("flagday", "standalone", "toplevel", "described", "fields")), misled
assert rows["toplevel-existing"]["unknown_refused"] == 3 < rows["toplevel"]["unknown_refused"] == 7, rows
before = {name: row["before_exact"] for name, row in rows.items()}
assert before["described"] == before["combined"] == before["backported"] == 1, before
assert not any(before[name] for name in ("flagday", "standalone", "toplevel", "bumped", "fields", "older-legacy")), before
assert rows["bumped"]["sections_refused"] == 4 and rows["bumped"]["sections"] == 29, rows["bumped"]
assert rows["flagday-new"]["new_machines"] == 1 and rows["flagday-new"]["since"] == "7.2", rows["flagday-new"]
assert rows["described"]["held"] > 70000 and rows["heuristic"]["held"] < 100, rows["described"]' "$work/out"
    vmwire=$plain run compare --json --since 7.3 $streams/bookworm-pc.vmstate
    check "compare --since" grep -q '"summary":"flagday-new".*"tails_reject":345.*"new_machines":0' "$work/out"
    refuses "compare: a page on standard output" "expected a file for the page" compare --html - "$small"
    run compare corpus/witnesses # with --json they are shown
    check "compare of witnesses alone" test "$status" = 2 -a ! -s "$work/out" -a -s "$work/err"
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

# The exit status, and the conclusion that the summary of --json and the headline begin with.
concludes() { # NAME STATUS SENTENCE ARGUMENTS...
    local name=$1 expected=$2 sentence=$3
    shift 3
    run "$@"
    if ((status == expected)) && head -n 1 "$work/out" | grep -q ": ${sentence}[.:]"; then
        passes "$name"
    else
        fails "$name" "exit status $status, $(cat "$work/err") $(head -n 1 "$work/out")"
    fi
    run "$@" --json
    if ((status == expected)) && tail -n 1 "$work/out" | grep -q "^{\"summary\":\"$sentence\""; then
        passes "$name, in JSON"
    else
        fails "$name, in JSON" "exit status $status, $(cat "$work/err") $(tail -n 1 "$work/out")"
    fi
}

# What the last run with --json printed: each kind of object has its keys, and the summary counts them.
check_objects() {
    python3 -c 'import json, sys
*objects, summary = [json.loads(line) for line in open(sys.argv[1])]
common = {"file", "device", "idstr", "instance", "owner", "path", "option", "offset", "elements"}
findings = [each for each in objects if "outcome" in each]
undecided = [each for each in objects if "undecided" in each and "path" in each]
others = [each for each in objects if "undecided" in each and "path" not in each]
assert len(findings) + len(undecided) + len(others) == len(objects)
assert sum(each.get("subsections", 0) for each in others) == summary["unfollowed_subsections"]
assert all(common | {"witness"} <= set(each) for each in findings)
assert all(common <= set(each) and each["undecided"] for each in undecided)
assert summary["undecided"] == sum(each["elements"] for each in undecided)
for outcome in ("reject", "truncated", "corrupt"):
    assert summary[outcome] == sum(each["elements"] for each in findings if each["outcome"] == outcome), summary
expected = json.loads(sys.argv[2])
assert expected.items() <= summary.items(), summary' "$work/out" "$1"
}

check_conclusions() {
    local silent="the reader can be misled silently" reject="the reader can be made to reject"
    local rejects="$reject, and more is undecided"
    concludes "nothing is found" 0 "clean" check "$work/good"
    concludes "nothing is found, --strict" 0 "clean" check --strict "$work/good"
    concludes "something is found" 1 "$silent" check $streams/bookworm-q35.vmstate
    concludes "something is undecided" 3 "undecided" check "$work/undecided"
    check "an undecided tail has its reason" check_objects \
        '{"tails": 2, "clean": 1, "undecided": 1, "opaque_fields": 1, "opaque_bytes": 9}'
    concludes "something is undecided for another reader" 3 "undecided" skew --contrived "$work/undecided" "$work/undecided"
    concludes "both" 1 "$rejects" check "$work/both"
    check "both are counted" check_objects '{"tails": 3, "clean": 1, "reject": 1, "undecided": 1, "opaque_bytes": 9}'
    concludes "both, --strict" 3 "$rejects" check --strict "$work/both"
    concludes "both, skew --contrived --strict" 3 "$rejects" skew --contrived --strict "$work/both" "$work/both"
    concludes "private encodings alone" 0 "clean" check "$work/opaque"
    check "what is not analysed is counted" check_objects '{"clean": 1, "opaque_fields": 1, "opaque_bytes": 9}'
    concludes "private encodings alone, --strict" 3 "clean" check --strict "$work/opaque"
    check "the headline counts" grep -q 'Of 3 tails 1 are clean, 1 can make the reader reject, 0 truncate silently, 0 '`
        `'corrupt silently, 1 are undecided. Fields not analysed: 1 (9 bytes)' <("$vmwire" check "$work/both")
    run check "$work/undecided" "$work/good"
    check "the worst of several files: undecided" test "$status" = 3
    run check "$work/undecided" $streams/bookworm-q35.vmstate
    check "the worst of several files: findings" test "$status" = 1
    run check --strict "$work/undecided" $streams/bookworm-q35.vmstate "$work/text"
    check "the worst of several files: bad input" test "$status" = 2
    concludes "another stream version" 1 "every state is rejected" skew --contrived --to flagday "$small" "$small"
    run skew --contrived --to flagday "$work/text" "$small"
    check "another stream version, and a bad input" test "$status" = 2 -a ! -s "$work/out"
    concludes "skew of another machine" 1 "the reader can be misled silently, and more is undecided" \
        skew --contrived $streams/bookworm-s390x-virtio.vmstate $streams/bookworm-pc.vmstate
    check "a device that the reader lacks needs no bytes, and a section has no structure" grep -q \
        '"device":null,"idstr":"s390-skeys",.*"outcome":"reject",.*"witness":"","bytes":\[\]' "$work/out"
    concludes "skew --ambiguity" 0 "clean" skew --contrived --ambiguity "$small" "$small"
    local older=corpus/schemas/bullseye-x86_64.json
    "$vmwire" convert --to toplevel --existing $older --output "$work/toplevel" $streams/bookworm-q35.vmstate
    concludes "skew with --existing" 1 "the reader can be misled silently" skew --contrived --option toplevel --existing $older "$work/toplevel" \
        "$work/toplevel"
    concludes "skew --all-states with several --schema" 1 "the reader can be misled silently, and more is undecided" \
        skew --contrived --all-states --option toplevel --existing $older --schema $older \
        --schema corpus/schemas/bookworm-x86_64.json "$work/toplevel" "$work/toplevel"
    check "tails with a finding, where more is undecided, count in both" check_objects '{}'
    check "there are such tails" grep -q '^{"undecided":.*"findings":true}' "$work/out"
    run skew --contrived --option toplevel "$work/toplevel" "$work/toplevel"
    check "skew without it" test "$status" = 2
}

# A description of a few hundred bytes may describe an array of any length.
check_large_arrays() {
    (
        ulimit -v 6000000
        vmwire=$plain
        concludes "a large array" 3 "undecided" check "$work/large.json"
        concludes "a large array in the reader" 3 "undecided" skew --contrived "$work/good" "$work/large.json"
        concludes "a large array in a subsection" 3 "undecided" check --option flagday "$work/large-subsection.json"
        echo "$passed $failed" >"$work/counts"
    )
    read -r passed failed <"$work/counts"
}

check_check() {
    local q35=$streams/bookworm-q35.vmstate
    run check "$q35"
    check "check finds, and says where" test "$status" = 1 -a ! -s "$work/err"
    check "check shows bytes beside the fields" grep -q '05 08 78 6d 6d 5f 72 65  "..xmm_re"  in cpu _q_ZMMReg' "$work/out"
    mkdir "$work/witnesses"
    run check --json --emit "$work/witnesses" "$q35"
    check "check --json" python3 -c 'import json, sys
*findings, summary = [json.loads(line) for line in open(sys.argv[1])]
assert summary["reject"] > summary["truncated"] == summary["corrupt"] == 1, summary
keys = {"file", "device", "idstr", "instance", "owner", "path", "option", "outcome", "offset", "witness"}
assert all(keys <= set(finding) for finding in findings)
assert {finding["outcome"] for finding in findings} == {"reject", "truncated", "corrupt"}
assert any(finding["owner"] == "xmm_reg" and finding["witness"].startswith("0508786d6d5f726567") for finding in findings)
assert len(findings) == int(sys.argv[2])' "$work/out" "$(ls "$work/witnesses" | wc -l)"
    check "check --emit writes what the reader falls for" check_emitted
    "$vmwire" convert --to flagday --output "$work/flagday" "$q35"
    run check --option flagday "$work/flagday"
    check "check of a clean stream" test "$status" = 0 -a ! -s "$work/err"
    run check "$work/text"
    check "check of what is not a stream" test "$status" = 2 -a ! -s "$work/out"
}

# ---- Memory ----------------------------------------------------------------------------------------

# Old-style sections have no structure name; the reader of another machine lacks them.
check_skew() {
    run skew --contrived $streams/bookworm-s390x-virtio.vmstate $streams/bookworm-pc.vmstate
    check "skew of sections without a structure" test "$status" = 1
    check "skew says that the device is missing" grep -q 'the reader does not have this device' "$work/out"
    run skew --contrived --json $streams/bookworm-s390x-virtio.vmstate $streams/bookworm-pc.vmstate
    check "skew --json of sections without a structure" python3 -c 'import json, sys
assert None in [json.loads(line).get("device") for line in open(sys.argv[1])]' "$work/out"
    check_skew_of_elements
    check_ranges_of_stream
    check_omissions
    check_types_of_dump
    check_readers_from_pipes
    check_opaque_fields_of_elements
}

# A schema of a device with these fields, and with these subsections.
device() { # FIELDS SUBSECTIONS
    echo "{\"devices\":[{\"name\":\"d\",\"instance_id\":0,\"vmsd_name\":\"d\",\"version\":1,\"fields\":[$1],\"subsections\":[$2]}]}"
}

# asn1: what the writer may leave out, and fields that have changed places.
check_skew_of_elements() {
    local a='{"name":"a","type":"uint32","size":4}' b='{"name":"b","type":"uint32","size":4}'
    device "$a,$b" '{"vmsd_name":"d/x","version":1,"fields":[]}' >"$work/more.json"
    device "$a,$b" '' >"$work/less.json"
    device "$b,$a" '' >"$work/exchanged.json"
    concludes "asn1: a subsection that the reader does not know" 1 "the reader can be made to reject" \
        skew --contrived --all-states --option asn1 "$work/more.json" "$work/less.json"
    concludes "asn1: a subsection more at the reader" 0 "clean" skew --contrived --all-states --option asn1 "$work/less.json" "$work/more.json"
    concludes "asn1: two fields exchanged" 1 "the reader can be misled silently" \
        skew --contrived --option asn1 "$work/less.json" "$work/exchanged.json"
    check_changed_values
}

# A state of asn1 in which another value stands, that is longer than the one before: it is told and written.
check_changed_values() {
    device '{"name":"a","type":"uint8","size":1},{"name":"b","type":"uint32","size":4}' '' >"$work/narrow.json"
    device '{"name":"b","type":"uint32","size":4},{"name":"a","type":"uint8","size":1}' '' >"$work/wide.json"
    run skew --contrived --option asn1 "$work/narrow.json" "$work/wide.json"
    check "asn1: a value out of range" grep -q 'the state holds ff ff ff ff in b' "$work/out"
    check "asn1: two values that differ" grep -q 'the state holds 01 in a' "$work/out"
    mkdir "$work/changed"
    run skew --contrived --json --option asn1 --emit "$work/changed" "$work/narrow.json" "$work/wide.json"
    check "asn1: changed values, in JSON" python3 -c 'import json, sys
found = {line["outcome"]: line["holds"] for line in map(json.loads, open(sys.argv[1])) if "outcome" in line}
assert found == {"reject": [{"idstr": "d", "field": "b", "data": "ffffffff"}],
                 "corrupt": [{"idstr": "d", "field": "a", "data": "01"}]}, found' "$work/out"
    run parse --option asn1 --schema "$work/narrow.json" "$work"/changed/*reject
    check "asn1: the witness is a state of the writer" test "$status" = 0
    run parse --option asn1 --schema "$work/wide.json" "$work"/changed/*reject
    check "asn1: the witness is refused" grep -q 'beyond\|range' "$work/err"
    run parse --option asn1 --schema "$work/wide.json" "$work"/changed/*corrupt
    check "asn1: the witness is misread" grep -q 'b .*01' "$work/out"
}

# The witness of a value out of range is refused in its own section, also where the stream has values of that kind in earlier ones.
check_ranges_of_stream() {
    # In postcopy, without a description: the reader's layouts are those of --schema.
    run convert --to asn1 --schema $streams/bookworm-pc.vmstate --output "$work/ranges.asn1" $streams/bookworm-pc-postcopy.vmstate
    python3 - $streams/bookworm-pc.vmstate >"$work/signed.json" <<'PY'
import json, sys
data = open(sys.argv[1], "rb").read()
print(data[data.rfind(b'{"page_size"'):].decode().replace('"type": "uint32"', '"type": "int32"').replace('"type":"uint32"', '"type":"int32"'))
PY
    mkdir "$work/ranges"
    run skew --contrived --json --option asn1 --schema $streams/bookworm-pc.vmstate --emit "$work/ranges" "$work/ranges.asn1" "$work/signed.json"
    check "asn1: each witness of a range is refused in its own section" python3 - "$vmwire" "$work/out" "$work/signed.json" \
        "$work/ranges" <<'PY'
import json, pathlib, re, subprocess, sys
program, answers, reader, folder = sys.argv[1:]
found = [line for line in map(json.loads, open(answers)) if line.get("outcome") == "reject"]
files = sorted(pathlib.Path(folder).iterdir(), key=lambda path: int(re.search(r"-(\d+)-reject", path.name)[1]))
assert len(found) == len(files) > 8, (len(found), len(files))
assert any(len({value["idstr"] for value in line.get("holds", [])}) > 1 for line in found)
for line, path in zip(found, files):
    output = subprocess.run([program, "parse", "--json", "--option", "asn1", "--schema", reader, path], capture_output=True, text=True)
    error = json.loads(output.stderr.splitlines()[-1] if output.stderr else output.stdout.splitlines()[-1])
    assert line["idstr"] in error["section"], (path, line["idstr"], error)
PY
}

# What a state can send and no search follows: the elements of a list of which the stream has none, a subsection behind its
# section, the second one of a name. It is harmless only where no option of that kind can be misled.
check_omissions() {
    local option
    echo '{"devices":[{"name":"d","instance_id":0,"vmsd_name":"d","version":1,"fields":[{"name":"a","type":"uint8","size":1},{"name":"l","type":"qtailq","size":60,"vmsd_name":"L","version":1,"fields":[{"name":"s","type":"struct","size":11,"struct":{"vmsd_name":"S","version":1,"fields":[{"name":"x","type":"uint8","size":1}],"subsections":[{"vmsd_name":"S/a","version":1,"fields":[{"name":"q","type":"uint8","size":1}]}]}},{"name":"g","type":"buffer","size":24}]}]}]}' >"$work/list.json"
    echo '{"devices":[{"name":"d","instance_id":0,"vmsd_name":"d","version":1,"fields":[{"name":"a","type":"uint8","size":1}],"subsections":[{"vmsd_name":"d/n","version":1,"fields":[{"name":"s","type":"struct","size":11,"struct":{"vmsd_name":"S","version":1,"fields":[{"name":"x","type":"uint8","size":1}],"subsections":[{"vmsd_name":"S/a","version":1,"fields":[{"name":"q","type":"uint8","size":1}]}]}},{"name":"g","type":"buffer","size":24}]}]}]}' >"$work/new.json"
    echo '{"d":{"Name":"d","version_id":1,"minimum_version_id":1,"Description":{"name":"d","version_id":1,"minimum_version_id":1,"Fields":[{"field":"s","version_id":0,"field_exists":false,"size":1,"Description":{"name":"S","version_id":1,"minimum_version_id":1,"Fields":[{"field":"x","version_id":0,"field_exists":false,"size":1}],"Subsections":[{"name":"S/a","version_id":1,"minimum_version_id":1,"Fields":[{"field":"q","version_id":0,"field_exists":false,"size":1}]}]}}]}}}' >"$work/old.json"
    echo '{"devices":[{"name":"d","instance_id":0,"vmsd_name":"d","version":1,"fields":[{"name":"a","type":"uint8","size":1}],"subsections":[{"vmsd_name":"d/x","version":1,"fields":[{"name":"q","type":"uint8","size":1}]},{"vmsd_name":"d/x","version":1,"fields":[{"name":"r","type":"buffer","size":9}]}]}]}' >"$work/twice.json"
    echo '{"devices":[{"name":"d","instance_id":0,"vmsd_name":"d","version":1,"fields":[{"name":"a","type":"uint8","size":1},{"name":"l","type":"qtailq","size":29,"vmsd_name":"L","version":1,"fields":[{"name":"x","type":"uint8","size":1}],"subsections":[{"vmsd_name":"L/x","version":1,"fields":[{"name":"q","type":"uint8","size":1}]},{"vmsd_name":"L/x","version":1,"fields":[{"name":"r","type":"buffer","size":9}]}]}]}]}' >"$work/twice-in-list.json"
    for option in heuristic legacy guarded combined consistent described; do
        concludes "$option: elements that may send subsections" 3 "undecided" check --all-states --option "$option" "$work/list.json"
    done
    for option in flagday standalone framed asn1; do
        concludes "$option: elements that may send subsections" 0 "clean" check --all-states --option "$option" "$work/list.json"
    done
    concludes "toplevel: an existing subsection in a new one" 3 "undecided" \
        check --all-states --option toplevel --existing "$work/old.json" "$work/new.json"
    for option in standalone toplevel; do
        concludes "$option: two subsections of one name" 3 "undecided" check --all-states --option "$option" "$work/twice.json"
    done
    concludes "asn1: two of one name in elements" 3 "undecided" check --all-states --option asn1 "$work/twice-in-list.json"
}

# A dump does not tell the types of fields: in DER, what the reader expects is not known.
check_types_of_dump() {
    echo '{"devices":[{"name":"d","instance_id":0,"vmsd_name":"d","version":1,"fields":[{"name":"a","type":"uint8","size":1}],"subsections":[{"vmsd_name":"d/x","version":1,"fields":[{"name":"q","type":"uint32","size":4}]}]}]}' >"$work/with.json"
    echo '{"devices":[{"name":"d","instance_id":0,"vmsd_name":"d","version":1,"fields":[{"name":"a","type":"uint8","size":1}]}]}' >"$work/without.json"
    echo '{"d":{"Name":"d","version_id":1,"minimum_version_id":1,"Description":{"name":"d","version_id":1,"minimum_version_id":1,"Fields":[{"field":"a","version_id":0,"field_exists":false,"size":1}],"Subsections":[{"name":"d/x","version_id":1,"minimum_version_id":1,"Fields":[{"field":"q","version_id":0,"field_exists":false,"size":4}]}]}}}' >"$work/dump.json"
    concludes "asn1: the writer's layout is from a dump" 3 "undecided" \
        skew --contrived --all-states --option asn1 --schema "$work/dump.json" "$work/without.json" "$work/with.json"
}

# A pipe with a reader or a schema is judged as the stream that it has, not as the option says.
check_readers_from_pipes() {
    run convert --to asn1 --output "$work/in.asn1" $streams/bookworm-pc.vmstate
    run skew --contrived --json --option asn1 "$work/in.asn1" $streams/bookworm-pc.vmstate
    sed 's/"reader_file":"[^"]*"//' "$work/out" >"$work/from-file"
    "$vmwire" skew --contrived --json --option asn1 "$work/in.asn1" <(cat $streams/bookworm-pc.vmstate) 2>&1 |
        sed 's/"reader_file":"[^"]*"//' >"$work/from-pipe"
    check "a reader of another stream version from a pipe" diff "$work/from-file" "$work/from-pipe"
    "$vmwire" asn1 "$work/in.asn1" >"$work/from-file"
    "$vmwire" asn1 - < <(cat "$work/in.asn1") >"$work/from-pipe" 2>&1
    check "asn1 of a pipe" diff "$work/from-file" "$work/from-pipe"
    : >"$work/empty"
    run asn1 "$work/empty"
    check "asn1 of nothing" test "$status" = 2
    run check --certificate "$work/a.certificate" $streams/bookworm-microvm.vmstate
    check "vmwire-verify of a pipe" bash -c "cat $streams/bookworm-microvm.vmstate | '$vmwire-verify' '$work/a.certificate' - | grep -q '^accepted'"
}

# Fields in private encodings count under asn1, too.
check_opaque_fields_of_elements() {
    run convert --to asn1 --output "$work/opaque.asn1" $streams/bookworm-ppc64-pseries.vmstate
    run check --strict --option asn1 "$work/opaque.asn1"
    check "asn1: fields that are not analysed" test "$status" = 3 -a -n "$(grep 'Fields not analysed: [1-9]' "$work/out")"
}

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
check_conclusions
check_large_arrays
run check --json --all-states "$work/odd-name"
check "a name that is not UTF-8 in an array" python3 -c 'import json, sys
findings = [json.loads(line) for line in open(sys.argv[1]) if "sends" in line]
assert any({"name": "S/b\0\ufffd", "name_hex": "532f6200ff"} in finding["sends"] for finding in findings)' "$work/out"
check "names that are not UTF-8" tests/json_names.py "$vmwire" "$small" $streams/forky-s390x-virtio.vmstate
check_skew
mapfile -t largest < <(ls -S $streams/*.vmstate | head -n 5)
check "memory" check_memory "${largest[@]}"
for name in "${golden_trees[@]}"; do
    check "golden tree of $name" diff "$golden/$name.txt" <(golden_tree "$name")
done

echo "$passed passed, $failed failed"
((failed == 0))
