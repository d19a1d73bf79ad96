"""How the world divides: whatever lies where, located and unlocated are all, and shares are one."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts import clusters, geocoding, indicators
from pipelines.contracts.common import PARTS_PER_DOCUMENT
from tests.sql.conftest import Broken, Inputs, Rows, RunSql

documents = st.lists(
    st.tuples(
        st.sampled_from(["patent", "publication"]),
        st.lists(st.sampled_from([10, 11, 12, 13, None]), max_size=4),
    ),
    max_size=12,
)
"""A source and the cells of a document's addresses; None has no point, an empty list no address."""


def parts_of(places: list[int | None]) -> list[tuple[int | None, int]]:
    whole, more = divmod(PARTS_PER_DOCUMENT, len(places) or 1)
    return [(place, whole + (number < more)) for number, place in enumerate(places)]


def summed(rows: list[tuple[str, int | None, int]], kind: str, cells: set[int]) -> dict[str, int]:
    found = [parts for k, cell, parts in rows if k == kind and cell in cells]
    return {"addresses": len(found), "parts": sum(found)}


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=documents, seed=st.integers(0, 99))
def test_everything_is_somewhere_whatever_lies_where(
    run_sql: RunSql, drawn: list[tuple[str, list[int | None]]], seed: int
) -> None:
    rows = [(kind, cell, parts) for kind, places in drawn for cell, parts in parts_of(places)]
    kinds = ("patent", "publication")
    weights: Rows = [
        {"h3_cell": cell}
        | {f"{kind}_{what}": n for kind in kinds for what, n in summed(rows, kind, {cell}).items()}
        for cell in (10, 11, 12, 13)
    ]
    by_cluster = {f"c{cell}": {cell} for cell in (10, 11, 12)}
    years: Rows = [
        {
            "cluster_id": cluster,
            "kind": kind,
            "year": year,
            "in_window": year == 2018,
            **summed(rows, kind, cells),
        }
        for year in (2013, 2018)
        for cluster, cells in by_cluster.items()
        for kind in kinds
    ]
    totals: Rows = [
        {
            "kind": kind,
            "documents": sum(k == kind for k, _ in drawn),
            "addresses": sum(k == kind for k, _, _ in rows),
        }
        for kind in kinds
    ]
    ranking: Rows = [
        {"cluster_id": cluster, "rank": rank}
        for cluster, rank in (("c10", 1), ("c11", 100), ("c12", 101))
    ]
    tables = {
        clusters.EDITION_TOTALS: totals,
        clusters.EDITION_WEIGHTS: weights,
        indicators.CLUSTER_YEARS: years,
        indicators.RANKING: ranking,
        geocoding.GEOCODING_QUALITY: [],
    }
    made = run_sql(indicators.WORLD, tables, edition=2020)
    for row in totals:
        kind = row["kind"]
        found = made.filter(kind=kind)
        assert found["parts"].sum() == row["documents"] * PARTS_PER_DOCUMENT  # type: ignore[operator]
        assert found["addresses"].sum() == row["addresses"]
        assert found["share"].sum() == pytest.approx(1 if row["documents"] else 0, abs=1e-12)
        parts = dict(found.select("place", "parts").iter_rows())
        assert parts.get("top 100", 0) == summed(rows, str(kind), {10, 11})["parts"]
        assert parts["outside clusters"] == summed(rows, str(kind), {13})["parts"]
    mixed = {table: random.Random(seed).sample(list(r), len(r)) for table, r in tables.items()}  # noqa: S311
    assert run_sql(indicators.WORLD, mixed, threads=1, edition=2020).equals(made)


def test_without_a_point_everything_is_unlocated(run_sql: RunSql) -> None:
    """Two documents, one of them without an address, and neither a cell nor a cluster."""
    tables: Inputs = {
        clusters.EDITION_TOTALS: [{"kind": "patent", "documents": 2, "addresses": 3}],
        clusters.EDITION_WEIGHTS: [],
        indicators.CLUSTER_YEARS: [],
        indicators.RANKING: [],
        geocoding.GEOCODING_QUALITY: [],
    }
    made = run_sql(indicators.WORLD, tables, edition=2020)
    assert made.select("kind", "place", "addresses", "parts", "share").rows() == [
        ("patent", "outside clusters", 0, 0, 0),
        ("patent", "unlocated", 3, 2 * PARTS_PER_DOCUMENT, 1),
    ]


def test_what_is_nowhere_is_noticed(broken: Broken) -> None:
    totals = [
        {"kind": "patent", "first_year": 2014, "last_year": 2018, "documents": 3, "addresses": 4}
    ]
    quality = [
        {"kind": "patent", "year": year, "precision": precision, "addresses": 1, "parts": parts}
        for year, precision, parts in [
            (2018, "city", PARTS_PER_DOCUMENT),
            (2018, "country", PARTS_PER_DOCUMENT // 2),
            (2013, "none", 7),
        ]
    ]

    def inputs(unlocated: int, addresses: int) -> Inputs:
        return {
            clusters.EDITION_TOTALS: totals,
            geocoding.GEOCODING_QUALITY: quality,
            indicators.WORLD: [
                {
                    "kind": "patent",
                    "place": "top 100",
                    "addresses": 3,
                    "parts": 3 * PARTS_PER_DOCUMENT // 2,
                },
                {
                    "kind": "patent",
                    "place": "unlocated",
                    "addresses": addresses,
                    "parts": unlocated,
                },
            ],
        }

    # half a document without a point, and a whole one without any address
    good = inputs(3 * PARTS_PER_DOCUMENT // 2, 1)
    assert broken(indicators.WORLD, "everything_is_somewhere", good) == []
    assert broken(indicators.WORLD, "unlocated_is_what_has_no_point", good) == []
    assert (
        len(broken(indicators.WORLD, "everything_is_somewhere", inputs(PARTS_PER_DOCUMENT, 1))) == 1
    )
    assert (
        len(
            broken(
                indicators.WORLD, "unlocated_is_what_has_no_point", inputs(PARTS_PER_DOCUMENT, 1)
            )
        )
        == 1
    )
    assert (
        len(
            broken(
                indicators.WORLD, "unlocated_is_what_has_no_point", inputs(PARTS_PER_DOCUMENT, 2)
            )
        )
        == 1
    )
