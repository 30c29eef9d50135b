#!/usr/bin/env bash
# Every fuzz target over what is known, without an engine: its seeds, the inputs that once showed a defect, the witnesses and
# what they were made of, which to a target of JSON are bytes like any. Each is a line `ok TARGET` or `not ok TARGET`. BUILD:
# where the targets are, with sanitizers.
set -uo pipefail
cd "$(dirname "$0")/.."

seeds=$BUILD/seeds
failed=0
rm -rf "$seeds"
fuzz/inputs/seeds "$BUILD/generated/schemas.pack" "$seeds" || exit 1

while read -r target _; do
    places=("$seeds/$target" corpus/witnesses corpus/witnesses/originals)
    [[ -d fuzz/inputs/regressions/$target ]] && places+=("fuzz/inputs/regressions/$target")
    if said=$("$BUILD/fuzz/$target" "${places[@]}" 2>&1); then
        echo "ok $target, ${said#PASS }"
    else
        echo "not ok $target"
        tail -n 20 <<<"$said"
        failed=1
    fi
done < <(grep -v '^#' fuzz/targets/targets.list)
exit $failed
