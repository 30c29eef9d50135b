# SPDX-License-Identifier: MIT
"""Shapes: sets of strings of bytes, made of sequences, choices and lengths. This file must not know what they are of."""
from functools import lru_cache

ANY = frozenset(range(256))

# A label names bytes for a person. What has none is named by what it is in.


class Bytes:
    """One byte of each set in turn."""

    def __init__(self, sets, label=None):
        self.sets, self.label = sets, label


class Sequence:
    """`name`: it is a nonterminal of its own, with this name."""

    def __init__(self, parts, name=None, label=None):
        self.parts, self.name, self.label = parts, name, label


class Choice:
    def __init__(self, choices, name, label=None):
        self.choices, self.name, self.label = choices, name, label


class Measured:
    """A length, as `length_bytes` writes it, and so many bytes."""

    def __init__(self, length_bytes, part, name, label=None):
        self.length_bytes, self.part, self.name, self.label = length_bytes, part, name, label


def literal(data, label=None):
    return Bytes([frozenset([byte]) for byte in data], label)


def some_of(parts, name):
    """Any of these, in this order. A part is chosen by its own first bytes, so no choice is made before they are read."""
    rest = Choice([Sequence([])], f"{name} end")
    for number in range(len(parts) - 1, -1, -1):
        rest = Choice([*rest.choices, Sequence([parts[number], rest])], f"{name} {number}")
    return rest


def at_least_one_of(parts, name):
    rests = [some_of(parts[number + 1:], f"{name} behind {number}") for number in range(len(parts))]
    return Choice([Sequence([part, rest]) for part, rest in zip(parts, rests)], name)


# ---- The lengths that a shape can have -------------------------------------------------------------------


@lru_cache(maxsize=None)
def sizes(shape):
    if isinstance(shape, Bytes):
        return frozenset([len(shape.sets)])
    if isinstance(shape, Sequence):
        return sizes_from(shape, 0)
    if isinstance(shape, Choice):
        return frozenset().union(*(sizes(each) for each in shape.choices))
    return frozenset(len(shape.length_bytes(inner)) + inner for inner in sizes(shape.part))


@lru_cache(maxsize=None)
def sizes_from(shape, first):
    """Of the parts of a sequence, from this one on."""
    if first == len(shape.parts):
        return frozenset([0])
    return frozenset(a + b for a in sizes(shape.parts[first]) for b in sizes_from(shape, first + 1))
