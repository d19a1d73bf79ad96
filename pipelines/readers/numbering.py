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
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int32]

SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Odd and without pattern: keys that differ by multiples of it have nothing in common."""
LEAST_BITS = 16
FULLEST = 0.6
"""Part of the slots that may be taken: beyond it, looking for a free one takes long."""


class Values:
    """A number above 0 for each key; a later one takes an earlier one's place if it is larger.

    A hash table with open addressing, all keys of a call at once: those whose slot is taken by
    another key go on to their next one together.
    """

    def __init__(self) -> None:
        self._make(LEAST_BITS)

    def _make(self, bits: int) -> None:
        self._bits, self._taken = bits, 0
        self._keys = np.zeros(1 << bits, np.uint64)
        self._values = np.zeros(1 << bits, np.int32)  # 0: a free slot

    def _slots(self, keys: Hashes) -> NDArray[np.int64]:
        """Where each key lies, or else the free slot where it would."""
        # By the upper bits, so that keys in ascending order run through memory in order.
        slots = (keys >> np.uint64(64 - self._bits)).astype(np.int64)
        at_other = np.flatnonzero(self._is_of_other(slots, keys))
        while len(at_other):
            step = (keys[at_other] & np.uint64(0xFFFF)).astype(np.int64) | 1
            slots[at_other] = (slots[at_other] + step) & (len(self._keys) - 1)
            at_other = at_other[self._is_of_other(slots[at_other], keys[at_other])]
        return slots

    def _is_of_other(self, slots: NDArray[np.int64], keys: Hashes) -> NDArray[np.bool_]:
        return (self._keys[slots] != keys) & (self._values[slots] != 0)

    def get(self, keys: Hashes) -> Numbers:
        """The value of each key, 0 where there is none."""
        return self._values[self._slots(keys)]

    def of_rows(self, keys: Hashes) -> Numbers:
        """The value of each row's key, 0 where there is none; rows of a key may stand together."""
        runs = _starts(keys)
        return np.repeat(self.get(keys[runs]), np.diff(runs, append=len(keys)))

    def put(self, keys: Hashes, values: Numbers) -> None:
        """Remember values of distinct keys."""
        self._make_room(len(keys))
        while len(keys):
            slots = self._slots(keys)
            is_new = self._values[slots] == 0
            self._keys[slots[is_new]] = keys[is_new]
            # Of new keys that chose the same free slot one has it now, the others look again.
            has_slot = self._keys[slots] == keys
            placed = slots[has_slot]
            self._taken += int(is_new[has_slot].sum())
            self._values[placed] = np.maximum(self._values[placed], values[has_slot])
            keys, values = keys[~has_slot], values[~has_slot]

    def count_on(self, keys: Hashes, counts: Numbers) -> Numbers:
        """Add counts above 0 to the values of distinct keys; what these were before."""
        self._make_room(len(keys))
        slots = self._slots(keys)
        before = self._values[slots]
        self._keys[slots[before == 0]] = keys[before == 0]
        has_slot = self._keys[slots] == keys
        self._values[slots[has_slot]] += counts[has_slot]
        self._taken += int((before[has_slot] == 0).sum())
        self.put(keys[~has_slot], counts[~has_slot])
        return before

    def _make_room(self, more: int) -> None:
        needed = self._taken + more
        if needed <= FULLEST * len(self._keys):
            return
        is_taken = self._values != 0
        keys, values = self._keys[is_taken], self._values[is_taken]
        self._make(max(self._bits + 1, int(needed / FULLEST).bit_length()))
        self.put(keys, values)

    def claim(self, keys: Hashes) -> NDArray[np.bool_]:
        """Whether a row is the first ever with its key; shape (n,)."""
        is_first = np.zeros(len(keys), np.bool_)
        is_first[self._first_of_new(keys)] = True
        self.put(keys[is_first], np.ones(int(is_first.sum()), np.int32))
        return is_first

    def add(self, keys: Hashes, values: Numbers) -> None:
        """Remember values of keys that have none yet; of a key that is repeated, the first."""
        new = self._first_of_new(keys)
        self.put(keys[new], values[new])

    def _first_of_new(self, keys: Hashes) -> NDArray[np.int64]:
        """The first row of each key that has no value yet."""
        new = np.flatnonzero(self.get(keys) == 0)
        return new[pl.Series(keys[new]).is_first_distinct().arg_true().to_numpy()]


