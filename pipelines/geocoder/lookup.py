"""A segment of an address -> what its words may mean: place, region, country.

Here: the look-up of clean words in the gazetteer, exact first, then by the rules on suffixes and
abbreviations. Every segment is read once and remembered. Add a rule here when a *form* of a name is not
found. Not here: which of several meanings wins (`choose`), near misses (`fuzzy`).
"""

import re
from typing import NamedTuple

from pipelines.geocoder.countries import alpha2_codes, country_names
from pipelines.geocoder.gazetteer import Gazetteer, Region
from pipelines.geocoder.parse import clean
from pipelines.geocoder.text import fold

# Ranks written after a name; without them the name is found: Yongin-si, Minato-ku, Hsinchu Hsien.
_SUFFIXES = {
    "shi", "si", "city", "town", "village", "township", "municipality", "borough", "stadt", "cedex",
    "ku", "gu", "qu", "ward", "district", "distr", "dist", "county", "gun", "kun", "hsien", "xian",
    "hsiang", "chen", "zhen", "cho", "machi", "mura", "son", "eup", "myeon", "myun", "ri", "dong",
    "shih", "chu", "area", "metro", "metropolitan", "do", "prefecture", "province", "ken", "sheng",
    "state", "cdmx", "df", "metropolis", "raion", "rayon", "oblast", "kommune", "kommun", "taluk",
    "tehsil", "mandal", "dt", "new", "capital", "proper", "centre", "center", "urban",
}  # fmt: skip
_PREFIXES = ("city of ", "town of ", "greater ", "gemeente ", "stadt ", "ciudad de ", "near ",
             "province of ", "state of ", "county of ", "district of ", "g ", "gorod ", "shi ")  # fmt: skip

# Abbreviations of Web of Science and of letterheads, inside names of towns.
_ABBREVIATIONS = {
    "w": "west", "e": "east", "n": "north", "s": "south", "pk": "park", "hts": "heights",
    "stn": "station", "coll": "college", "univ": "university", "spgs": "springs", "spg": "spring",
    "isl": "island", "jct": "junction", "vlg": "village", "lk": "lake", "bch": "beach",
    "ctr": "center", "cty": "city", "mt": "mt", "pt": "port", "ft": "ft", "gdns": "gardens",
    "gr": "grand", "rd": "road", "sq": "square", "vly": "valley", "hbr": "harbor", "no": "north",
    "so": "south", "mtn": "mountain", "mts": "mountains", "res": "research", "hosp": "hospital",
    "intl": "international", "natl": "national", "v": "van", "a": "an", "hills": "hills",
    "cp": "camp", "twp": "township", "boro": "borough", "rio": "rio", "sta": "santa",
    "sto": "santo", "s.": "sao", "gt": "great", "lit": "little", "ed": "edge",
}  # fmt: skip

_INSTITUTIONAL = re.compile(
    r"\b(univ\w*|inst\w*|dep\w*|school|sch|college|coll|hosp\w*|facult\w*|fac|lab\w*|cent(?:er|re)|"
    r"ctr|academy|acad|div\w*|sect\w*|clinic\w*|klinik\w*|ltd|inc|co|corp\w*|gmbh|company|research|"
    r"res|group|foundation|found|council|ministry|minist|agency|service\w*|program\w*|unit|museum|"
    r"ecole|escuela|hochschule|technolog\w*|street|st|road|rd|avenue|ave|str\w*|blvd|building|bldg|"
    r"floor|room|campus|rue|via|calle|rua|lane|ln|drive|dr|way|chome|no|box|polytech\w*)\b"
)


