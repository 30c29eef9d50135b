#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tests the build for OSS-Fuzz and ClusterFuzzLite: runs `./build.sh` in their environment with an empty OUT, for each
# sanitizer. Then moves every target in OUT to another folder, runs it over its seeds, and fuzzes for a moment.
#
#     tests/ossfuzz.sh [SANITIZER...]    the default is address, undefined and memory
#
# Every check prints `ok NAME`, or `not ok NAME` and the output of the failed check.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
read -ra targets < <(make -s --no-print-directory print-fuzz-targets)

holds() { # NAME COMMAND...
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        echo "ok $name"
    else
        echo "not ok $name"
        tail -n 30 <<<"$output" | cut -c1-300 | sed 's/^/# /'
        failed=1
    fi
}

# ---- The environment -------------------------------------------------------------------------------

# As the base images set them.
flags() { # SANITIZER
    local undefined=array-bounds,bool,builtin,enum,function,integer-divide-by-zero,null,object-size,return
    undefined+=,returns-nonnull-attribute,shift,signed-integer-overflow,unreachable,vla-bound,vptr
    echo -O1 -fno-omit-frame-pointer -gline-tables-only -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    case $1 in
    address) echo -fsanitize=address -fsanitize-address-use-after-scope ;;
    memory) echo -fsanitize=memory -fsanitize-memory-track-origins ;;
    undefined) echo "-fsanitize=$undefined,unsigned-integer-overflow" "-fno-sanitize-recover=$undefined" ;;
    esac
    echo -fsanitize=fuzzer-no-link
}

# One of them has the engine as a library.
engine() { # SANITIZER
    case $1 in
    undefined) clang -print-file-name="libclang_rt.fuzzer-$(uname -m).a" ;;
    *) echo -fsanitize=fuzzer ;;
    esac
}

# Nothing of ours is in the environment, and who installs something is found out.
build() { # SANITIZER
    local all
    all=$(flags "$1" | tr '\n' ' ')
    (cd / && env -i PATH="$work/bin:$PATH" HOME="$work" CC=clang CXX=clang++ CFLAGS="$all" CXXFLAGS="$all" \
        FUZZING_ENGINE=libfuzzer LIB_FUZZING_ENGINE="$(engine "$1")" SANITIZER="$1" \
        SRC="$(dirname "$root")" WORK="$work/between" OUT="$work/out" bash -eu "$root/build.sh") &&
        [[ ! -e $work/installed ]]
}

mkdir -p "$work/bin"
for tool in apt apt-get; do
    printf '#!/bin/sh\necho "$@" >%q\nexit 1\n' "$work/installed" >"$work/bin/$tool"
    chmod +x "$work/bin/$tool"
done

# ---- What is there -----------------------------------------------------------------------------------

check_complete() { # FOLDER
    diff <(printf '%s\n' "${targets[@]}" "${targets[@]/%/.dict}" "${targets[@]/%/.options}" \
        "${targets[@]/%/_seed_corpus.zip}" | sort) <(find "$1" -mindepth 1 -printf '%P\n' | sort)
}

# The images that run them have what every C and C++ program needs.
check_libraries() { # FOLDER
    local others
    others=$(for target in "${targets[@]}"; do ldd "$1/$target"; done | awk '{ print $1 }' | sort -u |
        grep -vE '^(linux-vdso|lib(c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+))\.so|^/lib.*/ld-linux')
    [[ -z $others ]] || { echo "$others" && false; }
}

# As their check of bad builds does it: by the calls that report something. A few are in the runtimes.
check_sanitizer() { # FOLDER SANITIZER
    declare -A report=([address]=__asan_report [memory]=__msan_warning [undefined]=__ubsan_handle)
    local all calls
    for target in "${targets[@]}"; do
        all=$(objdump -d --no-show-raw-insn "$1/$target" | grep -oE 'call.*<__(asan|msan|ubsan)_\w*')
        for sanitizer in "${!report[@]}"; do
            calls=$(grep -c "<${report[$sanitizer]}" <<<"$all")
            if [[ $sanitizer == "$2" ]]; then ((calls >= 1000)); else ((calls <= 100)); fi || {
                echo "$target: $calls calls of ${report[$sanitizer]}"
                return 1
            }
        done
    done
}

check_dictionaries() { # FOLDER
    python3 - "$1"/*.dict <<'PYTHON'
import re, sys
for path in sys.argv[1:]:
    lines = open(path, encoding="ascii").read().splitlines()
    values = [re.fullmatch(r'[a-z0-9_]+="((?:[ !#-\[\]-~]|\\x[0-9a-f]{2})+)"', line) for line in lines]
    assert all(values), f"{path}: {lines[values.index(None)]}"
    assert len({value[1] for value in values}) == len(lines), f"{path}: one is there twice"
    assert 50 <= len(lines) <= 500, f"{path}: {len(lines)} entries"
PYTHON
}

# ---- Running -------------------------------------------------------------------------------------------

# As the runner's script does: options from the file, the dictionary, the seeds; no finding, and to the end.
run_target() { # FOLDER TARGET
    local folder=$work/$2 words=()
    rm -rf "$folder"
    mkdir -p "$folder/seeds" "$folder/corpus"
    python3 -m zipfile -e "$1/$2_seed_corpus.zip" "$folder/seeds" || return 1
    readarray -t words < <(sed -n 's/^\(\w*\) = \(.*\)/-\1=\2/p' "$1/$2.options")
    (cd "$folder" && env UBSAN_OPTIONS=silence_unsigned_overflow=1:print_stacktrace=1 \
        "$1/$2" -seed=1 -runs=2000 -max_total_time=1 -timeout=25 -rss_limit_mb=2560 "-dict=$1/$2.dict" \
        "${words[@]}" corpus seeds) >"$folder/log" 2>&1 &&
        grep -q 'Dictionary: [1-9]' "$folder/log" &&
        grep -q "$(find "$folder/seeds" -type f | wc -l) files found in seeds" "$folder/log" &&
        grep -q INITED "$folder/log" && grep -q '^Done [0-9]* runs' "$folder/log" &&
        ! grep -q ': runtime error: ' "$folder/log" || {
        grep -v 'NEW\|REDUCE' "$folder/log"
        return 1
    }
}

export -f holds run_target
export work
(($#)) || set -- address undefined memory
for sanitizer in "$@"; do
    rm -rf "$work/out" "$work/elsewhere"
    mkdir -p "$work/out"
    holds "$sanitizer: builds, installs nothing" build "$sanitizer"
    mv "$work/out" "$work/elsewhere"
    holds "$sanitizer: each target with seeds, dictionary, options, and nothing else" check_complete "$work/elsewhere"
    holds "$sanitizer: no library but the system's" check_libraries "$work/elsewhere"
    holds "$sanitizer: instrumented" check_sanitizer "$work/elsewhere" "$sanitizer"
    holds "$sanitizer: dictionaries" check_dictionaries "$work/elsewhere"
    # shellcheck disable=SC2016
    printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I TARGET bash -c \
        'output=$(holds "$1: $2" run_target "$work/elsewhere" "$2"); echo "$output"' _ "$sanitizer" TARGET | tee "$work/lines"
    grep -q '^not ok' "$work/lines" && failed=1
done
exit $failed
