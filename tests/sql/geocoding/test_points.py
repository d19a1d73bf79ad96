"""From addresses to points, weights by cell and quality: nothing lost, nothing doubled."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts import extracts, geocoding
from tests.sql.conftest import Broken, RunSql, located, staged

CELL = 0x87283472BFFFFFF


def address(document: int, number: int, key: int, part: int, **more: object) -> dict[str, Any]:
    return {
        "year": 2015,
        "document_number": document,
        "address_number": number,
        "address_key": key,
        "part": part,
        **more,
    }


def entry(key: int, precision: str, cell: int | None, country: str | None = "US") -> dict[str, Any]:
    return {
        "address_key": key,
        "precision": precision,
        "h3_cell": cell,
        "country": country,
        "place_id": 5 if cell else None,
    }


INVENTORS = [
    address(1, 1, 11, 600_000_000),
    address(1, 2, 12, 400_000_000),
    address(2, 1, 11, 1_000_000_000),
]
AUTHORS = [address(1, 1, 11, 1_000_000_000)]
DICTIONARY = [entry(11, "city", CELL), entry(12, "none", None, None)]
INPUTS = {
    extracts.INVENTORS: INVENTORS,
    extracts.AUTHOR_ADDRESSES: AUTHORS,
    geocoding.ADDRESS_DICTIONARY: DICTIONARY,
    geocoding.LOCATIONS: [
        {"location_number": number, **{key: row[key] for key in row if key != "address_key"}}
        for number, row in enumerate(DICTIONARY, start=1)
    ],
}


TEXTS = [
    {"address_key": 11, "city": "Boston"},
    {"address_key": 11, "city": "Boston", "unit_number": 2},
    {"address_key": 12, "city": "Nowhere"},
    {"address_key": 13, "city": "Of a document that does not count"},
]


def test_distinct_texts_over_both_kinds(run_sql: RunSql, broken: Broken) -> None:
    inputs = {extracts.INVENTORS: INVENTORS, extracts.AUTHOR_ADDRESSES: AUTHORS}
    frames = {"staged_texts": staged("texts", TEXTS)}
    made = run_sql(geocoding.DISTINCT_ADDRESSES, inputs, frames=frames, year=2015)
    assert made.select(
        "address_key",
        "city",
        "inventor_addresses",
        "inventor_parts",
        "author_addresses",
        "author_parts",
    ).rows() == [
        (11, "Boston", 2, 1_600_000_000, 1, 1_000_000_000),
        (12, "Nowhere", 1, 400_000_000, 0, 0),
    ]
    rows = {**inputs, geocoding.DISTINCT_ADDRESSES: made.to_dicts()}
    assert broken(geocoding.DISTINCT_ADDRESSES, "all_addresses", rows) == []
    rows = {**inputs, geocoding.DISTINCT_ADDRESSES: made.to_dicts()[1:]}
    assert broken(geocoding.DISTINCT_ADDRESSES, "all_addresses", rows) == [
        (1, 0, 400_000_000, 3, 1, 3_000_000_000)
    ]


def test_every_address_is_a_point_located_or_not(run_sql: RunSql, broken: Broken) -> None:
    made = run_sql(geocoding.POINTS, INPUTS, year=2015)
    in_cell, nowhere = 1, 2
    assert made.select(
        "kind", "document_number", "address_number", "location_number", "part"
    ).rows() == [
        ("patent", 1, 1, in_cell, 600_000_000),
        ("patent", 1, 2, nowhere, 400_000_000),
        ("patent", 2, 1, in_cell, 1_000_000_000),
        ("publication", 1, 1, in_cell, 1_000_000_000),
    ]
    rule, rows = "every_address_once", made.to_dicts()
    assert broken(geocoding.POINTS, rule, {**INPUTS, geocoding.POINTS: rows}) == []
    swapped = [dict(row) for row in rows]
    swapped[0]["part"], swapped[1]["part"] = swapped[1]["part"], swapped[0]["part"]
    for wrong in (rows[1:], [*rows, rows[0]], swapped, rows[:3], []):
        assert broken(geocoding.POINTS, rule, {**INPUTS, geocoding.POINTS: wrong})


def test_a_text_that_the_dictionary_lacks_is_noticed(run_sql: RunSql, broken: Broken) -> None:
    inputs = {**INPUTS, geocoding.ADDRESS_DICTIONARY: DICTIONARY[:1]}
    made = run_sql(geocoding.POINTS, inputs, year=2015)
    rows = {**inputs, geocoding.POINTS: made.to_dicts()}
    assert broken(geocoding.POINTS, "every_address_once", rows)
    rule = "every_text_has_an_entry"
    for keys, is_broken in (([11], False), ([11, 12], True), ([12], True), ([], True)):
        distinct = [{"address_key": key} for key in keys]
        rows = {**inputs, geocoding.DISTINCT_ADDRESSES: distinct}
        assert bool(broken(geocoding.ADDRESS_DICTIONARY, rule, rows)) == is_broken


points_of = st.lists(
    st.tuples(
        st.sampled_from(["patent", "publication"]),
        st.sampled_from([None, CELL, CELL + 1]),
        st.sampled_from([None, "US", "JP"]),
        st.sampled_from([None, 5, 6]),
        st.integers(0, 10**9),
    ),
    max_size=12,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(points_of)
def test_weights_and_quality_sum_to_the_points(
    run_sql: RunSql, broken: Broken, points: list[tuple[Any, ...]]
) -> None:
    rows = [
        {
            "kind": kind,
            "year": 2015,
            "document_number": number,
            "address_number": 1,
            "h3_cell": cell,
            "country": country,
            "place_id": place,
            "precision": "city" if cell else "none",
            "part": part,
        }
        for number, (kind, cell, country, place, part) in enumerate(points, start=1)
    ]
    inputs = located(geocoding.POINTS, rows)
    counted = inputs[geocoding.LOCATIONS]
    weights = run_sql(geocoding.CELL_WEIGHTS, inputs, year=2015)
    with_cell = [point for point in points if point[1]]
    assert weights["addresses"].sum() == len(with_cell)
    assert weights["parts"].sum() == sum(point[4] for point in with_cell)
    quality = run_sql(geocoding.GEOCODING_QUALITY, inputs, year=2015)
    assert quality["addresses"].sum() == len(points)
    assert quality["parts"].sum() == sum(point[4] for point in points)
    for table, rule, made, column in (
        (geocoding.POINTS, "locations_add_up", [dict(row) for row in counted], "author_parts"),
        (geocoding.CELL_WEIGHTS, "located_addresses_add_up", weights.to_dicts(), "parts"),
        (geocoding.GEOCODING_QUALITY, "all_addresses_add_up", quality.to_dicts(), "parts"),
    ):
        changed = geocoding.LOCATIONS if table is geocoding.POINTS else table
        assert broken(table, rule, {**inputs, changed: made}) == []
        if made:
            made[0][column] += 1
            assert broken(table, rule, {**inputs, changed: made})
            assert broken(table, rule, {**inputs, changed: made[1:]})


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_same_rows_whatever_the_threads(run_sql: RunSql, threads: int) -> None:
    assert run_sql(geocoding.POINTS, INPUTS, threads=threads, year=2015).equals(
        run_sql(geocoding.POINTS, INPUTS, threads=1, year=2015)
    )


def test_quality_of_one_source_does_not_pass_for_the_others(broken: Broken) -> None:
    counts = ("inventor_addresses", "inventor_parts", "author_addresses", "author_parts")
    place = {"year": 2015, "location_number": 1, "country": "JP", "precision": "country"}
    locations = [{**place, **dict(zip(counts, (3, 30, 2, 20), strict=True))}]
    quality = [
        {"year": 2015, "kind": kind, "country": "JP", "precision": "country"}
        | {"addresses": addresses, "parts": 10 * addresses}
        for kind, addresses in (("patent", 3), ("publication", 2))
    ]
    swapped = [
        {**row, "kind": other["kind"]} for row, other in zip(quality, quality[::-1], strict=True)
    ]
    for rows, breaks in ((quality, 0), (swapped, 2)):
        inputs = {geocoding.LOCATIONS: locations, geocoding.GEOCODING_QUALITY: rows}
        found = broken(geocoding.GEOCODING_QUALITY, "all_addresses_add_up", inputs)
        assert len(found) == breaks
