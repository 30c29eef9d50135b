#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tests `vmwire replay`: on a folder made here, on wrong manifests, and with a real QEMU that is fed a capture
# unmodified and with a witness in it.
#
# Every check prints `ok NAME`, or `not ok NAME` and the output of the failed check.
# shellcheck disable=SC2016
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

vmwire=${VMWIRE:-build/vmwire}
streams=$PWD/corpus/streams
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# ---- Checking --------------------------------------------------------------------------------------

# The program's exit status, and a text in what it prints.
expect() { # NAME STATUS TEXT ARGUMENTS...
    local name=$1 status=$2 text=$3 found
    shift 3
    "$vmwire" "$@" >"$work/out" 2>"$work/err"
    found=$?
    if ((found == status)) && grep -qF -- "$text" "$work/out" "$work/err"; then
        echo "ok $name"
    else
        echo "not ok $name"
        echo "# exit status $found, expected $status and: $text"
        sed 's/^/# /' "$work/out" "$work/err" | head -n 20
        failed=1
    fi
}

# One line of error, no output, in text and in JSON.
refuses() { # NAME TEXT ARGUMENTS...
    local name=$1 text=$2
    shift 2
    expect "refuses $name" 2 "$text" "$@"
    holds "refuses $name: one line, no output" test ! -s "$work/out" -a "$(wc -l <"$work/err")" = 1
    expect "refuses $name, in JSON" 2 '"message"' --json "$@"
}

holds() { # NAME COMMAND...
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        echo "ok $name"
    else
        echo "not ok $name"
        sed 's/^/# /' <<<"$output" | head -n 20
        failed=1
    fi
}

# A condition in Python on `rows`, the objects that were printed last.
rows_say() { # NAME CONDITION
    holds "$1" python3 -c 'import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert eval(sys.argv[2]), rows' "$work/out" "$2"
}

# ---- Folders ---------------------------------------------------------------------------------------

# A folder with the entry of a shipped capture and a copy of its files, changed by a statement in Python on `entry`.
folder() { # FOLDER CAPTURE STATEMENT
    mkdir -p "$1"
    python3 - "$streams" "$@" <<'PYTHON'
import json, os, shutil, sys
streams, folder, capture, statement = sys.argv[1:]
def relative(path):
    name = "copy-of-" + os.path.basename(path)
    shutil.copy(os.path.join(streams, path), os.path.join(folder, name))
    return name
entry = next(each for each in json.load(open(f"{streams}/manifest.json")) if each["name"] == capture)
entry["file"] = relative(entry["file"])
entry["schemas"] = [relative(schema) for schema in entry["schemas"]]
exec(statement)
json.dump([entry], open(f"{folder}/manifest.json", "w"))
PYTHON
}

# A folder with a witness of `vmwire check` in a capture: the first one at the tail of OWNER.
witness() { # FOLDER CAPTURE OWNER
    mkdir -p "$1/all"
    "$vmwire" check --emit "$1/all" --json "$streams/$2.vmstate" >"$1/findings"
    local number
    number=$(grep -n "\"owner\":\"$3\"" "$1/findings" | head -n 1 | cut -d: -f1)
    cp "$1/all/$2.vmstate-heuristic-$((number - 1))-reject" "$1/stream"
    folder "$1" "$2" 'entry.update(original=entry["file"], file="stream", expected={"heuristic": "reject"})
del entry["size"], entry["sha256"]'
}

# ---- Reference parsers -----------------------------------------------------------------------------

