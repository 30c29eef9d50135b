#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs every fuzz target over known inputs, without a fuzzing engine: its seeds, inputs that once showed a defect, and the
# witnesses with their originals. (A target of JSON takes the streams as any bytes.) Prints `ok TARGET` or `not ok TARGET`.
# BUILD names the folder of the targets, which are built with sanitizers.
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
