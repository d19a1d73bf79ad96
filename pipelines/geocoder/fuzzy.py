"""Near misses: the last resort for words that no rule finds.

Here: the search for the most similar name in the stated country, and the two thresholds with the data
that justify them. Not here: spellings that follow a rule (`romanise`, `lookup`).
"""

from collections import defaultdict

from rapidfuzz import fuzz, process

from pipelines.geocoder.gazetteer import Gazetteer

# Share of equal letters (rapidfuzz ratio, 0-100) from which a name counts as misspelt. Tuned on one
# half of the corrected place names of US patents; see the evaluation in the project's documents.
_SIMILAR = 86.0
# Below this many letters one wrong letter makes another town.
_SHORTEST = 5
_LETTERS_MORE_OR_LESS = 2


class Fuzzy:
    """Finds names of one gazetteer that differ little from the words."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._keys: dict[str, dict[tuple[str | None, int], list[str]]] = {}
        self._cache: dict[tuple[str, str, str | None], tuple[int, ...]] = {}

    def places(self, key: str, country: str, admin1_code: str | None) -> tuple[int, ...]:
        """Codes of the places with the most similar names in the country (and unit, where given)."""
        ask = (key, country, admin1_code)
        if ask not in self._cache:
            self._cache[ask] = self._search(*ask)
        return self._cache[ask]

    def _search(self, key: str, country: str, admin1_code: str | None) -> tuple[int, ...]:
        if len(key) < _SHORTEST or not key.isascii():
            return ()
        if country not in self._keys:
            self._keys[country] = self._build(country)
        by_length = self._keys[country]
        names = [
            name
            for length in range(
                len(key) - _LETTERS_MORE_OR_LESS, len(key) + _LETTERS_MORE_OR_LESS + 1
            )
            for name in by_length.get((admin1_code, length), ())
        ]
        hits = process.extract(key, names, scorer=fuzz.ratio, score_cutoff=_SIMILAR, limit=5)
        if not hits:
            return ()
        best = hits[0][1]
        g = self._gazetteer
        return tuple(
            sorted(
                {
                    code
                    for name, score, _ in hits
                    if score > best - 2
                    for code in g.latin_names[country][name]
                    if (admin1_code is None or g.admin1_code[code >> 2] == admin1_code)
                }
            )
        )

    def _build(self, country: str) -> dict[tuple[str | None, int], list[str]]:
        keys: dict[tuple[str | None, int], dict[str, None]] = defaultdict(dict)
        g = self._gazetteer
        for key, codes in g.latin_names[country].items():
            keys[None, len(key)][key] = None
            for code in codes:
                keys[g.admin1_code[code >> 2], len(key)][key] = None
        return {unit: list(found) for unit, found in keys.items()}
