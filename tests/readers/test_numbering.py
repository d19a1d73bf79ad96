from collections import Counter

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipelines.readers.numbering import FirstNumbers, Numbering, Values, numbers_within

BATCHES = st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=12))


def hashes(values: list[int]) -> np.ndarray:
    return np.array(values, np.uint64)


def test_numbering_by_hand() -> None:
    numbering = Numbering()
    assert numbering.number(hashes([7, 7, 3, 7, 3, 9, 7])).tolist() == [1, 2, 1, 3, 2, 1, 4]
    assert numbering.number(hashes([])).tolist() == []
    assert numbering.number(hashes([7, 1, 3])).tolist() == [5, 1, 3]


def named(groups: list[int]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([f"D{group}" for group in groups], pa.string())])


def test_numbering_in_the_order_of_names_and_where_it_breaks() -> None:
    numbering = Numbering()
    for groups, numbers in (
        ([3, 3, 5], [1, 2, 1]),
        ([5, 5, 7], [2, 3, 1]),
        ([7], [2]),
        ([8, 3, 7, 8], [1, 3, 3, 2]),
        ([9, 9], [1, 2]),
        ([3], [4]),
    ):
        # keys in another order than names
        assert numbering.number(hashes([10 - g for g in groups]), named(groups)).tolist() == numbers


def test_numbers_within_runs() -> None:
    assert numbers_within(np.array([4, 4, 7, 4])).tolist() == [1, 2, 1, 1]
    assert numbers_within(np.array([], np.int64)).tolist() == []


def test_values_of_the_latest_put() -> None:
    values = Values()
    assert values.get(hashes([1])).tolist() == [0]
    values.put(hashes([]), np.array([], np.int32))
    values.put(hashes([1, 2**64 - 1]), np.array([5, 6], np.int32))
    values.put(hashes([0, 1]), np.array([1, 9], np.int32))
    assert values.get(hashes([2**64 - 1, 0, 3, 1])).tolist() == [6, 1, 0, 9]


@given(BATCHES)
def test_as_counting_one_by_one(batches: list[list[tuple[int, int]]]) -> None:
    numbering, by_name, firsts = Numbering(), Numbering(), FirstNumbers()
    seen: Counter[int] = Counter()
    first_of: dict[int, int] = {}
    for rows in batches:
        numbers, places = [], []
        members = [10 * group + member for group, member in rows]
        for (group, _), member in zip(rows, members, strict=True):
            seen[group] += 1
            numbers.append(seen[group])
            places.append(first_of.setdefault(member, seen[group]))
        groups = hashes([group for group, _ in rows])
        given_numbers = numbering.number(groups)
        assert given_numbers.tolist() == numbers
        names = named([group for group, _ in rows])
        assert by_name.number(groups, names).tolist() == numbers
        assert firsts.of(groups, hashes(members), given_numbers).tolist() == places
