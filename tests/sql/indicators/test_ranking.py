"""`cluster_years`, `ranking`, `economies` and `concentration`, worked out by hand."""

from collections.abc import Mapping

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts import clusters, extracts, geocoding, indicators
from tests.sql.conftest import Broken, Inputs, RunSql

WHOLE = 10**9
BEFORE = {"patent_first_year_before": 2013, "publication_first_year_before": 2013}
NO_RELEASE = {"released_before": pl.DataFrame(schema={"cluster_id": pl.String, "rank": pl.Int32})}
Counts = Mapping[str, tuple[int, int]]
"""Cluster -> patents and articles in each year of the window."""


def _inputs(
    counts: Counts,
    *,
    world: tuple[int, int] = (1000, 2000),
    year_before: Mapping[str, tuple[int, int]] | None = None,
    population: Mapping[str, int] | None = None,
    uncovered: tuple[int, ...] = (),
) -> Inputs:
    """Clusters with equal output in 2014 to 2018; the world has as many documents in each year."""
    totals = [
        {"kind": kind, "first_year": 2014, "last_year": 2018, "documents": 5 * documents}
        for kind, documents in zip(("patent", "publication"), world, strict=True)
    ]
    years = []
    for year in range(2013, 2019):
        for cluster, in_year in counts.items():
            chosen = (year_before or {}).get(cluster, in_year) if year == 2013 else in_year
            for kind, documents in zip(("patent", "publication"), chosen, strict=True):
                years.append(
                    {
                        "cluster_id": cluster,
                        "kind": kind,
                        "year": year,
                        "in_window": year > 2013,
                        "addresses": documents,
                        "parts": documents * WHOLE,
                    }
                )
    return {
        clusters.CLUSTERS: [
            {
                "cluster_id": cluster,
                "name": cluster.upper(),
                "economies": "JP/KR" if cluster == "both" else cluster[:2].upper(),
                "patent_parts": 5 * patents * WHOLE,
                "publication_parts": 5 * articles * WHOLE,
                "patent_addresses": 5 * patents,
                "publication_addresses": 5 * articles,
            }
            for cluster, (patents, articles) in counts.items()
        ],
        clusters.EDITION_TOTALS: totals,
        indicators.CLUSTER_YEARS: years,
        indicators.CLUSTER_POPULATION: [
            {"cluster_id": cluster, "population": (population or {}).get(cluster, 1_000_000)}
            for cluster in counts
        ],
        extracts.DOCUMENT_COUNTS: [
            {"year": year, "kind": kind, "documents": 0 if year in uncovered else documents}
            for year in range(2013, 2019)
            for kind, documents in zip(("patent", "publication"), world, strict=True)
        ],
    }


def _rank(
    run_sql: RunSql, inputs: Inputs, threads: int = 2, edition: int = 2020, **frames: pl.DataFrame
) -> pl.DataFrame:
    return run_sql(
        indicators.RANKING,
        inputs,
        frames={**NO_RELEASE, **frames},
        threads=threads,
        edition=edition,
        has_intensity_ranking=edition >= 2020,
        lead_percent=60,
        **BEFORE,
    )


def test_rank_is_the_order_of_the_plain_sum_of_two_shares(run_sql: RunSql) -> None:
    # 0.10 + 0.01, 0.02 + 0.08, 0.05 + 0.07; a tie of the last two goes to the identifier
    made = _rank(run_sql, _inputs({"a": (100, 20), "b": (20, 160), "d": (50, 140), "c": (50, 140)}))
    assert made["cluster_id"].to_list() == ["c", "d", "a", "b"]
    assert made["total_share"].to_list() == pytest.approx([0.12, 0.12, 0.11, 0.10])


def test_a_world_with_more_applications_than_articles(run_sql: RunSql) -> None:
    # 0.05 + 0.02 and 0.01 + 0.07
    made = _rank(run_sql, _inputs({"a": (100, 20), "b": (20, 70)}, world=(2000, 1000)))
    assert made["cluster_id"].to_list() == ["b", "a"]
    assert made["total_share"].to_list() == pytest.approx([0.08, 0.07])


