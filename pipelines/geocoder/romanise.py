"""Romanisations: one spelling for all the ways in which an East Asian name is put in Latin letters.

Here: the rewriting of a name by the ordered patterns of `data/romanisation.csv` (Wade-Giles, Tongyong,
McCune-Reischauer, Kunrei and what inventors make of them) and the index of names so rewritten. A new
spelling habit is a row there. Not here: misspellings (`fuzzy`).
"""

import re
from collections import defaultdict

import polars as pl

from pipelines.geocoder.gazetteer import Gazetteer
from pipelines.geocoder.sources import DATA

# Ranks after a name, also glued or hyphenated: Yongin-shi, Hsinchuhsien.
_RANK = re.compile(
    r" ?(shi|si|city|gun|kun|gu|ku|hsien|xian|shih|hsiang|chen|zhen|eup|myeon|myun|chu|qu|district|"
    r"county|township|town|do|dong|ri|cho|machi|mura)$",
    re.MULTILINE,
)
_SHORTEST = 3


class Romaniser:
    """Finds places of one gazetteer whose name is another romanisation of the words."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._rules: dict[str, list[tuple[re.Pattern[str], str]]] = defaultdict(list)
        table = pl.read_csv(DATA / "romanisation.csv", infer_schema=False)
        for country, pattern, replacement, _ in table.iter_rows():
            self._rules[country].append((re.compile(pattern, re.MULTILINE), replacement))
        self._index: dict[str, dict[str, set[int]]] = {}

    def rewrite(self, keys: str, country: str) -> str:
        """The common spelling of folded names, one a line: 'san chung', 'sanchong' (TW) give the same."""
        text = _RANK.sub("", keys).replace(" ", "")
        for pattern, replacement in self._rules[country]:
            text = pattern.sub(replacement, text)
        return text

    def places(self, key: str, country: str) -> tuple[int, ...]:
        """Codes (as in `Gazetteer.names`) of the places so called, in order; empty where none."""
        if country not in self._rules or not key.isascii():
            return ()
        if country not in self._index:
            self._index[country] = self._build(country)
        common = self.rewrite(key, country)
        return (
            tuple(sorted(self._index[country].get(common, ()))) if len(common) >= _SHORTEST else ()
        )

    def _build(self, country: str) -> dict[str, set[int]]:
        names = self._gazetteer.latin_names(country)
        # all names in one text: a pattern is run once for the country, not once for each name
        common = self.rewrite("\n".join(names["name_key"]), country).split("\n")
        index: dict[str, set[int]] = defaultdict(set)
        for spelling, code in zip(common, names["code"], strict=True):
            index[spelling].add(code)
        return index