class Reading(NamedTuple):
    """Words of an address that belong together, and everything they may mean.

    Attributes:
        words: the folded words.
        places: codes as in `Gazetteer.names`.
        how: the rule that found the places: name, suffix, abbreviation, joined.
        regions: first- and second-order units of that name or code.
        countries: countries of that name or code (alpha-2).
        is_code: the words are a code of two or three capitals, so a country only at a pinch.
        is_institutional: a word says organisation, building or street.
        postcodes: postcodes that stood beside the words, as written.
    """

    words: str
    places: tuple[int, ...] = ()
    how: str = "name"
    regions: tuple[Region, ...] = ()
    countries: tuple[str, ...] = ()
    is_code: bool = False
    is_institutional: bool = False
    postcodes: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether the words mean anything."""
        return bool(self.places or self.regions or self.countries)


class Lookup:
    """Reads segments against one gazetteer, each distinct one once."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._countries = country_names()
        self._codes = alpha2_codes()
        self._cache: dict[str, tuple[Reading, ...]] = {}

    def read(self, part: str) -> tuple[Reading, ...]:
        """The readings of a part of an address, in the order of its words; see `parse.split`.

        A part that is no name as a whole gives up country, region and town from its right end, one
        reading each: ``Boston MA 02115 USA`` -> Boston, MA, USA.
        """
        found = self._cache.get(part)
        if found is None:
            found = self._cache[part] = self._read(part)
        return found

    def _read(self, part: str) -> tuple[Reading, ...]:
        segment = clean(part)
        whole = self._read_words(segment.text)
        if not whole.is_known:
            whole_list = self._peel(segment.text) or [whole]
        else:
            whole_list = [whole]
        if segment.postcodes:
            whole_list[0] = whole_list[0]._replace(postcodes=segment.postcodes)
        return tuple(reading for reading in whole_list if reading.words or reading.postcodes)

    def _read_words(self, text: str) -> Reading:
        """One reading of the whole text, as exactly as possible."""
        if 2 <= len(text) <= 3 and text.isupper() and text.isascii():
            code = self._read_code(text)
            if code.is_known:
                return code
        key = fold(text)
        places, how = self._places(key)
        return Reading(
            key,
            places,
            how,
            self._gazetteer.regions.get(key, ()),
            self._country(key),
            is_institutional=bool(_INSTITUTIONAL.search(key)),
        )

    def _read_code(self, text: str) -> Reading:
        key = text.lower()
        named = self._country(key)
        return Reading(
            key,
            regions=self._gazetteer.region_codes.get(text, ()),
            countries=named or ((text,) if text in self._codes else ()),
            is_code=not named,
        )

    def _country(self, key: str) -> tuple[str, ...]:
        country = self._countries.get(key)
        if country is None and key.startswith("the "):
            country = self._countries.get(key[4:])
        return (country,) if country else ()

    def _places(self, key: str) -> tuple[tuple[int, ...], str]:
        names = self._gazetteer.names
        if found := names.get(key):
            return found, "name"
        words = key.split()
        joined = names.get("".join(words)) if len(words) > 1 else None
        if joined and len(words[0]) > 1:
            return joined, "joined"
        for prefix in _PREFIXES:
            if key.startswith(prefix) and (found := names.get(key[len(prefix) :])):
                return found, "suffix"
        stem = words
        while len(stem) > 1 and stem[-1] in _SUFFIXES:
            stem = stem[:-1]
            if found := names.get(" ".join(stem)) or names.get("".join(stem)):
                return found, "suffix"
        expanded = " ".join([_ABBREVIATIONS.get(word, word) for word in words])
        if expanded != key and (found := names.get(expanded)):
            return found, "abbreviation"
        return (), "name"

    def _peel(self, text: str) -> list[Reading]:
        """Country, region and town taken off the right end of a text; nothing where none is there."""
        words = text.split()
        tail: list[Reading] = []
        for _ in range(3):
            for length in range(min(5, len(words)), 0, -1):
                last = self._read_words(" ".join(words[-length:]))
                if last.regions or last.countries:
                    break
            else:
                break
            tail.insert(0, last)
            words = words[:-length]
            head = self._read_words(" ".join(words))
            if head.is_known or not words:
                return [head, *tail] if words else tail
        if not tail:
            return []
        return [self._read_words(" ".join(words)), *tail]
