"""A user's own GeoNames files: the full dump of places, further names, and the tables of postcodes.

Here: reading them into the frames that `Gazetteer.from_frames` takes. Not here: the packaged gazetteer
(`sources`), a user's own CSV (`pipelines.additions`), dumps of organisations (`pipelines.readers.ror`).
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
from anyascii import anyascii
from polars._typing import PolarsDataType

from pipelines.errors import UserError
from pipelines.geocoder.names import name_rows
from pipelines.geocoder.sources import PLACES_SCHEMA, admin1_names

# The readmes of GeoNames' download folders: tab-separated, no header, no quotes.
_PLACE_COLUMNS = {
    0: "place_id", 1: "name", 3: "others", 4: "lat", 5: "lng", 6: "feature_class", 8: "country",
    10: "geonames_code", 11: "admin2_code", 14: "population",
}  # fmt: skip
_PLACE_WIDTH = 19
_NAME_COLUMNS = {1: "place_id", 2: "language", 3: "name"}
_NAME_WIDTH = 10
_POSTCODE_COLUMNS = {0: "country", 1: "postcode", 2: "place", 4: "admin1_code", 9: "lat", 10: "lng"}
_POSTCODE_WIDTH = 12
# Elsewhere the postcode tables number the units in ways of their own.
_SAME_CODES = ("US", "CA", "AU")
# What stands among the languages of alternate names and is none: links, postcodes, airports.
_NO_LANGUAGES = ("link", "wkdt", "post", "iata", "icao", "faac", "tcid", "unlc", "phon", "piny")
_POSTCODES_SCHEMA: dict[str, PolarsDataType] = {
    "country": pl.String, "postcode": pl.String, "place": pl.String, "admin1_code": pl.String,
    "lat": pl.Float64, "lng": pl.Float64,
}  # fmt: skip


def read_geonames_dump(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Populated places of `allCountries.txt` or of one country's file, and their names.

    Returns:
        Two frames, in `sources.PLACES_SCHEMA` and `sources.NAMES_SCHEMA`.

    Raises:
        UserError: the file has another number of columns, or a number that is none.
    """
    raw = _collect(
        _scan(path, _PLACE_COLUMNS, _PLACE_WIDTH).filter(pl.col("feature_class") == "P"),
        path,
        {"place_id": pl.Int64, "lat": pl.Float64, "lng": pl.Float64, "population": pl.Int64},
    ).unique("place_id", keep="first", maintain_order=True)
    admin1 = admin1_names().select("country", "geonames_code", admin1_code="code", admin1="name")
    code = pl.when(pl.col("country") == "TW").then(
        pl.concat_str("geonames_code", "admin2_code", separator=".", ignore_nulls=True)
    )
    places = (
        raw.with_columns(
            pl.Series("ascii_name", [anyascii(name) for name in raw["name"]], pl.String),
            geonames_code=code.otherwise("geonames_code"),
        )
        .join(admin1, on=["country", "geonames_code"], how="left")
        .with_columns(
            population=pl.col("population").fill_null(0),
            kind=pl.lit("city"),
            source=pl.lit("geonames dump"),
        )
        .select(PLACES_SCHEMA.keys())
        .sort("place_id")
    )
    names = name_rows(raw.with_columns(pl.col("others").fill_null("").str.split(",")))
    return places, names


def read_alternate_names(path: Path, places: pl.DataFrame) -> pl.DataFrame:
    """Further names of `places` out of `alternateNamesV2.txt`, in `sources.NAMES_SCHEMA`.

    Raises:
        UserError: as `read_geonames_dump`.
    """
    raw = _collect(
        _scan(path, _NAME_COLUMNS, _NAME_WIDTH).filter(
            ~pl.col("language").fill_null("").is_in(_NO_LANGUAGES)
        ),
        path,
        {"place_id": pl.Int64},
    )
    known = raw.join(places.select("place_id", "country"), on="place_id", maintain_order="left")
    return name_rows(
        known.select("place_id", "country", name=pl.lit(""), others=pl.concat_list("name"))
    )


def read_geonames_postcodes(paths: Sequence[Path]) -> pl.DataFrame:
    """GeoNames' postcodes (`allCountries.txt` of the folder `zip`): one row per country and code.

    Returns:
        country, postcode, place (the first by name), admin1_code, lat, lng (the middle of the code's
        places, in degrees), as `Gazetteer.from_frames` takes them.

    Raises:
        UserError: as `read_geonames_dump`.
    """
    same_code = pl.when(pl.col("country").is_in(_SAME_CODES)).then("admin1_code")
    frames = [
        _collect(
            _scan(path, _POSTCODE_COLUMNS, _POSTCODE_WIDTH).with_columns(admin1_code=same_code),
            path,
            {"lat": pl.Float64, "lng": pl.Float64},
        )
        for path in paths
    ]
    return (
        pl.concat([pl.DataFrame(schema=_POSTCODES_SCHEMA), *frames])
        .group_by("country", "postcode")
        .agg(
            pl.col("place").min(),
            pl.col("admin1_code").min(),
            pl.col("lat").sort().mean(),
            pl.col("lng").sort().mean(),
        )
        .sort("country", "postcode")
    )


def _scan(path: Path, columns: dict[int, str], width: int) -> pl.LazyFrame:
    table = pl.scan_csv(
        path,
        separator="\t",
        has_header=False,
        quote_char=None,
        infer_schema=False,
        raise_if_empty=False,
    )
    found = len(table.collect_schema())
    if found != width:
        raise UserError(
            f"{path.name}: {found} columns, expected the {width} of GeoNames' download; give "
            "the unpacked text file as GeoNames publishes it."
        )
    return table.select(pl.nth(number).alias(name) for number, name in columns.items())


def _collect(table: pl.LazyFrame, path: Path, numbers: dict[str, PolarsDataType]) -> pl.DataFrame:
    try:
        return table.with_columns(
            pl.col(name).cast(dtype) for name, dtype in numbers.items()
        ).collect()
    except pl.exceptions.InvalidOperationError as error:
        raise UserError(f"{path.name}: a number was expected: {error}") from error
    except pl.exceptions.ComputeError as error:
        raise UserError(f"{path.name}: {str(error).splitlines()[0]}") from error
