#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that --json prints JSON whatever bytes a name has, and nothing that a terminal obeys.

    tests/json_names.py VMWIRE STREAM...

Takes names of a stream (idstr, subsections, blocks of RAM, the machine) and puts bytes into them that are not UTF-8, or
control characters (DEL, C1, ESC, a change of the direction of writing). They are at random, but the same in each run. They
stand over the name's own bytes, or behind a NUL, where QEMU does not look. Every command reads the result, as a stream of its
own and beside the original. Each line of its output, and of its errors, must be an object, in printable ASCII.
"""
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 20
WRONG = (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\xf8\x88", b"\x80", b"\x7f", b"\xc2\x9b", b"\x1b", b"\xe2\x80\xae")


def strict(pairs):
    """An object's keys are different ones, and none is a null pointer that was printed."""
    keys = [key for key, _ in pairs]
    assert len(set(keys)) == len(keys) and not any("null" in key for key in keys), keys
    return dict(pairs)


def names_of(stream):
    """The places of length bytes that have a name of the description behind them."""
    description = stream[stream.index(b'{"configuration"' if b'{"configuration"' in stream else b'{"page_size"'):]
    state = stream[:-len(description) - 5]
    names, walk = set(), [json.loads(description)]
    while walk:
        node = walk.pop()
        walk += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        if isinstance(node, dict):
            names |= {node[key] for key in ("name", "vmsd_name") if key in node}
    places = []
    for name in names - {""}:
        text = bytes([len(name)]) + name.encode()
        at = state.find(text)
        while at >= 0:
            places.append(at)
            at = state.find(text, at + 1)
    return sorted(places)


def alter(stream, place, choice):
    """The stream with another name: of the same length, or with a tail behind a NUL."""
    length, wrong = stream[place], choice.choice(WRONG)
    name = stream[place + 1:place + 1 + length]
    if choice.random() < 0.5:
        at = choice.randrange(length)
        name = (name[:at] + wrong + name[at:])[:length]
    else:
        name += b"\0" + wrong
    return stream[:place] + bytes([len(name)]) + name + stream[place + 1 + length:]


def commands(altered, original, folder, turn):
    whole = [] if turn == 0 else ["--costs"]  # the whole decision takes long
    yield from (["parse", altered], ["parse", "--stats", altered], ["compare", *whole, altered])
    for more in ([], ["--all-states"], ["--ambiguity"]):
        yield ["check", *more, altered]
    yield ["check", "--option", "legacy", altered]
    yield ["check", "--all-states", "--emit", folder / f"witnesses-{turn}", altered]
    for more in ([], ["--contrived"], ["--to", "guarded"], ["--contrived", "--to", "guarded"]):
        yield from (["skew", *more, altered, original], ["skew", *more, original, altered])
    yield from (["explain", altered, original], ["explain", original, altered])
    yield from (["diff", altered, original], ["diff", original, altered])
    yield ["convert", "--to", "toplevel", "--output", folder / "converted", altered]
    yield ["replay", folder]


def main():
    vmwire, streams = sys.argv[1], [Path(name) for name in sys.argv[2:]]
    objects = accepted = 0
    for path in streams:
        stream, choice = path.read_bytes(), random.Random(path.name)
        places = names_of(stream)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "manifest.json").write_text(json.dumps([{"name": "one", "file": "altered", "schemas": []}]))
            for turn in range(ROUNDS):
                (folder / "altered").write_bytes(alter(stream, choice.choice(places), choice))
                for words in commands(folder / "altered", path.resolve(), folder, turn):
                    result = subprocess.run([vmwire, *words, "--json"], capture_output=True)
                    assert result.returncode in (0, 1, 2, 3), (words, result.returncode)
                    accepted += result.returncode != 2
                    for line in (result.stdout + result.stderr).splitlines():
                        assert line.isascii() and line.decode().isprintable(), line
                        assert isinstance(json.loads(line.decode(), object_pairs_hook=strict), dict), line
                        objects += 1
    assert objects and accepted, "nothing was accepted"
    print(f"{objects} objects, {accepted} results that are no error")


if __name__ == "__main__":
    main()
