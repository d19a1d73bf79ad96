"""`concentration`, worked out by hand."""

import pytest

from pipelines.contracts import indicators
from tests.sql.conftest import RunSql
from tests.sql.indicators import ranked


def test_concentration_on_the_first_ten_and_hundred(run_sql: RunSql) -> None:
    # 110 clusters of one patent in 1,000 each a year, the first ten with three
    counts = {f"c{n:03}": (3 if n < 10 else 1, 0) for n in range(110)}
    made = run_sql(
        indicators.CONCENTRATION, ranked.with_ranking(run_sql, ranked.inputs(counts)), edition=2020
    )
    rows = {row["measure"]: row for row in made.iter_rows(named=True)}
    patents = rows["patent"]
    assert patents["clusters"] == 110
    assert patents["top_10_share"] == pytest.approx(0.030)
    assert patents["top_100_share"] == pytest.approx(0.030 + 0.090)
    assert patents["all_clusters_share"] == pytest.approx(0.030 + 0.100)
    assert patents["herfindahl_hirschman_index"] == pytest.approx((10 * 9 + 100) / 130**2)
    # no articles: half of everything is all that these can hold
    assert rows["total"]["all_clusters_share"] == pytest.approx(0.065)
    assert rows["publication"]["herfindahl_hirschman_index"] == 0


def test_a_source_without_documents_is_concentrated_on_nobody(run_sql: RunSql) -> None:
    """And does not halve the total."""
    inputs = ranked.with_ranking(
        run_sql, ranked.inputs({"a": (100, 0), "b": (300, 0)}, world=(1000, 0))
    )
    made = run_sql(indicators.CONCENTRATION, inputs, edition=2020)
    rows = made.select("measure", "all_clusters_share", "herfindahl_hirschman_index").rows()
    assert rows == [("patent", 0.4, 0.625), ("total", 0.4, 0.625)]


def test_all_that_there_is_in_clusters_is_no_more_than_one(run_sql: RunSql) -> None:
    """Six clusters of a sixth, which rounded up would make more than all."""
    inputs = ranked.inputs({f"c{n}": (1, 1) for n in range(6)}, world=(6, 6))
    made = run_sql(indicators.CONCENTRATION, ranked.with_ranking(run_sql, inputs), edition=2020)
    assert made["measure"].to_list() == ["patent", "publication", "total"]
    assert made["all_clusters_share"].to_list() == pytest.approx([1, 1, 1])
    assert made["all_clusters_share"].max() <= 1  # type: ignore[operator]


def test_small_shares_keep_their_digits(run_sql: RunSql) -> None:
    """Forty clusters of one article in 30,000 each, as where only Africa is clustered."""
    inputs = ranked.inputs({f"c{n:02}": (1, 1) for n in range(40)}, world=(30_000, 30_000))
    made = run_sql(indicators.CONCENTRATION, ranked.with_ranking(run_sql, inputs), edition=2020)
    shares = made.filter(measure="publication")["all_clusters_share"].to_list()
    assert shares == pytest.approx([40 / 30_000], rel=1e-12, abs=0)


def test_all_in_one_cluster_is_one_to_the_last_digit(run_sql: RunSql) -> None:
    inputs = ranked.with_ranking(run_sql, ranked.inputs({"a": (7, 3)}, world=(7, 3)))
    made = run_sql(indicators.CONCENTRATION, inputs, edition=2020)
    assert (
        made.select("top_10_share", "all_clusters_share", "herfindahl_hirschman_index").rows()
        == [(1, 1, 1)] * 3
    )
