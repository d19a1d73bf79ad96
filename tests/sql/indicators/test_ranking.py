"""`ranking`, worked out by hand."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts import clusters, extracts, indicators
from tests.sql.conftest import Broken, Inputs, RunSql
from tests.sql.indicators import ranked
from tests.sql.indicators.ranked import NO_RELEASE, WHOLE


def test_rank_is_the_order_of_the_plain_sum_of_two_shares(run_sql: RunSql) -> None:
    # 0.10 + 0.01, 0.02 + 0.08, 0.05 + 0.07; a tie of the last two goes to the identifier
    made = ranked.rank(
        run_sql, ranked.inputs({"a": (100, 20), "b": (20, 160), "d": (50, 140), "c": (50, 140)})
    )
    assert made["cluster_id"].to_list() == ["c", "d", "a", "b"]
    assert made["total_share"].to_list() == pytest.approx([0.12, 0.12, 0.11, 0.10])


def test_a_world_with_more_applications_than_articles(run_sql: RunSql) -> None:
    # 0.05 + 0.02 and 0.01 + 0.07
    made = ranked.rank(run_sql, ranked.inputs({"a": (100, 20), "b": (20, 70)}, world=(2000, 1000)))
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
    made = ranked.rank(run_sql, ranked.inputs({"a": (patents, articles)}))
    assert made["lead"].to_list() == [lead]


@pytest.mark.parametrize("source", [0, 1])
def test_where_one_source_counts_nobody_leads(run_sql: RunSql, source: int) -> None:
    counts, world = ((10, 0), (1000, 0)) if source == 0 else ((0, 10), (0, 1000))
    inputs = ranked.inputs({"a": counts, "b": counts}, world=world)
    made = ranked.rank(run_sql, inputs)
    assert made.select("lead", "total_share").rows() == [(None, 0.01)] * 2
    alone = {clusters.EDITION_TOTALS: [inputs[clusters.EDITION_TOTALS][source]]}
    assert ranked.rank(run_sql, {**inputs, **alone}).equals(made)
    # what has no documents in any year is no reason to compare nothing
    assert made["previous_rank_same_geography"].to_list() == [1, 2]


def test_intensity_is_percent_per_million_and_ranks_the_populated(run_sql: RunSql) -> None:
    inputs = ranked.inputs(
        {"big": (150, 100), "small": (10, 20), "empty": (1, 2)},
        population={"big": 20_000_000, "small": 500_000, "empty": 0},
    )
    made = ranked.rank(run_sql, inputs)
    assert made.select("cluster_id", "intensity_rank").rows() == [
        ("big", 2),
        ("small", 1),
        ("empty", None),
    ]
    # 20 % of the world over 20 million, 2 % over half a million
    assert made["intensity"].to_list() == [pytest.approx(1.0), pytest.approx(4.0), None]


def test_before_2020_intensity_has_no_ranking(run_sql: RunSql) -> None:
    made = ranked.rank(run_sql, ranked.inputs({"a": (10, 20), "b": (1, 2)}), edition=2019)
    assert made["intensity_rank"].to_list() == [None, None]
    assert made["intensity"].null_count() == 0


def test_of_equal_intensity_the_lower_identifier_stands_first(run_sql: RunSql) -> None:
    made = ranked.rank(run_sql, ranked.inputs({"b": (10, 20), "a": (10, 20)}))
    assert made.select("cluster_id", "intensity_rank").rows() == [("a", 1), ("b", 2)]


def test_only_the_first_hundred_have_an_intensity_rank(run_sql: RunSql) -> None:
    counts = {f"c{n:03}": (201 - n, 0) for n in range(1, 103)}
    # few people live in the last ones: their intensities are the greatest of all
    made = ranked.rank(run_sql, ranked.inputs(counts, population={"c101": 20, "c102": 10}))
    assert made["intensity_rank"].to_list() == [*range(1, 101), None, None]


def test_growth_and_rank_against_the_year_before(run_sql: RunSql) -> None:
    # per year (20, 0) in the window; 2013 had twice of a and half of b
    inputs = ranked.inputs({"a": (20, 0), "b": (20, 0)}, year_before={"a": (40, 0), "b": (10, 0)})
    made = ranked.rank(run_sql, inputs)
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
    inputs = ranked.inputs({"a": (100, 0), "b": (0, articles)})
    counts = [
        {**row, "documents": 8500} if (row["year"], row["kind"]) == (2013, "patent") else row
        for row in inputs[extracts.DOCUMENT_COUNTS]
    ]
    made = ranked.rank(run_sql, {**inputs, extracts.DOCUMENT_COUNTS: counts})
    assert made.select("cluster_id", "previous_rank_same_geography").rows() == [
        ("a", ranks[0]),
        ("b", ranks[1]),
    ]


@pytest.mark.parametrize(("articles", "ranks"), [(280, [1, 2]), (310, [2, 1])])
def test_of_articles_too_the_rank_a_year_before_is_of_that_windows_world(
    run_sql: RunSql, articles: int, ranks: list[int]
) -> None:
    """Of 5,000 applications and 15,000 articles a year before: a tenth against 1,400 or 1,550."""
    inputs = ranked.inputs({"a": (100, 0), "b": (0, articles)})
    counts = [
        {**row, "documents": 7000} if (row["year"], row["kind"]) == (2013, "publication") else row
        for row in inputs[extracts.DOCUMENT_COUNTS]
    ]
    made = ranked.rank(run_sql, {**inputs, extracts.DOCUMENT_COUNTS: counts})
    by_cluster = made.sort("cluster_id")["previous_rank_same_geography"]
    assert by_cluster.to_list() == ranks


def test_equal_a_year_before_the_lower_identifier_stands_first(run_sql: RunSql) -> None:
    # 60 + 4 x 20 and 20 + 4 x 30
    inputs = ranked.inputs({"a": (20, 0), "b": (30, 0)}, year_before={"a": (60, 0), "b": (20, 0)})
    made = ranked.rank(run_sql, inputs)
    assert made.select("cluster_id", "previous_rank_same_geography").rows() == [("b", 2), ("a", 1)]


@pytest.mark.parametrize("uncovered", [2013, 2016, 2018])
def test_a_year_that_no_source_covers_compares_nothing(run_sql: RunSql, uncovered: int) -> None:
    made = ranked.rank(run_sql, ranked.inputs({"a": (20, 20)}, uncovered=(uncovered,)))
    compared = made.select(
        "previous_rank_same_geography",
        "patent_growth",
        "publication_growth",
        "patent_growth_since_last_edition",
        "publication_growth_since_last_edition",
    )
    assert compared.rows() == [(None,) * 5]


def test_a_year_before_that_one_source_lacks_gives_no_rank(run_sql: RunSql) -> None:
    inputs = ranked.inputs({"a": (20, 20)})
    counts = [
        row
        for row in inputs[extracts.DOCUMENT_COUNTS]
        if (row["year"], row["kind"]) != (2013, "publication")
    ]
    made = ranked.rank(run_sql, {**inputs, extracts.DOCUMENT_COUNTS: counts})
    compared = made.select("previous_rank_same_geography", "patent_growth", "publication_growth")
    assert compared.rows() == [(None, 0.0, None)]


def test_without_an_edition_before_there_is_no_growth_since(run_sql: RunSql) -> None:
    made = run_sql(
        indicators.RANKING,
        ranked.inputs({"a": (20, 20)}),
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
    inputs = ranked.inputs({"a": (1, 1), "b": (1, 1)})
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
    made = ranked.rank(run_sql, ranked.inputs({"a": (20, 20), "b": (1, 1)}), released_before=before)
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
    inputs = ranked.inputs(
        {f"c{n:02}": output for n, output in enumerate(outputs)}, world=(2 * 10**7, 3 * 10**7)
    )
    made = ranked.rank(run_sql, inputs)
    found = {**inputs, indicators.RANKING: made.rows(named=True)}
    assert broken(indicators.RANKING, "every_cluster_once", found) == []
    assert broken(indicators.RANKING, "order_is_the_total", found) == []
    shuffled = {table: data.draw(st.permutations(list(rows))) for table, rows in inputs.items()}
    assert ranked.rank(run_sql, shuffled, threads=1).equals(made)


def test_a_lost_or_displaced_cluster_is_noticed(run_sql: RunSql, broken: Broken) -> None:
    inputs = ranked.inputs({"a": (30, 20), "b": (20, 20), "c": (10, 10)})
    made = ranked.rank(run_sql, inputs).rows(named=True)
    lost = {**inputs, indicators.RANKING: [made[0], made[2]]}
    assert {row[0] for row in broken(indicators.RANKING, "every_cluster_once", lost)} >= {"b"}
    stray = {**inputs, indicators.RANKING: [*made, {**made[2], "cluster_id": "d", "rank": 4}]}
    assert broken(indicators.RANKING, "every_cluster_once", stray) == [(None, 4)]
    swapped = [{**made[0], "rank": 2}, {**made[1], "rank": 1}, made[2]]
    found = {**inputs, indicators.RANKING: swapped}
    assert [row[0] for row in broken(indicators.RANKING, "order_is_the_total", found)] == [2]
