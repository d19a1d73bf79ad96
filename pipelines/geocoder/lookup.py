"""A part of an address -> what its words may mean: place, region, country.

Here: the look-up of clean words in the gazetteer, exact first, then by the rules on suffixes and
abbreviations. Add a rule here when a *form* of a name is not
found. Not here: which of several meanings wins (`choose`), other romanisations and near misses
(`romanise`, `fuzzy`), native scripts (`native`).
"""

import re
from functools import lru_cache
from typing import NamedTuple

from pipelines.geocoder.countries import alpha2_codes
from pipelines.geocoder.gazetteer import CODED_COUNTRIES, Gazetteer, Region
from pipelines.geocoder.level import Level
from pipelines.geocoder.native import cut_native, is_native
from pipelines.geocoder.text import fold

# Ranks written after a name; without them the name is found: Yongin-si, Minato-ku, Hsinchu Hsien.
_SUFFIXES = {
    "shi", "si", "city", "town", "village", "township", "municipality", "borough", "stadt", "cedex",
    "ku", "gu", "qu", "ward", "district", "distr", "dist", "county", "gun", "kun", "hsien", "xian",
    "hsiang", "chen", "zhen", "cho", "machi", "mura", "son", "eup", "myeon", "myun", "ri", "dong",
    "shih", "chu", "area", "metro", "metropolitan", "cdmx", "df", "metropolis", "raion", "rayon",
    "kommune", "kommun", "taluk", "tehsil", "mandal", "dt", "capital", "urban", "centre", "center",
    "zip", "pin", "cep", "pc",
}  # fmt: skip
# As needless after a name, but never where a place is so called: Captiva Island, Hong Kong Island.
_NEEDLESS = _SUFFIXES | {"island"}
# The same in Han and Hangul: 東広島市, 용인시.
_NATIVE_RANKS = "市区區县縣町村鎮镇郡시군구읍면"
_SHORTEST_NATIVE = 2
# A word of so few letters, all of them capitals, may be the initials of anything: NIA, CEA, CREST.
_LONGEST_INITIALS = 5
_PREFIXES = (
    "city of ", "town of ", "greater ", "gemeente ", "stadt ", "ciudad de ", "near ", "gorod ",
    "municipality of ", "г ", "город ", "amphur ", "amphoe ", "kota ", "bandar ", "kab ", "tp ", "bad ",
)  # fmt: skip
_REGION_SUFFIXES = {
    "prefecture", "province", "do", "ken", "fu", "to", "sheng", "state", "oblast", "region", "krai",
    "county", "district", "governorate", "pref", "prov", "gun", "kun", "hsien", "shire",
    "autonomous region", "provincia", "departamento", "dept",
}  # fmt: skip
# With these ranks the unit is meant, not the town it is called after: Miaoli County.
_FIRST_ORDER_RANKS = {"hsien", "county", "prefecture", "province", "ken", "sheng", "pref", "state"}
_REGION_PREFIXES = ("provincia de ", "provincia ", "province of ", "state of ", "county of ",
                    "estado de ", "co ", "county ", "departamento de ", "departamento del ")  # fmt: skip

# Abbreviations of Web of Science and of letterheads, inside names of towns.
_ABBREVIATIONS = {
    "w": "west", "e": "east", "n": "north", "s": "south", "pk": "park", "hts": "heights",
    "stn": "station", "coll": "college", "univ": "university", "spgs": "springs", "spg": "spring",
    "isl": "island", "jct": "junction", "vlg": "village", "lk": "lake", "bch": "beach",
    "ctr": "center", "cty": "city", "pt": "port", "gdns": "gardens", "gr": "grand", "hbr": "harbor",
    "vly": "valley", "no": "north", "so": "south", "mtn": "mountain", "twp": "township",
    "sta": "santa", "sto": "santo", "gt": "great", "cp": "camp", "nw": "new", "bad": "bad",
}  # fmt: skip

_WORDS_OF_NAMES = set(_ABBREVIATIONS.values())

