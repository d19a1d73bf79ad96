"""Portions: no document is cut, whatever the batches that rows come in."""

import polars as pl
import pytest

from pipelines.portions import whole_documents


def _batch(*documents: int) -> pl.DataFrame:
    return pl.DataFrame({"document_number": documents}, schema={"document_number": pl.Int32})


def test_a_document_that_goes_on_in_the_next_batch_stays_whole() -> None:
    batches = [_batch(1, 2), _batch(2), _batch(), _batch(2, 5)]
    portions = [portion["document_number"].to_list() for portion in whole_documents(batches)]
    assert portions == [[1], [], [], [2, 2, 2], [5]]


def test_no_rows_are_no_portions() -> None:
    assert list(whole_documents([])) == []


def test_documents_in_another_order_are_refused() -> None:
    with pytest.raises(ValueError, match="order"):
        list(whole_documents([_batch(2), _batch(1)]))
