"""Whole addresses: the hundred by hand, forms and traps by country, and what must always hold."""

import random
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.geocoder import Gazetteer, Geocoder, evidence
from pipelines.geocoder.distance import distance_km
from pipelines.geocoder.results import RESULT_SCHEMA

BY_HAND = Path(__file__).parent / "east_asian_addresses.csv"
LOCATED = {"point", "postcode", "city", "institution"}


def resolve_one(geocoder: Geocoder, address: str, **fields: object) -> dict:
    return geocoder.resolve(pl.DataFrame({"address": [address], **fields})).row(0, named=True)


def test_a_hundred_east_asian_addresses(geocoder: Geocoder) -> None:
    truth = pl.read_csv(BY_HAND)
    assert len(truth) >= 100
    found = geocoder.resolve(truth.select("address"))
    wrong = []
    for want, got in zip(truth.iter_rows(named=True), found.iter_rows(named=True), strict=True):
        right = (got["country"], got["precision"]) == (want["country"], want["precision"])
        if right and want["lat"] is not None:
            right = distance_km(got["lat"], got["lng"], want["lat"], want["lng"]) <= 15
        if not right:
            wrong.append((want["address"], got["place"], got["precision"]))
    assert wrong == []


@pytest.mark.parametrize(
    ("address", "country", "place", "admin1_code"),
    [
        # Web of Science, Scopus, MEDLINE forms
        ("Washington Univ, St Louis, MO 63110 USA", "US", "St. Louis", "MO"),
        ("[Toh, M L] Univ Technol Sarawak, Jalan Univ, Sibu 96000, Sarawak, Malaysia.",
         "MY", "Sibu", "13"),
        ("Purdue Univ, W Lafayette, IN 47907 USA.", "US", "West Lafayette", "IN"),
        ("Res Triangle Pk, NC 27709 USA", "US", "Research Triangle Park", "NC"),
        ("NL-1081 BT Amsterdam, Netherlands", "NL", "Amsterdam", "NH"),
        ("Univ Hamburg, D-20246 Hamburg, Germany", "DE", "Hamburg", "HH"),
        # codes that are countries and states
        ("San Jose, CA", "US", "San Jose", "CA"),
        ("TORONTO, ONTARIA, CA", "CA", "Toronto", "ON"),
        ("Carmel, IN", "US", "Carmel", "IN"),
        ("Bengaluru, IN", "IN", "Bengaluru", "KA"),
        ("Springfield, IL", "US", "Springfield", "IL"),
        ("Haifa, IL", "IL", "Haifa", "HA"),
        # names that are countries and states
        ("Atlanta, Georgia", "US", "Atlanta", "GA"),
        ("Univ Georgia, Athens, GA 30602 USA", "US", "Athens", "GA"),
        # towns called as countries, whose state stands beside them; and as countries in translation
        ("Dartmouth-Hitchcock Med Ctr, Lebanon, NH", "US", "Lebanon", "NH"),
        ("Queens, Jamaica, NY, USA", "US", "Queens Village", "NY"),
        ("West Lebanon, Lebanon, NH", "US", "West Lebanon", "NH"),
        ("Hope College, Holland, Michigan", "US", "Holland", "MI"),
        ("Univ Missouri, Columbia, MO 65211", "US", "Columbia", "MO"),
        ("Beirut, Lebanon", "LB", "Beirut", None),
        ("Amsterdam, Holland", "NL", "Amsterdam", None),
        ("Brasilia, Brazil", "BR", "Brasília", "DF"),
        ("Salvador, Bahia", "BR", "Salvador", "BA"),
        ("Armilla, Granada, Andalucia, Spain", "ES", "Armilla", "AN"),
        ("Virginia Beach, Norfolk, VA, USA", "US", "Norfolk", "VA"),
        # capitals called as their country, which is said again; a town beside it goes first
        ("Guatemala, Guatemala", "GT", "Guatemala City", None),
        ("Kuwait, Kuwait", "KW", "Kuwait City", None),
        ("Toluca, Mexico, Mexico", "MX", "Toluca", "MEX"),
        ("Univ Macau, Macao, Peoples R China", "MO", "Macau", None),
        # towns called as a city state, in the country that is said; villages are not meant
        ("Univ, Macau, Brasil", "BR", "Macau", "RN"),
        ("Singāpur 503696, India", "IN", "Singāpur", None),
        ("Huntington Library, San Marino, USA", "US", "San Marino", "CA"),
        ("Univ San Marino, San Marino, Italy", "SM", "San Marino", None),
        # a country's name with a comma of its own
        ("Univ Kinshasa, Kinshasa, Congo, The Democratic Republic of the", "CD", "Kinshasa", None),
        ("Univ Kinshasa, Kinshasa, Congo (Democratic Republic of the)", "CD", "Kinshasa", None),
        ("Univ, Brazzaville, Congo", "CG", "Brazzaville", None),
        ("Univ, Pyongyang, Korea, Democratic People's Republic of.", "KP", "Pyongyang", None),
        ("Goma, CONGO,DEMOCRATIC REPUBLIC OF THE; Univ, Tokyo, Japan", "CD", "Goma", None),
        ("Charlotte Amalie, Virgin Islands, U.S.", "VI", "Charlotte Amalie", None),
        # homonyms
        ("Suzhou, Anhui, China", "CN", "Suzhou", "AH"),
        ("Columbus, Georgia, USA", "US", "Columbus", "GA"),
        ("Rochester, New York, USA", "US", "Rochester", "NY"),
        ("Frankfurt (Oder), Germany", "DE", "Frankfurt (Oder)", "BB"),
        ("Newcastle, NSW, Australia", "AU", "Newcastle", "NSW"),
        # territories, several addresses, city states
        ("San Juan, PR 00931 USA", "PR", "San Juan", None),
        ("Bonn, Germany; Paris, France", "DE", "Bonn", "NW"),
        ("Univ, 72076 Tübingen, Germany; Universidad de Chile, Chile", "DE", "Tübingen", "BW"),
        ("Natl Univ Singapore, Singapore; Tan Tao Univ, Viet Nam", "SG", "Singapore", None),
        ("Belfast, Ireland, UK", "GB", "Belfast", "NIR"),
        ("Atlanta, Georgia, USA", "US", "Atlanta", "GA"),
        ("Shatin, Hong Kong, China", "HK", "Shatin", None),
        ("Univ Luxembourg, Luxembourg, Luxembourg", "LU", "Luxembourg", None),
        ("Natl Univ Singapore, Singapore 117543, Singapore", "SG", "Singapore", None),
        # a territory's name in an organisation's, before a town of the state alone
        ("Hop St Martin, Paris, France", "FR", "Paris", "IDF"),
        ("CHU Reunion, St Denis, France", "RE", "Saint-Denis", None),
        ("Univ Puerto Rico, San Juan, USA", "PR", "San Juan", None),
        # the state is meant, and not the town in its territory
        ("Naval Hospital Jacksonville, Florida, USA", "US", "Jacksonville", "FL"),
        # an organisation's name is no witness for itself, and contradicts no town
        ("University Hospital La Paz", "BO", "La Paz", "L"),
        ("Universitaetsklinikum Freiburg", "DE", "Freiburg", "BW"),
        ("Cambridge Hospital, Cambridge", "GB", "Cambridge", "ENG"),
        ("Washington University School of Medicine, St. Louis", "US", "St. Louis", "MO"),
        # the end of an organisation's name is no province either
        ("Ericsson AB, Stockholm", "SE", "Stockholm", None),
        ("Univ Calgary, Calgary AB", "CA", "Calgary", "AB"),
        # a needless word, but not where it is part of the name
        ("Captiva Island, FL, USA", "US", "Captiva", "FL"),
        ("100 Central Avenue, Hong Kong Island", "HK", "Hong Kong Island", None),
        # native scripts and other languages
        ("Αθήνα, Ελλάδα", "GR", "Athens", "I"),
        ("г. Москва, Россия", "RU", "Moscow", "MOW"),
        ("München, Deutschland", "DE", "Munich", "BY"),
        ("東京都港区港南1-7-1", "JP", "Minato", "13"),
        ("〒606-8501 京都市左京区吉田本町", "JP", "Kyoto", "26"),
        ("広島県東広島市鏡山一丁目", "JP", "Higashihiroshima", "34"),
        ("安徽省合肥市蜀山区", "CN", "Shushan", "AH"),
        # an organisation's grounds with a name of their own; towns with an organisation's word
        ("University of British Columbia, Vancouver, Canada", "CA", "Vancouver", "BC"),
        ("Auburn University, Montgomery, USA", "US", "Montgomery", "AL"),
        ("Univ Maryland, College Park, MD 20742 USA", "US", "College Park", "MD"),
        # postcodes that settle what names do not
        ("Taizhou 318000, Peoples R China", "CN", "Taizhou", "ZJ"),
        ("B-3001 Louvain, Belgium", "BE", "Leuven", "VLG"),
        # a county so small that it is its town
        ("Nishikasugai-gun, Japan", "JP", "Toyoyama", "23"),
        # misspelt
        ("Grevenvroich, DE", "DE", "Grevenbroich", "NW"),
        ("Pforzhelm, Germany", "DE", "Pforzheim", "BW"),
    ],
)  # fmt: skip
def test_forms_and_traps(
    geocoder: Geocoder, address: str, country: str, place: str, admin1_code: str | None
) -> None:
    found = resolve_one(geocoder, address)
    assert (found["country"], found["precision"], found["place"]) == (country, "city", place)
    if admin1_code:
        assert found["admin1_code"] == admin1_code