# Words, and beginnings of words, that say organisation.
_ORGANISATION = re.compile(
    r"\b(?:(?:"
    r"school|sch|college|coll|fac|ctr|academy|acad|ltd|inc|co|corp|gmbh|company|research|res|"
    r"group|foundation|found|council|ministry|minist|agency|program|unit|museum|ecole|escuela|"
    r"hochschule|society|association|national|medical|medicine|studies|bureau|authority|"
    r"fisheries|bank|office|ag|sa|srl|llc|plc|bv|kk"
    r")\b|(?:"
    r"univ|inst|depart|dept|hosp|facult|labor|lab|divi|sect|clinic|klinik|technolog|servic|"
    r"polytech|science|center|centre|corpor|engineer"
    r"))"
)

# Codes of countries and units that stand for kinds of organisations too: Bayer AG, Google AI, SAP SE,
# Psikiyatri AD, Ericsson AB, Nestle SA.
_ORGANISATION_CODES = {"AB", "AD", "AG", "AI", "AS", "BV", "CV", "KG", "MC", "SA", "SE", "SL"}

# Where names are written in syllables, together or apart: Shen Zhen, Hsin Chu, Yong In.
_SYLLABIC = {"CN", "TW", "HK", "MO", "KR", "KP", "JP", "VN", "SG", "MY"}
_PARENTHESES = re.compile(r"[()]")
# Words never end, while those of places and organisations come again.
_MOST_REMEMBERED = 100_000
# No town's name is longer; a text of more words is an organisation or a sentence.
_LONGEST_NAME_WORDS = 6
# Nor a town's that has an organisation's word in it: University Park, Research Triangle Park.
_LONGEST_ORGANISATION_TOWN_WORDS = 4
# Words before a country or region that make it part of an organisation's name.
_BINDING = {
    "of",
    "and",
    "for",
    "the",
    "de",
    "del",
    "do",
    "da",
    "du",
    "di",
    "van",
    "der",
    "des",
    "in",
    "y",
    "e",
    "und",
    "et",
    "new",
}


def _is_organisation(key: str) -> bool:
    return _ORGANISATION.search(key) is not None


def _may_be_code(word: str) -> bool:
    return len(word) <= 3 and word.isupper()


