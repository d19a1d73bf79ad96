"""Postcodes: the second witness of a place, and a place of its own where nothing else is known.

Here: the packaged points (US ZIP, Canadian sortation areas; GeoNames), a user's own postcode table, and
the leading digits that tell a province. A new country's digits are rows of
`data/postcode_prefixes.csv`. Not here: finding postcodes in a text (`parse`).
"""

import re
from typing import NamedTuple

import polars as pl

from pipelines.geocoder.sources import DATA

_PREFIX = re.compile(r"^[A-Za-z]{1,3}[-–\s]\s?(?=\d)")
_KEEP = re.compile(r"[^A-Z0-9]")
_EXACT_LENGTH = {"US": 5, "CA": 3}


class PostcodeArea(NamedTuple):
    """What a postcode tells: a first-order unit, and a place with its point (degrees) where known."""

    admin1_code: str | None
    place: str | None = None
    lat: float | None = None
    lng: float | None = None


class Postcodes:
    """Postcodes by country."""

    def __init__(self, frame: pl.DataFrame | None = None) -> None:
        """Index the packaged postcodes and `frame` (country, postcode, place, admin1_code, lat, lng)."""
        self._areas: dict[tuple[str, str], PostcodeArea] = {}
        tables = [pl.read_parquet(DATA / "postcodes.parquet")]
        if frame is not None:
            tables.append(frame)
        for table in tables:
            columns = ["country", "postcode", "admin1_code", "place", "lat", "lng"]
            for country, code, *facts in table.select(columns).iter_rows():
                self._areas[country, _KEEP.sub("", code.upper())] = PostcodeArea(*facts)
        self._prefixes: dict[tuple[str, int, str], str] = {}
        ranges = pl.read_csv(DATA / "postcode_prefixes.csv", infer_schema=False)
        for country, length, first, last, admin1_code in ranges.iter_rows():
            if first.isdigit():
                keys = [f"{n:0{len(first)}d}" for n in range(int(first), int(last) + 1)]
            else:
                keys = [first]
            for key in keys:
                self._prefixes[country, int(length), key] = admin1_code
        self._cache: dict[tuple[str, str], PostcodeArea | None] = {}

    def find(self, country: str, postcode: str) -> PostcodeArea | None:
        """What `postcode`, as written, tells in `country`; None where it tells nothing."""
        key = (country, postcode)
        if key not in self._cache:
            self._cache[key] = self._find(country, postcode)
        return self._cache[key]

    def _find(self, country: str, postcode: str) -> PostcodeArea | None:
        code = _KEEP.sub("", _PREFIX.sub("", postcode).upper())
        exact = self._areas.get((country, code))
        if exact is None and country in _EXACT_LENGTH:
            exact = self._areas.get((country, code[: _EXACT_LENGTH[country]]))
        if exact is not None:
            return exact
        length = 3 if country == "TW" and len(code) in {3, 5, 6} else len(code)
        for size in (3, 2, 1):
            if admin1_code := self._prefixes.get((country, length, code[:size])):
                return PostcodeArea(admin1_code)
        return None
