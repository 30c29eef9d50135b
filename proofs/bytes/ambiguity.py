# SPDX-License-Identifier: MIT
"""Decides whether a grammar without recursion gives an input two parses, and finds the shortest such input.

Two leftmost derivations of one input are the same up to a nonterminal for which they take different rules: there they
*part*. The search goes over pairs: one place before they part, two places behind it, a place being the symbols that are
still to come. A pair can go on where both places can have the same byte. There are finitely many pairs, and all are visited,
so the answer is exact. A parser that knows nothing of the search counts the parses of what it finds.

This file must not know schemas, options, nor lemon.
"""
import sys
from collections import deque

sys.setrecursionlimit(100000)  # rules lie within one another as deep as a list of subsections is long


class Places:
    """What is still to come, as a number: 0 is nothing; each other is a symbol, and the place behind it."""

    def __init__(self, grammar):
        self.grammar = grammar
        self.all, self.numbers = [None], {}
        self.start = self.before(grammar.start, 0)

    def before(self, symbol, place):
        key = symbol, place
        if key not in self.numbers:
            self.numbers[key] = len(self.all)
            self.all.append(key)
        return self.numbers[key]

    def symbol(self, place):
        return self.all[place][0] if place else None

    def behind(self, place):
        return self.all[place][1]

    def alternatives(self, place):
        """Where a nonterminal comes first: the place for each of its rules. None: a byte comes first, or nothing."""
        symbol = self.symbol(place)
        if not isinstance(symbol, str):
            return None
        made = []
        for rule in self.grammar.rules[symbol]:
            rest = self.behind(place)
            for part, _ in reversed(rule):
                rest = self.before(part, rest)
            made.append(rest)
        return made


class Search:
    """All pairs that can be reached. `found`: the shortest input with two parses, or None. `together`: the most bytes that
    two derivations share behind the nonterminal where they part; None where they can share all of them."""

    def __init__(self, grammar):
        self.places = Places(grammar)
        self.came_from = {}
        self.pairs = 0
        final = self.visit()
        self.found = None if final is None else self.input_of(final)
        self.together = None if final is not None else self.longest()

    def steps(self, node):
        """(bytes that are read: 0 or 1, their set, the next node). A node is one place, or two that have parted."""
        places = self.places
        if len(node) == 1:
            alternatives = places.alternatives(node[0])
            if alternatives is None:
                if node[0]:
                    yield 1, places.symbol(node[0]), (places.behind(node[0]),)
                return
            for number, one in enumerate(alternatives):
                yield 0, None, (one,)
                for other in alternatives[number + 1:]:
                    yield 0, None, (one, other)
            return
        for number in (0, 1):
            alternatives = places.alternatives(node[number])
            if alternatives is not None:
                for each in alternatives:
                    yield 0, None, (each, node[1]) if number == 0 else (node[0], each)
                return
        if node[0] and node[1]:
            both = places.symbol(node[0]) & places.symbol(node[1])
            if both:
                yield 1, both, (places.behind(node[0]), places.behind(node[1]))

    def visit(self):
        """Nodes with fewer bytes first. Gives the first one in which two derivations are at their end."""
        start = (self.places.start,)
        waiting, done, final = deque([(start, None, None)]), self.came_from, None
        while waiting:
            node, before, byte_set = waiting.popleft()
            if node in done:
                continue
            done[node] = before, byte_set
            self.pairs += len(node) == 2
            if node == (0, 0) and final is None:
                final = node
            for read, byte_set, following in self.steps(node):
                if following not in done:
                    (waiting.append if read else waiting.appendleft)((following, node, byte_set))
        return final

    def input_of(self, node):
        """A byte that two derivations leave open is 00, or the least one."""
        data = bytearray()
        while node is not None:
            node, byte_set = self.came_from[node]
            if byte_set is not None:
                data.append(min(byte_set))
        return bytes(reversed(data))

    def longest(self):
        """Over the nodes that have parted: there is no circle, since each step reads or takes a rule."""
        most = {}
        for node in self.came_from:
            if len(node) == 2 and node not in most:
                waiting = [node]
                while waiting:
                    following = list(self.steps(waiting[-1]))
                    missing = [each for _, _, each in following if each not in most]
                    if missing:
                        waiting += missing
                    else:
                        most[waiting.pop()] = max((read + most[each] for read, _, each in following), default=0)
        return max(most.values(), default=0)


