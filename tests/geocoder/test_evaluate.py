"""The bar that the geocoder must keep on real strings; skips where they are not at hand."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.geocoder import Gazetteer, Geocoder
from pipelines.geocoder.evaluate import evaluate
from pipelines.readers.ror import read_institutions


@pytest.fixture(scope="module")
def measured(realdata: Path, places: pl.DataFrame, names: pl.DataFrame) -> dict[str, pl.DataFrame]:
    institutions = read_institutions([realdata / "ror_records.jsonl.gz"])
    return evaluate(realdata, Geocoder(Gazetteer.from_frames(places, names, institutions)))


def _row(frame: pl.DataFrame, name: str) -> dict:
    return frame.row(by_predicate=pl.col("set") == name, named=True)


def test_affiliations_that_name_the_city(measured: dict[str, pl.DataFrame]) -> None:
    row = _row(measured["affiliations"], "Springer, naming the city")
    assert row["strings"] > 2_500
    assert row["within_25_km_share"] >= 0.98
    assert row["over_50_km_share"] < 0.015


def test_all_affiliations_are_resolved(measured: dict[str, pl.DataFrame]) -> None:
    assert _row(measured["affiliations"], "Springer, all")["resolved_share"] >= 0.99


def test_affiliations_without_a_country(measured: dict[str, pl.DataFrame]) -> None:
    row = _row(measured["affiliations"], "Crossref, without a country")
    assert row["resolved_share"] >= 0.80
    assert row["precision_share"] >= 0.95


def test_misspelt_towns(measured: dict[str, pl.DataFrame]) -> None:
    outcomes = dict(measured["typos"].select("outcome", "strings").iter_rows())
    assert outcomes["right"] / sum(outcomes.values()) >= 0.60
    assert outcomes["right"] / (outcomes["right"] + outcomes["wrong"]) >= 0.95


def test_inventors(measured: dict[str, pl.DataFrame]) -> None:
    patentsview = _row(measured["inventors"], "PatentsView")
    assert patentsview["with_point_share"] >= 0.98
    assert patentsview["us_state_right_share"] >= 0.995
    # Of the Red Book's places one in twenty is a province or county alone, which is no point.
    red_book = _row(measured["inventors"], "Red Book")
    assert red_book["with_point_share"] >= 0.93
    assert red_book["resolved_share"] >= 0.95
