"""`economies`, worked out by hand."""

import polars as pl
import pytest

from pipelines.contracts import indicators
from tests.sql.conftest import Broken, RunSql
from tests.sql.indicators import ranked


def test_a_cluster_across_a_border_counts_for_both_economies(
    run_sql: RunSql, broken: Broken
) -> None:
    inputs = ranked.with_ranking(
        run_sql, ranked.inputs({"jp-a": (100, 200), "both": (30, 60), "kr-a": (10, 20)})
    )
    made = run_sql(indicators.ECONOMIES, inputs, edition=2020)
    assert made.select("country", "clusters", "all_clusters", "leading_rank").rows() == [
        ("JP", 2, 2, 1),
        ("KR", 2, 2, 2),
    ]
    assert made["patent_share"].to_list() == pytest.approx([0.13, 0.04])
    assert made["total_share"].to_list() == pytest.approx([0.26, 0.08])
    # 0.20 and 0.06 of 0.26; 0.06 and 0.02 of 0.08
    assert made["herfindahl_hirschman_index"].to_list() == pytest.approx(
        [(20**2 + 6**2) / 26**2, (6**2 + 2**2) / 8**2]
    )
    rule = "every_economy_of_the_top_100"
    found = {**inputs, indicators.ECONOMIES: made.rows(named=True)}
    assert broken(indicators.ECONOMIES, rule, found) == []
    lost = {**inputs, indicators.ECONOMIES: made.rows(named=True)[:1]}
    assert broken(indicators.ECONOMIES, rule, lost) == [("KR", 2, None)]


def test_of_an_economy_the_first_hundred_clusters_count(run_sql: RunSql) -> None:
    counts = {"jp-a": (100, 200), **{f"kr-{n:02}": (50, 80) for n in range(99)}, "jp-z": (1, 2)}
    inputs = ranked.with_ranking(run_sql, ranked.inputs(counts, world=(10_000, 10_000)))
    made = run_sql(indicators.ECONOMIES, inputs, edition=2020)
    japan = made.row(by_predicate=pl.col("country") == "JP", named=True)
    assert (japan["clusters"], japan["all_clusters"], japan["leading_rank"]) == (1, 2, 1)
    assert japan["patent_share"] == pytest.approx(0.01)
    assert japan["publication_share"] == pytest.approx(0.02)
    assert japan["herfindahl_hirschman_index"] == 1
    # 99 equal ones, the last of rank 100
    korea = made.row(by_predicate=pl.col("country") == "KR", named=True)
    assert korea["patent_share"] == pytest.approx(99 * 0.005)
    assert korea["publication_share"] == pytest.approx(99 * 0.008)
    assert korea["herfindahl_hirschman_index"] == pytest.approx(1 / 99)


def test_an_economy_whose_first_cluster_is_the_101st_is_not_listed(run_sql: RunSql) -> None:
    counts = {**{f"kr-{n:02}": (50, 80) for n in range(100)}, "jp-z": (1, 2)}
    inputs = ranked.with_ranking(run_sql, ranked.inputs(counts, world=(10_000, 10_000)))
    made = run_sql(indicators.ECONOMIES, inputs, edition=2020)
    assert made.select("country", "clusters").rows() == [("KR", 100)]
