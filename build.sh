#!/usr/bin/env bash
# The front door of vmwire. `./build.sh` alone sets up, builds and compares the protocol options over
# the shipped corpus; `./build.sh help` lists the rest. The compile graph is in the Makefile.
set -euo pipefail
cd "$(dirname "$0")"

# Everything that building, testing and measuring needs, as Debian names it.
packages=(
    make clang llvm            # the compiler, and llvm-cov
    re2c lemon                 # grammar/
    libjansson-dev             # JSON
    libgcrypt20-dev            # sha256 of what a manifest lists
    libcmocka-dev              # unit tests
    clang-format clang-tidy    # checks
    python3                    # corpus/ and its tests
    afl++                      # the second fuzzing engine
    gnuplot-nox                # plots
    qemu-system-x86            # a fresh capture in the tests
    man-db                     # the manual page is checked
    libc6-dev
)

verb_deps() {
    # The runtime of the sanitizers is named after the compiler's version.
    local sanitizers missing=()
    command -v apt-get >/dev/null || {
        echo "build.sh: no apt-get here; install by hand: ${packages[*]}" >&2
        exit 2
    }
    for package in "${packages[@]}"; do
        dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok' || missing+=("$package")
    done
    if ((${#missing[@]})); then
        install_packages "${missing[@]}"
    fi
    sanitizers="libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
    dpkg-query -W -f '${Status}\n' "$sanitizers" 2>/dev/null | grep -q '^install ok' || install_packages "$sanitizers"
}

install_packages() {
    echo "installing: $*" >&2
    mkdir -p build
    {
        apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
    } >build/packages.log 2>&1 || {
        cat build/packages.log >&2
        exit 1
    }
}

# make, quiet unless it fails.
build() {
    make -j"$(nproc)" --no-print-directory "$@" >build/make.log 2>&1 || {
        cat build/make.log >&2
        exit 1
    }
}

verb_build() {
    mkdir -p build
    build all
}

verb_compare() {
    verb_build
    build/vmwire compare "${@:-corpus/streams}"
}

verb_test() {
    verb_deps
    verb_build
    tests/run "$@"
}

verb_fuzz() {
    verb_deps
    exec fuzz/tools/campaign "$@"
}

verb_planted() {
    verb_deps
    verb_build
    exec fuzz/tools/planted "$@"
}

verb_bench() {
    verb_deps
    verb_build
    tests/bench "$@"
    fuzz/tools/measure throughput
}

verb_clean() {
    rm -rf build
}

verb_help() {
    cat <<'HELP'
./build.sh            set-up, build, and compare on the shipped corpus
./build.sh deps       installs what is missing (Debian, as root)
./build.sh build      build/vmwire and build/vmwire-verify
./build.sh compare    the decision table: over the shipped corpus, or over the files given
./build.sh test       all tests; ends with the line `N passed, N failed`
./build.sh fuzz       runs the fuzz targets for a while; --help has the rest
./build.sh planted    plants defects, and says whether tests and fuzzing catch them; --help has the rest
./build.sh bench      speed, measured side by side in one run
./build.sh clean      removes build/

Without a verb, where LIB_FUZZING_ENGINE and OUT are set as OSS-Fuzz and ClusterFuzzLite set them: the fuzz
targets, their seeds, dictionaries and options, into OUT.
HELP
}

case "${1:-}" in
"")
    # There, what is needed is in the image (.clusterfuzzlite/Dockerfile).
    [[ -z ${LIB_FUZZING_ENGINE:-} || -z ${OUT:-} ]] || exec fuzz/tools/ossfuzz
    verb_deps
    verb_compare
    ;;
deps | build | compare | test | fuzz | planted | bench | clean | help) "verb_$1" "${@:2}" ;;
-h | --help) verb_help ;;
*)
    echo "build.sh: no verb \"$1\"; see ./build.sh help" >&2
    exit 2
    ;;
esac
