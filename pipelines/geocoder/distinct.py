"""Distinct rows of a table and where each row has its equal: what is answered once serves them all."""

import numpy as np
import polars as pl
from numpy.typing import NDArray


def distinct_rows(rows: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.int32]]:
    """The distinct rows, and for each row the place of its equal among them, from 0; shape (n,)."""
    grouped = rows.with_row_index("row").group_by(rows.columns).agg("row")
    places = np.empty(len(rows), np.int32)
    places[grouped["row"].explode().to_numpy()] = np.repeat(
        np.arange(len(grouped), dtype=np.int32), grouped["row"].list.len().to_numpy()
    )
    return grouped.drop("row"), places