@pytest.mark.parametrize(
    ("patents", "articles", "lead"),
    [
        (60, 80, "patent-led"),  # 0.06 of 0.10, exactly 60 %
        (599, 802, "balanced"),
        (40, 120, "science-led"),  # 0.06 of 0.10
        (401, 1198, "balanced"),
        (0, 1, "science-led"),
    ],
)
def test_lead_begins_at_exactly_sixty_percent(
    run_sql: RunSql, patents: int, articles: int, lead: str
) -> None:
    made = _rank(run_sql, _inputs({"a": (patents, articles)}))
    assert made["lead"].to_list() == [lead]


@pytest.mark.parametrize("source", [0, 1])
def test_where_one_source_counts_nobody_leads(run_sql: RunSql, source: int) -> None:
    counts, world = ((10, 0), (1000, 0)) if source == 0 else ((0, 10), (0, 1000))
    inputs = _inputs({"a": counts, "b": counts}, world=world)
    made = _rank(run_sql, inputs)
    assert made.select("lead", "total_share").rows() == [(None, 0.01)] * 2
    alone = {clusters.EDITION_TOTALS: [inputs[clusters.EDITION_TOTALS][source]]}
    assert _rank(run_sql, {**inputs, **alone}).equals(made)
    # what has no documents in any year is no reason to compare nothing
    assert made["previous_rank_same_geography"].to_list() == [1, 2]


def test_intensity_is_percent_per_million_and_ranks_the_populated(run_sql: RunSql) -> None:
    inputs = _inputs(
        {"big": (150, 100), "small": (10, 20), "empty": (1, 2)},
        population={"big": 20_000_000, "small": 500_000, "empty": 0},
    )
    made = _rank(run_sql, inputs)
    assert made.select("cluster_id", "intensity_rank").rows() == [
        ("big", 2),
        ("small", 1),
        ("empty", None),
    ]
    # 20 % of the world over 20 million, 2 % over half a million
    assert made["intensity"].to_list() == [pytest.approx(1.0), pytest.approx(4.0), None]


def test_before_2020_intensity_has_no_ranking(run_sql: RunSql) -> None:
    made = _rank(run_sql, _inputs({"a": (10, 20), "b": (1, 2)}), edition=2019)
    assert made["intensity_rank"].to_list() == [None, None]
    assert made["intensity"].null_count() == 0


def test_of_equal_intensity_the_lower_identifier_stands_first(run_sql: RunSql) -> None:
    made = _rank(run_sql, _inputs({"b": (10, 20), "a": (10, 20)}))
    assert made.select("cluster_id", "intensity_rank").rows() == [("a", 1), ("b", 2)]


def test_only_the_first_hundred_have_an_intensity_rank(run_sql: RunSql) -> None:
    counts = {f"c{n:03}": (201 - n, 0) for n in range(1, 103)}
    # few people live in the last ones: their intensities are the greatest of all
    made = _rank(run_sql, _inputs(counts, population={"c101": 20, "c102": 10}))
    assert made["intensity_rank"].to_list() == [*range(1, 101), None, None]


def test_growth_and_rank_against_the_year_before(run_sql: RunSql) -> None:
    # per year (20, 0) in the window; 2013 had twice of a and half of b
    inputs = _inputs({"a": (20, 0), "b": (20, 0)}, year_before={"a": (40, 0), "b": (10, 0)})
    made = _rank(run_sql, inputs)
    assert made.select("cluster_id", "previous_rank_same_geography").rows() == [("a", 1), ("b", 2)]
    assert made["patent_growth"].to_list() == [-0.5, 1.0]
    # 100 against 40 + 4 x 20, and against 10 + 4 x 20
    assert made["patent_growth_since_last_edition"].to_list() == pytest.approx(
        [100 / 120 - 1, 100 / 90 - 1]
    )
    assert made["publication_growth"].to_list() == [None, None]
    assert made["publication_growth_since_last_edition"].to_list() == [None, None]


