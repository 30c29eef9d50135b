# SPDX-License-Identifier: MIT
"""Checks that a stream can be decoded from left to right in one way, by the shape of a format: with lengths of any size.

A decoder stands before a choice, and looks at the bytes that come: those of each alternative, and what is behind the choice
where an alternative ends before. The choice is clear if, for any two alternatives, at some byte neither can have what the
other one has. The end of what a length measures is like a byte that nothing else has: the length came before. If every
choice is clear, each input has at most one decoding. This is enough, not needed: a format that fails here may still be
unambiguous. This file must not know schemas, options, nor lemon.
"""
from shapes import Bytes, Choice, Measured, Sequence, sizes

END = frozenset([256])  # the end of what is measured, or of the input
LIMIT = 400  # bytes that are looked at


def unclear_choices(shape):
    """The names of the choices that are not clear, and how many choices there are."""
    unclear, count = [], 0
    waiting, done = [(shape, (Bytes([END]),))], set()
    while waiting:
        shape, behind = waiting.pop()
        key = shape, behind
        if key in done:
            continue
        done.add(key)
        if isinstance(shape, Sequence):
            for number, part in enumerate(shape.parts):
                waiting.append((part, (*shape.parts[number + 1:], *behind)))
        elif isinstance(shape, Measured):
            waiting.append((shape.part, (Bytes([END]),)))
        elif isinstance(shape, Choice):
            count += 1
            waiting += [(each, behind) for each in shape.choices]
            seen = [first_bytes((each, *behind)) for each in shape.choices]
            if any(not differ(one, other) for number, one in enumerate(seen) for other in seen[:number]):
                unclear.append(shape.name)
    return unclear, count


def differ(one, other):
    return any(not a & b for a, b in zip(one, other))


def first_bytes(parts):
    """The sets of the bytes that these parts begin with, as far as it is certain where they stand."""
    found, waiting = [], list(reversed(parts))
    while waiting and len(found) < LIMIT:
        part = waiting.pop()
        if isinstance(part, Bytes):
            found += part.sets
        elif isinstance(part, Sequence):
            waiting += reversed(part.parts)
        elif isinstance(part, Measured):
            lengths = [part.length_bytes(size) for size in sizes(part.part)]
            found += [frozenset(octets) for octets in zip(*lengths)]
            if len({len(octets) for octets in lengths}) > 1:
                return found
            if len(lengths) > 1:
                return found + first_bytes((part.part,))
            waiting.append(part.part)
        else:
            behind = tuple(reversed(waiting))
            each = [first_bytes((choice, *behind) if 0 in sizes(choice) else (choice,)) for choice in part.choices]
            return found + [frozenset().union(*sets) for sets in zip(*each)]
    return found
