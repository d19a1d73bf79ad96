"""Addresses -> what their parts say, each distinct part read once.

Here: from the texts of a batch, cut and cleaned as columns, to numbers of parts in rows; most addresses
differ in streets and departments, which say nothing, and so become equal. Not here: how a text is cut
(`parse`), what words mean (`lookup`), which meaning wins (`resolve`).
"""

import polars as pl

from pipelines.geocoder.countries import country_of_field
from pipelines.geocoder.distinct import distinct_rows
from pipelines.geocoder.gazetteer import Gazetteer
from pipelines.geocoder.level import Level
from pipelines.geocoder.lookup import Lookup, Reading
from pipelines.geocoder.parse import clean, split
from pipelines.geocoder.text import fold_all

# The texts of an address in the order in which they are read.
_TEXTS = ("address", "city", "region", "postcode", "country")
# Parts to remember: streets never end, while names of places and organisations come again.
_MOST_PARTS = 500_000


class Evidence:
    """Reads addresses against one gazetteer and remembers what their parts say.

    Attributes:
        parts: what each part may mean, by its number.
        known: those of the same meanings that are known, by their number.
    """

    def __init__(self, gazetteer: Gazetteer, level: Level) -> None:
        self._lookup = Lookup(gazetteer, level)
        self.inside = self._lookup.inside
        self.forget()

    @property
    def is_full(self) -> bool:
        """Whether more is remembered than is worth its room."""
        return len(self.parts) > _MOST_PARTS

    def forget(self) -> None:
        """Start numbering anew."""
        self.parts: list[tuple[Reading, ...]] = []
        self.known: list[tuple[Reading, ...]] = []
        self._numbers: dict[tuple[str, bool], int] = {}
        self._known_numbers: dict[tuple[Reading, ...], int] = {}
        self._known_of_part: list[int | None] = []

    def of(self, addresses: pl.DataFrame) -> pl.DataFrame:
        """What each address says, in the order of rows.

        Args:
            addresses: address, city, region, postcode, country (text).

        Returns:
            `stated` (alpha-2 code of the field `country`), and lists in the order of reading: `part`
            (numbers in `parts`), `name` (numbers in `known`) and `postcodes` (as written).
        """
        written = addresses["country"].unique().drop_nulls()
        codes = {text: country_of_field(text) for text in written if text}
        stated = addresses["country"].replace_strict(codes, default=None, return_dtype=pl.String)
        texts = addresses.select(_TEXTS).with_columns(
            pl.when(stated.is_null()).then("country").alias("country")
        )
        filled = [
            texts.select(text=name).with_row_index("row").filter(pl.col("text") != "")
            for name in _TEXTS
        ]
        long = pl.concat(filled).sort("row", maintain_order=True)
        parts = self._read(split(long["text"]))
        said = (
            parts.with_columns(long["row"].gather(parts["text"]))
            .group_by("row")
            .agg("part", pl.col("name").drop_nulls(), pl.col("postcodes").list.explode())
        )
        nothing = {"part": pl.Int64, "name": pl.Int64, "postcodes": pl.String}
        rows = stated.alias("stated").to_frame().with_row_index("row")
        return rows.join(said, on="row", how="left", maintain_order="left").select(
            "stated",
            *[pl.col(name).fill_null(pl.lit([], pl.List(kind))) for name, kind in nothing.items()],
        )

    def _read(self, parts: pl.DataFrame) -> pl.DataFrame:
        """Numbers of parts and of what is known of them, and postcodes, for the parts of texts."""
        parts = parts.with_columns(
            is_last=pl.col("text") != pl.col("text").shift(-1, fill_value=-1)
        )
        distinct, of_rows = distinct_rows(parts.select("part", "is_last"))
        cleaned = distinct.hstack(clean(distinct["part"]))
        words, of_parts = distinct_rows(cleaned.select("words", "is_last"))
        keys = fold_all(words["words"])
        numbers = [
            self._number(text, key, is_last=is_last)
            for (text, is_last), key in zip(words.iter_rows(), keys, strict=True)
        ]
        names = [self._known_of_part[number] for number in numbers]
        read = pl.DataFrame(
            {"part": numbers, "name": names}, schema={"part": pl.Int64, "name": pl.Int64}
        )
        of_cleaned = read[of_parts].with_columns(cleaned["postcodes"])
        return of_cleaned[of_rows].with_columns(parts["text"])

    def _number(self, words: str, key: str, *, is_last: bool) -> int:
        """The number of a part; equal meanings that are known have one number too."""
        number = self._numbers.get((words, is_last))
        if number is None:
            number = self._numbers[words, is_last] = len(self.parts)
            readings = self._lookup.read(words, key, is_last=is_last)
            known = tuple([reading for reading in readings if reading.is_known])
            name = self._known_numbers.setdefault(known, len(self.known)) if known else None
            if name == len(self.known):
                self.known.append(known)
            self.parts.append(readings)
            self._known_of_part.append(name)
        return number