@pytest.mark.parametrize(("articles", "ranks"), [(70, [1, 2]), (90, [2, 1])])
def test_the_rank_a_year_before_is_of_that_windows_world(
    run_sql: RunSql, articles: int, ranks: list[int]
) -> None:
    """Of 12,500 applications and 10,000 articles a year before: 500 against 350 or 450.

    Of this window's 5,000 applications 500 would stand above either, and so would plain counts.
    """
    inputs = _inputs({"a": (100, 0), "b": (0, articles)})
    counts = [
        {**row, "documents": 8500} if (row["year"], row["kind"]) == (2013, "patent") else row
        for row in inputs[extracts.DOCUMENT_COUNTS]
    ]
    made = _rank(run_sql, {**inputs, extracts.DOCUMENT_COUNTS: counts})
    assert made.select("cluster_id", "previous_rank_same_geography").rows() == [
        ("a", ranks[0]),
        ("b", ranks[1]),
    ]


@pytest.mark.parametrize(("articles", "ranks"), [(280, [1, 2]), (310, [2, 1])])
def test_of_articles_too_the_rank_a_year_before_is_of_that_windows_world(
    run_sql: RunSql, articles: int, ranks: list[int]
) -> None:
    """Of 5,000 applications and 15,000 articles a year before: a tenth against 1,400 or 1,550."""
    inputs = _inputs({"a": (100, 0), "b": (0, articles)})
    counts = [
        {**row, "documents": 7000} if (row["year"], row["kind"]) == (2013, "publication") else row
        for row in inputs[extracts.DOCUMENT_COUNTS]
    ]
    made = _rank(run_sql, {**inputs, extracts.DOCUMENT_COUNTS: counts})
    by_cluster = made.sort("cluster_id")["previous_rank_same_geography"]
    assert by_cluster.to_list() == ranks


def test_equal_a_year_before_the_lower_identifier_stands_first(run_sql: RunSql) -> None:
    # 60 + 4 x 20 and 20 + 4 x 30
    inputs = _inputs({"a": (20, 0), "b": (30, 0)}, year_before={"a": (60, 0), "b": (20, 0)})
    made = _rank(run_sql, inputs)
    assert made.select("cluster_id", "previous_rank_same_geography").rows() == [("b", 2), ("a", 1)]


@pytest.mark.parametrize("uncovered", [2013, 2016, 2018])
def test_a_year_that_no_source_covers_compares_nothing(run_sql: RunSql, uncovered: int) -> None:
    made = _rank(run_sql, _inputs({"a": (20, 20)}, uncovered=(uncovered,)))
    compared = made.select(
        "previous_rank_same_geography",
        "patent_growth",
        "publication_growth",
        "patent_growth_since_last_edition",
        "publication_growth_since_last_edition",
    )
    assert compared.rows() == [(None,) * 5]


def test_a_year_before_that_one_source_lacks_gives_no_rank(run_sql: RunSql) -> None:
    inputs = _inputs({"a": (20, 20)})
    counts = [
        row
        for row in inputs[extracts.DOCUMENT_COUNTS]
        if (row["year"], row["kind"]) != (2013, "publication")
    ]
    made = _rank(run_sql, {**inputs, extracts.DOCUMENT_COUNTS: counts})
    compared = made.select("previous_rank_same_geography", "patent_growth", "publication_growth")
    assert compared.rows() == [(None, 0.0, None)]


def test_without_an_edition_before_there_is_no_growth_since(run_sql: RunSql) -> None:
    made = run_sql(
        indicators.RANKING,
        _inputs({"a": (20, 20)}),
        frames=NO_RELEASE,
        edition=2017,
        patent_first_year_before=None,
        publication_first_year_before=None,
    )
    assert made["patent_growth_since_last_edition"].to_list() == [None]
    assert made["patent_growth"].to_list() == [0.0]


PATENTS_OF_2023 = {"a": (100, 2, 5, 4, 4, 3, 8), "b": (1, 3, 4, 4, 4, 4, 8)}
"""Applications of 2016 to 2022: two years before the window, then five of 24 in all."""
ARTICLES_OF_2023 = (10, 20, 20, 20, 20, 30)
"""Articles of 2016 to 2021, of either cluster: the year before the window, then five of 110 in all."""


