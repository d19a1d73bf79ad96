"""The single means: countries, postcodes, romanisations, near misses, organisations, users' files."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from pipelines.delineation import sphere
from pipelines.errors import UserError
from pipelines.geocoder import Gazetteer, distance
from pipelines.geocoder.countries import Boxes, country_of_field
from pipelines.geocoder.distance import distance_km
from pipelines.geocoder.dumps import read_geonames_dump, read_geonames_postcodes
from pipelines.geocoder.fuzzy import Fuzzy, _Names
from pipelines.geocoder.institutions import Institutions
from pipelines.geocoder.postcodes import PostcodeArea, Postcodes
from pipelines.geocoder.romanise import Romaniser
from pipelines.geocoder.text import fold


@pytest.mark.parametrize(
    ("written", "country"),
    [("Peoples R China", "CN"), ("U Arab Emirates", "AE"), ("BOSNIA & HERCEG", "BA"),
     ("England", "GB"), ("Republic of Korea", "KR"), ("中国", "CN"), ("Deutschland", "DE"),
     ("Россия", "RU"), ("Türkiye", "TR"), ("Taiwan (R.O.C.)", "TW")],
)  # fmt: skip
def test_country_names(gazetteer: Gazetteer, written: str, country: str) -> None:
    assert gazetteer.countries[fold(written)] == country


@pytest.mark.parametrize(
    ("written", "country"),
    [("Salvador", "SV"), ("Granada", "GD"), ("Brasilia", "BR"), ("Norfolk", "NF")],
)
def test_a_large_town_goes_before_a_translated_country(
    gazetteer: Gazetteer, written: str, country: str
) -> None:
    assert fold(written) not in gazetteer.countries
    assert country_of_field(written) == country  # a field that holds a country holds no town


@pytest.mark.parametrize(
    ("field", "country"),
    [("us", "US"), ("GBR", "GB"), ("UK", "GB"), ("SU", "RU"), ("Japan", "JP"), ("??", None)],
)
def test_country_fields(field: str, country: str | None) -> None:
    assert country_of_field(field) == country


def test_a_box_has_half_a_degree_of_margin() -> None:
    boxes = Boxes(pl.DataFrame({"country": ["XX", "XX"], "lat": [1.0, 2.0], "lng": [5.0, 6.0]}))
    points = [("XX", 0.5, 6.5), ("XX", 0.49, 6.0), ("XX", 1.0, 6.51), ("YY", 1.0, 5.0)]
    asked = pl.DataFrame(points, schema=["country", "lat", "lng"], orient="row")
    assert boxes.contain(asked).to_list() == [True, False, False, False]


def test_a_quarter_of_the_globe() -> None:
    assert distance_km(0, 0, 0, 90) == pytest.approx(6371.0088 * 3.141592653589793 / 2)
    assert distance_km(52.5, 13.4, 52.5, 13.4) == 0


def test_the_geocoders_sphere_is_that_of_the_delineation() -> None:
    assert distance.EARTH_RADIUS_KM == sphere.EARTH_RADIUS_KM


def _find(postcodes: Postcodes, country: str, postcode: str) -> PostcodeArea | None:
    area = postcodes.find(pl.DataFrame({"country": [country], "postcode": [postcode]}))[0]
    return None if area is None else postcodes.areas[area]


@pytest.mark.parametrize(
    ("country", "postcode", "admin1_code"),
    [("CN", "225300", "JS"), ("CN", "318000", "ZJ"), ("JP", "〒113-8654", "13"), ("KR", "16677", "41"),
     ("KR", "305-701", "30"), ("TW", "300", "HSZ"), ("TW", "10617", "TPE"), ("DE", "D-80333", "BY"),
     ("IN", "560012", "KA"), ("BR", "13083-970", "SP"), ("US", "94143-0001", "CA"),
     ("CA", "M5S 1A1", "ON"), ("AU", "2601", "ACT"), ("BE", "B-3001", "VLG"), ("AT", "A-1090", "9"),
     ("PL", "00-901", "14"), ("TR", "34469", "34"), ("MX", "04510", "CMX"), ("MY", "50603", "14")],
)  # fmt: skip
def test_postcodes_tell_the_unit(country: str, postcode: str, admin1_code: str) -> None:
    area = _find(Postcodes(), country, postcode)
    assert area is not None
    assert area.admin1_code == admin1_code


def test_a_users_postcode_goes_first() -> None:
    own = pl.DataFrame(
        {"country": ["US"], "postcode": ["94143"], "place": ["Here"], "admin1_code": ["CA"],
         "lat": [1.0], "lng": [2.0]}
    )  # fmt: skip
    assert _find(Postcodes(own), "US", "94143") == PostcodeArea("CA", "Here", 1.0, 2.0)
    assert _find(Postcodes(own), "US", "x") is None


def test_the_beginning_of_a_postcode_tells_an_area() -> None:
    # as GeoNames has them: the Netherlands by their digits, Canada by its sortation areas
    own = pl.DataFrame(
        {"country": ["NL", "DE"], "postcode": ["1081", "1081"], "place": ["Here", "There"],
         "admin1_code": ["NH", "BE"], "lat": [1.0, 3.0], "lng": [2.0, 4.0]}
    )  # fmt: skip
    assert _find(Postcodes(own), "NL", "NL-1081 HV") == PostcodeArea("NH", "Here", 1.0, 2.0)
    assert _find(Postcodes(own), "DE", "10815") != PostcodeArea("BE", "There", 3.0, 4.0)


@pytest.mark.parametrize(
    ("country", "written", "standard"),
    [("KR", "suweon", "suwon"), ("KR", "kyungki", "gyeonggi"), ("KR", "pusan", "busan"),
     ("TW", "san chung shih", "sanchong"), ("TW", "hsinchuang", "xinzhuang"),
     ("TW", "jhubei", "zhubei"), ("CN", "tsingtao", "qingdao"), ("JP", "tukuba", "tsukuba"),
     ("JP", "oosaka", "osaka"), ("JP", "kohbe", "kobe")],
)  # fmt: skip
def test_romanisations_meet(
    gazetteer: Gazetteer, country: str, written: str, standard: str
) -> None:
    romaniser = Romaniser(gazetteer)
    if written == "tsingtao":  # a postal spelling that no rule makes; an alternate name has it
        assert romaniser.rewrite(written, country) != romaniser.rewrite(standard, country)
    else:
        assert romaniser.rewrite(written, country) == romaniser.rewrite(standard, country)


LETTERS = st.text(alphabet="abc e", min_size=5, max_size=12)


@given(key=LETTERS, names=st.lists(LETTERS, min_size=1, max_size=20))
def test_no_similar_name_is_lost_to_the_sieve(key: str, names: list[str]) -> None:
    alike = {n for n in names if abs(len(n) - len(key)) <= 2 and fuzz.ratio(key, n) >= 86}
    assert alike <= set(_Names.of(sorted(names, key=len)).like(key))


def test_the_sieve_keeps_out_what_has_other_letters() -> None:
    names = _Names.of(["berry hall", "cherry hill", "cherryville", "cherry hills"])
    assert names.like("cherry hll") == ["cherry hill", "cherry hills"]
    assert names.some(np.array([0, 3])).like("cherry hll") == ["cherry hills"]


def test_a_near_miss_within_the_state(gazetteer: Gazetteer) -> None:
    fuzzy = Fuzzy(gazetteer)
    found = {gazetteer.name[code >> 2] for code in fuzzy.places("cherry hll", "US", "NJ")}
    assert found == {"Cherry Hill"}
    assert fuzzy.places("cherry hll", "US", "CT") == ()
    assert fuzzy.places("bon", "DE", None) == ()  # too short: one letter makes another town


def _organisations(*rows: tuple[str, str, str, float]) -> Institutions:
    return Institutions(
        pl.DataFrame(
            [(i, name, [], None, country, lat, 0.0) for i, name, country, lat in rows],
            schema={"institution_id": pl.String, "name": pl.String, "names": pl.List(pl.String),
                    "city": pl.String, "country": pl.String, "lat": pl.Float64, "lng": pl.Float64},
            orient="row",
        )
    )  # fmt: skip


def test_universities_go_before_institutes_and_longer_names_before_shorter() -> None:
    known = _organisations(
        ("1", "Howard Hughes Medical Institute", "US", 1.0),
        ("2", "University of Washington", "US", 2.0),
        ("3", "University of Washington Bothell", "US", 3.0),
    )
    text = "howard hughes med inst univ washington"
    assert known.find([text], ()).institution_id == "2"
    assert known.find([text + " bothell"], ()).institution_id == "3"
    assert known.find([text], ("FR",)) is None


def test_a_name_that_the_register_gives_to_another_one_settles_nothing() -> None:
    soochow, anhui = "https://ror.org/05t8y2r12", "https://ror.org/02bz8aa76"
    known = _organisations(
        (soochow, "Soochow University", "CN", 31.3), (anhui, "Suzhou University", "CN", 33.6)
    )
    assert known.find(["suzhou univ"], ("CN",)) is None
    assert known.find(["soochow univ"], ("CN",)).institution_id == soochow
    alone = _organisations((anhui, "Suzhou University", "CN", 33.6))
    assert alone.find(["suzhou univ"], ("CN",)).institution_id == anhui
    school = "École Normale Supérieure"
    paris, bujumbura = "https://ror.org/05a0dhs15", "https://ror.org/01dp7jr64"
    known = _organisations((paris, f"{school} - PSL", "FR", 48.9), (bujumbura, school, "BI", -3.4))
    assert known.find(["ecole normale superieure"], ()) is None
    assert known.find(["ecole normale superieure"], ("FR",)).institution_id == paris


def test_organisations_of_one_name_in_two_places_are_none() -> None:
    known = _organisations(("1", "Trinity College", "IE", 1.0), ("2", "Trinity College", "GB", 9.0))
    assert known.find(["trinity college"], ()) is None
    assert known.find(["trinity college"], ("IE",)).institution_id == "1"


def test_a_university_of_common_words_is_found_in_one_part_of_an_address() -> None:
    countries = ["CN", "ZA", "IN", "US", "GB", "AU"]
    common = [
        (f"{word}{c}", f"{word.title()} Something{c}", c, 50.0)
        for word in ("southern", "south", "africa", "medical", "university", "institute")
        for c in countries
    ]
    known = _organisations(
        ("1", "Southern Medical University", "CN", 1.0),
        ("2", "University of South Africa", "ZA", 2.0),
        ("3", "Southern Medical Institute", "CN", 3.0),
        *common,
    )
    assert known.find(["dept pathology", "southern med univ"], ()).institution_id == "1"
    assert known.find(["university of south africa"], ()).institution_id == "2"
    assert known.find(["stellenbosch university", "south africa"], ()) is None
    assert known.find(["southern medical institute"], ()) is None


PLACE = (
    "1\tOld Town\tOld Town\tAltstadt\t50.5\t8.5\tP\tPPL\tDE\t\t05\t\t\t\t900\t\t\tEurope/Berlin\t"
)
HILL = PLACE.replace("1\t", "2\t", 1).replace("\tP\t", "\tT\t")
POSTCODES = [
    "DE\t35000\tBeta\tHesse\tHE\t\t\t\t\t50.0\t8.0\t6",
    "DE\t35000\tAlpha\tHesse\tHE\t\t\t\t\t51.0\t9.0\t6",
]


def test_a_users_geonames_dump(tmp_path: Path) -> None:
    file = tmp_path / "DE.txt"
    file.write_text(f"{PLACE}\n{HILL}\n", encoding="utf-8")
    places, names = read_geonames_dump(file)
    assert places.select("place_id", "name", "country", "admin1", "lat", "population").rows() == [
        (1, "Old Town", "DE", "Hesse", 50.5, 900)
    ]
    assert set(names["name_key"]) == {"old town", "altstadt"}


def test_a_users_postcodes(tmp_path: Path) -> None:
    file = tmp_path / "zip.txt"
    file.write_text("\n".join(POSTCODES), encoding="utf-8")
    table = read_geonames_postcodes([file])
    assert table.rows() == [("DE", "35000", "Alpha", None, 50.5, 8.5)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tb\n", "2 columns, expected the 19"),
        ("", "0 columns, expected the 19"),
        (PLACE.replace("50.5", "north"), "a number was"),
    ],
)
def test_a_wrong_dump_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "dump.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=rf"dump\.txt: {message}"):
        read_geonames_dump(file)
