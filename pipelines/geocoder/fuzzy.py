"""Near misses: the last resort for words that no rule finds.

Here: the search for the most similar name in the stated country, and the two thresholds with the data
that justify them. Not here: spellings that follow a rule (`romanise`, `lookup`).
"""

from functools import lru_cache

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process

from pipelines.geocoder.gazetteer import Gazetteer

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

    def __init__(self, names: pl.Series) -> None:
        """Index folded names in Latin letters."""
        table = pl.DataFrame({"name": names.unique()})
        table = table.with_columns(length=pl.col("name").str.len_bytes()).sort("length", "name")
        self._names: list[str] = table["name"].to_list()
        self._lengths = table["length"].to_numpy().astype(np.int64)
        letters = np.frombuffer("".join(self._names).encode("ascii"), np.uint8) % _LETTERS
        rows = np.repeat(np.arange(len(table)), self._lengths)
        counts = np.bincount(rows * _LETTERS + letters, minlength=len(table) * _LETTERS)
        # one row per letter, so that the names of some lengths lie side by side
        self._counts = np.ascontiguousarray(counts.reshape(-1, _LETTERS).T, np.int8)

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
        area = (country, admin1_code)
        if area not in self._names:
            names = self._gazetteer.latin_names(country)
            if admin1_code is not None:
                names = names.filter(pl.col("admin1_code") == admin1_code)
            self._names[area] = _Names(names["name_key"])
        return self._names[area]
