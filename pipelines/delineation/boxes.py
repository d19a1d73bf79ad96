"""Nested boxes over points on the sphere, and the walk over pairs of boxes within reach.

Here: the tree of boxes and the walk that splits pairs of boxes until a caller's rule has decided
them. Add here what speeds up any search for neighbours. What is counted, joined or assigned along
the way belongs to the caller, the sphere's geometry to `sphere.py`.

A box is described by a ball around its points. Floating point decides a pair only where the answer
is clear by a margin of 1e-12; what is left, a sliver around the radius far thinner than a
micrometre, is compared in exact integers.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipelines.arrays import Bools, Floats, Ints
from pipelines.delineation.sphere import MARGIN, QUANTA, Reach

_KEY_BITS = 21
"""Bits of a Morton key per axis: three fit 63 bits, and the smallest boxes are 6 m wide."""

_CROWD = 8
"""Points that share a point's smallest box, on average; measured best of 4, 8 and 16."""

_BLOCK_PAIRS = 65_536
"""Pairs looked at together: few enough for the processor's cache, enough to outweigh the calls."""


def morton_key(points: Floats) -> NDArray[np.uint64]:
    """Place of each point along the Z-curve, 21 bits an axis: equal leading bits, equal box."""
    key = np.zeros(points.shape[1], np.uint64)
    for axis, coordinate in enumerate(points):
        part = ((coordinate + QUANTA) * 2.0 ** (_KEY_BITS - 51)).astype(np.uint64)
        np.minimum(part, (1 << _KEY_BITS) - 1, out=part)
        for shift, mask in (
            (32, 0x1F00000000FFFF),
            (16, 0x1F0000FF0000FF),
            (8, 0x100F00F00F00F00F),
            (4, 0x10C30C30C30C30C3),
            (2, 0x1249249249249249),
        ):
            part = (part | part << np.uint64(shift)) & np.uint64(mask)
        key |= part << np.uint64(axis)
    return key


def ranges(start: Ints, count: Ints) -> Ints:
    """The whole numbers start[i] .. start[i] + count[i] - 1, one range after the other."""
    end = np.cumsum(count)
    return np.repeat(start - end + count, count) + np.arange(end[-1] if len(end) else 0)


@dataclass(frozen=True)
class Level:
    """Boxes of one size that hold points, or the points themselves (radius 0).

    Attributes:
        ball: centres (three rows) and radii (fourth row) of balls around the boxes' points, (4, b).
        begin: index of each box's first point, and the number of points at the end, (b + 1,).
        first: index of each box's first part on the next level, likewise, (b + 1,).
    """

    ball: Floats
    begin: Ints
    first: Ints

    @cached_property
    def parts(self) -> Ints:
        """Number of parts of each box on the next level, (b,)."""
        return np.diff(self.first)


def build_levels(points: Floats, key: NDArray[np.uint64]) -> list[Level]:
    """Boxes halved in side from level to level down to the points, which are the last level.

    Args:
        points: quantised coordinates, (3, n), sorted by key.
        key: their Morton keys, ascending.

    Boxes are split until a point shares its box with eight others on average, so dense and sparse
    regions need no setting.
    """
    n = points.shape[1]
    begins = []
    fork = key[1:] ^ key[:-1]
    for level in range(_KEY_BITS + 1):
        apart = np.flatnonzero(fork >> np.uint64(3 * (_KEY_BITS - level)))
        begins.append(np.concatenate([[0], apart + 1, [n]]))
        if (np.diff(begins[-1]) ** 2).sum() <= _CROWD * n:
            break
    ball = np.zeros((4, n))
    ball[:3] = points
    levels = [Level(ball, np.arange(n + 1), np.arange(n + 1))]
    low = high = ball[:3]
    for begin in reversed(begins):
        first = np.searchsorted(levels[0].begin, begin)
        low = np.minimum.reduceat(low, first[:-1], axis=1)
        high = np.maximum.reduceat(high, first[:-1], axis=1)
        ball = np.empty((4, len(first) - 1))
        ball[:3] = (low + high) / 2
        ball[3] = np.sqrt(((high - ball[:3]) ** 2).sum(axis=0)) * (1 + MARGIN)
        levels.insert(0, Level(ball, begin, first))
    return levels


