"""Ties against the plain sum over documents, whatever the portions in which these come."""

from collections import defaultdict
from itertools import combinations, pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.delineation.ties import NOBODY, Holdings, ties_of
from pipelines.portions import whole_documents

HOLDERS = 4
WHOLE = 10**9


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
    frame = pl.DataFrame(rows, ["document_number", "holder", "part"], orient="row")
    portions = whole_documents(frame.iter_slices(size))
    found = ties_of((Holdings(*map(pl.Series.to_numpy, each)) for each in portions), HOLDERS)
    assert found.select("one", "other", "documents", "parts", "other_parts", "tie").rows() == [
        (*pair, *values) for pair, values in sorted(expected.items())
    ]
