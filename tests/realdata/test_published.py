"""The demo's edition 2020 against WIPO's printed ranking: recovered, in order, with its counts and names."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.comparison import Comparison, compare

DEMO_SCALE = 0.005


@pytest.fixture(scope="session")
def comparison(published: Path, release_2020: Path) -> Comparison:
    return compare(release_2020, published / "gii_2020.csv", scale=DEMO_SCALE)


def test_at_least_98_of_100_are_recovered(comparison: Comparison) -> None:
    assert comparison.clusters.height == 100
    missing = comparison.clusters.filter(pl.col("rank").is_null())["published_name"].to_list()
    assert len(missing) <= 2, missing


def test_ranks(comparison: Comparison) -> None:
    assert comparison.first_in_order >= 10
    assert comparison.rank_correlation >= 0.995


@pytest.mark.parametrize("count", ["applications", "articles"])
def test_counts_are_the_printed_ones(comparison: Comparison, count: str) -> None:
    difference = comparison.median_difference(count)
    assert difference is not None
    assert difference <= 0.02


def test_names(comparison: Comparison) -> None:
    assert comparison.names_letter_for_letter >= 90
    assert comparison.names_with_same_cities >= comparison.names_letter_for_letter


def test_fields_and_organisations_that_lead(release_2020: Path) -> None:
    """What WIPO prints as leading leads here too, in most of the first ten: samples are small."""
    first = pl.read_parquet(release_2020 / "ranking.parquet").sort("rank").head(10)["cluster_id"]
    led = {
        name: pl.read_parquet(release_2020 / f"{name}.parquet").filter(
            pl.col("rank") == 1, pl.col("cluster_id").is_in(first.implode())
        )
        for name in ("cluster_fields", "cluster_organisations")
    }
    patent_fields = led["cluster_fields"].filter(kind="patent")
    assert patent_fields.join(first.to_frame().with_row_index(), on="cluster_id").sort("index")[
        "field"
    ].head(4).to_list() == [
        "Electrical machinery, apparatus, energy",
        *["Digital communication"] * 3,
    ]
    organisations = led["cluster_organisations"].filter(kind="publication")["organisation"]
    printed = {
        *("University of Tokyo", "Sun Yat Sen University", "Seoul National University"),
        *("Chinese Academy of Sciences", "University of California", "Kyoto University"),
        *("Harvard University", "Columbia University", "Shanghai Jiao Tong University", "CNRS"),
    }
    assert len(printed & set(organisations)) >= 8
