"""Ties: how strongly documents bind those together that hold parts of them.

Here: documents' parts put together by holder, pairs of holders of a document, exact sums over pairs.
Who is a holder - a raw cluster, a cluster, what lies outside in a country - is the caller's to say; what
ties decide is in `mergers.py`, what they tell of clusters in `indicators/collaboration.py`.

The tie of two holders is the sum over documents of the product of their two parts (method 6).
"""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.arrays import Ints
from pipelines.contracts.common import PARTS_PER_DOCUMENT

NOBODY = -1
"""Holds what no holder that is asked about has."""
_UNIT = PARTS_PER_DOCUMENT
"""Products of two parts, up to 10^18, are summed as units and rest: their sums pass 64 bits."""


class Holdings(NamedTuple):
    """Parts of documents and who holds them.

    Attributes:
        document: number of the document.
        holder: number of the holder, from 0, or NOBODY.
        part: billionths of the document.
    """

    document: Ints
    holder: Ints
    part: Ints

    def where(self, kept: NDArray[Any] | slice) -> "Holdings":
        """Some of the rows."""
        return Holdings(self.document[kept], self.holder[kept], self.part[kept])

    def put_together(self) -> "Holdings":
        """One row for each holder of a document, by document, then by holder; of rows that somebody holds."""
        key = self.document * (int(self.holder.max(initial=0)) + 1) + self.holder
        order = np.argsort(key, kind="stable")  # quick where documents are in order already
        first = np.flatnonzero(np.diff(key[order], prepend=-1))
        heads = order[first]
        part = np.add.reduceat(self.part[order], first)
        return Holdings(self.document[heads], self.holder[heads], part)

    def pairs(self, first: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of rows of one document, of holdings put together.

        Args:
            first: rows that may be the first of a pair, the one with the lower holder; ascending.

        Yields:
            Rows and their partners. Each pair comes once, and no row twice on the same side of a batch.
        """
        rows = len(self.document)
        for step in count(1):
            first = first[: np.searchsorted(first, rows - step)]
            first = first[self.document[first] == self.document[first + step]]
            if not first.size:
                return
            yield first, first + step


class Ties:
    """Sums over documents for each two of `size` holders, or one with itself; 40 bytes for each two."""

    def __init__(self, size: int) -> None:
        self._shape = (size, size)
        self._sums = np.zeros((5, size * size), np.int64)

    def add(self, holdings: Holdings, one: Ints, other: Ints) -> None:
        """Count pairs of rows of the same document, the lower holder first."""
        pair = holdings.holder[one] * self._shape[1] + holdings.holder[other]
        part, other_part = holdings.part[one], holdings.part[other]
        units, rest = np.divmod(part * other_part, _UNIT)
        addends = (np.ones_like(part), part, other_part, units, rest)
        for total, addend in zip(self._sums, addends, strict=True):
            np.add.at(total, pair, addend)

    def add_whole(self, holder: Ints) -> None:
        """Count documents that one holder has whole: each is tied to itself."""
        documents = np.bincount(holder, minlength=self._shape[0])
        parts = documents * PARTS_PER_DOCUMENT
        with_itself = np.ravel_multi_index(np.diag_indices(self._shape[0]), self._shape)
        # a whole document times itself is as many units as it has parts
        self._sums[:4, with_itself] += (documents, parts, parts, parts)

    def frame(self) -> pl.DataFrame:
        """One row for each two that share a document, one <= other.

        Columns: one, other; documents, how many; parts and other_parts, what each has of them; tie, in
        squared billionths (a decimal without places, since it passes 64 bits).
        """
        pair = np.flatnonzero(self._sums[0])
        one, other = np.unravel_index(pair, self._shape)
        names = ("documents", "parts", "other_parts", "units", "rest")
        sums = dict(zip(names, self._sums[:, pair], strict=True))
        tie = pl.col("units").cast(pl.Int128) * _UNIT + pl.col("rest")
        return (
            pl.DataFrame({"one": one, "other": other, **sums})
            .with_columns(tie=tie.cast(pl.Decimal(38, 0)))
            .drop("units", "rest")
        )


def ties_of(documents: Iterable[Holdings], size: int) -> pl.DataFrame:
    """Ties of each two holders that share documents, as `Ties.frame` has them.

    Args:
        documents: in portions, each document with all its parts in one of them.
        size: how many holders there are.
    """
    ties = Ties(size)
    for parts in documents:
        # what lies whole in one place ties nothing, nor does what nobody of them holds
        can_tie = (parts.part < PARTS_PER_DOCUMENT) & (parts.holder != NOBODY)
        shared = parts.where(can_tie).put_together()
        for one, other in shared.pairs(np.arange(len(shared.part))):
            ties.add(shared, one, other)
    return ties.frame()
