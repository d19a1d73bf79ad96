"""A release beside a published ranking, on three clusters."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.comparison import Comparison, compare, markdown

PUBLISHED = """rank,name,country,pct_applications,publications
1,Paris,FR,200,1000
2,Lyon,FR,100,
3,Versailles,FR,10,20
4,Bordeaux,FR,5,6
"""
RANKING = {
    "cluster_id": ["fr-lyon", "fr-paris", "fr-libourne"],
    "rank": [1, 2, 3],
    "name": ["Lyon", "Paris–Versailles", "Libourne"],
    "economies": ["FR", "FR", "FR"],
    "patents": [50.0, 101.0, 1.0],
    "publications": [10.0, 490.0, 1.0],
}
CELLS = {
    "cluster_id": ["fr-paris", "fr-lyon", "fr-paris", "fr-libourne"],
    # Paris, Lyon, near Versailles, and 30 km from Bordeaux
    "lat": [48.86, 45.75, 48.81, 44.84],
    "lng": [2.35, 4.85, 2.15, -0.20],
}


@pytest.fixture
def compared(tmp_path: Path) -> Comparison:
    pl.DataFrame(RANKING).write_parquet(tmp_path / "ranking.parquet")
    pl.DataFrame(CELLS).write_parquet(tmp_path / "cluster_cells.parquet")
    (tmp_path / "published.csv").write_text(PUBLISHED)
    return compare(tmp_path, tmp_path / "published.csv", scale=0.5)


def test_each_cluster_is_found_by_its_first_city_and_once(compared: Comparison) -> None:
    """Versailles lies in the cluster that is Paris already; nothing of ours is near Bordeaux."""
    assert compared.clusters["rank"].to_list() == [2, 1, None, None]
    assert compared.recovered["published_name"].to_list() == ["Paris", "Lyon"]
    assert compared.rank_correlation == pytest.approx(-1)
    assert compared.first_in_order == 0


def test_counts_are_brought_to_full_size_and_compared(compared: Comparison) -> None:
    assert compared.recovered["applications"].to_list() == [202, 100]
    assert compared.median_difference("applications") == pytest.approx(0.005)
    assert compared.median_difference("articles") == pytest.approx(0.02), "Lyon's are not printed"


def test_names(compared: Comparison) -> None:
    assert compared.names_letter_for_letter == 1
    assert compared.recovered["same_cities"].to_list() == [False, True]


def test_both_stand_side_by_side(compared: Comparison) -> None:
    lines = markdown(compared).splitlines()
    assert "| recovered | 2 of 4 |" in lines
    assert (
        "| 1 | Paris | FR | 2 | Paris–Versailles | FR | 200 | 202 | +1.0 % | 1,000 | 980 | −2.0 % |"
        in lines
    )
    assert "| 4 | Bordeaux | FR | – | – | – | 5 | – | – | 6 | – | – |" in lines


def test_the_first_in_order_are_counted_up_to_the_first_gap() -> None:
    def first_in_order(*ranks: int | None) -> int:
        rows = {"published_rank": range(1, len(ranks) + 1), "rank": ranks}
        return Comparison(pl.DataFrame(rows)).first_in_order

    assert first_in_order(1, 2, 4, 3, 5) == 2
    assert first_in_order(1, None, 3) == 1
    assert first_in_order(2, 1, 3) == 0


def test_nothing_of_ours_at_all(tmp_path: Path) -> None:
    pl.DataFrame(RANKING).clear().write_parquet(tmp_path / "ranking.parquet")
    pl.DataFrame(CELLS).clear().write_parquet(tmp_path / "cluster_cells.parquet")
    (tmp_path / "published.csv").write_text(PUBLISHED)
    compared = compare(tmp_path, tmp_path / "published.csv")
    assert compared.recovered.is_empty()
    assert "| recovered | 0 of 4 |" in markdown(compared)
