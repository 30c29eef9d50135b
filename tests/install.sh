#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The library as others find it: installed into a folder of its own, found by pkg-config, linked by two compilers, and
# it shows the names that its headers declare and no others. Each check is a line `ok NAME` or `not ok NAME`.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
stream=corpus/streams/bookworm-microvm.vmstate
failed=0
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig

check() { # NAME COMMAND...
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

files() { # FOLDER
    find "$1" ! -type d -printf '%P\n' | sort
}

# A package is made in a folder that is not where it will lie.
installs_for_a_package() {
    DESTDIR=$work/package ./build.sh install /usr && diff <(files "$prefix") <(files "$work/package/usr") &&
        ! grep -r "$work" "$work/package/usr/lib/pkgconfig" && grep -x 'prefix=/usr' "$work/package/usr/lib/pkgconfig/vmwire.pc"
}

has_every_part() {
    local header
    for header in parsers/include/vmwire/*.h; do
        cmp "$header" "$prefix/include/vmwire/$(basename "$header")" || return 1
    done
    diff - <(files "$prefix" | grep -v '^include/' | sed 's/\(\.so\.[0-9]*\)\.[0-9]*$/\1.N/; s/\.so\.[0-9]*/.so.M/') <<'FILES'
bin/vmwire
bin/vmwire-verify
lib/libvmwire.a
lib/libvmwire.so
lib/libvmwire.so.M
lib/libvmwire.so.M.N
lib/pkgconfig/vmwire.pc
share/man/man1/vmwire.1
FILES
}

program_runs() {
    "$prefix/bin/vmwire" parse "$stream" >/dev/null &&
        [[ $("$prefix/bin/vmwire" --version) == "vmwire $(pkg-config --modversion vmwire)" ]]
}

has_a_page() {
    [[ $(MANPATH=$prefix/share/man man -w vmwire) == "$prefix/share/man/man1/vmwire.1" ]]
}

# Each header includes what it needs.
headers_stand_alone() { # COMPILER
    local header
    for header in "$prefix"/include/vmwire/*.h; do
        echo "#include <vmwire/$(basename "$header")>" |
            "$1" -x c -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only "-I$prefix/include" - || return 1
    done
}

# As many as the program prints, which prints a line for the stream before them.
items() {
    "$prefix/bin/vmwire" parse --json "$stream" | grep -vc '^{"kind":"stream"' | sed 's/$/ items/'
}

reads_a_stream() { # COMPILER shared|static
    local program=$work/$1-$2 said
    local -a flags libraries
    read -ra flags < <(pkg-config --cflags vmwire)
    if [[ $2 == shared ]]; then
        read -ra libraries < <(pkg-config --libs vmwire)
    else
        read -ra libraries < <(pkg-config --static --libs vmwire)
        libraries=(-Wl,-Bstatic "${libraries[@]}" -Wl,-Bdynamic)
    fi
    "$1" -std=c11 -Wall -Wextra -Wpedantic -Werror "${flags[@]}" -o "$program" tests/use_library.c "${libraries[@]}" || return 1
    said=$(LD_LIBRARY_PATH=$prefix/lib "$program" "$stream") || return 1
    echo "$said"
    [[ $said == "$(items)" ]] || return 1
    # It is linked as was asked.
    if readelf -d "$program" | grep -q "NEEDED.*\[$(basename "$prefix"/lib/libvmwire.so.?)\]"; then
        [[ $2 == shared ]]
    else
        [[ $2 == static ]]
    fi
}

# The names that a linker sees.
names_of() { # FILE NM-OPTION
    nm --defined-only --format=posix "$2" "$1" | awk 'NF > 1 { print $1 }' | LC_ALL=C sort
}

shows_what_is_declared() { # FILE NM-OPTION
    [[ -s $work/declared ]] && diff "$work/declared" <(names_of "$@")
}

check "installs" ./build.sh install "$prefix"
((failed)) && exit 1
check "every part is there" has_every_part
check "installs for a package" installs_for_a_package
check "the program runs" program_runs
check "its manual page is found" has_a_page
for compiler in gcc clang; do
    check "$compiler: headers stand alone" headers_stand_alone $compiler
    for kind in shared static; do
        check "$compiler: a program reads a stream with the $kind library" reads_a_stream $compiler $kind
    done
done
tests/declared_names.py "$prefix/include" >"$work/declared"
check "names of the shared library" shows_what_is_declared "$prefix/lib/libvmwire.so" -D
check "names of the static library" shows_what_is_declared "$prefix/lib/libvmwire.a" -g
exit $failed