def _inputs_of_2023(uncovered: tuple[str, int] | None = None) -> Inputs:
    """Windows of 2018 to 2022 and 2017 to 2021; the world has 100 and 1,000 documents in each year."""
    inputs = _inputs({"a": (1, 1), "b": (1, 1)})
    windows = {"patent": (2018, 2022, 100), "publication": (2017, 2021, 1000)}
    return {
        **inputs,
        clusters.EDITION_TOTALS: [
            {"kind": kind, "first_year": first, "last_year": last, "documents": 5 * documents}
            for kind, (first, last, documents) in windows.items()
        ],
        indicators.CLUSTER_YEARS: [
            {
                "cluster_id": cluster,
                "kind": kind,
                "year": year,
                "in_window": year >= windows[kind][0],
                "parts": documents * WHOLE,
            }
            for cluster, patents in PATENTS_OF_2023.items()
            for kind, of_years in (("patent", patents), ("publication", ARTICLES_OF_2023))
            for year, documents in enumerate(of_years, start=2016)
        ],
        extracts.DOCUMENT_COUNTS: [
            {"kind": kind, "year": year, "documents": windows[kind][2]}
            for kind in windows
            for year in range(2015, 2024)
            if (kind, year) != uncovered
        ],
    }


@pytest.mark.parametrize(
    ("uncovered", "patent_since", "publication_since"),
    [
        (None, 24 / 115 - 1, 110 / 90 - 1),
        (("patent", 2016), None, 110 / 90 - 1),
        (("publication", 2015), 24 / 115 - 1, 110 / 90 - 1),
    ],
)
def test_each_source_grows_over_its_own_windows(
    run_sql: RunSql,
    uncovered: tuple[str, int] | None,
    patent_since: float | None,
    publication_since: float,
) -> None:
    before = {"patent_first_year_before": 2016, "publication_first_year_before": 2016}
    made = run_sql(
        indicators.RANKING, _inputs_of_2023(uncovered), frames=NO_RELEASE, edition=2023, **before
    )
    assert made.select("patents", "publications").row(0) == (24, 110)
    assert made.select("patent_share", "publication_share").row(0) == (0.048, 0.022)
    # 8 against the 2 or 3 of 2017, 30 against the 10 of 2016
    assert made["patent_growth"].to_list() == pytest.approx([8 / 2 - 1, 8 / 3 - 1])
    assert made["publication_growth"].to_list() == [2, 2]
    since = made.select(
        "patent_growth_since_last_edition", "publication_growth_since_last_edition"
    ).row(0)
    assert since == pytest.approx((patent_since, publication_since))
    # 18 and 19 applications of 2017 to 2021; what a has of 2016 is of no window a year before
    assert made["previous_rank_same_geography"].to_list() == [2, 1]


def test_each_source_is_held_against_its_own_last_window(run_sql: RunSql) -> None:
    """As in 2024: the windows of both sources moved on by one year, from starts of their own."""
    before = {"patent_first_year_before": 2017, "publication_first_year_before": 2016}
    made = run_sql(indicators.RANKING, _inputs_of_2023(), frames=NO_RELEASE, edition=2024, **before)
    # 2017 to 2021 had 18 applications, 2016 to 2020 had 90 articles
    assert made["patent_growth_since_last_edition"][0] == pytest.approx(24 / 18 - 1)
    assert made["publication_growth_since_last_edition"][0] == pytest.approx(110 / 90 - 1)


def test_rank_change_is_places_gained_since_the_release_before(run_sql: RunSql) -> None:
    before = pl.DataFrame(
        {"cluster_id": ["a"], "rank": [5]}, schema={"cluster_id": pl.String, "rank": pl.Int32}
    )
    made = _rank(run_sql, _inputs({"a": (20, 20), "b": (1, 1)}), released_before=before)
    assert made.select("previous_rank_as_released", "rank_change").rows() == [(5, 4), (None, None)]


