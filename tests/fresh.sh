#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
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

# ---- What this QEMU knows --------------------------------------------------------------------------

qemu=qemu-system-x86_64
devices=$("$qemu" -device help 2>/dev/null | sed -n 's/^name "\([^"]*\)".*/\1/p')
shipped=$(python3 -c 'import json
for entry in json.load(open("corpus/streams/manifest.json")):
    print(entry["command"][entry["command"].index("-machine") + 1].split(",")[0])' | sort -u)

# The versions of a machine that no shipped capture is of, the oldest first. Sections have footers since 2.4.
machines() { # FAMILY
    "$qemu" -machine help | sed -n "s/^\\($1-[0-9.]*\\) .*/\\1/p" | grep -vE -- '-(1\.|2\.[0-3]$)' |
        grep -vxF "$shipped" | sort -V
}

oldest() { # FAMILY
    machines "$1" | head -n 1
}

middle() { # FAMILY
    machines "$1" | awk '{ machine[NR] = $0 } END { print machine[int(NR / 2) + 1] }'
}

# Of these devices those that this QEMU knows, as elements of "arguments".
known() { # DEVICE[,PROPERTIES]...
    local device
    for device in "$@"; do
        ! grep -qxF "${device%%,*}" <<<"$devices" || printf ', "-device %s"' "$device"
    done
}

# ---- The captures ----------------------------------------------------------------------------------

names=(old-board old-q35 guest-ran)
on_board=(pci-serial i6300esb piix4-usb-uhci,id=usb0 usb-tablet,bus=usb0.0 e1000-82544gc,netdev=n0,romfile= pvpanic)
on_q35=(tpci200 ES1370,audiodev=silence virtio-keyboard-pci virtio-vga usb-ehci,id=usb0 usb-bot,bus=usb0.0
    virtio-balloon-pci-transitional)

entry() { # NAME
    case $1 in
    old-board)
        echo '{"name": "old-board", "machine": "'"$(oldest pc-i440fx)"'", "arguments": ["-m 4", "-smp 2", "-cpu Nehalem",
            "-netdev hubport,id=n0,hubid=0"'"$(known "${on_board[@]}")"']}'
        ;;
    old-q35)
        echo '{"name": "old-q35", "machine": "'"$(oldest pc-q35)"'", "arguments": ["-m 4", "-cpu EPYC",
            "-audiodev none,id=silence", "-blockdev null-co,node-name=d0,size=1048576"'"$(known "${on_q35[@]}")"']}'
        ;;
    guest-ran)
        echo '{"name": "guest-ran", "machine": "'"$(middle pc-i440fx)"'", "arguments": ["-m 8", "-device VGA,vgamem_mb=1",
            "-netdev hubport,id=n0,hubid=0", "-device rtl8139,netdev=n0"],
            "commands": [{"execute": "cont"}, {"sleep": 1}, {"execute": "stop"}]}'
        ;;
    esac
}

# Two captures have devices of a list. This QEMU must know most of those; the others are named.
has_devices() {
    local device count=0
    for device in "${on_board[@]}" "${on_q35[@]}"; do
        if grep -qxF "${device%%,*}" <<<"$devices"; then
            count=$((count + 1))
        else
            echo "# this QEMU has no device ${device%%,*}" >&3
        fi
    done
    echo "knows $count of $((${#on_board[@]} + ${#on_q35[@]})) devices"
    ((count >= 10))
}

# None of the shipped captures is of this machine type.
is_new() { # NAME
    entry "$1" | python3 -c 'import json, sys
machine = json.load(sys.stdin)["machine"]
shipped = [entry["command"] for entry in json.load(open("corpus/streams/manifest.json"))]
assert machine and shipped, machine
assert not any(word.split(",")[0] == machine for command in shipped for word in command), machine'
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

# Sections have footers on machine types since 2.4.
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

exec 3>&1
check "devices are known" has_devices
for name in "${names[@]}"; do
    stream=$work/streams/$name.vmstate
    check "$name is new" is_new "$name"
    check "$name captured" capture "$name"
    check "$name read to its last byte" reads "$stream"
    check "$name has its footers" has_footers "$stream"
    for option in heuristic flagday standalone toplevel framed; do
        check "$name to $option and back" comes_back $option "$stream"
    done
    for option in legacy guarded; do
        check "$name to $option and back" comes_back_or_is_refused $option "$stream"
    done
done

echo "$passed passed, $failed failed"
((failed == 0))
