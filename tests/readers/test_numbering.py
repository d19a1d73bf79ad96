from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.readers.numbering import numbers_within


def test_by_hand() -> None:
    keys = np.array([7, 7, 3, 7, 3, 9, 7])
    assert numbers_within(keys).tolist() == [1, 2, 1, 3, 2, 1, 4]
    assert numbers_within(np.array([], np.uint64)).tolist() == []


@given(st.lists(st.integers(0, 4), max_size=60))
def test_as_counting_one_by_one(keys: list[int]) -> None:
    seen: Counter[int] = Counter()
    expected = []
    for key in keys:
        seen[key] += 1
        expected.append(seen[key])
    assert numbers_within(np.array(keys, np.uint64)).tolist() == expected