@dataclass(frozen=True)
class Pairs:
    """Query boxes, each with a run of source boxes that may be within reach of it.

    Attributes:
        queries: the tree that the query boxes belong to.
        sources: the tree that the source boxes belong to.
        query_level: level of the query boxes in their tree.
        source_level: level of the source boxes in theirs.
        query: query boxes, (k,).
        carry: what the caller's rule knows of each query box; its parts inherit it, (k,).
        count: lengths of the runs, (k,).
        source: source boxes, run after run, (count.sum(),).
    """

    queries: list[Level]
    sources: list[Level]
    query_level: int
    source_level: int
    query: Ints
    carry: NDArray
    count: Ints
    source: Ints

    @classmethod
    def all(cls, queries: list[Level], sources: list[Level], carry: float) -> "Pairs":
        """The one pair that every other is a part of; both trees must hold points."""
        zero = np.zeros(1, np.int64)
        return cls(queries, sources, 0, 0, zero, np.array([carry]), np.ones(1, np.int64), zero)

    @property
    def query_boxes(self) -> Level:
        """The level that `query` points into."""
        return self.queries[self.query_level]

    @property
    def source_boxes(self) -> Level:
        """The level that `source` points into."""
        return self.sources[self.source_level]

    @property
    def are_points(self) -> bool:
        """Whether both sides are single points."""
        return self.query_level == len(self.queries) - 1 and self.source_level == (
            len(self.sources) - 1
        )

    @property
    def start(self) -> Ints:
        """Where each run begins in `source`, (k,)."""
        return np.cumsum(self.count) - self.count

    def squared_distance(self) -> tuple[Floats, Floats]:
        """Squared distances between centres, and sums of the two radii, in quanta."""
        query, source = self.query_boxes.ball, self.source_boxes.ball
        squared = np.zeros(len(self.source))
        for axis in range(3):
            difference = np.repeat(query[axis].take(self.query), self.count)
            difference -= source[axis].take(self.source)
            difference *= difference
            squared += difference
        radii = np.repeat(query[3].take(self.query), self.count)
        radii += source[3].take(self.source)
        return squared, radii

    def exact_squared_distance(self, where: Ints) -> NDArray[np.object_]:
        """Squared distances of the given pairs of points as whole numbers of any size."""
        query = np.repeat(self.query, self.count).take(where)
        source = self.source.take(where)
        difference = self.query_boxes.ball[:3, query] - self.source_boxes.ball[:3, source]
        return (difference.astype(np.int64).astype(object) ** 2).sum(axis=0)

    def classify(self, reach: Reach) -> tuple[Bools, Bools]:
        """Which pairs are wholly within reach, and which are undecided; of points, none is."""
        squared, radii = self.squared_distance()
        below = reach.inside - radii
        inside = squared <= below * np.abs(below)
        radii += reach.outside
        radii *= radii
        undecided = (squared <= radii) & ~inside
        if self.are_points:
            sliver = np.flatnonzero(undecided)
            if len(sliver):
                inside[sliver] = self.exact_squared_distance(sliver) <= reach.chord**2
                undecided[sliver] = False
        return inside, undecided

    def run_sums(self, values: Ints) -> Ints:
        """Sums over the runs, exact, (k,)."""
        end = np.cumsum(self.count)
        total = np.concatenate([[0], np.cumsum(values)])
        return total[end] - total[end - self.count]

    def keep(self, pair: Bools) -> "Pairs":
        """Only the given pairs, and only queries that still have any."""
        count = self.run_sums(pair.astype(np.int64))
        left = np.flatnonzero(count)
        return replace(
            self,
            query=self.query[left],
            carry=self.carry[left],
            count=count[left],
            source=self.source[pair],
        )

    def split(self) -> "Pairs":
        """The same pairs with the boxes of one side replaced by their parts, in turns."""
        at_points = self.source_level == len(self.sources) - 1
        behind = self.source_level <= self.query_level or self.query_level == len(self.queries) - 1
        if behind and not at_points:
            parts = self.source_boxes.parts.take(self.source)
            return replace(
                self,
                source_level=self.source_level + 1,
                count=self.run_sums(parts),
                source=ranges(self.source_boxes.first.take(self.source), parts),
            )
        parts = self.query_boxes.parts.take(self.query)
        count = np.repeat(self.count, parts)
        return replace(
            self,
            query_level=self.query_level + 1,
            query=ranges(self.query_boxes.first.take(self.query), parts),
            carry=np.repeat(self.carry, parts),
            count=count,
            source=self.source.take(ranges(np.repeat(self.start, parts), count)),
        )

    def cut(self) -> list["Pairs"]:
        """The same pairs in blocks that fit a processor's cache, between queries."""
        end = np.cumsum(self.count)
        first = np.concatenate([[0], end])
        starts = np.searchsorted(end, np.arange(0, end[-1], _BLOCK_PAIRS), side="right")
        return [
            replace(
                self,
                query=self.query[a:b],
                carry=self.carry[a:b],
                count=self.count[a:b],
                source=self.source[first[a] : first[b]],
            )
            for a, b in pairwise([*np.unique(starts).tolist(), len(end)])
        ]


Rule = Callable[[Pairs], Pairs]
"""Takes what it can decide from a block of pairs and returns the rest, to be split further."""


def walk(start: Iterable[Pairs], rule: Rule) -> None:
    """Apply a rule to pairs of boxes and to the parts of those that it leaves, until none is left.

    A query's pairs always stay in one block, so a rule sees all that may still reach it. Blocks
    come in no promised order.
    """
    stack = list(start)
    while stack:
        left = rule(stack.pop())
        if len(left.source):
            stack.extend(left.split().cut())