class Numbering:
    """Numbers the rows of each group 1, 2, ... in the order in which they come.

    As long as groups come in the order of their names, none comes again, and nothing is looked up.
    """

    def __init__(self) -> None:
        self._rows = Values()
        self._is_in_order = True
        self._in_order: list[tuple[Hashes, Numbers]] = []
        """Groups and lengths of the runs up to where the order breaks; not in `_rows` before."""
        self._last_name = pa.scalar("")
        self._last_key, self._last_number = np.uint64(0), np.int32(0)

    def number(self, keys: Hashes, names: pa.ChunkedArray | None = None) -> Numbers:
        """For each row, how many rows of its group came up to it; shape (n,).

        Args:
            keys: of the groups.
            names: their texts, which differ only where keys do.
        """
        runs = _starts(keys)
        lengths = np.diff(runs, append=len(keys)).astype(np.int32)
        if self._is_in_order:
            if names is not None and len(keys) and self._goes_on(keys, names, runs):
                return self._next_in_order(keys, names, runs, lengths)
            self._is_in_order = False
            for groups, counts in self._in_order:
                self._rows.count_on(groups, counts)
            self._in_order.clear()
        return self._looked_up(keys, runs, lengths)

    def _goes_on(self, keys: Hashes, names: pa.ChunkedArray, runs: NDArray[np.int64]) -> bool:
        """Whether each run's name comes after the one before; the first may go on with the last."""
        is_later = pc.less(names[:-1], names[1:]).to_numpy()
        begins_later = keys[0] == self._last_key or pc.less(self._last_name, names[0]).as_py()
        return bool(begins_later and is_later[runs[1:] - 1].all())

    def _next_in_order(
        self, keys: Hashes, names: pa.ChunkedArray, runs: NDArray[np.int64], lengths: Numbers
    ) -> Numbers:
        numbers = _count_up(runs, len(keys))
        if keys[0] == self._last_key:
            numbers[: lengths[0]] += self._last_number
        self._last_name, self._last_key, self._last_number = names[-1], keys[-1], numbers[-1]
        self._in_order.append((keys[runs], lengths))
        return numbers

    def _looked_up(self, keys: Hashes, runs: NDArray[np.int64], lengths: Numbers) -> Numbers:
        order = _order(keys[runs])
        ordered, lengths_ordered = keys[runs][order], lengths[order]
        groups = _starts(ordered)
        runs_of_group = np.diff(groups, append=len(runs))
        ends = np.cumsum(lengths_ordered, dtype=np.int32)
        begins = ends - lengths_ordered
        last_runs = groups + runs_of_group - 1
        earlier = self._rows.count_on(ordered[groups], ends[last_runs] - begins[groups])
        # From rows before a run among all rows to rows before it in its group, earlier batches' too.
        offset = earlier - begins[groups]
        before = np.empty_like(begins)
        before[order] = begins + np.repeat(offset, runs_of_group)
        return _count_up(runs, len(keys)) + np.repeat(before, lengths)


class FirstNumbers:
    """Gives all rows of a member of a group, such as a person of a document, its first row's number."""

    def __init__(self) -> None:
        self._numbers = Values()
        self._waiting: list[tuple[Hashes, Numbers]] = []

    def of(self, groups: Hashes, members: Hashes, numbers: Numbers) -> Numbers:
        """For each row the number of the first row of its member; shape (n,).

        Args:
            groups: key of each row's group.
            members: key of each row's member, which belongs to one group.
            numbers: what `Numbering.number` gave for the groups. Where no run of rows goes on with
                a group, as in files that keep a document's rows together, nothing is looked up.
        """
        order = _order(members)
        starts = _starts(members[order])
        distinct, firsts = members[order][starts], numbers[order][starts]
        if (numbers[_starts(groups)] > 1).any():
            while self._waiting:
                self._numbers.put(*self._waiting.pop(0))
            known = self._numbers.get(distinct)
            firsts = np.where(known > 0, known, firsts)
        self._waiting.append((distinct, firsts))
        result = np.empty_like(numbers)
        result[order] = np.repeat(firsts, np.diff(starts, append=len(members)))
        return result


def numbers_within(groups: NDArray[np.int64]) -> Numbers:
    """Rows of each run of equal values numbered 1, 2, ...: [4, 4, 7] gives [1, 2, 1]."""
    runs = _starts(groups)
    return _count_up(runs, len(groups))


def _order(keys: Hashes) -> NDArray[np.int64]:
    """The order that sorts keys, equal ones as they stand; several times faster without equal ones."""
    order = np.argsort(keys)
    ordered = keys[order]
    has_equal = (ordered[1:] == ordered[:-1]).any()
    return np.argsort(keys, kind="stable") if has_equal else order


def _starts(values: NDArray[Any]) -> NDArray[np.int64]:
    """Where runs of equal values begin."""
    return np.flatnonzero(np.append(True, values[1:] != values[:-1])[: len(values)])


def _count_up(runs: NDArray[np.int64], rows: int) -> Numbers:
    """1, 2, ... from the beginning of each run."""
    numbers = np.arange(1, rows + 1) - np.repeat(runs, np.diff(runs, append=rows))
    return numbers.astype(np.int32)