check_references() {
    local good='entry["expected"] = {"heuristic": "exact", "guarded": "exact", "legacy": "reject"}'
    folder "$work/good" bookworm-microvm "$good"
    expect "as expected" 0 "of 3 outcomes that the manifest expects, 3 are as expected, 0 differ" replay "$work/good"
    expect "as expected, in JSON" 0 '"differs":false' replay --json "$work/good"
    rows_say "an object a stream, a cell an option" \
        'len(rows) == 1 and set(rows[0]["options"]) == {"legacy", "guarded", "heuristic", "toplevel", "consistent", "combined", "described"}'
    folder "$work/wrong" bookworm-microvm 'entry["expected"] = {"heuristic": "truncated"}'
    expect "not as expected" 1 "heuristic: expected truncated, found exact" replay "$work/wrong"
    expect "several folders" 1 "2 streams; of 4 outcomes" replay "$work/good" "$work/wrong"
    for option in flagday standalone; do
        mkdir -p "$work/$option"
        "$vmwire" convert --to $option --output "$work/$option/stream" "$streams/bookworm-microvm.vmstate"
        folder "$work/$option" bookworm-microvm "del entry['size'], entry['sha256']
entry.update(file='stream', original=entry['file'], expected={'$option': 'exact'})"
        expect "$option reads streams of its version" 0 "1 are as expected" replay "$work/$option"
    done
    witness "$work/witness" bookworm-microvm xmm_reg
    expect "a witness is rejected" 0 '"expected":"reject"' replay --json "$work/witness"
    rows_say "it says where" 'rows[0]["options"]["heuristic"]["message"].startswith("subsection \"xmm_reg")'
    rows_say "another reader takes it for something else" 'rows[0]["options"]["guarded"]["outcome"] != "reject"'
    # The reader takes a 00 between two sections for the end.
    folder "$work/truncated" bookworm-microvm "
data = bytearray(open(os.path.join(folder, entry['file']), 'rb').read())
second = data.index(b'cpu_common') - 6
open(f'{folder}/stream', 'wb').write(data[:second] + b'\\0' + data[second:])
del entry['size'], entry['sha256']
entry.update(file='stream', original=entry['file'], expected={'heuristic': 'truncated'})"
    expect "a 00 in the middle truncates" 0 "1 are as expected" replay "$work/truncated"
}

# ---- Bad input -------------------------------------------------------------------------------------