@given(
    outputs=st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=12
    ),
    data=st.data(),
)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_ranking_is_a_permutation_and_order_and_threads_are_nothing(
    run_sql: RunSql, broken: Broken, outputs: list[tuple[int, int]], data: st.DataObject
) -> None:
    inputs = _inputs(
        {f"c{n:02}": output for n, output in enumerate(outputs)}, world=(2 * 10**7, 3 * 10**7)
    )
    made = _rank(run_sql, inputs)
    found = {**inputs, indicators.RANKING: made.rows(named=True)}
    assert broken(indicators.RANKING, "every_cluster_once", found) == []
    assert broken(indicators.RANKING, "order_is_the_total", found) == []
    shuffled = {table: data.draw(st.permutations(list(rows))) for table, rows in inputs.items()}
    assert _rank(run_sql, shuffled, threads=1).equals(made)


def test_a_lost_or_displaced_cluster_is_noticed(run_sql: RunSql, broken: Broken) -> None:
    inputs = _inputs({"a": (30, 20), "b": (20, 20), "c": (10, 10)})
    made = _rank(run_sql, inputs).rows(named=True)
    lost = {**inputs, indicators.RANKING: [made[0], made[2]]}
    assert {row[0] for row in broken(indicators.RANKING, "every_cluster_once", lost)} >= {"b"}
    stray = {**inputs, indicators.RANKING: [*made, {**made[2], "cluster_id": "d", "rank": 4}]}
    assert broken(indicators.RANKING, "every_cluster_once", stray) == [(None, 4)]
    swapped = [{**made[0], "rank": 2}, {**made[1], "rank": 1}, made[2]]
    found = {**inputs, indicators.RANKING: swapped}
    assert [row[0] for row in broken(indicators.RANKING, "order_is_the_total", found)] == [2]


def test_years_reach_back_to_the_last_editions_window(run_sql: RunSql, broken: Broken) -> None:
    # as in 2023, whose patents moved on by two years
    inputs: Inputs = {
        clusters.CLUSTERS: [
            {
                "cluster_id": "a",
                "patent_parts": 10 * WHOLE,
                "publication_parts": 0,
                "patent_addresses": 10,
                "publication_addresses": 0,
            }
        ],
        clusters.CLUSTER_CELLS: [{"cluster_id": "a", "h3_cell": 11}],
        clusters.EDITION_TOTALS: [
            {"kind": "patent", "first_year": 2018, "last_year": 2022},
            {"kind": "publication", "first_year": 2017, "last_year": 2021},
        ],
        geocoding.CELL_WEIGHTS: [
            {"kind": "patent", "year": year, "h3_cell": cell, "addresses": 1, "parts": WHOLE}
            for year in range(2015, 2023)
            for cell in (11, 11, 99)
        ],
    }
    made = run_sql(
        indicators.CLUSTER_YEARS,
        inputs,
        edition=2023,
        patent_first_year_before=2016,
        publication_first_year_before=2015,
    )
    # two places of a cell each year; as if articles had moved on by two years as well
    assert made.select("kind", "year", "in_window", "addresses", "parts").rows() == [
        *(("patent", year, year >= 2018, 2, 2 * WHOLE) for year in range(2016, 2023)),
        *(("publication", year, year >= 2017, 0, 0) for year in range(2015, 2022)),
    ]
    found = {**inputs, indicators.CLUSTER_YEARS: made.rows(named=True)}
    assert broken(indicators.CLUSTER_YEARS, "add_up_to_clusters", found) == []
    lost = {**inputs, indicators.CLUSTER_YEARS: made.rows(named=True)[:6]}
    assert [row[0] for row in broken(indicators.CLUSTER_YEARS, "add_up_to_clusters", lost)] == ["a"]


def test_the_first_edition_has_the_year_before_its_window_too(run_sql: RunSql) -> None:
    made = run_sql(
        indicators.CLUSTER_YEARS,
        {
            clusters.CLUSTERS: [{"cluster_id": "a"}],
            clusters.CLUSTER_CELLS: [{"cluster_id": "a", "h3_cell": 11}],
            clusters.EDITION_TOTALS: [{"kind": "patent", "first_year": 2011, "last_year": 2015}],
            geocoding.CELL_WEIGHTS: [],
        },
        edition=2017,
        patent_first_year_before=None,
        publication_first_year_before=None,
    )
    assert made.select("kind", "year", "in_window", "addresses", "parts").rows() == [
        ("patent", year, year > 2010, 0, 0) for year in range(2010, 2016)
    ]


