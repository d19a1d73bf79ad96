"""Postcodes: the second witness of a place, and a place of its own where nothing else is known.

Here: the packaged points (US ZIP, Canadian sortation areas; GeoNames), a user's own postcode table, and
the leading digits that tell a province. A new country's digits are rows of
`data/postcode_prefixes.csv`. Not here: finding postcodes in a text (`parse`).
"""

from typing import NamedTuple

import polars as pl

from pipelines.geocoder.sources import DATA

_PREFIX = r"^[A-Za-z]{1,3}[-–\s]\s?(\d)"
# What tells an area may be the beginning of a postcode: 94143-0001, M5S 1A1, 1081 HV.
_EXACT_LENGTH = {"US": 5, "CA": 3, "NL": 4}
# Taiwan's codes of five and six digits open with the three that tell the district.
_TAIWAN = (3, 5, 6)
_FACTS = ["admin1_code", "place", "lat", "lng"]


class PostcodeArea(NamedTuple):
    """What a postcode tells: a first-order unit, and a place with its point (degrees) where known."""

    admin1_code: str | None
    place: str | None = None
    lat: float | None = None
    lng: float | None = None


class Postcodes:
    """Postcodes by country.

    Attributes:
        areas: what postcodes tell; `find` gives numbers in this list.
    """

    def __init__(self, frame: pl.DataFrame | None = None) -> None:
        """Index the packaged postcodes and `frame` (country, postcode, place, admin1_code, lat, lng)."""
        tables = [pl.read_parquet(DATA / "postcodes.parquet")]
        if frame is not None:
            tables.append(frame)
        columns = ["country", _bare("postcode").alias("code"), *_FACTS]
        exact = pl.concat([table.select(columns) for table in tables]).unique(
            ["country", "code"], keep="last"
        )
        prefixes = _prefixes()
        known = pl.concat([exact.select(_FACTS), prefixes.select("admin1_code")], how="diagonal")
        areas = known.unique(maintain_order=True).with_row_index("area")
        self.areas = [PostcodeArea(*facts) for facts in areas.select(_FACTS).iter_rows()]
        self._exact = _numbered(exact, areas).select("country", "code", "area")
        self._prefixes = _numbered(
            prefixes.with_columns(
                pl.lit(None, areas[fact].dtype).alias(fact) for fact in _FACTS[1:]
            ),
            areas,
        ).select("country", "length", "code", "area")

    def find(self, postcodes: pl.DataFrame) -> pl.Series:
        """What each postcode, as written, tells in its country.

        Args:
            postcodes: columns country and postcode.

        Returns:
            Numbers in `areas`; null where a postcode tells nothing.
        """
        asked = postcodes.select("country", _bare("postcode").alias("code"))
        short = pl.col("code").str.slice(
            0, pl.col("country").replace_strict(_EXACT_LENGTH, default=0)
        )
        digits = pl.col("code").str.len_chars()
        is_taiwan = (pl.col("country") == "TW") & digits.is_in(_TAIWAN)
        asked = asked.with_columns(length=pl.when(is_taiwan).then(3).otherwise(digits))
        found = [
            _joined(asked, self._exact, ["country", "code"]),
            _joined(asked.with_columns(code=short), self._exact, ["country", "code"]),
        ]
        for size in (3, 2, 1):
            head = asked.with_columns(pl.col("code").str.slice(0, size))
            found.append(_joined(head, self._prefixes, ["country", "length", "code"]))
        return pl.select(pl.coalesce(found).alias("area"))["area"]


def _bare(column: str) -> pl.Expr:
    """A postcode's letters and digits, without the country's letters before them."""
    bare = pl.col(column).str.replace(_PREFIX, "${1}").str.to_uppercase()
    return bare.str.replace_all("[^A-Z0-9]", "")


def _joined(asked: pl.DataFrame, known: pl.DataFrame, keys: list[str]) -> pl.Series:
    return asked.join(known, on=keys, how="left", maintain_order="left")["area"]


def _numbered(table: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    return table.join(areas, on=_FACTS, nulls_equal=True)


def _prefixes() -> pl.DataFrame:
    """Leading digits: country, length of the whole code, code (its beginning), admin1_code."""
    ranges = pl.read_csv(DATA / "postcode_prefixes.csv", infer_schema=False)
    rows = [
        (country, int(length), key, admin1_code)
        for country, length, first, last, admin1_code in ranges.iter_rows()
        for key in (
            [f"{n:0{len(first)}d}" for n in range(int(first), int(last) + 1)]
            if first.isdigit()
            else [first]
        )
    ]
    schema = {
        "country": pl.String,
        "length": pl.UInt32,
        "code": pl.String,
        "admin1_code": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").unique(
        ["country", "length", "code"], keep="last"
    )