check_bad_input() {
    local name statement text
    while IFS='|' read -r name statement text; do
        folder "$work/bad" bookworm-microvm "$statement"
        refuses "$name" "$text" replay --qemu qemu-system-x86_64 "$work/bad"
    done <<'BAD'
an entry without a file|del entry["file"]|entry 0: "file": expected a string, found nothing
a file that is not there|entry["file"] = "nowhere"|entry 0: file "nowhere" cannot be opened: No such file
a file of another size|entry["size"] += 1|but the manifest says
a size that is no integer|entry["size"] = 7.5|entry 0: "size": expected an integer of at least 0, found 7.5
a size with a fraction of nothing|entry["size"] = float(entry["size"])|"size": expected an integer of at least 0, found
a size below nothing|entry["size"] = -1|"size": expected an integer of at least 0, found -1
a size in a string|entry["size"] = str(entry["size"])|"size": expected an integer of at least 0, found a string
a size that is true|entry["size"] = True|"size": expected an integer of at least 0, found true
a size that no integer holds|entry["size"] = 2 ** 64|too big integer
a size that no number holds|entry["size"] = 10 ** 400|too big integer
a file of another digest|entry["sha256"] = "00" * 32|its sha256 is not the one
a digest that is a number|entry["sha256"] = 7|entry 0: "sha256": expected a string, found 7
a digest that is null|entry["sha256"] = None|"sha256": expected a string, found null
a file that is null|entry["file"] = None|"file": expected a string, found null
a name that is a list|entry["name"] = []|"name": expected a string, found a list
an original that is false|entry["original"] = False|"original": expected a string, found false
a release that is a number|entry["qemu"] = 7.2|"qemu": expected a string, found 7.2
schemas that are no list|entry["schemas"] = 7|"schemas": expected a list of strings, found 7
schemas that are null|entry["schemas"] = None|"schemas": expected a list of strings, found null
a schema that is no string|entry["schemas"] = [{}]|"schemas": expected a list of strings, found an object in it
a schema that is not there|entry["schemas"] = ["nowhere"]|schema "nowhere" cannot be opened: No such file
an outcome that there is not|entry["expected"] = {"heuristic": "fine"}|"expected" names no option
an option that there is not|entry["expected"] = {"guess": "exact"}|"expected" names no option
an expectation that is no object|entry["expected"] = "exact"|"expected": expected an object of strings, found a string
an expectation that is a number|entry["expected"] = {"heuristic": 0}|"expected": expected an object of strings, found 0 in it
a writer that there is not|entry["option"] = "guess"|"option" is no protocol option
a writer that is a number|entry["option"] = 1|"option": expected a string, found 1
an original that is not there|entry["original"] = "nowhere"|original "nowhere" cannot be opened: No such file
no command|del entry["command"]|expected the "command"
a command that is none|entry["command"] = "qemu"|"command": expected a list of strings, found a string
a command of numbers|entry["command"] = ["qemu", "-m", 8]|"command": expected a list of strings, found 8 in it
capabilities that are no list|entry["capabilities"] = {}|"capabilities": expected a list of strings, found an object
sightings that are no list|entry["seen"] = {}|"seen": expected a list of objects of strings, found an object
a sighting that is none|entry["seen"] = [[]]|"seen": expected a list of objects of strings, found a list in it
a verdict that is a number|entry["seen"] = [{"version": "7", "verdict": 7}]|"seen": expected a list of objects of strings, found 7 in it
BAD
    mkdir -p "$work/empty"
    refuses "a folder without a manifest" "manifest.json" replay "$work/empty"
    echo '[' >"$work/empty/manifest.json"
    refuses "a manifest that is cut off" "expected a manifest" replay "$work/empty"
    echo '[]' >"$work/empty/manifest.json"
    refuses "an empty manifest" "found an empty one" replay "$work/empty"
    echo '[7]' >"$work/empty/manifest.json"
    refuses "an entry that is no object" "entry 0: expected an object, found 7" replay "$work/empty"
    echo '[{"file": "a", "file": "b"}]' >"$work/empty/manifest.json"
    refuses "a member that is there twice" "duplicate object key" replay "$work/empty"
    echo '[{"file": "a", "size": 1e999}]' >"$work/empty/manifest.json"
    refuses "a number that is too large" "real number overflow" replay "$work/empty"
    refuses "compare: a number that is too large" "real number overflow" compare "$work/empty"
    echo '[{"file": "a", "size": 7.5}]' >"$work/empty/manifest.json"
    refuses "compare: a size that is no integer" 'entry 0: "size": expected an integer of at least 0, found 7.5' compare "$work/empty"
    echo '[{"file": "../good/manifest.json"}]' >"$work/empty/manifest.json"
    refuses "compare: a file outside of the folder" 'entry 0: file "../good/manifest.json" is outside of the folder' \
        compare "$work/empty"
    refuses "a program that is not there" 'cannot run "no-such-program"' replay --qemu no-such-program "$work/good"
    refuses "a root that is not there" "in $work/nowhere" \
        replay --qemu qemu-system-x86_64 --root "$work/nowhere" "$work/good"
}

# ---- A real QEMU -----------------------------------------------------------------------------------

