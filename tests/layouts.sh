#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The layouts of private encodings read each such field of the captures of the installed QEMU's release and architecture,
# in exactly one way, and leave nothing opaque. Uses $VMWIRE, or build/vmwire.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

vmwire=${VMWIRE:-build/vmwire}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

check() { # NAME COMMAND...
    local name=$1
    shift
    if "$@" >"$folder/log" 2>&1; then
        echo "ok $name"
    else
        echo "not ok $name"
        tail -12 "$folder/log" | sed 's/^/# /'
        failed=1
    fi
}

declare_all() {
    "$vmwire" schema qemu-system-x86_64 >"$folder/bookworm-x86_64.json"
}

valid() {
    python3 - <<'END'
import json, jsonschema
from pathlib import Path
schema = json.loads(Path("grammar/layouts/layouts.schema.json").read_text())
files = [path for path in Path("grammar/layouts").glob("*.json") if path.name != "layouts.schema.json"]
assert len(files) >= 8, files
for path in files:
    jsonschema.validate(json.loads(path.read_text()), schema)
END
}

read_all() {
    tests/layouts.py --declarations "$folder" --vmwire "$vmwire" --strict --compare \
        corpus/streams/bookworm-{isapc,microvm,pc,q35}*.vmstate && grep -q ' 0.000 % are' "$folder/log"
}

check "the layouts are what their JSON Schema says" valid
check "the installed QEMU declares structures" declare_all
check "each private encoding is read in one way, nothing stays opaque, and the program splits it in this way" read_all
exit $failed
