#!/usr/bin/env bash
# Tests captures that the installed QEMU makes at this moment, of machine types and device sets that no shipped
# capture has. vmwire must read each to its last byte. Converted to an option and back, each must be the same
# file. The test fails without QEMU or without corpus/capture.
#
#     tests/fresh.sh     tests $VMWIRE, or build/vmwire if it is not set
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

vmwire=$(realpath "${VMWIRE:-build/vmwire}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

check() { # NAME COMMAND...
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        echo "ok $name"
        passed=$((passed + 1))
    else
        echo "not ok $name"
        tail -n 20 <<<"$output" | cut -c1-200 | sed 's/^/# /'
        failed=$((failed + 1))
    fi
}

# ---- The captures ----------------------------------------------------------------------------------

names=(old-board old-q35 guest-ran)

entry() { # NAME
    case $1 in
    old-board)
        echo '{"name": "old-board", "machine": "pc-i440fx-3.1", "arguments": ["-m 4", "-smp 2", "-cpu Nehalem",
            "-device pci-serial", "-device i6300esb", "-device piix4-usb-uhci,id=usb0",
            "-device usb-tablet,bus=usb0.0", "-netdev hubport,id=n0,hubid=0",
            "-device e1000-82544gc,netdev=n0,romfile=", "-device pvpanic"]}'
        ;;
    old-q35)
        echo '{"name": "old-q35", "machine": "pc-q35-5.1", "arguments": ["-m 4", "-cpu EPYC",
            "-device tpci200", "-device ES1370", "-device virtio-keyboard-pci", "-device virtio-vga",
            "-blockdev null-co,node-name=d0,size=1048576", "-device usb-ehci,id=usb0",
            "-device usb-bot,bus=usb0.0", "-device virtio-balloon-pci-transitional"]}'
        ;;
    guest-ran)
        echo '{"name": "guest-ran", "machine": "pc-i440fx-6.2", "arguments": ["-m 8", "-device VGA,vgamem_mb=1",
            "-netdev hubport,id=n0,hubid=0", "-device rtl8139,netdev=n0"],
            "commands": [{"execute": "cont"}, {"sleep": 1}, {"execute": "stop"}]}'
        ;;
    esac
}

# None of the shipped captures is of this machine type.
is_new() { # NAME
    entry "$1" | python3 -c 'import json, sys
machine = json.load(sys.stdin)["machine"]
shipped = [entry["command"] for entry in json.load(open("corpus/streams/manifest.json"))]
assert shipped and not any(machine in command for command in shipped), machine'
}

capture() { # NAME
    corpus/capture --output "$work" --vmwire "$vmwire" --entry "$(entry "$1")" &&
        [[ -s $work/streams/$1.vmstate ]]
}

# ---- What must hold of them ------------------------------------------------------------------------

reads() { # FILE
    local size
    size=$(stat -c %s "$1")
    "$vmwire" parse "$1" >"$work/tree" && grep -q "all of its $size bytes accounted for" "$work/tree"
}

# Sections have footers on machine types since 2.3.
has_footers() { # FILE
    "$vmwire" parse --json "$1" | python3 -c 'import json, sys
sections = [item for item in map(json.loads, sys.stdin) if item["kind"] in ("start", "part", "end", "full")]
assert len(sections) > 20 and all(section["footer"] for section in sections)'
}

comes_back() { # OPTION FILE
    "$vmwire" convert --to "$1" --output "$work/there" "$2" &&
        "$vmwire" parse --option "$1" "$work/there" >/dev/null &&
        "$vmwire" convert --option "$1" --to heuristic --output "$work/back" "$work/there" &&
        cmp "$work/back" "$2"
}

# The readers before 1.0 refuse what is right, or read it rightly.
comes_back_or_is_refused() { # OPTION FILE
    comes_back "$1" "$2" >"$work/log" 2>&1 || grep 'subsection ".*" in ".*" does not exist' "$work/log"
}

for name in "${names[@]}"; do
    stream=$work/streams/$name.vmstate
    check "$name is new" is_new "$name"
    check "$name captured" capture "$name"
    check "$name read to its last byte" reads "$stream"
    check "$name has its footers" has_footers "$stream"
    for option in heuristic flagday standalone toplevel; do
        check "$name to $option and back" comes_back $option "$stream"
    done
    for option in legacy guarded; do
        check "$name to $option and back" comes_back_or_is_refused $option "$stream"
    done
done

echo "$passed passed, $failed failed"
((failed == 0))