check_real() {
    local qemu=qemu-system-x86_64
    # What this machine's QEMU wrote itself, so that it is the release that reads it.
    corpus/capture --vmwire "${VMWIRE_PLAIN:-build/vmwire}" --output "$work/new" --entry '{"name": "small", "machine": "microvm", "arguments": ["-m 8"]}' >"$work/log" 2>&1
    holds "a capture to replay" test -s "$work/new/streams/small.vmstate"
    streams=$work/new/streams
    folder "$work/real" small 'entry["expected"] = {"heuristic": "exact"}'
    expect "a real QEMU accepts a capture" 0 '"relation":"both accept"' replay --json --qemu $qemu "$work/real"
    rows_say "every decision was compared" \
        'rows[0]["compared"] > 50 and rows[0]["compared"] == rows[0]["qemu"]["decisions"]'
    expect "the grid has a column for it" 0 "1 both accept, 0 both truncate, 0 both reject; 0 differ" \
        replay --qemu $qemu "$work/real"
    witness "$work/real-witness" small xmm_reg
    expect "a real QEMU rejects a witness" 0 '"relation":"both reject"' replay --json --qemu $qemu "$work/real-witness"
    rows_say "it names the rule" 'rows[0]["qemu"]["verdict"] == "reject" and "no subsection" in rows[0]["qemu"]["rule"]'
    folder "$work/seen" small 'entry["seen"] = [{"version": entry["qemu"], "verdict": "reject", "message": ""}]'
    expect "another verdict than seen before" 1 "has seen this QEMU answer reject, now it answers accept" \
        replay --qemu $qemu "$work/seen"
    folder "$work/part" small "
data = open(os.path.join(folder, entry['file']), 'rb').read()
at = data.index(b'globalstate') - 6
open(f'{folder}/stream', 'wb').write(data[:at] + b'\\0' + data[at:])
del entry['size'], entry['sha256']
entry.update(file='stream', original=entry['file'], expected={'heuristic': 'truncated'})"
    expect "both leave the last section unread" 0 '"relation":"both truncate"' \
        replay --json --qemu $qemu "$work/part"
    folder "$work/other" small 'entry["command"][1:3] = ["-machine", "isapc"]'
    expect "another machine is refused for other reasons" 0 '"relation":"semantic"' \
        replay --json --qemu $qemu "$work/other"
    folder "$work/unknown" small 'entry["command"][1:3] = ["-machine", "pc-i440fx-99.9"]'
    expect "a machine that it does not know" 0 '"relation":"unable"' \
        replay --json --qemu $qemu "$work/unknown" "$work/real"
    expect "no machine that it knows" 2 "unable to load any of the 1 streams" replay --qemu $qemu "$work/unknown"
}

# The last section of `small` in a package: how the package ends, and what both readers do.
check_packages() {
    local name relation inside behind
    while IFS='|' read -r name relation inside behind; do
        folder "$work/package" small "
data = open(os.path.join(folder, entry['file']), 'rb').read()
begin = data.index(b'globalstate') - 6
end = data.index(b'\\0\\6\\0\\0', begin)
section, package, run = data[begin:end], b'\\x08\\0\\7\\0\\4', b'\\x08\\0\\5\\0\\0'
sized = lambda part: len(part).to_bytes(4, 'big') + part
open(f'{folder}/stream', 'wb').write(data[:begin] + package + sized($inside) + $behind + data[end:])
del entry['size'], entry['sha256']
entry.update(file='stream', original=entry['file'])"
        expect "a package $name" 0 "\"relation\":\"$relation\"" \
            replay --json --qemu qemu-system-x86_64 "$work/package"
    done <<'PACKAGES'
that a 00 ends|both accept|section + b'\0'|b''
with bytes left behind a 00|both accept|section + b'\0' + bytes(7)|b''
with a section behind its 00|both truncate|b'\0' + section|b''
that just ends|both reject|section|b''
of no bytes|both reject|b''|section
longer than the stream|both reject|section + b'\0'|b''.join([section[:0], package, b'\x7f' * 4])
that ends within a section|both reject|section[:-1]|section[-1:]
within a package, as a writer would nest them|both reject|package + sized(section + b'\0') + b'\0'|b''
within a package, where the loader looks for it|both accept|package + b'\0'|sized(section + b'\0')
that postcopy-run ends too early|semantic|section + run|b''
PACKAGES
}

# A stream without a description ends soon behind a tail of uhci-port.
check_ends() {
    local length relation
    corpus/capture --vmwire "${VMWIRE_PLAIN:-build/vmwire}" --output "$work/uhci" --entry \
        '{"name": "uhci", "machine": "pc", "arguments": ["-m 8", "-device piix3-usb-uhci"]}' >"$work/log" 2>&1
    streams=$work/uhci/streams
    "$vmwire" check --json "$streams/uhci.vmstate" >"$work/findings"
    while IFS='|' read -r length relation; do
        folder "$work/end" uhci "
data = bytearray(open(os.path.join(folder, entry['file']), 'rb').read())
del data[data.index(b'\\0\\6\\0', data.index(b'globalstate')) + 1:]
tail = next(row['offset'] for row in map(json.loads, open('$work/findings')) if row['owner'] == 'uhci port')
data[tail:tail + 2] = bytes([5, $length])
open(f'{folder}/stream', 'wb').write(data)
del entry['size'], entry['sha256']
entry.update(file='stream', original=entry['file'])"
        expect "a look-ahead with the length $length" 0 "\"relation\":\"$relation\"" \
            replay --json --qemu qemu-system-x86_64 "$work/end"
    done <<'ENDS'
9|both accept
100|both accept
len(data) - tail - 2|both accept
len(data) - tail - 1|both reject
255|both reject
ENDS
}

