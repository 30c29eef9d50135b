#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The front door of vmwire. `./build.sh` alone sets up, builds and compares the protocol options over
# the shipped corpus; `./build.sh help` lists the rest. The compile graph is in the Makefile.
set -euo pipefail
cd "$(dirname "$0")"

# Everything that building, testing and measuring needs, as Debian names it.
packages=(
    make clang llvm            # the compiler, and llvm-cov
    gcc libc6-dev              # the other compiler that builds everything
    re2c lemon                 # grammar/
    libjansson-dev             # JSON
    libelf-dev                 # programs are read
    libcapstone-dev            # their code is decoded
    libgcrypt20-dev            # sha256 of what a manifest lists
    libcmocka-dev              # unit tests
    libtasn1-6-dev             # decodes the option asn1, for a test
    clang-format clang-tidy    # checks
    python3                    # corpus/ and its tests
    python3-railroad-diagrams  # diagrams of the grammar
    python3-jsonschema         # the document of `vmwire schema` is checked
    lld                        # programs for other processors are made, to be read; guests
    afl++                      # the second fuzzing engine
    gnuplot-nox                # plots
    qemu-system-x86            # a fresh capture in the tests
    man-db                     # the manual page is checked
    pkgconf                    # the installed library is found by it
    procps                     # tests look at processes
    xz-utils                   # bench unpacks a source package
    chromium                   # the report is looked at
)
# How many seconds to wait while somebody else installs packages.
patience=${VMWIRE_APT_PATIENCE:-600}

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
    # Node.js may be another than Debian's, and then brings npm along.
    command -v node >/dev/null || missing+=(nodejs)
    command -v npm >/dev/null || missing+=(npm)
    if ((${#missing[@]})); then
        install_packages "${missing[@]}"
    fi
    sanitizers="libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
    dpkg-query -W -f '${Status}\n' "$sanitizers" 2>/dev/null | grep -q '^install ok' || install_packages "$sanitizers"
}

install_packages() {
    echo "installing: $*" >&2
    mkdir -p build
    apt update
    apt install -y --no-install-recommends "$@"
}

# apt-get. It waits for dpkg's lock by itself. It fails at once where another one holds the lock of the lists or of
# the archives: so try again.
apt() {
    local end=$((SECONDS + patience))
    until DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
        apt-get -q -o DPkg::Lock::Timeout="$patience" "$@" >build/packages.log 2>&1; do
        if ! grep -q 'Could not get lock' build/packages.log || ((SECONDS >= end)); then
            cat build/packages.log >&2
            exit 1
        fi
        sleep 2
    done
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
    if (($#)); then
        exec build/vmwire compare "$@"
    fi
    build/vmwire compare --html build/report.html corpus/streams corpus/guest corpus/eras corpus/witnesses
    echo "The report: build/report.html"
}

verb_test() {
    verb_deps
    verb_build
    tests/run "$@"
}

verb_coverage() {
    verb_deps
    exec tests/coverage
}

verb_lint() {
    verb_deps
    verb_build
    tests/lint "$@"
}

verb_install() {
    mkdir -p build
    build install PREFIX="${1:-/usr/local}" DESTDIR="${DESTDIR:-}"
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
    local status=0
    tests/bench "$@" || status=$?
    (($#)) || fuzz/tools/measure throughput
    return $status
}

verb_brute() {
    verb_deps
    mkdir -p build
    build build/tests/test_brute_pairs
    build/tests/test_brute_pairs --cases 500000 "$@"
}

verb_clean() {
    rm -rf build
}

verb_help() {
    cat <<'HELP'
./build.sh            set-up, build, and compare on the shipped corpus; the report is build/report.html
./build.sh deps       installs what is missing (Debian, as root)
./build.sh build      build/vmwire, build/vmwire-verify and build/vmwire-standby.so
./build.sh compare    the decision table: over the shipped corpus, or over the files given
./build.sh test       all tests, or those named; ends with the line `N passed, N failed`
./build.sh coverage   lines and branches that the tests of the parts and the command line reach: build/coverage.txt
./build.sh lint       clang-format and clang-tidy, whose opinions depend on their version
./build.sh install    installs programs, library, headers and manual page: into /usr/local, or the PREFIX given;
                      programs find the shared library after `ldconfig`; DESTDIR, if set, goes before PREFIX
./build.sh fuzz       runs the fuzz targets for a while; --help has the rest
./build.sh planted    plants defects, and says whether tests and fuzzing catch them; --help has the rest
./build.sh brute      the engine against brute force over many small cases; --cases N, --seed S
./build.sh bench      speed and memory, measured side by side in one run; needs QEMU, and fetches its
                      analyze-migration.py once; names of parts measure only these; --help has the rest
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
deps | build | compare | test | coverage | lint | install | fuzz | planted | brute | bench | clean | help) "verb_$1" "${@:2}" ;;
-h | --help) verb_help ;;
*)
    echo "build.sh: no verb \"$1\"; see ./build.sh help" >&2
    exit 2
    ;;
esac
