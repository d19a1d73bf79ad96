"""A user's own GeoNames files: the full dump of places and the tables of postcodes.

Here: reading them into the frames that `Gazetteer.from_frames` takes. Not here: the packaged gazetteer
(`sources`) and dumps of organisations (`pipelines.readers.ror`).
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from anyascii import anyascii
from polars._typing import PolarsDataType

from pipelines.errors import UserError
from pipelines.geocoder.sources import PLACES_SCHEMA, admin1_names, name_rows

# The readme of GeoNames' download folder: tab-separated, no header, no quotes.
_PLACE_COLUMNS = {
    0: "place_id", 1: "name", 3: "others", 4: "lat", 5: "lng", 6: "feature_class", 8: "country",
    10: "geonames_code", 11: "admin2_code", 14: "population",
}  # fmt: skip
_PLACE_WIDTH = 19
_POSTCODE_COLUMNS = {0: "country", 1: "postcode", 2: "place", 4: "admin1_code", 9: "lat", 10: "lng"}
_POSTCODE_WIDTH = 12
# Elsewhere the postcode tables number the units in ways of their own.
_SAME_CODES = ("US", "CA", "AU")


def read_geonames_dump(path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Populated places of `allCountries.txt` or of one country's file, and their names.

    Returns:
        Two frames, in `sources.PLACES_SCHEMA` and `sources.NAMES_SCHEMA`, which take the place of
        the packaged gazetteer or are appended to it (places not yet in it).

    Raises:
        UserError: the file has another number of columns, or a number that is none.
    """
    raw = _read(path, _PLACE_COLUMNS, _PLACE_WIDTH).filter(pl.col("feature_class") == "P")
    admin1 = admin1_names().select("country", "geonames_code", admin1_code="code", admin1="name")
    code = pl.when(pl.col("country") == "TW").then(
        pl.concat_str("geonames_code", "admin2_code", separator=".", ignore_nulls=True)
    )
    joined = (
        raw.with_columns(geonames_code=code.otherwise("geonames_code"))
        .join(admin1, on=["country", "geonames_code"], how="left", maintain_order="left")
        .with_columns(
            population=pl.col("population").fill_null("0"),
            kind=pl.lit("city"),
            source=pl.lit("geonames dump"),
        )
    )
    ascii_names = pl.Series("ascii_name", [anyascii(name) for name in joined["name"]], pl.String)
    places = (
        _cast(joined.with_columns(ascii_names).select(PLACES_SCHEMA.keys()), path)
        .unique("place_id")
        .sort("place_id")
    )
    columns = ["place_id", "country", "name", "others"]
    names = name_rows(
        (int(place), country, name, (others or "").split(","))
        for place, country, name, others in raw.select(columns).iter_rows()
    )
    return places, names


def read_geonames_postcodes(path: Path) -> pl.DataFrame:
    """GeoNames' postcodes (`allCountries.txt` of the folder `zip`): one row per country and code.

    Returns:
        country, postcode, place (the first by name), admin1_code, lat, lng (the middle of the code's
        places, in degrees), as `Gazetteer.from_frames` takes them.

    Raises:
        UserError: as `read_geonames_dump`.
    """
    schema = {"lat": pl.Float64, "lng": pl.Float64}
    raw = _read(path, _POSTCODE_COLUMNS, _POSTCODE_WIDTH)
    admin1_code = pl.when(pl.col("country").is_in(_SAME_CODES)).then("admin1_code")
    return (
        _cast(raw, path, schema)
        .with_columns(admin1_code=admin1_code)
        .group_by("country", "postcode")
        .agg(
            pl.col("place").min(),
            pl.col("admin1_code").min(),
            pl.col("lat").sort().mean(),
            pl.col("lng").sort().mean(),
        )
        .sort("country", "postcode")
    )


def _read(path: Path, columns: dict[int, str], width: int) -> pl.DataFrame:
    table = pl.read_csv(
        path, separator="\t", has_header=False, quote_char=None, infer_schema=False,
        truncate_ragged_lines=False,
    )  # fmt: skip
    if table.width != width:
        raise UserError(
            f"{path.name}: {table.width} columns, expected the {width} of GeoNames' download; give "
            "the unpacked text file as GeoNames publishes it."
        )
    return table.select(pl.nth(number).alias(name) for number, name in columns.items())


def _cast(
    table: pl.DataFrame, path: Path, schema: Mapping[str, PolarsDataType] = PLACES_SCHEMA
) -> pl.DataFrame:
    try:
        return table.with_columns(pl.col(name).cast(dtype) for name, dtype in schema.items())
    except pl.exceptions.InvalidOperationError as error:
        raise UserError(f"{path.name}: a number was expected: {error}") from error
