"""Organisations by name: the last witness of where an address lies.

Here: the index over a user's register of organisations (a ROR dump in the pipeline's columns) and the
search for known names inside an address. Not here: reading the dump (`pipelines.readers`) and the
decision whether an organisation counts (`resolve`): its point is its head office's city.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

import polars as pl

from pipelines.geocoder.distance import SAME_PLACE_KM, distance_km
from pipelines.geocoder.sources import DATA
from pipelines.geocoder.text import fold_all

# Words that come and go in names, and the abbreviations of Web of Science and letterheads.
_IGNORED = {
    "of",
    "the",
    "for",
    "and",
    "in",
    "at",
    "a",
    "de",
    "la",
    "le",
    "les",
    "du",
    "des",
    "do",
    "da",
    "di",
    "del",
    "der",
    "die",
    "das",
    "und",
    "et",
    "y",
    "e",
    "i",
}
_WRITTEN_OUT = {
    "univ": "university", "universite": "university", "universidad": "university",
    "universidade": "university", "universita": "university", "universitat": "university",
    "inst": "institute", "institut": "institute", "instituto": "institute", "coll": "college",
    "hosp": "hospital", "natl": "national", "acad": "academy", "sci": "sciences",
    "science": "sciences", "technol": "technology", "tech": "technology", "res": "research",
    "ctr": "center", "centre": "center", "med": "medical", "sch": "school", "calif": "california",
    "lab": "laboratory", "labs": "laboratory", "laboratories": "laboratory", "fed": "federal",
    "agr": "agricultural", "int": "international", "hlth": "health", "polytech": "polytechnic",
    "engn": "engineering", "gen": "general", "minist": "ministry", "fdn": "foundation",
}  # fmt: skip
# A word that organisations of so many countries have in their names tells none of them apart; the first
# name of a university is its own with rarer words than those that all faculties have: Southern Medical
# University, but not Health Sciences University, which stands in addresses of half the world.
_GENERIC_FROM_COUNTRIES = 6
_FACULTIES_FROM_COUNTRIES = 40
_SHORTEST_OWN_NAME = 3
_HIGHER_EDUCATION = {"university", "college", "hochschule", "polytechnic", "politecnico", "ecole"}
# A name of one word must be this long to be found inside a longer text; acronyms are too ambiguous.
_SHORTEST_SINGLE_WORD = 8


class Institution(NamedTuple):
    """An organisation and the point of its head office's city, in degrees."""

    institution_id: str
    name: str
    city: str | None
    country: str
    lat: float
    lng: float


class Institutions:
    """Organisations by name and by id."""

    def __init__(self, frame: pl.DataFrame | None) -> None:
        """Index `frame` (institution_id, name, names, city, country, lat, lng), or nothing."""
        self.by_id: dict[str, Institution] = {}
        # Key -> who bears it, in the order of ids; beginnings of keys -> nobody.
        self._bearers: dict[str, tuple[Institution, ...]] = {}
        self._first_bearers: dict[str, tuple[Institution, ...]] = {}
        # Keys of common words that count as they stand in one part of an address.
        self._common: set[str] = set()
        if frame is not None:
            self._index(frame)

    def _index(self, frame: pl.DataFrame) -> None:
        located = frame.drop_nulls(["lat", "lng", "country"]).sort("institution_id")
        columns = ["institution_id", "name", "city", "country", "lat", "lng"]
        listed = [Institution(*facts) for facts in located.select(columns).iter_rows()]
        self.by_id = {institution.institution_id: institution for institution in listed}
        first_bearers: dict[str, list[Institution]] = defaultdict(list)
        bearers: dict[str, dict[Institution, None]] = defaultdict(dict)
        countries: dict[str, set[str]] = defaultdict(set)
        for institution, key in zip(listed, _keys(located["name"]), strict=True):
            first_bearers[key].append(institution)
        further = pl.read_csv(DATA / "institution_names.csv")
        for institution_id, key in zip(
            further["institution_id"], _keys(further["name"]), strict=True
        ):
            if (called := self.by_id.get(institution_id)) is not None:
                first_bearers[key].append(called)
                bearers[key][called] = None
        named = located.with_row_index("row").select(
            "row", name=pl.concat_list("name", pl.col("names").fill_null([]))
        )
        named = named.explode("name")
        for row, key in zip(named["row"], _keys(named["name"]), strict=True):
            institution = listed[row]
            bearers[key][institution] = None
            for word in key.split():
                countries[word].add(institution.country)
        for key, found in bearers.items():
            words = key.split()
            if all(len(countries[word]) >= _GENERIC_FROM_COUNTRIES for word in words):
                is_own = (
                    key in first_bearers
                    and len(words) >= _SHORTEST_OWN_NAME
                    and not _HIGHER_EDUCATION.isdisjoint(words)
                    and any(len(countries[word]) < _FACULTIES_FROM_COUNTRIES for word in words)
                )
                if not is_own:
                    continue
                self._common.add(key)
            if len(words) == 1 and len(key) < _SHORTEST_SINGLE_WORD:
                continue
            for length in range(1, len(words)):
                self._bearers.setdefault(" ".join(words[:length]), ())
            self._bearers[key] = tuple(found)
            self._first_bearers[key] = tuple(first_bearers.get(key, ()))

    def find(self, parts: Sequence[str], countries: Collection[str]) -> Institution | None:
        """The organisation that folded parts of an address name, in one of `countries` (any, if empty).

        Of several names universities go first, then longer names, then later ones. A name made of common
        words only (Institute for Neuroscience) counts for nothing, unless it is a university's first
        name and stands in one part: not Stellenbosch University, South Africa. And one that organisations
        in different places share counts for nothing, unless it is the first name of only one.
        """
        in_parts = [
            (word, number) for number, part in enumerate(parts) for word in _canonical(part.split())
        ]
        words = [word for word, _ in in_parts]
        best: Institution | None = None
        best_rank: tuple[bool, int, int] = (False, 0, 0)
        for start, word in enumerate(words):
            key = word
            end = start + 1
            is_university = word in _HIGHER_EDUCATION
            while (bearers := self._bearers.get(key)) is not None:
                rank = (is_university, end - start, start)
                may_be = key not in self._common or in_parts[start][1] == in_parts[end - 1][1]
                if (
                    bearers
                    and may_be
                    and rank > best_rank
                    and (one := self._only_one(key, countries))
                ):
                    best, best_rank = one, rank
                if end == len(words):
                    break
                is_university = is_university or words[end] in _HIGHER_EDUCATION
                key += " " + words[end]
                end += 1
        return best

    def _only_one(self, key: str, allowed: Collection[str]) -> Institution | None:
        for bearers in (self._bearers[key], self._first_bearers[key]):
            group = [i for i in bearers if not allowed or i.country in allowed]
            if group and all(
                distance_km(group[0].lat, group[0].lng, other.lat, other.lng) <= SAME_PLACE_KM
                for other in group[1:]
            ):
                return group[0]
        return None


def _keys(names: pl.Series) -> list[str]:
    """The names as they are compared: folded, without small words, abbreviations written out."""
    return [" ".join(_canonical(name.split())) for name in fold_all(names)]


def _canonical(words: list[str]) -> list[str]:
    return [_WRITTEN_OUT.get(word, word) for word in words if word not in _IGNORED]
