"""`editions.toml` against the method's table, typed out by hand."""

import pytest
from pydantic import ValidationError

from pipelines.editions import (
    KINDS,
    MergerOverride,
    YearRange,
    editions,
    editions_by_year,
    profiles,
    publication_years,
)

BY_HAND = {
    2017: ((2011, 2015), None, 13, 2000, range(2010, 2016)),
    2018: ((2012, 2016), (2012, 2016), 15, 4500, range(2011, 2017)),
    2019: ((2013, 2017), (2013, 2017), 15, 4500, range(2012, 2018)),
    2020: ((2014, 2018), (2014, 2018), 15, 4500, range(2013, 2019)),
    2021: ((2015, 2019), (2015, 2019), 15, 4500, range(2014, 2020)),
    2022: ((2016, 2020), (2016, 2020), 15, 4500, range(2015, 2021)),
    2023: ((2018, 2022), (2017, 2021), 15, 4500, range(2016, 2023)),
    2024: ((2019, 2023), (2018, 2022), 15, 4500, range(2017, 2024)),
}
CERTAIN = {
    2017: ("M", None, "M", "M"),
    2018: ("V", "V", "M", "M"),
    2019: ("V", "V", "I", "I"),
    2020: ("V", "V", "I", "I"),
    2021: ("I", "I", "I", "I"),
    2022: ("I", "I", "I", "I"),
    2023: ("V", "V", "I", "I"),
    2024: ("V", "V", "V", "V"),
}
"""Of both windows, the radius, the threshold."""


@pytest.mark.parametrize("edition", BY_HAND)
def test_edition(edition: int) -> None:
    patents, publications, radius_km, min_points, years_read = BY_HAND[edition]
    found = editions()[edition]
    assert found.patent_years.value == patents
    assert found.publication_years == publications or (
        found.publication_years is not None and found.publication_years.value == publications
    )
    assert found.radius_km.value == radius_km
    assert found.min_points.value == min_points
    assert found.years_read == list(years_read)
    figures = (found.patent_years, found.publication_years, found.radius_km, found.min_points)
    assert tuple(figure and figure.certainty for figure in figures) == CERTAIN[edition]


def test_editions_rank_by_intensity_since_2020() -> None:
    found = {number: edition.intensity_ranking.value for number, edition in editions().items()}
    assert found == {year: year >= 2020 for year in BY_HAND}


@pytest.mark.parametrize("edition", [number for number in BY_HAND if number - 1 in BY_HAND])
def test_an_edition_reads_the_window_of_the_one_before(edition: int) -> None:
    """Growth is told against it (method 8): what its window begins with has to be read as well."""
    for kind in KINDS:
        before = editions()[edition - 1].window(kind)
        assert set(before) <= set(editions()[edition].years_read)


def test_reviewed_overrides_stand_in_the_parameters_and_are_no_profiles_business() -> None:
    override = MergerOverride(
        cell_a="8830e1ca21fffff", cell_b="8830e1ca25fffff", verdict="force", reason="one city"
    )
    reviewed = editions()[2024].model_copy(update={"merger_overrides": (override,)})
    assert reviewed.parameters["merger_overrides"] == {
        "value": [override.model_dump()],
        "certainty": "P",
    }
    assert reviewed.under("african").merger_overrides == ()
    assert "merger_overrides" not in editions()[2024].parameters


def test_all_editions_in_order() -> None:
    assert list(editions()) == list(BY_HAND)


def test_the_african_profile() -> None:
    african = editions()[2024].under("african")
    figures = (african.radius_km, african.min_points)
    assert [(figure.value, figure.certainty) for figure in figures] == [(15, "V"), (300, "V")]
    assert african.merge_within_km is None
    assert len(african.economies) == 54
    assert african.years_read == editions()[2024].years_read
    assert african.parameters["profile"] == {"value": "african", "certainty": "V"}
    assert "profile" not in editions()[2024].parameters
    assert list(profiles()) == ["african"]


def test_years_and_the_editions_that_read_them() -> None:
    assert publication_years() == list(range(2010, 2024))
    by_year = editions_by_year()
    assert by_year[2010] == [2017]
    assert by_year[2011] == [2017, 2018]
    assert by_year[2015] == [2017, 2018, 2019, 2020, 2021, 2022]
    assert by_year[2016] == [2018, 2019, 2020, 2021, 2022, 2023]
    assert by_year[2023] == [2024]


@pytest.mark.parametrize("window", [(2014, 2017), (2014, 2019), (2018, 2014)])
def test_a_window_is_five_years(window: tuple[int, int]) -> None:
    with pytest.raises(ValidationError, match="exactly five years"):
        YearRange(value=window, certainty="V")
