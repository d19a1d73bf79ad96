"""Organisations by name: the last witness of where an address lies.

Here: the index over a user's register of organisations (a ROR dump in the pipeline's columns) and the
search for the longest known name inside a text. Not here: reading the dump (`pipelines.readers`) and
the decision whether an organisation counts (`choose`): its point is its head office's city.
"""

from collections import defaultdict
from typing import NamedTuple

import polars as pl

from pipelines.geocoder.text import fold

# A name of one word must be this long to be found inside a longer text; acronyms are too ambiguous.
_SHORTEST_SINGLE_WORD = 9


class Institution(NamedTuple):
    """An organisation and the point of its head office's city, in degrees."""

    institution_id: str
    name: str
    city: str | None
    country: str
    lat: float
    lng: float


class Institutions:
    """Organisations by folded name and by id."""

    def __init__(self, frame: pl.DataFrame | None) -> None:
        """Index `frame` (institution_id, name, names, city, country, lat, lng), or nothing."""
        self.by_id: dict[str, Institution] = {}
        self._by_key: dict[str, list[Institution]] = defaultdict(list)
        self._lengths: dict[str, set[int]] = defaultdict(set)
        if frame is None:
            return
        located = frame.drop_nulls(["lat", "lng", "country"]).sort("institution_id")
        columns = ["institution_id", "name", "city", "country", "lat", "lng", "names"]
        for *facts, names in located.select(columns).iter_rows():
            institution = Institution(*facts)
            self.by_id[institution.institution_id] = institution
            for key in {fold(name) for name in [institution.name, *(names or [])]}:
                if len(key) > 1:
                    self._by_key[key].append(institution)
                    words = key.split()
                    if len(words) > 1 or len(key) >= _SHORTEST_SINGLE_WORD:
                        self._lengths[words[0]].add(len(words))

    def named(self, key: str) -> list[Institution]:
        """The organisations that have exactly this folded name, by id."""
        return self._by_key.get(key, [])

    def within(self, words: list[str]) -> list[Institution]:
        """The organisations of the longest known name that stands inside `words`; the last such."""
        best: list[Institution] = []
        best_length = 0
        for start, word in enumerate(words):
            for length in self._lengths.get(word, ()):
                if length >= best_length and start + length <= len(words):
                    found = self._by_key.get(" ".join(words[start : start + length]))
                    if found:
                        best, best_length = found, length
        return best
