"""Number rows within groups, batch after batch, while a file streams by.

Here: `Numbering` (rows of a document), `FirstNumbers` (persons of a document), and `Values`, which
remembers a number for each key. Window functions and joins in SQL say the same, but need the whole file first
and a sort, at several times the cost of reading it; memory here grows with the distinct keys alone.
Not here: what a key is made of.

Keys are 64-bit hashes, DuckDB's `hash`. Two documents of one source with the same hash would count
as one: for 25 million documents the chance of one such pair is 2 in 100,000.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int32]

GROWTH = 4
"""A sorted piece is merged with the one before it unless that is so many times as large."""


class Values:
    """A number above 0 for each key; a later one takes an earlier one's place if it is larger.

    Kept as a few sorted pieces of growing size, so that putting and looking up run through memory
    in order, which for batches is several times faster than a hash table.
    """

    def __init__(self) -> None:
        self._pieces: list[tuple[Hashes, Numbers]] = []

    def get(self, keys: Hashes) -> Numbers:
        """The value of each key, 0 where there is none; fastest where the keys are sorted."""
        self._merge()
        found = np.zeros(len(keys), np.int32)
        for known, values in self._pieces:
            at = np.searchsorted(known, keys)
            at[at == len(known)] = 0
            np.maximum(found, np.where(known[at] == keys, values[at], 0), out=found)
        return found

    def of_rows(self, keys: Hashes) -> Numbers:
        """The value of each row's key, 0 where there is none; rows of a key may stand together."""
        runs = _starts(keys)
        return np.repeat(self.get(keys[runs]), np.diff(runs, append=len(keys)))

    def put(self, keys: Hashes, values: Numbers) -> None:
        """Remember values of distinct keys in ascending order; of any length."""
        if len(keys):
            self._pieces.append((keys, values))

    def add(self, keys: Hashes, values: Numbers) -> None:
        """Remember values of keys that have none yet; of a key that is repeated, the first."""
        distinct, first = np.unique(keys, return_index=True)
        is_new = self.get(distinct) == 0
        self.put(distinct[is_new], values[first[is_new]])

    def _merge(self) -> None:
        sizes = [len(keys) for keys, _ in self._pieces]
        while len(sizes) > 1 and sizes[-2] < GROWTH * sum(sizes[-1:]):
            sizes[-2:] = [sum(sizes[-2:])]
        late = self._pieces[len(sizes) - 1 :]
        if len(late) > 1:
            keys = np.concatenate([keys for keys, _ in late])
            order = np.argsort(keys, kind="stable")
            keys, values = keys[order], np.concatenate([values for _, values in late])[order]
            starts = _starts(keys)
            self._pieces[len(sizes) - 1 :] = [(keys[starts], np.maximum.reduceat(values, starts))]


class Numbering:
    """Numbers the rows of each group 1, 2, ... in the order in which they come."""

    def __init__(self) -> None:
        self._rows = Values()

    def number(self, keys: Hashes) -> Numbers:
        """For each row, how many rows of its group came up to it; shape (n,)."""
        runs = _starts(keys)
        lengths = np.diff(runs, append=len(keys)).astype(np.int32)
        order = np.argsort(keys[runs], kind="stable")
        ordered, lengths_ordered = keys[runs][order], lengths[order]
        groups = _starts(ordered)
        runs_of_group = np.diff(groups, append=len(runs))
        ends = np.cumsum(lengths_ordered, dtype=np.int32)
        begins = ends - lengths_ordered
        # From rows before a run among all rows to rows before it in its group, earlier batches' too.
        offset = self._rows.get(ordered[groups]) - begins[groups]
        last_runs = groups + runs_of_group - 1
        self._rows.put(ordered[groups], ends[last_runs] + offset)
        before = np.empty_like(begins)
        before[order] = begins + np.repeat(offset, runs_of_group)
        return _count_up(runs, len(keys)) + np.repeat(before, lengths)


class FirstNumbers:
    """Gives all rows of a member of a group, such as a person of a document, its first row's number."""

    def __init__(self) -> None:
        self._numbers = Values()

    def of(self, groups: Hashes, members: Hashes, numbers: Numbers) -> Numbers:
        """For each row the number of the first row of its member; shape (n,).

        Args:
            groups: key of each row's group.
            members: key of each row's member, which belongs to one group.
            numbers: what `Numbering.number` gave for the groups. Where no run of rows goes on with
                a group, as in files that keep a document's rows together, nothing is looked up.
        """
        order = np.argsort(members, kind="stable")
        starts = _starts(members[order])
        distinct, firsts = members[order][starts], numbers[order][starts]
        if (numbers[_starts(groups)] > 1).any():
            known = self._numbers.get(distinct)
            firsts = np.where(known > 0, known, firsts)
        self._numbers.put(distinct, firsts)
        result = np.empty_like(numbers)
        result[order] = np.repeat(firsts, np.diff(starts, append=len(members)))
        return result


def numbers_within(groups: NDArray[np.int64]) -> Numbers:
    """Rows of each run of equal values numbered 1, 2, ...: [4, 4, 7] gives [1, 2, 1]."""
    runs = _starts(groups)
    return _count_up(runs, len(groups))


def _starts(values: NDArray[Any]) -> NDArray[np.int64]:
    """Where runs of equal values begin."""
    return np.flatnonzero(np.append(True, values[1:] != values[:-1])[: len(values)])


def _count_up(runs: NDArray[np.int64], rows: int) -> Numbers:
    """1, 2, ... from the beginning of each run."""
    numbers = np.arange(1, rows + 1) - np.repeat(runs, np.diff(runs, append=rows))
    return numbers.astype(np.int32)
