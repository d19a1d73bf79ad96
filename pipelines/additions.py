"""The gazetteer with what a user adds to it: own places as CSV, GeoNames' dumps of places and names.

Here: putting them together, reading and checking the CSV. A place is found under its name and its
alternate names, like one of GeoNames; a place that the packaged gazetteer has stays as it is there.
Not here: the project's own supplement (`geocoder/data/`), GeoNames' formats (`geocoder/dumps`).
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from pipelines.errors import UserError
from pipelines.geocoder.dumps import read_alternate_names, read_geonames_dump
from pipelines.geocoder.names import build_place_names, name_rows
from pipelines.geocoder.sources import PLACES_SCHEMA, build_places

Files = Mapping[str, list[Path]]
"""Files of the configuration's table `gazetteer`, by key."""

FIRST_ID = -1_000_000
"""Identifiers of a user's places count down from here: GeoNames' are positive, the supplement's
are small negative numbers."""

_REQUIRED = {"name": pl.String, "country": pl.String, "lat": pl.Float64, "lng": pl.Float64}
_OPTIONAL = {
    "admin1_code": pl.String,
    "admin1": pl.String,
    "population": pl.Int64,
    "alternate_names": pl.String,
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
        files: CSV with name, country (alpha-2), lat, lng (degrees) and, where known, admin1_code,
            admin1, population, alternate_names (joined by '|').

    Raises:
        UserError: naming the file and what is wrong with it.
    """
    schema = {**_REQUIRED, **_OPTIONAL, "source": pl.String}
    frames = [pl.DataFrame(schema=schema)]
    for path in files:
        try:
            frame = pl.read_csv(path, schema_overrides={**_REQUIRED, **_OPTIONAL})
        except (pl.exceptions.PolarsError, OSError) as error:
            raise UserError(f"{path}: {str(error).splitlines()[0]}") from None
        missing = [name for name in _REQUIRED if name not in frame.columns]
        if missing:
            raise UserError(
                f"{path}: column {missing[0]} is missing; needed: {', '.join(_REQUIRED)}."
            )
        faulty = frame.with_row_index("line", offset=2).filter(
            pl.any_horizontal(pl.col(*_REQUIRED).is_null())
            | ~pl.col("country").str.contains("^[A-Z]{2}$")
            | (pl.col("lat").abs() > 90)
            | (pl.col("lng").abs() > 180)
        )
        if len(faulty):
            raise UserError(
                f"{path}, line {faulty['line'][0]}: name, country (two capital letters), lat and lng "
                f"(degrees) are needed; found {faulty.drop('line').row(0)}."
            )
        absent = [
            pl.lit(None, kind).alias(n) for n, kind in _OPTIONAL.items() if n not in frame.columns
        ]
        frames.append(
            frame.with_columns(*absent, pl.lit(f"user: {path.name}").alias("source")).select(
                pl.col(name).cast(kind) for name, kind in schema.items()
            )
        )
    return (
        pl.concat(frames)
        .with_row_index("number")
        .with_columns((FIRST_ID - pl.col("number").cast(pl.Int64)).alias("place_id"))
    )


def added_places(additions: pl.DataFrame) -> pl.DataFrame:
    """The additions as rows of the gazetteer."""
    return additions.with_columns(
        pl.col("name").alias("ascii_name"),
        pl.col("population").fill_null(0),
        pl.lit("city").alias("kind"),
    ).select(pl.col(name).cast(kind) for name, kind in PLACES_SCHEMA.items())


def added_names(additions: pl.DataFrame) -> pl.DataFrame:
    """The names under which the additions are found."""
    others = pl.col("alternate_names").fill_null("").str.split("|")
    return name_rows(additions.with_columns(others=others), own=True)
