"""Fractional counting: a document is worth one, split into whole billionths over what it belongs to.

Here: the parts of a table's rows, many documents at once. Rows are in the order of documents, so a document
is a run of neighbours, and no row needs a search or a hash. Not here: which rows there are (`sql/extracts/`).

Rule: method section 4. Remainders go to the first, one billionth each, so parts sum to one document exactly.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.contracts.common import PARTS_PER_DOCUMENT

Rows = NDArray[np.int64]
"""Numbers of rows."""


def of_inventors(rows: pl.DataFrame) -> pl.DataFrame:
    """Addresses of inventors with their parts: equal, or by share where all of an application have one.

    Args:
        rows: columns document_number, address_number and share_billionths (null where there is none), in the
            order of the first two. The shares of an application need not sum to one.

    Returns:
        The rows, of those with one document and number the first, with `part` in billionths for the share.
    """
    rows = _without_repetitions(rows, ["document_number", "address_number"])
    starts = _starts(rows, ["document_number"])
    sizes = np.diff(starts, append=rows.height)
    shares = rows["share_billionths"].fill_null(-1).to_numpy()
    sums = np.add.reduceat(shares, starts)
    is_shared = (np.minimum.reduceat(shares, starts) >= 0) & (sums > 0)
    # what rounding down leaves over goes to the first of those that have a share
    by_share = PARTS_PER_DOCUMENT * shares // np.repeat(np.where(is_shared, sums, 1), sizes)
    left = PARTS_PER_DOCUMENT - np.add.reduceat(by_share, starts)
    has_share = shares > 0
    counted = np.cumsum(has_share)
    place: NDArray[np.int64] = counted - np.repeat(counted[starts] - has_share[starts], sizes)
    by_share += has_share & (place <= np.repeat(left, sizes))
    equal = _equal_parts(PARTS_PER_DOCUMENT, starts, rows.height)
    parts = np.where(np.repeat(is_shared, sizes), by_share, equal)
    return rows.drop("share_billionths").with_columns(part=pl.Series(parts, dtype=pl.Int64))


def of_author_addresses(rows: pl.DataFrame) -> pl.DataFrame:
    """Addresses of authors with their parts: of the article first by author, then by his addresses.

    Args:
        rows: columns document_number, address_number and person_number, in the order of the first two. Where
            no person is told, every address stands for an author of its own.

    Returns:
        The rows, of those with one document and number the first, with `part` in billionths.
    """
    rows = _without_repetitions(rows, ["document_number", "address_number"])
    authors = rows.select(
        "document_number", author=pl.coalesce("person_number", "address_number")
    ).with_row_index("row")
    by_author = authors.sort("document_number", "author", "row")
    first_rows = _starts(by_author, ["document_number", "author"])
    first_authors = _starts(by_author[first_rows], ["document_number"])
    of_authors = _equal_parts(PARTS_PER_DOCUMENT, first_authors, len(first_rows))
    parts = np.empty(rows.height, np.uint32)
    parts[by_author["row"].to_numpy()] = _equal_parts(of_authors, first_rows, rows.height)
    return rows.with_columns(part=pl.Series(parts, dtype=pl.Int64))


def of_article_fields(rows: pl.DataFrame) -> pl.DataFrame:
    """Fields of articles with their equal parts within each classification.

    Args:
        rows: columns document_number, scheme and field.

    Returns:
        The rows in the order of the three, each once, with `part` in billionths.
    """
    key = ["document_number", "scheme", "field"]
    rows = _without_repetitions(rows.sort(key), key)
    parts = _equal_parts(
        PARTS_PER_DOCUMENT, _starts(rows, ["document_number", "scheme"]), rows.height
    )
    return rows.with_columns(part=pl.Series(parts, dtype=pl.Int64))


def _without_repetitions(rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """The first row of each key; next to always that is every row."""
    first_rows = _starts(rows, key)
    return rows if len(first_rows) == rows.height else rows[first_rows]


def _starts(rows: pl.DataFrame, group: list[str]) -> Rows:
    """Rows at which a group begins."""
    is_new = np.zeros(rows.height, np.bool_)
    is_new[:1] = True
    for name in group:
        column = rows[name]
        is_new[1:] |= column[1:].ne_missing(column[:-1]).to_numpy()
    return np.flatnonzero(is_new)


def _equal_parts(whole: int | NDArray[np.uint32], starts: Rows, rows: int) -> NDArray[np.uint32]:
    """Each group's whole, split equally over its rows; what is left over goes to the first ones."""
    sizes = np.diff(starts, append=rows)
    part, left = np.divmod(np.asarray(whole, np.uint32), sizes.astype(np.uint32))
    place = np.arange(rows) - np.repeat(starts, sizes)
    return np.repeat(part, sizes) + (place < np.repeat(left, sizes))