@pytest.mark.parametrize(
    ("address", "country"),
    [("Kansas, USA", "US"), ("Jiangxi, China", "CN"), ("Oxfordshire, GB", "GB"),
     ("Bavaria, DE", "DE"),
     ("Aichi-ken, JP", "JP"), ("Taipei Hsien, TW", "TW"), ("Shanxi, China", "CN"),
     ("Queensland, Australia", "AU"), ("Nambour General Hospital, Queensland.", "AU"),
     ("Florida, USA", "US"), ("Normandy, France", "FR"), ("Wales, England", "GB"),
     ("University of North Carolina, NC, USA", "US"),
     ("Provincia de Buenos Aires, Argentina", "AR")],
)  # fmt: skip
def test_a_province_is_never_a_point(geocoder: Geocoder, address: str, country: str) -> None:
    found = resolve_one(geocoder, address)
    assert (found["country"], found["precision"]) == (country, "admin1")
    assert found["lat"] is None
    assert found["lng"] is None
    assert found["admin1"]


def test_a_county_is_not_the_city_that_it_is_called_after(geocoder: Geocoder) -> None:
    found = [
        resolve_one(geocoder, f"{name}, Taiwan") for name in ("Chia-Yi Hsien", "Hsin-Chu Hsien")
    ]
    assert [one["admin1"] for one in found] == ["Chiayi County", "Hsinchu County"]


