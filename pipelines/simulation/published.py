"""A published ranking as a table: WIPO's columns read, and the cities of its names found.

Here: reading such a CSV file, WIPO's or a user's, with errors that name row and column. Add here another
way in which such tables are written. Not here: making a world of one (`calibration`) or holding a
release against one (`pipelines/comparison.py`).
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.encoding import not_utf8
from pipelines.errors import UserError
from pipelines.simulation.gazetteer import find_city

COLUMNS = ("name", "country", "pct_applications", "publications")
"""Columns that a table must have; rank, share_pct and share_pubs are read where they are there."""

_NUMBER = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.\d*)?")
"""A count or percentage: digits, with commas between thousands or without."""


@dataclass(frozen=True)
class PublishedCluster:
    """A row of a published ranking.

    Attributes:
        rank: as printed; the number of the row where the table has no ranks.
        name: as printed.
        economies: ISO 3166 alpha-2, the leading one first.
        cities: rows of the simulation's gazetteer, in the order of the name.
        applications: fractional count of the window; None where the cell is empty, as the next three.
        articles: likewise.
        application_percent: share of the world's applications.
        article_percent: likewise.
    """

    rank: int
    name: str
    economies: tuple[str, ...]
    cities: tuple[int, ...]
    applications: float | None
    articles: float | None
    application_percent: float | None
    article_percent: float | None


def read_published(path: Path) -> list[PublishedCluster]:
    """A table in the layout of WIPO's published ones, by rank.

    Columns in any order: name, country (alpha-2 codes joined with '/'), pct_applications,
    publications; rank, share_pct and share_pubs (percent) where there are. Separated by commas,
    semicolons or tabs. Cells of numbers may be empty.

    Raises:
        UserError: the file is no such table, a cell is not what its column holds, a city is in no
            gazetteer, or two rows name the same city first; says the row (from 1) and the column.
    """
    rows = _rows(path)
    clusters = [_cluster(row, f"{path}, row {number}", number) for number, row in rows]
    first_of: dict[int, int] = {}
    for (number, _), cluster in zip(rows, clusters, strict=True):
        other = first_of.setdefault(cluster.cities[0], number)
        if other != number:
            raise UserError(
                f'{path}, row {number}, column name: the first city of "{cluster.name}" is that of '
                f"row {other} too. Keep one row for each cluster."
            )
    return sorted(clusters, key=lambda cluster: cluster.rank)


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Rows that hold something, by column, with their numbers from 1."""
    try:
        data = path.read_bytes()
        if says := not_utf8(data):
            raise UserError(f"{path}: {says}")
        text = data.decode("utf-8-sig")
        head = text.lstrip().partition("\n")[0]
        delimiter = max(",;\t", key=head.count)
        # lines end where CSV ends them: not within quotes, nor at what else Unicode calls a line
        lines = list(csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=delimiter))
    except (OSError, csv.Error) as error:
        raise UserError(f"{path}: cannot be read as a CSV file ({error}).") from error
    columns = [name.strip().lower() for name in lines[0]] if lines else []
    missing = [name for name in COLUMNS if columns.count(name) != 1]
    if missing:
        times = "twice" if missing[0] in columns else "missing"
        raise UserError(
            f"{path}: column {missing[0]} is {times}. Expected a table with the columns rank, "
            f"{', '.join(COLUMNS)} and a row per cluster; it has: {', '.join(columns) or 'nothing'}."
        )
    rows = []
    for number, cells in enumerate(lines[1:], start=1):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            raise UserError(
                f"{path}, row {number}: {len(cells)} cells, but the table has {len(columns)} "
                "columns. Put names that hold a comma in quotes."
            )
        rows.append((number, dict(zip(columns, (cell.strip() for cell in cells), strict=True))))
    if not rows:
        raise UserError(f"{path}: has no row below its header. Expected a row per cluster.")
    return rows


def _cluster(row: dict[str, str], where: str, number: int) -> PublishedCluster:
    economies = tuple(code.strip().upper() for code in row["country"].split("/"))
    cities = cities_of(row["name"], economies)
    if cities is None:
        raise UserError(
            f'{where}, column name: no place of the gazetteer is called "{row["name"]}" in '
            f'"{row["country"]}" (column country). Write the cities as GeoNames does, joined '
            "with a hyphen, and the countries as ISO 3166 alpha-2 codes joined with a slash."
        )
    rank = row.get("rank") or str(number)
    if not re.fullmatch(r"[1-9]\d{0,8}", rank):
        raise UserError(f'{where}, column rank: expected a whole number from 1, found "{rank}".')
    return PublishedCluster(
        int(rank),
        row["name"],
        economies,
        cities,
        *(
            _number(row.get(column, ""), f"{where}, column {column}")
            for column in ("pct_applications", "publications", "share_pct", "share_pubs")
        ),
    )


def _number(text: str, where: str) -> float | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise UserError(
            f'{where}: expected a number of at least 0, such as 1234 or 1,234.5, found "{text}".'
        )
    return float(text.replace(",", ""))


def cities_of(name: str, economies: tuple[str, ...]) -> tuple[int, ...] | None:
    """Rows of the simulation's gazetteer of the cities in a cluster's name; None where one is unknown."""
    states = re.findall(r",\s*([A-Z]{2})\b", name)
    bare = re.sub(r",\s*[A-Z]{2}\b", "", name).strip()
    for cities in _splits(bare):
        rows = [find_city(city, list(economies), states) for city in cities]
        found = tuple(row for row in rows if row is not None)
        if len(found) == len(rows):
            return found
    return None


def _splits(name: str) -> Iterator[list[str]]:
    """Ways to read a printed name as cities, the plainest first."""
    yield [name]
    if "–" in name:
        yield [part.strip() for part in name.split("–")]
    pieces = [part.strip() for part in re.split(r"[-–]", name)]
    yield pieces
    # One hyphen may belong to a city's own name (Kafr El-Shaikh).
    for i in range(len(pieces) - 1):
        yield [*pieces[:i], f"{pieces[i]}-{pieces[i + 1]}", *pieces[i + 2 :]]
