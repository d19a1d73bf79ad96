"""Near misses: the last resort for words that no rule finds.

Here: the search for the most similar name in the stated country, and the two thresholds with the data
that justify them. Not here: spellings that follow a rule (`romanise`, `lookup`).
"""

from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from pipelines.geocoder.gazetteer import Gazetteer

Ints = NDArray[np.int64]

# Share of equal letters (rapidfuzz ratio, 0-100) from which a name counts as misspelt. Tuned on one
# half of the corrected place names of US patents; see the evaluation in the project's documents.
_SIMILAR = 86.0
# Names hardly less similar than the most similar one are meant as likely.
_AS_LIKELY = 2.0
# Below this many letters one wrong letter makes another town.
_SHORTEST = 5
_LETTERS_MORE_OR_LESS = 2
# Letters are counted by their last five bits, which tell apart a to z.
_LETTERS = 32
_MOST_REMEMBERED = 100_000


class _Names:
    """Names by length, with the number of each letter in each."""

    def __init__(self, names: list[str], lengths: Ints, counts: NDArray[np.int8]) -> None:
        self._names = names
        self._lengths = lengths
        # one row per letter, so that the names of some lengths lie side by side
        self._counts = counts

    @classmethod
    def of(cls, names: list[str]) -> "_Names":
        """Index folded names in Latin letters, sorted by length."""
        lengths = np.fromiter(map(len, names), np.int64, len(names))
        letters = np.frombuffer("".join(names).encode("ascii"), np.uint8) % _LETTERS
        rows = np.repeat(np.arange(len(names)), lengths)
        counts = np.bincount(rows * _LETTERS + letters, minlength=len(names) * _LETTERS)
        by_letter = np.ascontiguousarray(counts.reshape(-1, _LETTERS).T, np.int8)
        return cls(names, lengths, by_letter)

    def some(self, rows: NDArray[np.integer]) -> "_Names":
        """Those of the names that are in `rows`, an ascending list."""
        counts = np.ascontiguousarray(self._counts[:, rows])
        return _Names([self._names[row] for row in rows], self._lengths[rows], counts)

    def like(self, key: str) -> list[str]:
        """Names about as long as `key` that may be similar: no others have letters enough in common.

        Each letter that only one of two names has must be put in or taken out, and similarity bounds how
        often that may be done.
        """
        length = len(key)
        low, high = np.searchsorted(
            self._lengths, [length - _LETTERS_MORE_OR_LESS, length + _LETTERS_MORE_OR_LESS + 1]
        )
        letters = np.bincount(np.frombuffer(key.encode("ascii"), np.uint8) % _LETTERS)
        own = np.zeros((_LETTERS, 1), np.int8)
        own[: len(letters), 0] = letters
        differing = np.abs(self._counts[:, low:high] - own).sum(axis=0, dtype=np.int16)
        most = (1 - _SIMILAR / 100) * (length + self._lengths[low:high])
        return [self._names[low + i] for i in np.flatnonzero(differing <= most + 1e-9)]


class Fuzzy:
    """Finds names of one gazetteer that differ little from the words."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._names: dict[tuple[str, str | None], _Names] = {}
        self._units: dict[str, pl.Series] = {}
        self.places = lru_cache(_MOST_REMEMBERED)(self._places)

    def _places(self, key: str, country: str, admin1_code: str | None) -> tuple[int, ...]:
        """Codes of the places with the most similar names in the country (and unit, where given)."""
        if len(key) < _SHORTEST or not key.isascii():
            return ()
        candidates = self._names_of(country, admin1_code).like(key)
        hits = process.extract(
            key, candidates, scorer=fuzz.ratio, score_cutoff=_SIMILAR, limit=None
        )
        g = self._gazetteer
        return tuple(
            sorted(
                {
                    code
                    for name, score, _ in hits
                    if score > hits[0][1] - _AS_LIKELY
                    for code in g.names[name]
                    if g.country[code >> 2] == country
                    and (admin1_code is None or g.admin1_code[code >> 2] == admin1_code)
                }
            )
        )

    def _names_of(self, country: str, admin1_code: str | None) -> _Names:
        if country not in self._units:
            self._index(country)
        area = (country, admin1_code)
        if area not in self._names:
            rows = self._units[country].list.contains(admin1_code).arg_true().to_numpy()
            self._names[area] = self._names[country, None].some(rows)
        return self._names[area]

    def _index(self, country: str) -> None:
        """Names of a country, and the first-order units where each of them stands."""
        names = self._gazetteer.latin_names(country).lazy().group_by("name_key").agg("admin1_code")
        names = names.sort(pl.col("name_key").str.len_bytes(), "name_key")
        table = names.collect()
        self._names[country, None] = _Names.of(table["name_key"].to_list())
        self._units[country] = table["admin1_code"]