# A field that decides which fields follow has another value than the capture: FIELD of the first record that has it. With the
# program the readers are compared all the same; without it the row says why it is undecided.
changed() { # FOLDER CAPTURE FIELD VALUE SCHEMAS
    "$vmwire" parse --json --schema "$work/program.json" "$streams/$2.vmstate" >"$work/tree"
    folder "$1" "$2" "
def places(node):
    for field in node.get('fields', []):
        if field['name'] == '$3':
            yield field['offset'], field['size']
        yield from places(field.get('record', {}))
data = bytearray(open(os.path.join(folder, entry['file']), 'rb').read())
at, size = next(place for item in map(json.loads, open('$work/tree')) for place in places(item.get('record', {})))
data[at:at + size] = ($4).to_bytes(size, 'big')
open(f'{folder}/stream', 'wb').write(data)
shutil.copy('$work/program.json', folder)
del entry['size'], entry['sha256']
entry.update(file='stream', original=entry['file'], schemas=$5)"
}

check_deciding_fields() {
    local qemu=qemu-system-x86_64 name
    for name in '"ide", "machine": "isapc", "arguments": ["-m 8"]' \
        '"rng", "machine": "microvm", "arguments": ["-m 8", "-device virtio-rng-device"]'; do
        corpus/capture --vmwire "${VMWIRE_PLAIN:-build/vmwire}" --output "$work/deciding" --entry "{\"name\": $name}" >>"$work/log" 2>&1
    done
    streams=$work/deciding/streams
    "$vmwire" schema --json "$(command -v $qemu)" >"$work/program.json"
    changed "$work/identify" ide identify_set 1 '["program.json"]'
    expect "a field that says whether another follows" 0 '"relation":"both reject"' replay --json --qemu $qemu "$work/identify"
    rows_say "it is named, and the section was read as declared" \
        '[(each["idstr"], each["structure"], each["field"], each["was"], each["is"], each["as_declared"]) for each in rows[0]["doubts"]] == [
            ("isa-ide", "ide_drive", "identify_set", "00000000", "00000001", True)]'
    changed "$work/queues" rng virtio.vq_count 0 '["program.json"]'
    expect "a count in a private encoding that is split" 0 '"relation":"both reject"' replay --json --qemu $qemu "$work/queues"
    rows_say "it is named as well" \
        '[(each["structure"], each["field"], each["as_declared"]) for each in rows[0]["doubts"]] == [("virtio-rng", "virtio.vq_count", True)]'
    changed "$work/whole" rng virtio.vq_count 0 '[]'
    expect "a private encoding that is not split" 0 '"relation":"undecided"' replay --json --qemu $qemu "$work/whole"
    rows_say "the reason, the place, and what changed" \
        'rows[0]["doubts"][-1] | {"offset": 0, "idstr": 0, "was": 0, "is": 0} == {"idstr": 0, "instance": 0, "structure": "virtio-rng", "field": "virtio",
            "offset": 0, "was": 0, "is": 0, "as_declared": False, "reason": "the field has a private encoding, and other bytes than in the original"}'
    expect "the reason, for people" 0 "virtio-rng.virtio at " replay --qemu $qemu "$work/whole"
}

# A program that runs the real one and bends what it says with sed.
bent() { # NAME SCRIPT
    printf '#!/bin/bash\nqemu-system-x86_64 "$@" 2> >(sed -u %q >&2)\n' "$2" >"$work/bent-$1"
    chmod +x "$work/bent-$1"
}