# ---- Counting --------------------------------------------------------------------------------------------


def derivations(grammar):
    """How many leftmost derivations there are in all, each byte of a set being another one."""
    counted = {}

    def of(symbol):
        if isinstance(symbol, frozenset):
            return len(symbol)
        if symbol not in counted:
            counted[symbol] = 0
            for rule in grammar.rules[symbol]:
                product = 1
                for part, _ in rule:
                    product *= of(part)
                counted[symbol] += product
        return counted[symbol]

    return of(grammar.start)


def strings(grammar, limit):
    """How many different inputs there are: sets of places, one set for each beginning. None: more sets than the limit."""
    places, closures, counted = Places(grammar), {}, {}

    def closure(place):
        if place not in closures:
            alternatives = places.alternatives(place)
            closures[place] = (frozenset([place]) if alternatives is None
                               else frozenset().union(*(closure(each) for each in alternatives)))
        return closures[place]

    def following(state):
        """(how many bytes, the next set of places) for the bytes that do the same."""
        alike = {}
        for byte in frozenset().union(*(places.symbol(place) for place in state if place)):
            key = frozenset(place for place in state if place and byte in places.symbol(place))
            alike[key] = alike.get(key, 0) + 1
        for key, bytes_alike in alike.items():
            yield bytes_alike, frozenset().union(*(closure(places.behind(place)) for place in key))

    waiting = [closure(places.start)]
    while waiting:
        state = waiting[-1]
        if state in counted:
            waiting.pop()
            continue
        steps = list(following(state))
        missing = [each for _, each in steps if each not in counted]
        if missing:
            waiting += missing
            if len(counted) + len(waiting) > limit:
                return None
        else:
            counted[waiting.pop()] = (0 in state) + sum(times * counted[each] for times, each in steps)
    return counted[closure(places.start)]


# ---- Parsing ---------------------------------------------------------------------------------------------


class Parser:
    """All parses of an input, by the rules alone."""

    def __init__(self, grammar, data):
        self.grammar, self.data, self.known = grammar, data, {}

    def ends(self, symbol, begin):
        """Where what begins here can end, with the number of parses."""
        if isinstance(symbol, frozenset):
            return {begin + 1: 1} if begin < len(self.data) and self.data[begin] in symbol else {}
        key = symbol, begin
        if key not in self.known:
            found = {}
            for rule in self.grammar.rules[symbol]:
                for end, ways in self.ends_of_rule(rule, begin).items():
                    found[end] = found.get(end, 0) + ways
            self.known[key] = found
        return self.known[key]

    def ends_of_rule(self, rule, begin):
        reached = {begin: 1}
        for symbol, _ in rule:
            after = {}
            for at, ways in reached.items():
                for end, more in self.ends(symbol, at).items():
                    after[end] = after.get(end, 0) + ways * more
            reached = after
        return reached

    def count(self):
        return self.ends(self.grammar.start, 0).get(len(self.data), 0)

    def parses(self):
        """Each is a list of (offset, label), a byte each."""
        for leaves in self.leaves(self.grammar.start, 0, len(self.data), None):
            yield leaves

    def leaves(self, symbol, begin, end, label):
        if isinstance(symbol, frozenset):
            yield [label]
            return
        for rule in self.grammar.rules[symbol]:
            if end in self.ends_of_rule(rule, begin):
                yield from self.leaves_of_rule(rule, begin, end, label)

    def leaves_of_rule(self, rule, begin, end, label):
        if not rule:
            if begin == end:
                yield []
            return
        (symbol, own), rest = rule[0], rule[1:]
        for middle in sorted(self.ends(symbol, begin)):
            if end in self.ends_of_rule(rest, middle):
                for first in self.leaves(symbol, begin, middle, own or label):
                    for more in self.leaves_of_rule(rest, middle, end, label):
                        yield first + more


def pieces(data, labels):
    """Neighbouring bytes of one label together."""
    made = []
    for byte, label in zip(data, labels):
        if made and made[-1]["name"] == label:
            made[-1]["hex"] += f"{byte:02x}"
        else:
            made.append({"hex": f"{byte:02x}", "name": label})
    return made
