"""What a process knows of address texts: the answers of one geocoder.

Here: `Answers`. Most texts of a year come again in the next one, and many texts have one answer - in a
year of the made world 1.2 million texts have 53,000 - so a text is kept as its key and the number of its
answer, and each answer once. Not here: how answers are found (`geocoder/`), where others lie on
disk (`geocoding`).
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from pipelines.readers.numbering import Hashes, Numbers, Values

MOST_TEXTS = 10_000_000
"""Texts to remember, beyond which a year begins anew: 0.4 GB."""


class Answers:
    """Answers to address texts by the texts' keys.

    Attributes:
        years: whose texts are all among those that are remembered.
    """

    def __init__(self, columns: Mapping[str, pl.DataType]) -> None:
        """Know nothing yet; `columns` are those of an answer."""
        self._columns = columns
        self.forget()

    def forget(self) -> None:
        """Begin anew, without answers."""
        self._answers = pl.DataFrame(schema=self._columns)
        self.years: set[int] = set()
        self._numbers = Values()
        self._texts = 0

    @property
    def is_full(self) -> bool:
        """Whether more is remembered than there is room for."""
        return self._texts > MOST_TEXTS

    def unknown(self, keys: Hashes) -> Hashes:
        """Keys of the texts that are not known, in their order."""
        return keys[self._numbers.get(keys) == 0]

    def of(self, keys: Hashes) -> tuple[pl.DataFrame, Numbers]:
        """The answers, and for each known text the row of its own, from 0; shape (n,)."""
        return self._answers, self._numbers.get(keys) - np.int32(1)

    def add(self, keys: Hashes, answers: pl.DataFrame, of_texts: Numbers) -> None:
        """Remember texts that are not known yet.

        Args:
            keys: of the texts, each once.
            answers: to them.
            of_texts: for each text the row of its answer, from 0; shape (n,).
        """
        # numbers are from 1: 0 is no value for a key
        self._numbers.put(keys, of_texts + np.int32(len(self._answers) + 1))
        self._answers = pl.concat([self._answers, answers], rechunk=True)
        self._texts += len(keys)
