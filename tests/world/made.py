"""A world small enough to be counted by hand: four cities, six years, two sources, edition 2018.

Here: the raw files, their configuration, and the figures that follow from them. Every year has the
same documents but for Seoul, which grows by one application and one article each year.
"""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

YEARS = range(2011, 2017)
EDITION = 2018
WINDOW = range(2012, 2017)
MIN_POINTS = 12

CITIES = {
    "Tokyo": ("Tokyo", "", "JP"),
    "Boston": ("Boston", "MA", "US"),
    "Munich": ("Munich", "", "DE"),
    "Seoul": ("Seoul", "", "KR"),
}
AFFILIATIONS = {
    "Tokyo": "University of Tokyo, Tokyo, Japan",
    "Boston": "Boston University, Boston, MA 02215, USA",
    "Munich": "Technical University of Munich, Munich, Germany",
    "Seoul": "Seoul National University, Seoul, South Korea",
}
APPLICATIONS = {"Tokyo": 8, "Boston": 5, "Munich": 3, "Seoul": 2}
"""Applications of 2011 with two inventors in the city."""
ARTICLES = {"Tokyo": 4, "Boston": 6, "Munich": 4, "Seoul": 2}
"""Articles of 2011 with two authors of one affiliation each in the city."""

ADDRESS_COLUMNS = ("document_id", "year", "person_number", "address_number", "person_name")
PERSONS = ("Zephyrine Quillfeather", "Barnabas Oakenrook", "Ottilie Winterbourne")
"""Names of inventors and authors in the raw files, by person within the document."""


def applications(city: str, year: int) -> int:
    """Applications whose inventors all live in the city."""
    return APPLICATIONS[city] + (year - YEARS[0] if city == "Seoul" else 0)


def articles(city: str, year: int) -> int:
    """Articles whose authors all work in the city."""
    return ARTICLES[city] + (year - YEARS[0] if city == "Seoul" else 0)


def patent_rows(year: int) -> list[tuple[object, ...]]:
    """Inventors: two per application; one joint application; one with nothing but a country."""
    rows = []
    for city, place in CITIES.items():
        for number in range(applications(city, year)):
            name = f"WO{year}{city}{number:02}"
            rows += [(name, year, person, person, *place) for person in (1, 2)]
    joint = f"WO{year}joint"
    rows += [(joint, year, 1, 1, *CITIES["Boston"]), (joint, year, 2, 2, *CITIES["Munich"])]
    rows.append((f"WO{year}lost", year, 1, 1, "", "", "JP"))
    return with_names(rows)


def publication_rows(year: int) -> list[tuple[object, ...]]:
    """Affiliations: two authors per article; one joint one whose first author has two addresses."""
    rows = []
    for city, affiliation in AFFILIATIONS.items():
        for number in range(articles(city, year)):
            name = f"W{year}{city}{number:02}"
            rows += [(name, year, person, person, affiliation) for person in (1, 2)]
    joint = f"W{year}joint"
    rows += [
        (joint, year, 1, 1, AFFILIATIONS["Tokyo"]),
        (joint, year, 1, 2, AFFILIATIONS["Seoul"]),
        (joint, year, 2, 3, AFFILIATIONS["Tokyo"]),
    ]
    return with_names(rows)


def with_names(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Rows of document, year, person, address and more, with the person's name put in between."""
    return [(*row[:4], PERSONS[int(str(row[2]))], *row[4:]) for row in rows]


def write_csv(path: Path, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Rows as a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])


def write_world(folder: Path, *, min_points: int = MIN_POINTS, more: str = "") -> Path:
    """Write the raw files and the configuration; returns the configuration's path."""
    for year in YEARS:
        columns = (*ADDRESS_COLUMNS, "city", "region", "country")
        write_csv(folder / f"raw/patents_{year}.csv", columns, patent_rows(year))
        columns = (*ADDRESS_COLUMNS, "address")
        write_csv(folder / f"raw/articles_{year}.csv", columns, publication_rows(year))
    return write_configuration(folder, min_points=min_points, more=more)


def write_configuration(
    folder: Path, *, min_points: int = MIN_POINTS, more: str = "", listed: Sequence[int] = ()
) -> Path:
    """Write the configuration alone; the files as a pattern, or listed by year in a given order."""
    which: Sequence[int | str] = listed or ["*"]
    sources = "".join(
        f"""
[[sources]]
name = "{name}"
kind = "{kind}"
format = "tabular"
years = "{YEARS[0]}-{YEARS[-1]}"
files = {{ addresses = {json.dumps([f"raw/{name}_{year}.csv" for year in which])} }}
licence = "CC0"
citation = "Made by hand for the tests"
"""
        for name, kind in (("patents", "patent"), ("articles", "publication"))
    )
    path = folder / "stclusters.toml"
    path.write_text(f'workspace = "workspace"\nmin_points = {min_points}\n{more}{sources}')
    return path