class Reading(NamedTuple):
    """Words of an address that belong together, and everything they may mean.

    Attributes:
        words: the folded words.
        places: codes as in `Gazetteer.names`.
        how: the rule that found the places, a key of `choose`'s table of rules.
        regions: first- and second-order units of that name or code.
        countries: countries of that name or code (alpha-2).
        is_code: the words are a code of two or three capitals, so a country only at a pinch.
        is_institutional: a word says organisation.
        is_common: one short word in capitals, or one that says organisation - NIA, Centre -, so a small
            town or a region only in a stated country.
    """

    words: str
    places: tuple[int, ...] = ()
    how: str = "name"
    regions: tuple[Region, ...] = ()
    countries: tuple[str, ...] = ()
    is_code: bool = False
    is_institutional: bool = False
    is_common: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the words mean anything."""
        return bool(self.places or self.regions or self.countries)


def _last_words(gazetteer: Gazetteer) -> set[str]:
    """The words with which names of countries and first-order units end."""
    units = (
        key
        for key, regions in gazetteer.regions.items()
        if any(region.admin2 is None for region in regions)
    )
    return {key.rpartition(" ")[2] for names in (units, gazetteer.countries) for key in names}


class Lookup:
    """Reads parts of addresses against one gazetteer."""

    def __init__(self, gazetteer: Gazetteer, level: Level) -> None:
        self._gazetteer = gazetteer
        self._level = level
        self._countries = gazetteer.countries
        self._codes = alpha2_codes()
        self._last_words = _last_words(gazetteer)
        self._fold_word = lru_cache(_MOST_REMEMBERED)(fold)
        self.inside = lru_cache(_MOST_REMEMBERED)(self._inside)

    def read(self, words: str, key: str, *, is_last: bool) -> tuple[Reading, ...]:
        """What the clean words of a part of an address, folded to `key`, may mean.

        A part that is no name as a whole gives up country, region and town from its right end, one
        reading each: ``Boston MA USA`` -> Boston, MA, USA. An organisation's name does so only in the
        last part: University of Georgia is not in Georgia's capital.
        """
        found = self._read_words_of(words, key, is_last=is_last)
        return tuple([reading for reading in found if reading.words])

    def _read_words_of(self, text: str, key: str, *, is_last: bool) -> list[Reading]:
        if is_native(text):
            # from the large to the small; in Latin letters it is the other way round
            names = reversed(list(cut_native(text, self._knows)))
            return [self._read_words(name, fold(name))._replace(how=how) for name, how in names]
        if "(" in text and not self._knows(text):
            # Frankfurt (Oder) is a name; Taiwan (R.O.C.) is two.
            pieces = [piece for piece in _PARENTHESES.split(text) if piece.strip()]
            if len(pieces) > 1:
                pieces = [piece.strip() for piece in pieces]
                reads = [self._read_words_of(one, fold(one), is_last=is_last) for one in pieces]
                return [reading for read in reads for reading in read]
        whole = self._read_words(text, key)
        if self._level < Level.FORMS or whole.is_known:
            return [whole]
        if is_last or not whole.is_institutional:
            return self._peel(text, whole) or [whole]
        return [whole]

    def _inside(self, words: str) -> tuple[Reading, ...]:
        """Places named inside an organisation's name, the longest at each word: Univ Oxford -> Oxford."""
        tokens = words.split()
        found: list[Reading] = []
        start = 0
        while start < len(tokens):
            for length in range(min(4, len(tokens) - start), 0, -1):
                key = " ".join(tokens[start : start + length])
                places = self._gazetteer.names.get(key)
                if places and len(key) > 3 and not _is_organisation(key):
                    regions = self._gazetteer.regions.get(key, ())
                    found.append(Reading(key, places, "inside", regions))
                    start += length - 1
                    break
                if length > 1 and self._is_state(key):
                    start += length - 1  # Carolina is no town in University of North Carolina
                    break
            start += 1
        return tuple(found)

    def _is_state(self, key: str) -> bool:
        """Whether words are the name of a state of a country where states have codes."""
        return any(
            region.admin2 is None and region.country in CODED_COUNTRIES
            for region in self._gazetteer.regions.get(key, ())
        )

    def _knows(self, text: str) -> bool:
        key = fold(text)
        g = self._gazetteer
        return key in g.names or key in g.regions or key in self._countries

    def _read_words(self, text: str, key: str) -> Reading:
        """One reading of the whole text, as exactly as possible."""
        if _may_be_code(text) and text.isascii():
            code = self._read_code(text)
            if code.is_known or len(text) < 3:
                return code
        if len(key) < 2:
            return Reading(key)
        reading = self._read_key(key)
        is_initials = text.isupper() and len(text) <= _LONGEST_INITIALS
        if is_initials or (reading.how == "organisation" and " " not in key):
            return reading._replace(is_common=True)
        return reading

    def _read_key(self, key: str) -> Reading:
        g = self._gazetteer
        blanks = key.count(" ")
        is_organisation = _is_organisation(key)
        if is_organisation and blanks >= _LONGEST_ORGANISATION_TOWN_WORDS:
            return Reading(key, is_institutional=True)
        places, how = g.names.get(key, ()), "organisation" if is_organisation else "name"
        if not places and (is_organisation or blanks >= _LONGEST_NAME_WORDS):
            regions, countries = g.regions.get(key, ()), self._country(key)
            return Reading(key, regions=regions, countries=countries, is_institutional=True)
        regions = self._regions(key)
        stem, _, rank = key.rpartition(" ")
        if rank in _FIRST_ORDER_RANKS and any(region.admin2 is None for region in regions):
            places = ()
        elif not places:
            places, how = self._places_by_rule(key)
        elif rank in _SUFFIXES:
            # Minato-ku is the name of one ward and, as Minato, of others.
            places += tuple(code for code in g.names.get(stem, ()) if code not in places)
        return Reading(key, places, how, regions, self._country(key))

    def _read_code(self, text: str) -> Reading:
        key = text.lower()
        named = self._country(key)
        return Reading(
            key,
            # UK is a country, and not Uttarakhand in India
            regions=() if named else self._gazetteer.region_codes.get(text, ()),
            countries=named or ((text,) if text in self._codes else ()),
            is_code=not named,
        )

    def _country(self, key: str) -> tuple[str, ...]:
        country = self._countries.get(key)
        if country is None and key.startswith("the "):
            country = self._countries.get(key[4:])
        return (country,) if country else ()

    def _regions(self, key: str) -> tuple[Region, ...]:
        regions = self._gazetteer.regions
        found = regions.get(key)
        words = key.split()
        if found or len(words) == 1:
            return found or ()
        stems = [words] if len(words[0]) > 1 else []
        if words[-1] in _REGION_SUFFIXES:
            stems.append(words[:-1])
        for stem in stems:
            if found := regions.get(" ".join(stem)) or regions.get("".join(stem)):
                return found
        if key.startswith(_REGION_PREFIXES):
            for prefix in _REGION_PREFIXES:
                if key.startswith(prefix) and (found := regions.get(key.removeprefix(prefix))):
                    return found
        return ()

    def _places_by_rule(self, key: str) -> tuple[tuple[int, ...], str]:
        """Places found by the rules on forms, and the rule; nothing for a single word."""
        names = self._gazetteer.names
        words = key.split()
        if self._level < Level.FORMS:
            return (), "name"
        if key[-1] in _NATIVE_RANKS and len(key) > _SHORTEST_NATIVE:
            return names.get(key[:-1], ()), "suffix"
        if len(words) == 1:
            return (), "name"
        if joined := self._joined(words):
            return joined, "joined"
        stems = []
        if key.startswith(_PREFIXES):
            stems = [key.removeprefix(prefix) for prefix in _PREFIXES if key.startswith(prefix)]
        stem = words
        while len(stem) > 1 and stem[-1] in _NEEDLESS:
            stem = stem[:-1]
            stems += (" ".join(stem), "".join(stem))
        for one in stems:
            if found := names.get(one):
                return found, "suffix"
        expanded = " ".join([_ABBREVIATIONS.get(word, word) for word in words])
        return names.get(expanded, ()), "abbreviation"

    def _joined(self, words: list[str]) -> tuple[int, ...]:
        """Places whose name is the words without blanks; syllables only where names have them."""
        found = self._gazetteer.names.get("".join(words), ())
        if min(map(len, words)) > 2:
            return found
        countries = self._gazetteer.country
        return tuple(code for code in found if countries[code >> 2] in _SYLLABIC)

    def _peel(self, text: str, whole: Reading) -> list[Reading]:
        """Country, region and town taken off the right end of a text; nothing where none is there."""
        words = text.split()
        if len(words) < 2 or not self._may_end(words[-1]):
            return []
        keys = [self._fold_word(word) for word in words]
        tail: list[Reading] = []
        while len(words) > 1 and len(tail) < 3:
            length = self._length_of_tail(words, keys)
            if length == 0:
                break
            if whole.is_institutional and keys[-length - 1] in _BINDING:
                break
            head = self._read_some(words[:-length], keys[:-length])
            if words[-1] in _ORGANISATION_CODES and not self._ends_in(keys[:-1], words[-1]):
                break
            tail.insert(0, self._read_some(words[-length:], keys[-length:]))
            words, keys = words[:-length], keys[:-length]
            if head.is_known:
                return [head, *tail]
        if not tail:
            return []
        if whole.is_institutional:
            # The organisation keeps its full name: Universiti Sains Malaysia.
            return [whole, *tail]
        return [self._read_some(words, keys), *tail]

    def _ends_in(self, keys: list[str], code: str) -> bool:
        """Whether the last words are a town of the country or unit: Lund SE, Univ Calgary AB."""
        g = self._gazetteer
        return any(
            code in (g.country[place >> 2], g.admin1_code[place >> 2])
            for start in range(max(0, len(keys) - 3), len(keys))
            for place in g.names.get(" ".join(keys[start:]), ())
        )

    def _read_some(self, words: list[str], keys: list[str]) -> Reading:
        """One reading of words, given with what each is folded to."""
        return self._read_words(" ".join(words), " ".join(filter(None, keys)))

    def _may_end(self, word: str) -> bool:
        """Whether a country or first-order unit may end with the word."""
        return _may_be_code(word) or self._fold_word(word) in self._last_words

    def _length_of_tail(self, words: list[str], keys: list[str]) -> int:
        """How many words at the end are a country or first-order unit; one word always stays."""
        longest = min(5, len(words) - 1) if keys[-1] in self._last_words else 0
        for length in range(longest, 0, -1):
            key = " ".join(keys[-length:])
            if key in _WORDS_OF_NAMES:
                continue  # Hong Kong Island is not in Iceland
            regions = self._gazetteer.regions.get(key, ())
            if key in self._countries or any(region.admin2 is None for region in regions):
                return length
        last = words[-1]
        if _may_be_code(last) and self._read_code(last).is_known:
            return 1
        return 0
