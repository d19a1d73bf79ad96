"""Ties against the plain sum over documents, whatever the portions in which these come."""

from collections import defaultdict
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.delineation.ties import NOBODY, Holdings, ties_of, whole_documents

HOLDERS = 4
WHOLE = 10**9


def holdings(rows: list[tuple[int, int, int]]) -> Holdings:
    return Holdings(*np.array(rows, np.int64).reshape(-1, 3).T)


@st.composite
def documents(draw: st.DrawFn) -> list[tuple[int, int, int]]:
    """Rows of document, holder and part, the parts of a document summing to one."""
    rows = []
    for document in range(1, draw(st.integers(0, 6)) + 1):
        cuts = draw(st.lists(st.integers(1, WHOLE - 1), max_size=5, unique=True))
        edges = [0, *sorted(cuts), WHOLE]
        for start, end in pairwise(edges):
            rows.append((document, draw(st.integers(NOBODY, HOLDERS - 1)), end - start))
    return rows


@given(rows=documents(), size=st.integers(1, 7))
def test_ties_are_sums_of_products_of_what_two_hold(
    rows: list[tuple[int, int, int]], size: int
) -> None:
    held: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for document, holder, part in rows:
        held[document][holder] += part
    expected: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for parts in held.values():
        for one, other in combinations(sorted(parts.keys() - {NOBODY}), 2):
            values = (1, parts[one], parts[other], parts[one] * parts[other])
            expected[one, other] = [
                a + b for a, b in zip(expected[one, other], values, strict=True)
            ]
    batches = [holdings(rows[start : start + size]) for start in range(0, len(rows), size)]
    found = ties_of(whole_documents(batches), HOLDERS)
    assert found.select("one", "other", "documents", "parts", "other_parts", "tie").rows() == [
        (*pair, *values) for pair, values in sorted(expected.items())
    ]


def test_a_document_that_goes_on_in_the_next_batch_stays_whole() -> None:
    batches = [
        holdings([(1, 0, 4), (2, 1, 5)]),
        holdings([(2, 2, 5)]),
        holdings([(2, 3, 1), (5, 0, 9)]),
    ]
    portions = [portion.document.tolist() for portion in whole_documents(batches)]
    assert portions == [[1], [], [2, 2, 2], [5]]


def test_documents_in_another_order_are_refused() -> None:
    with pytest.raises(ValueError, match="order"):
        list(whole_documents([holdings([(2, 0, 1)]), holdings([(1, 0, 1)])]))
