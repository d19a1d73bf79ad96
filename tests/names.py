"""Which names of persons stand in a folder: Parquet tables decoded, other files as text."""

import re
from collections.abc import Iterable
from pathlib import Path

import polars as pl

_LONGEST = 5


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def texts_of(folder: Path) -> Iterable[str]:
    """All texts of a folder's files; pictures hold none."""
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path)
            for column in frame.select(pl.col(pl.String)).iter_columns():
                yield from column.drop_nulls().unique().to_list()
        elif path.suffix not in (".png", ".jpg"):
            yield from re.split(r"<[^>]*>", path.read_text(encoding="utf-8"))


def names_in(folder: Path, names: Iterable[str]) -> set[str]:
    """Those of the names, each of two words or more, that stand somewhere in the folder."""
    wanted = {tuple(_words(name)): name for name in names}
    wanted = {words: name for words, name in wanted.items() if 2 <= len(words) <= _LONGEST}
    found = set()
    for text in texts_of(folder):
        words = _words(text)
        for length in range(2, _LONGEST + 1):
            for start in range(len(words) - length + 1):
                if name := wanted.get(tuple(words[start : start + length])):
                    found.add(name)
    return found