def test_a_state_decides_against_the_largest_homonym(geocoder: Geocoder) -> None:
    # Paterson lies in New Jersey; New York has a Patterson, one letter off.
    found = resolve_one(geocoder, "Paterson", region=["NY"], country=["US"])
    assert (found["place"], found["admin1_code"]) == ("Patterson", "NY")


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("Kuwait", "KW"),
        ("Lebanon", "LB"),
        ("Univ Foo, Panama", "PA"),
        ("Foo Ltd, UK", "GB"),
    ],
)
@pytest.mark.parametrize("is_field", [False, True])
def test_a_country_said_once_is_no_capital(
    geocoder: Geocoder, address: str, country: str, *, is_field: bool
) -> None:
    found = resolve_one(geocoder, address, country=[country if is_field else None])
    assert (found["country"], found["lat"]) == (country, None)


@pytest.mark.parametrize("address", ["EU", "#N/A", "", "   ", ", ,", None])
def test_junk_is_nothing(geocoder: Geocoder, address: str | None) -> None:
    frame = pl.DataFrame({"address": [address]}, schema={"address": pl.String})
    found = geocoder.resolve(frame).row(0, named=True)
    assert (found["precision"], found["country"], found["lat"]) == ("none", None, None)


@pytest.mark.parametrize(
    "address",
    [
        "Erasmus MC",
        "SAP SE",
        "Siemens AG",
        "Google AI",
        "Jenapharm GmbH & Co. KG",
        "Univ Foo Island",
        "AstraZeneca AB",
    ],
)
def test_the_end_of_an_organisations_name_is_no_country(geocoder: Geocoder, address: str) -> None:
    assert resolve_one(geocoder, address)["country"] is None


@pytest.mark.parametrize(
    "address",
    ["National Institute on Aging (NIA)", "CEA, NeuroSpin", "NYU", "Flinders Medical Centre",
     "National Heart, Lung, and Blood Institute", "University of Victoria"],
)  # fmt: skip
def test_words_that_may_be_anything_are_no_small_town(geocoder: Geocoder, address: str) -> None:
    assert resolve_one(geocoder, address)["precision"] == "none"


