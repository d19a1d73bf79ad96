"""The gazetteer with what a user adds to it: own places as CSV, GeoNames' dumps of places and names.

Here: putting them together, reading and checking the CSV. A place is found under its name and its
alternate names, like one of GeoNames; a place that the packaged gazetteer has stays as it is there.
Not here: the project's own supplement (`geocoder/data/`), GeoNames' formats (`geocoder/dumps`).
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from pipelines.geocoder.dumps import read_alternate_names, read_geonames_dump
from pipelines.geocoder.names import build_place_names, name_rows
from pipelines.geocoder.sources import PLACES_SCHEMA, build_places, moved_places
from pipelines.user_tables import degrees, read_table, refuse, whole_numbers

Files = Mapping[str, list[Path]]
"""Files of the configuration's table `gazetteer`, by key."""

FIRST_ID = -1_000_000
"""Identifiers of a user's places count down from here: GeoNames' are positive, the supplement's
are small negative numbers."""

_TEXTS = ("name", "country", "admin1_code", "admin1", "alternate_names")
_SCHEMA = dict.fromkeys(_TEXTS, pl.String) | {
    "lat": pl.Float64,
    "lng": pl.Float64,
    "population": pl.Int64,
    "source": pl.String,
}


def all_places(files: Files) -> pl.DataFrame:
    """Packaged places, those of the dumps that are not among them, and the user's own."""
    dumps = [read_geonames_dump(path)[0] for path in files["geonames"]]
    own = added_places(read_additions(files["places"]))
    return pl.concat([build_places(), *dumps, own]).unique(
        "place_id", keep="first", maintain_order=True
    )


def all_names(files: Files, places: pl.DataFrame) -> pl.DataFrame:
    """Every name of `places`: the packaged ones, those of the dumps, those of the user's own."""
    frames = [
        build_place_names(),
        *[read_geonames_dump(path)[1] for path in files["geonames"]],
        *[read_alternate_names(path, places) for path in files["alternate_names"]],
        added_names(read_additions(files["places"])),
    ]
    return pl.concat(frames).unique(["name_key", "place_id"], keep="first", maintain_order=True)


def read_additions(files: list[Path]) -> pl.DataFrame:
    """Places of a user's files, in their order.

    Args:
        files: CSV or Parquet with name, country (alpha-2), lat, lng (degrees) and, where known,
            admin1_code, admin1, population, alternate_names (joined by '|').

    Raises:
        UserError: naming file, line and what is wrong there.
    """
    return (
        pl.concat([pl.DataFrame(schema=_SCHEMA), *map(_read_places, files)])
        .with_row_index("number")
        .with_columns((FIRST_ID - pl.col("number").cast(pl.Int64)).alias("place_id"))
    )


def _read_places(path: Path) -> pl.DataFrame:
    read = read_table(path, required=("name", "country", "lat", "lng"))
    absent = [name for name in (*_TEXTS, "population") if name not in read.columns]
    frame = read.with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
    texts = frame.select(pl.col(_TEXTS).cast(pl.String))
    for name in ("name", "country"):
        refuse(texts[name].is_null(), texts[name], path, "is empty.")
    is_code = texts["country"].str.contains("^[A-Z]{2}$")
    refuse(~is_code, texts["country"], path, 'is "{}", not two capital letters such as DE.')
    return texts.with_columns(
        degrees(frame["lat"], path, 90),
        degrees(frame["lng"], path, 180),
        whole_numbers(frame["population"].cast(pl.String).fill_null("0"), path),
        pl.lit(f"user: {path.name}").alias("source"),
    )


def added_places(additions: pl.DataFrame) -> pl.DataFrame:
    """The additions as rows of the gazetteer."""
    return additions.with_columns(
        pl.col("name").alias("ascii_name"),
        pl.lit("city").alias("kind"),
    ).select(pl.col(name).cast(kind) for name, kind in PLACES_SCHEMA.items())


def added_names(additions: pl.DataFrame) -> pl.DataFrame:
    """The names under which the additions are found."""
    others = pl.col("alternate_names").fill_null("").str.split("|")
    return name_rows(additions.with_columns(others=others), own=True)


def what_moved(before: pl.DataFrame | None, places: pl.DataFrame) -> str:
    """What a new gazetteer changes in the one before it, where there is one, in a line for people."""
    if before is None:
        return f"{len(places):,} places"
    counts = dict(moved_places(before, places).group_by("change").len().iter_rows())
    said = [f"{counts.get(change, 0):,} {change}" for change in ("added", "removed", "moved")]
    return f"{len(places):,} places; against the gazetteer before: {', '.join(said)}"
