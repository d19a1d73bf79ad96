"""What words may mean: forms of names, organisations, native scripts."""

import pytest

from pipelines.geocoder import Gazetteer
from pipelines.geocoder.level import Level
from pipelines.geocoder.lookup import Lookup, Reading
from pipelines.geocoder.native import cut_native
from pipelines.geocoder.text import fold


def _read(gazetteer: Gazetteer, words: str) -> tuple[Reading, ...]:
    return Lookup(gazetteer, Level.INSTITUTIONS).read(words, fold(words), is_last=True)


@pytest.mark.parametrize(
    ("words", "place", "how"),
    [
        ("City of Bonn", "Bonn", "suffix"),
        ("Newcastle upon Tyne City", "Newcastle upon Tyne", "suffix"),
        ("Xi An", "Xi’an", "joined"),
        ("W Lafayette", "West Lafayette", "abbreviation"),
        ("College Park", "College Park", "organisation"),
    ],
)
def test_forms_of_a_towns_name(gazetteer: Gazetteer, words: str, place: str, how: str) -> None:
    (reading,) = _read(gazetteer, words)
    assert reading.how == how
    assert place in {gazetteer.name[code >> 2] for code in reading.places}


def test_syllables_are_joined_only_where_names_have_them(gazetteer: Gazetteer) -> None:
    countries = {gazetteer.country[code >> 2] for code in gazetteer.names["xian"]}
    (reading,) = _read(gazetteer, "Xi An")
    joined = {gazetteer.country[code >> 2] for code in reading.places}
    assert "CN" in joined
    assert joined <= {"CN", "TW", "HK", "MO", "KR", "KP", "JP", "VN", "SG", "MY"}
    assert joined <= countries


@pytest.mark.parametrize(
    "words", ["University of Georgia", "University of New England", "Bank of China"]
)
def test_an_organisation_of_a_country_does_not_lie_in_it(gazetteer: Gazetteer, words: str) -> None:
    (reading,) = _read(gazetteer, words)
    assert reading.is_institutional
    assert not reading.is_known


def test_a_country_behind_an_organisations_name_is_its_country(gazetteer: Gazetteer) -> None:
    organisation, country = _read(gazetteer, "Universiti Sains Malaysia")
    assert organisation.words == "universiti sains malaysia"
    assert country.countries == ("MY",)


@pytest.mark.parametrize(("unknown", "is_found"), [(6, True), (7, False)])
def test_six_letters_may_stand_between_names_in_han(unknown: int, *, is_found: bool) -> None:
    text = "東京都" + "あ" * unknown + "港区"
    names = [name for name, _ in cut_native(text, {"東京都", "港区"}.__contains__)]
    assert names == (["東京都", "港区"] if is_found else ["東京都"])


def test_a_name_in_han_has_up_to_nine_letters() -> None:
    nine, ten = "一二三四五六七八九", "甲乙丙丁戊己庚辛壬癸"
    assert [name for name, _ in cut_native(nine, {nine}.__contains__)] == [nine]
    assert list(cut_native(ten, {ten}.__contains__)) == []
