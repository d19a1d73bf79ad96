"""Coverage is held against the year before: within bands that chance cannot leave, and only once."""

from typing import Any

import pytest

from pipelines.contracts import clusters, geocoding
from tests.sql.conftest import Broken

COVERAGE = "coverage_within_the_band_of_last_year"
PLACES = "no_place_gains_an_implausible_share"


def documents(number: float) -> int:
    return round(number * 1_000_000_000)


def quality(year: int, country: str | None, located: float, not_located: float = 0) -> list[Any]:
    return [
        {
            "kind": "patent",
            "year": year,
            "country": country,
            "precision": precision,
            "addresses": 1,
            "parts": documents(number),
        }
        for precision, number in (("city", located), ("country", not_located))
        if number
    ]


def coverage(broken: Broken, rows: list[Any], **variables: list[int]) -> list[tuple[str, int]]:
    """Country and year of each break."""
    inputs = {geocoding.GEOCODING_QUALITY: rows}
    found = broken(clusters.EDITION_WEIGHTS, COVERAGE, inputs, **variables)
    return [(row[1], row[2]) for row in found]  # type: ignore[misc]


@pytest.mark.parametrize(("france", "breaks"), [(3_900, []), (3_899, [("FR", 2015)])])
def test_a_country_that_more_than_halves_is_noticed(
    broken: Broken, france: int, breaks: list[Any]
) -> None:
    # of 10,000 expected: half of it less 100 less 5 x sqrt(2 x 10,000 x 2) = 1,000
    rows = [*quality(2014, "FR", 10_000), *quality(2014, "DE", 100_000)]
    rows += [*quality(2015, "FR", france), *quality(2015, "DE", 110_000 - france)]
    assert coverage(broken, rows) == breaks
    assert coverage(broken, rows, known_breaks=[]) == breaks
    assert coverage(broken, rows, known_breaks=[2015]) == []


@pytest.mark.parametrize(("country", "said"), [("FR", "FR"), (None, "unknown")])
def test_a_country_that_more_than_doubles_is_noticed(
    broken: Broken, country: str | None, said: str
) -> None:
    for now, breaks in ((21_100, []), (21_101, [(said, 2015)])):
        rows = [*quality(2014, country, 10_000), *quality(2014, "DE", 200_000)]
        rows += [*quality(2015, country, now), *quality(2015, "DE", 210_000 - now)]
        assert coverage(broken, rows) == breaks


@pytest.mark.parametrize(("located", "breaks"), [(1_900, []), (1_898, [("FR", 2015)])])
def test_a_country_whose_addresses_are_no_longer_found_is_noticed(
    broken: Broken, located: int, breaks: list[Any]
) -> None:
    # pooled share one half: 0.15 + 100 / 5,000 + 5 x sqrt(2 x 0.25 x 2 / 5,000) = 0.2407
    rows = [
        *quality(2014, "FR", 5_000 - located, located),
        *quality(2015, "FR", located, 5_000 - located),
    ]
    assert coverage(broken, rows) == breaks


def test_all_grow_alike_when_a_year_is_whole_that_was_not(broken: Broken) -> None:
    rows = [*quality(2014, "FR", 1_000), *quality(2014, "DE", 3_000)]
    rows += [*quality(2015, "FR", 10_000), *quality(2015, "DE", 30_000)]
    assert coverage(broken, rows) == []


def test_small_extracts_do_not_cry_wolf(broken: Broken) -> None:
    rows = [*quality(2014, "FR", 90), *quality(2014, "DE", 40), *quality(2014, "LI", 0.5)]
    rows += [*quality(2015, "DE", 4, 76), *quality(2015, "NL", 60)]
    assert coverage(broken, rows) == []


def test_years_and_sources_that_are_not_there_are_not_compared(broken: Broken) -> None:
    rows = [*quality(2014, "FR", 50_000), *quality(2016, "FR", 10), *quality(2017, "DE", 50_000)]
    assert coverage(broken, rows) == [("DE", 2017)], "2016 follows on nothing"


def at(year: int, country: str, place: int, number: float) -> dict[str, Any]:
    return {
        "kind": "publication",
        "year": year,
        "country": country,
        "place_id": place,
        "h3_cell": 1,
        "addresses": 1,
        "parts": documents(number),
    }


@pytest.mark.parametrize(("now", "breaks"), [(2_416, []), (2_417, [("FR", 7)])])
def test_a_place_that_takes_its_country_over_is_noticed(
    broken: Broken, now: int, breaks: list[Any]
) -> None:
    # of 1,000 expected: twice that, and 100, and 5 x sqrt(2 x 1,000 x 2) = 316.2
    rows = [at(2014, "FR", 7, 1_000), at(2014, "FR", 8, 4_000), at(2014, "DE", 9, 95_000)]
    rows += [at(2015, "FR", 7, now), at(2015, "FR", 8, 5_000 - now), at(2015, "DE", 9, 95_000)]
    inputs = {geocoding.CELL_WEIGHTS: rows}
    found = broken(clusters.EDITION_WEIGHTS, PLACES, inputs)
    assert [row[1:3] for row in found] == breaks
    assert broken(clusters.EDITION_WEIGHTS, PLACES, inputs, known_breaks=[2015]) == []


@pytest.mark.parametrize(("now", "breaks"), [(2_999, []), (3_001, [("US", 7)])])
def test_a_place_that_gains_two_points_of_the_world_is_noticed(
    broken: Broken, now: int, breaks: list[Any]
) -> None:
    rows = [at(2014, "US", 7, 1_000), at(2014, "US", 8, 99_000)]
    rows += [at(2015, "US", 7, now), at(2015, "US", 8, 100_000 - now)]
    found = broken(clusters.EDITION_WEIGHTS, PLACES, {geocoding.CELL_WEIGHTS: rows})
    assert [row[1:3] for row in found] == breaks


def test_a_place_of_few_documents_may_come_from_nowhere(broken: Broken) -> None:
    rows = [at(2014, "US", 8, 100), at(2015, "US", 8, 10), at(2015, "US", 7, 90)]
    assert broken(clusters.EDITION_WEIGHTS, PLACES, {geocoding.CELL_WEIGHTS: rows}) == []