def test_short_capitals_are_a_town_in_a_stated_country_or_where_it_is_large(
    geocoder: Geocoder,
) -> None:
    assert resolve_one(geocoder, "BONN", country=["DE"])["place"] == "Bonn"
    assert resolve_one(geocoder, "Univ Foo, PARIS")["place"] == "Paris"


def test_a_code_after_a_town_of_its_country_is_one(geocoder: Geocoder) -> None:
    found = resolve_one(geocoder, "Lund SE")
    assert (found["country"], found["place"]) == ("SE", "Lund")


def test_a_point_in_the_countrys_box_is_taken(geocoder: Geocoder) -> None:
    found = resolve_one(geocoder, "Main St", country=["TW"], lat=[24.99], lng=[121.30])
    assert (found["precision"], found["lat"], found["lng"]) == ("point", 24.99, 121.30)
    assert found["admin1"] == "Taoyuan"


def test_a_point_outside_the_box_is_refused_and_the_text_read(geocoder: Geocoder) -> None:
    # PatentsView put Taoyuan (TW) in Hungary 11,075 times.
    found = resolve_one(geocoder, "Taoyuan", country=["TW"], lat=[47.0], lng=[19.0])
    assert (found["country"], found["precision"], found["place"]) == ("TW", "city", "Taoyuan")
    assert found["reason"] == "coordinates 47, 19 are not in TW"


def test_a_postcode_places_what_no_town_does(geocoder: Geocoder) -> None:
    found = resolve_one(geocoder, "Univ Calif, Dept Med, CA 94143 USA")
    assert found["precision"] == "postcode"
    assert distance_km(found["lat"], found["lng"], 37.76, -122.46) < 5  # San Francisco


@pytest.mark.parametrize("zip_code", ["94143", "94143-0001"])
def test_a_houses_number_is_no_postcode(geocoder: Geocoder, zip_code: str) -> None:
    # 12345 is Schenectady in New York, 20801 Beltsville in Maryland
    address = f"12345 Foo Road, Nowherexyz, CA {zip_code}, USA"
    found = resolve_one(geocoder, address)
    assert (found["precision"], found["admin1_code"]) == ("postcode", "CA")
    stateless = resolve_one(geocoder, f"12345 Foo Road, Nowherexyz {zip_code}, USA")
    assert (stateless["lat"], stateless["lng"]) == (found["lat"], found["lng"])
    alone = resolve_one(geocoder, "12345 Foo Road, Nowherexyz, California, USA")
    assert (alone["precision"], alone["admin1_code"]) == ("admin1", "CA")


ORGANISATIONS = pl.DataFrame(
    {
        "institution_id": ["https://ror.org/a", "https://ror.org/b", "https://ror.org/c"],
        "name": ["University of Verona", "Tohoku Gakuin University", "Institute for Research"],
        "names": [["Università di Verona"], [], []],
        "city": ["Verona", "Sendai", "Paris"],
        "country": ["IT", "JP", "FR"],
        "lat": [45.44, 38.27, 48.85],
        "lng": [10.99, 140.87, 2.35],
    }
)


@pytest.fixture(scope="module")
def with_organisations(places: pl.DataFrame, names: pl.DataFrame) -> Geocoder:
    return Geocoder(Gazetteer.from_frames(places, names, ORGANISATIONS))


def test_an_organisation_stands_in_where_no_place_is_named(with_organisations: Geocoder) -> None:
    found = resolve_one(with_organisations, "Dept Public Health, Univ Verona, Microbiology Unit")
    assert (found["precision"], found["place"], found["lat"]) == ("institution", "Verona", 45.44)


def test_the_address_goes_before_the_head_office(with_organisations: Geocoder) -> None:
    found = resolve_one(with_organisations, "University of Verona, Vicenza, Italy")
    assert (found["precision"], found["place"]) == ("city", "Vicenza")


def test_an_organisation_by_id(with_organisations: Geocoder) -> None:
    found = resolve_one(with_organisations, "Dept Chem", institution_id=["https://ror.org/b"])
    assert (found["precision"], found["country"]) == ("institution", "JP")