def _with_ranking(run_sql: RunSql, inputs: Inputs) -> Inputs:
    return {**inputs, indicators.RANKING: _rank(run_sql, inputs).rows(named=True)}


def test_a_cluster_across_a_border_counts_for_both_economies(
    run_sql: RunSql, broken: Broken
) -> None:
    inputs = _with_ranking(
        run_sql, _inputs({"jp-a": (100, 200), "both": (30, 60), "kr-a": (10, 20)})
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
    inputs = _with_ranking(run_sql, _inputs(counts, world=(10_000, 10_000)))
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
    inputs = _with_ranking(run_sql, _inputs(counts, world=(10_000, 10_000)))
    made = run_sql(indicators.ECONOMIES, inputs, edition=2020)
    assert made.select("country", "clusters").rows() == [("KR", 100)]


def test_concentration_on_the_first_ten_and_hundred(run_sql: RunSql) -> None:
    # 110 clusters of one patent in 1,000 each a year, the first ten with three
    counts = {f"c{n:03}": (3 if n < 10 else 1, 0) for n in range(110)}
    made = run_sql(indicators.CONCENTRATION, _with_ranking(run_sql, _inputs(counts)), edition=2020)
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
    inputs = _with_ranking(run_sql, _inputs({"a": (100, 0), "b": (300, 0)}, world=(1000, 0)))
    made = run_sql(indicators.CONCENTRATION, inputs, edition=2020)
    rows = made.select("measure", "all_clusters_share", "herfindahl_hirschman_index").rows()
    assert rows == [("patent", 0.4, 0.625), ("total", 0.4, 0.625)]


def test_all_that_there_is_in_clusters_is_no_more_than_one(run_sql: RunSql) -> None:
    """Six clusters of a sixth, which rounded up would make more than all."""
    inputs = _inputs({f"c{n}": (1, 1) for n in range(6)}, world=(6, 6))
    made = run_sql(indicators.CONCENTRATION, _with_ranking(run_sql, inputs), edition=2020)
    assert made["measure"].to_list() == ["patent", "publication", "total"]
    assert made["all_clusters_share"].to_list() == pytest.approx([1, 1, 1])
    assert made["all_clusters_share"].max() <= 1  # type: ignore[operator]


def test_what_is_nowhere_is_noticed(broken: Broken) -> None:
    totals = [
        {"kind": "patent", "first_year": 2014, "last_year": 2018, "documents": 3, "addresses": 4}
    ]
    quality = [
        {"kind": "patent", "year": year, "precision": precision, "addresses": 1, "parts": parts}
        for year, precision, parts in [
            (2018, "city", WHOLE),
            (2018, "country", WHOLE // 2),
            (2013, "none", 7),
        ]
    ]

    def inputs(unlocated: int, addresses: int) -> Inputs:
        return {
            clusters.EDITION_TOTALS: totals,
            geocoding.GEOCODING_QUALITY: quality,
            indicators.WORLD: [
                {"kind": "patent", "place": "top 100", "addresses": 3, "parts": 3 * WHOLE // 2},
                {
                    "kind": "patent",
                    "place": "unlocated",
                    "addresses": addresses,
                    "parts": unlocated,
                },
            ],
        }

    # half a document without a point, and a whole one without any address
    good = inputs(3 * WHOLE // 2, 1)
    assert broken(indicators.WORLD, "everything_is_somewhere", good) == []
    assert broken(indicators.WORLD, "unlocated_is_what_has_no_point", good) == []
    assert len(broken(indicators.WORLD, "everything_is_somewhere", inputs(WHOLE, 1))) == 1
    assert len(broken(indicators.WORLD, "unlocated_is_what_has_no_point", inputs(WHOLE, 1))) == 1
    assert len(broken(indicators.WORLD, "unlocated_is_what_has_no_point", inputs(WHOLE, 2))) == 1
