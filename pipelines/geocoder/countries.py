"""Countries: their names and codes as people write them, their territories, their boxes.

Here: everything that turns text into an ISO 3166 alpha-2 code, and the check of a point against a
country. A new spelling is a row of `data/country_aliases.csv`. Not here: provinces and towns.
"""

import gettext
from functools import cache

import polars as pl
import pycountry

from pipelines.geocoder.sources import DATA
from pipelines.geocoder.text import fold

# The languages in which authors and offices write a country's name; pycountry brings translations.
_LANGUAGES = (
    "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sk", "hu", "ro", "sv", "da", "nb_NO", "fi",
    "tr", "ru", "uk", "el", "ar", "fa", "he", "zh_CN", "zh_TW", "ja", "ko",
)  # fmt: skip

# Territories with a code of their own that are written under their state's name.
TERRITORIES: dict[str, tuple[str, ...]] = {
    "CN": ("HK", "MO", "TW"),
    "US": ("PR", "GU", "VI", "MP", "AS"),
    "FR": ("RE", "GP", "MQ", "GF", "NC", "PF", "YT", "MF", "BL", "PM", "WF"),
    "NL": ("CW", "AW", "SX", "BQ"),
    "DK": ("GL", "FO"),
    "GB": ("IM", "JE", "GG", "GI", "BM", "KY", "VG"),
    "FI": ("AX",),
    "NO": ("SJ",),
    "RS": ("XK", "ME"),
}

# A box's margin over the outermost gazetteer places, in degrees: coasts, farms, rounding.
_BOX_MARGIN_DEG = 0.5


@cache
def country_names() -> dict[str, str]:
    """Folded name -> alpha-2, of English names and of spellings; no codes of two letters."""
    names: dict[str, str] = {}
    for name, country in _written_names():
        names.setdefault(fold(name), country)
    return names


@cache
def inverted_names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands before and after the comma of names such as Iran, Islamic Republic of; sorted."""
    pairs = [name.split(", ", 1) for name, _ in _written_names() if ", " in name]
    heads, tails = zip(*pairs, strict=True)
    return tuple(sorted(set(heads))), tuple(sorted(set(tails)))


def _written_names() -> list[tuple[str, str]]:
    """Names as written and their alpha-2 codes, spellings first."""
    spellings = _aliases().filter(pl.col("use") == "text").select("alias", "country")
    attributes = ("name", "common_name", "official_name")
    return [
        *spellings.iter_rows(),
        *(
            (getattr(country, attribute), country.alpha_2)
            for country in pycountry.countries
            for attribute in attributes
            if hasattr(country, attribute)
        ),
    ]


@cache
def translated_country_names() -> dict[str, str]:
    """Folded name -> alpha-2, of names in other languages that are not among `country_names`."""
    names: dict[str, str] = {}
    for language in _LANGUAGES:
        translate = gettext.translation(
            "iso3166-1", pycountry.LOCALES_DIR, languages=[language]
        ).gettext
        for country in pycountry.countries:
            for attribute in ("name", "common_name"):
                if hasattr(country, attribute):
                    translated = fold(translate(getattr(country, attribute)))
                    if len(translated) > 1:
                        names.setdefault(translated, country.alpha_2)
    return {name: code for name, code in names.items() if name not in country_names()}


@cache
def _country_codes() -> dict[str, str]:
    codes = {c.alpha_3: c.alpha_2 for c in pycountry.countries}
    codes |= {c.alpha_2: c.alpha_2 for c in pycountry.countries}
    for row in _aliases().filter(pl.col("use") == "field").iter_rows(named=True):
        codes.setdefault(row["alias"], row["country"])
    return codes


@cache
def alpha2_codes() -> frozenset[str]:
    """All ISO 3166 alpha-2 codes in force, and XK."""
    return frozenset(c.alpha_2 for c in pycountry.countries) | {"XK"}


def _aliases() -> pl.DataFrame:
    return pl.read_csv(DATA / "country_aliases.csv", infer_schema=False)


@cache
def country_of_field(value: str) -> str | None:
    """The country meant by a field that holds a country: a code of 2 or 3 letters, or a name."""
    value = value.strip()
    name = fold(value)
    return (
        _country_codes().get(value.upper())
        or country_names().get(name)
        or translated_country_names().get(name)
    )


class Boxes:
    """The box of each country: its gazetteer places with a margin of half a degree."""

    def __init__(self, places: pl.DataFrame) -> None:
        self._boxes = places.group_by("country").agg(
            south=pl.col("lat").min() - _BOX_MARGIN_DEG,
            north=pl.col("lat").max() + _BOX_MARGIN_DEG,
            west=pl.col("lng").min() - _BOX_MARGIN_DEG,
            east=pl.col("lng").max() + _BOX_MARGIN_DEG,
        )

    def contain(self, points: pl.DataFrame) -> pl.Series:
        """Whether each point lies in its country's box; a country without one holds none.

        Args:
            points: columns country, lat and lng (degrees).
        """
        boxed = points.join(self._boxes, on="country", how="left", maintain_order="left")
        is_inside = pl.col("lat").is_between("south", "north") & pl.col("lng").is_between(
            "west", "east"
        )
        return boxed.select(is_inside.fill_null(value=False))["lat"]
