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
        table: the answers, with their numbers, from 1, as the column `answer`.
        years: whose texts are all among those that are remembered.
    """

    def __init__(self, columns: Mapping[str, pl.DataType]) -> None:
        """Know nothing yet; `columns` are those of an answer."""
        self._columns = columns
        self.forget()

    def forget(self) -> None:
        """Begin anew, without answers."""
        self.table = pl.DataFrame(schema={**self._columns, "answer": pl.Int32()})
        self.years: set[int] = set()
        self._numbers = Values()
        self._texts = 0

    @property
    def is_full(self) -> bool:
        """Whether more is remembered than there is room for."""
        return self._texts > MOST_TEXTS

    def numbers(self, keys: Hashes) -> Numbers:
        """The number of the answer to each text, 0 where it is not known; shape (n,)."""
        return self._numbers.get(keys)

    def add(self, keys: Hashes, answers: pl.DataFrame, of_texts: Numbers) -> None:
        """Remember texts that are not known yet.

        Args:
            keys: of the texts, each once.
            answers: to them.
            of_texts: for each text the row of its answer, from 0; shape (n,).
        """
        first = len(self.table) + 1
        numbered = answers.with_columns(
            answer=pl.int_range(first, first + len(answers), dtype=pl.Int32)
        )
        self.table = pl.concat([self.table, numbered])
        self._numbers.put(keys, of_texts + np.int32(first))
        self._texts += len(keys)
