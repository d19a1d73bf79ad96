"""The gazetteer's tables: pinned, whole, corrected."""

import csv
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import UserError
from pipelines.geocoder.gazetteer import NAME_KINDS
from pipelines.geocoder.names import name_rows
from pipelines.geocoder.sources import (
    DATA,
    NAMES_SCHEMA,
    PLACES_SCHEMA,
    admin1_names,
    build_places,
    moved_places,
)
from pipelines.geocoder.text import fold


def test_places_are_whole(places: pl.DataFrame) -> None:
    assert dict(places.schema) == PLACES_SCHEMA
    assert places["place_id"].is_unique().all()
    assert places["place_id"].is_sorted()
    needed = ["place_id", "name", "country", "lat", "lng", "population", "kind", "source"]
    assert sum(places.select(needed).null_count().row(0)) == 0
    assert places["lat"].is_between(-90, 90).all()
    assert places["lng"].is_between(-180, 180).all()


def test_names_belong_to_places(places: pl.DataFrame, names: pl.DataFrame) -> None:
    assert dict(names.schema) == NAMES_SCHEMA
    assert names.select("name_key", "place_id").is_unique().all()
    assert names.join(places, on=["place_id", "country"], how="anti").is_empty()
    assert set(names["name_kind"].unique()) == set(NAME_KINDS)
    every_place = names.filter(pl.col("name_kind") == "main")["place_id"]
    assert every_place.n_unique() == len(places)


def test_keys_are_folded(names: pl.DataFrame) -> None:
    sample = names["name_key"].gather_every(97)
    assert [fold(key) for key in sample] == sample.to_list()


@pytest.mark.parametrize(
    ("place_id", "lat", "lng"),
    [(1852139, 35.61, 139.73), (11836117, 35.70, 139.64), (11790632, 35.71, 139.75)],
)
def test_misplaced_wards_stand_in_tokyo(
    places: pl.DataFrame, place_id: int, lat: float, lng: float
) -> None:
    row = places.row(by_predicate=pl.col("place_id") == place_id, named=True)
    assert (round(row["lat"], 2), round(row["lng"], 2)) == (lat, lng)
    assert (row["admin1_code"], row["admin1"]) == ("13", "Tokyo")


def test_known_holes_are_filled(names: pl.DataFrame) -> None:
    keys = ["yongin", "yubei", "shushan", "jinshui", "gusu", "research triangle park", "argonne",
            "sophia antipolis", "golm"]  # fmt: skip
    assert set(names.filter(pl.col("name_key").is_in(keys))["name_key"]) == set(keys)


def test_units_carry_postal_codes() -> None:
    units = admin1_names()
    codes = set(units.select("country", "code").iter_rows())
    assert {("US", "MA"), ("CA", "ON"), ("AU", "NSW"), ("JP", "13"), ("TW", "HSQ")} <= codes
    assert len(codes) == len(units)


@pytest.mark.parametrize(
    "table", ["region_aliases.csv", "postcode_prefixes.csv", "supplement.csv", "overrides.csv"]
)
def test_tables_name_known_units(table: str) -> None:
    units = set(admin1_names().select("country", "code").iter_rows())
    country_of_place = dict(build_places().select("place_id", "country").iter_rows())
    with (DATA / table).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["admin1_code"]]
    assert rows
    named = {
        (row.get("country") or country_of_place[int(row["place_id"])], row["admin1_code"])
        for row in rows
    }
    assert named - units == set()


@pytest.mark.parametrize("table", ["supplement.csv", "overrides.csv"])
def test_each_correction_names_its_source(table: str) -> None:
    with (DATA / table).open(encoding="utf-8", newline="") as file:
        assert all(row["source"] and row["checked"] for row in csv.DictReader(file))


def test_another_geonames_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "cities500.json"
    other.write_text("{}")
    with pytest.raises(UserError, match=r"cities500\.json.*not the pinned one"):
        build_places(other)


def test_airport_codes_and_foreign_scripts_are_no_names() -> None:
    others = ["SWU", "", "Сувон", "수원", "Suigen", "shui yuan"]
    rows = name_rows(
        pl.DataFrame({"place_id": [1], "country": ["KR"], "name": ["Suwon"], "others": [others]})
    )
    assert rows["name_key"].to_list() == ["suigen", "suwon", "수원"]
    assert rows["name_kind"].to_list() == ["alternate", "main", "alternate"]


def test_usual_spellings_are_names_and_pinyin_is_written_together() -> None:
    places = pl.DataFrame(
        {"place_id": [1, 2], "country": ["DE", "CN"], "name": ["Lübeck-Schönberg (Ost)", "Xi'an"],
         "others": [[], ["xi an", "Si-ngan"]]}
    )  # fmt: skip
    assert name_rows(places).select("name_key", "name_kind").rows() == [
        ("lubeck schonberg", "variant"),
        ("lubeck schonberg ost", "main"),
        ("luebeck schoenberg ost", "variant"),
        ("schonberg ost", "variant"),
        ("si ngan", "alternate"),
        ("xian", "main"),
    ]


def test_an_upgrade_tells_what_moved() -> None:
    def frame(rows: list[tuple[int, str, float]]) -> pl.DataFrame:
        return pl.DataFrame(rows, schema=["place_id", "name", "lat"], orient="row").with_columns(
            country=pl.lit("XX"), lng=pl.lit(0.0)
        )

    before = frame([(1, "stays", 10.0), (2, "moves", 10.0), (3, "goes", 10.0)])
    after = frame([(1, "stays", 10.001), (2, "moves", 11.0), (4, "comes", 10.0)])
    moved = moved_places(before, after)
    assert moved.select("place_id", "change").rows() == [
        (4, "added"),
        (2, "moved"),
        (3, "removed"),
    ]
    # One degree of a meridian on the sphere of 6371.0088 km.
    assert moved["moved_km"][1] == pytest.approx(111.195, abs=0.001)