# Differences that no QEMU at hand shows are seen as well.
check_differences() {
    bent missing '/vmstate_subsection_load_good fpreg_tmp/d'
    expect "a decision that is missing" 1 '"relation":"another decision"' \
        replay --json --qemu "$work/bent-missing" "$work/real"
    rows_say "where they part" 'rows[0]["parting"].startswith("heuristic ends fpreg_tmp, QEMU ends")'
    bent other 's/\(vmstate_subsection_load_bad \w*: \)[^(]*(lookup)/\1another\/(lookup)/'
    expect "another name" 1 'takes "another" at the tail of xmm_reg' replay --qemu "$work/bent-other" "$work/real-witness"
    bent lines 's/\(vmstate_subsection_load_bad xmm_reg: \)[^(]*(lookup)/\1a\nvmstate_subsection_load_good b\/(lookup)/'
    expect "a name with an end of line in it" 1 \
        'QEMU takes "a\x0avmstate_subsection_load_good b" at the tail of xmm_reg' \
        replay --qemu "$work/bent-lines" "$work/real-witness"
    bent timed 's/^\(vmstate_\|qemu_\)/123@4.5:&/'
    expect "events with the time before them" 0 '"relation":"both accept"' \
        replay --json --qemu "$work/bent-timed" "$work/real"
    bent fewer '/qemu_loadvm_state_section_startfull .*globalstate/d'
    expect "another answer" 1 "heuristic accept, QEMU truncated" replay --qemu "$work/bent-fewer" "$work/real"
    printf '#!/bin/bash\n[[ $* == *"machine none"* ]] && exec qemu-system-x86_64 "$@"\nkill -SEGV $$\n' >"$work/crashing"
    chmod +x "$work/crashing"
    expect "a crash" 0 '"relation":"crash"' replay --json --qemu "$work/crashing" "$work/real"
}

# Copies of a QEMU that stands by, and fresh processes where a copy is in doubt.
check_standby() {
    local library option
    library=$(realpath "$(dirname "$vmwire")")/vmwire-standby.so
    stand_by() { # NAME STATUS TEXT QEMU FOLDER...
        expect "$1" "$2" "$3" replay --json --trust --standby "$library" --qemu "${@:4}"
    }
    stand_by "copies load a capture and a witness" 0 '"relation":"both accept"' \
        qemu-system-x86_64 "$work/real" "$work/real-witness" "$work/real"
    rows_say "as fresh processes do" \
        '[(row["qemu"]["copy"], row["relation"]) for row in rows] == [("alone", "both " + each) for each in ("accept", "reject", "accept")]'
    rows_say "every decision of a copy was compared" \
        'all(row["compared"] > 30 and row["compared"] == row["qemu"]["decisions"] for row in rows)'
    rows_say "the version is that of QMP" 'all(row["qemu"]["version"][0].isdigit() for row in rows)'
    stand_by "another verdict than seen before, by both" 1 '"copy":"confirmed"' qemu-system-x86_64 "$work/seen"
    # Only one that stands by gets a descriptor on its command line. It tells no decisions.
    printf '#!/bin/bash\n[[ $* == *"incoming fd:"* ]] || exec qemu-system-x86_64 "$@"\nexec qemu-system-x86_64 "${@/vmstate_subsection_load\*/vmstate_n_elems}"\n' >"$work/silent"
    chmod +x "$work/silent"
    stand_by "a copy that differs does not count" 0 '"copy":"refuted"' "$work/silent" "$work/real"
    rows_say "what the fresh process does counts" \
        'rows[0]["relation"] == "both accept" and rows[0]["compared"] == rows[0]["qemu"]["decisions"] > 50'
    stand_by "one that ends instead" 0 '"relation":"crash"' "$work/crashing" "$work/real"
    stand_by "no machine that it knows, nor copies" 2 "unable to load any of the 1 streams" qemu-system-x86_64 "$work/unknown"
    # The corpus may have no capture of this machine's release.
    for option in --fresh --count=40; do
        corpus/agree --vmwire "${VMWIRE_PLAIN:-build/vmwire}" --count 40 $option --output "$work/agree" 2>&1 |
            grep -v "streams a second" >"$work/agree$option"
    done
    grep -q "accepts no capture of its own release" "$work/agree--fresh" ||
        holds "agree says the same with copies and with fresh processes" diff "$work/agree--fresh" "$work/agree--count=40"
}

check_references
check_bad_input
check_real
check_differences
check_packages
check_ends
check_deciding_fields
check_standby
exit $failed
