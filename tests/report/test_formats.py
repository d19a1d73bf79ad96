"""Numbers in words."""

import pytest

from pipelines.report import formats


def test_signs_and_gaps() -> None:
    assert formats.count(1234.5) == "1,234"
    assert formats.count(None) == "–"
    assert formats.documents(1_250_000_000) == "1.2"
    assert formats.signed_documents(-3_500_000_000) == "−3.5"
    assert formats.signed_documents(12_000_000_000) == "+12.0"
    assert formats.percent(0.01234) == "1.23 %"


def test_parameters_are_written_for_people() -> None:
    assert formats.setting("patent_years", [2019, 2023]) == "2019–2023"
    assert formats.setting("economies", ["EG", "ZA"]) == "EG, ZA"
    assert [formats.setting("any", value) for value in (True, False, 15, None)] == [
        "yes",
        "no",
        "15",
        "–",
    ]


def test_what_rounds_to_nought_has_no_sign() -> None:
    for parts in (40_000_000, 0, -40_000_000):
        assert formats.documents(parts) == formats.signed_documents(parts) == "0.0"
    assert formats.signed_documents(50_000_001) == "+0.1"
    assert (formats.count(-0.4), formats.decimal(-0.004), formats.percent(-0.00004)) == (
        "0",
        "0.00",
        "0.00 %",
    )


def test_decimals() -> None:
    assert [formats.decimal(value) for value in (1234.567, -0.5, None)] == [
        "1,234.57",
        "−0.50",
        "–",
    ]
    assert formats.decimal(1234.56, 1) == "1,234.6"


@pytest.mark.parametrize(
    ("value", "text"), [(0.234, "+23 %"), (-0.5, "−50 %"), (-0.001, "0 %"), (None, "–")]
)
def test_growth_has_no_signed_zero(value: float | None, text: str) -> None:
    assert formats.growth(value) == text


def test_growth_with_decimals() -> None:
    assert [formats.growth(value, 1) for value in (0.0123, -0.02, -0.0004)] == [
        "+1.2 %",
        "−2.0 %",
        "0.0 %",
    ]


def test_places() -> None:
    assert [formats.change(n) for n in (2, -1, 0, None)] == ["▲ 2", "▼ 1", "=", "–"]
    assert formats.places(-1) == "down 1 place"
    assert formats.places(2) == "up 2 places"


def test_years() -> None:
    assert formats.years((2016, 2017, 2018)) == "2016–2018"
    assert formats.years((2016, 2018)) == "2016, 2018"
    assert formats.years((2018,)) == "2018"
    assert formats.years(()) == "–"


def test_slugs_of_any_script() -> None:
    assert formats.slug("Shenzhen–Hong Kong–Guangzhou") == "shenzhen-hong-kong-guangzhou"
    assert formats.slug("Zürich") == "zurich"
    assert formats.slug("深圳") == "shenzhen"


def test_countries() -> None:
    assert formats.country("KR") == "South Korea"
    assert formats.country("") == "country not known"
    assert formats.country("XK") == "XK"
    assert formats.economies("CN/HK") == [("CN", "China"), ("HK", "Hong Kong")]
