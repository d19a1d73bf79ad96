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


@pytest.mark.parametrize(
    ("value", "text"), [(0.234, "+23 %"), (-0.5, "−50 %"), (-0.001, "0 %"), (None, "–")]
)
def test_growth_has_no_signed_zero(value: float | None, text: str) -> None:
    assert formats.growth(value) == text


def test_places() -> None:
    assert [formats.change(n) for n in (2, -1, 0, None)] == ["▲ 2", "▼ 1", "=", "–"]
    assert formats.places(-1) == "down 1 place"
    assert formats.places(2) == "up 2 places"


def test_years() -> None:
    assert formats.years((2016, 2017, 2018)) == "2016–2018"
    assert formats.years((2016, 2018)) == "2016, 2018"
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