def test_an_organisation_abroad_is_not_where_the_field_says(with_organisations: Geocoder) -> None:
    ids = {"institution_id": ["https://ror.org/b"], "institution": ["Tohoku Gakuin University"]}
    assert resolve_one(with_organisations, "Dept Chem", country=["DE"], **ids)["country"] == "DE"
    assert resolve_one(with_organisations, "Dept Chem", country=["JP"], **ids)["country"] == "JP"


@pytest.mark.parametrize("text", ["Dept Chem, Congo", "Dept Chem, Germany", "Foo, MC"])
def test_an_organisation_by_id_holds_against_a_country_read_in_a_text(
    with_organisations: Geocoder, text: str
) -> None:
    ids = {"institution_id": ["https://ror.org/b"]}
    assert resolve_one(with_organisations, text, **ids)["country"] == "JP"


def test_columns_rows_and_order(geocoder: Geocoder) -> None:
    frame = pl.DataFrame({"address": ["Bonn, Germany", None, "Oxford, UK", "Bonn, Germany"]})
    found = geocoder.resolve(frame)
    assert dict(found.schema) == RESULT_SCHEMA
    assert found["place"].to_list() == ["Bonn", None, "Oxford", "Bonn"]
    assert geocoder.resolve(frame.head(0)).is_empty()


ADDRESSES = pl.read_csv(BY_HAND)["address"].to_list()


def test_the_order_of_rows_changes_nothing(gazetteer: Gazetteer) -> None:
    shuffled = random.Random(7).sample(ADDRESSES, len(ADDRESSES))  # noqa: S311
    first, second = (
        Geocoder(gazetteer)
        .resolve(pl.DataFrame({"address": rows}))
        .with_columns(address=pl.Series(rows))
        .sort("address")
        for rows in (ADDRESSES, shuffled)
    )
    assert first.equals(second)


def test_chunks_and_what_is_remembered_change_nothing(gazetteer: Gazetteer) -> None:
    whole = Geocoder(gazetteer).resolve(pl.DataFrame({"address": ADDRESSES}))
    used = Geocoder(gazetteer)
    chunks = [
        used.resolve(pl.DataFrame({"address": ADDRESSES[start : start + 10]}))
        for start in range(0, len(ADDRESSES), 10)
    ]
    assert whole.equals(pl.concat(chunks))
    alone = [
        Geocoder(gazetteer).resolve(pl.DataFrame({"address": [one]})) for one in ADDRESSES[::25]
    ]
    assert pl.concat(alone).equals(whole.gather_every(25))


def test_what_is_forgotten_changes_nothing(
    gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Geocoder(gazetteer).resolve(pl.DataFrame({"address": ADDRESSES}))
    monkeypatch.setattr(evidence, "_MOST_PARTS", 5)
    used = Geocoder(gazetteer)
    chunks = [
        used.resolve(pl.DataFrame({"address": ADDRESSES[start : start + 10]}))
        for start in range(0, len(ADDRESSES), 10)
    ]
    assert whole.equals(pl.concat(chunks))


def test_a_house_number_changes_nothing_but_a_postcode_may(geocoder: Geocoder) -> None:
    streets = [f"{number} Park Road, Gainesville, FL, US" for number in (1, 22, 333)]
    found = geocoder.resolve(pl.DataFrame({"address": streets}))
    assert found.unique().height == 1
    assert found["reason"][0] == "admin1"
    assert resolve_one(geocoder, "1 Park Road, Gainesville, FL 32601, US")["reason"] == (
        "admin1, postcode"
    )


WORDS = st.sampled_from(
    ["Univ", "Hamburg", "Suzhou", "Paris", "TX", "CA", "Japan", "China", "Georgia", "10115", "Kyoto",
     "東京都", "港区", "경기도", "Main Street 5", "Springfield", "Ontario", "HK", "Hong Kong", "-", "GB"]
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(WORDS, max_size=6), country=st.sampled_from([None, "CN", "US", "JP", "DE"]))
def test_what_must_always_hold(
    geocoder: Geocoder, gazetteer: Gazetteer, parts: list[str], country: str | None
) -> None:
    found = resolve_one(geocoder, ", ".join(parts), country=[country])
    located = found["precision"] in LOCATED
    assert (found["lat"] is not None) == located == (found["lng"] is not None)
    assert 0 <= found["confidence"] <= 1
    assert found["reason"]
    if located:
        assert gazetteer.boxes.contain(pl.DataFrame([found])).all()
    if found["precision"] == "city":
        assert found["candidates"] >= 1
    if country == "JP":
        assert found["country"] in {"JP", None}
