"""Number rows within groups, in one pass over arrays.

Here: `numbers_within`. A window function says the same, at several times the cost for millions of
rows that mostly stand in order already. Not here: keys (a hash serves: see there).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def numbers_within(keys: NDArray[Any]) -> NDArray[np.int32]:
    """For each row, how many rows up to it have the same key: 1, 2, ... in row order.

    Args:
        keys: shape (n,). Where they are hashes, a collision makes two groups one: numbers stay
            ascending and distinct within each, but one of them does not begin at 1.

    Returns:
        Shape (n,). Linear in n plus n log n in the number of runs of equal keys.
    """
    rows = len(keys)
    if rows == 0:
        return np.empty(0, np.int32)
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    lengths = np.diff(starts, append=rows)
    order = np.argsort(keys[starts], kind="stable")
    before = np.cumsum(lengths[order]) - lengths[order]
    is_first = np.append(True, keys[starts][order][1:] != keys[starts][order][:-1])
    group = np.cumsum(is_first) - 1
    earlier = np.empty_like(before)
    earlier[order] = before - before[is_first][group]
    return (np.arange(1, rows + 1) + np.repeat(earlier - starts, lengths)).astype(np.int32)
