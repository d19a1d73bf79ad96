"""What the made world must reproduce: the clusters of a published table, and lesser ones.

Here: reading the calibration files of this folder or a published table of the user's, and the
figures of the world as a whole. Add here further published facts to calibrate on. Not here: where
the output goes within a cluster (`geography`) or a year (`quotas`).
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.errors import UserError
from pipelines.simulation.gazetteer import find_city, load_gazetteer

DATA = Path(__file__).parent

WINDOW = range(2014, 2019)
"""Years of publication behind WIPO's table of 2020."""

# Worked out from the shares that WIPO prints in 2020.
WORLD_APPLICATIONS, WORLD_ARTICLES = 1_047_141, 8_664_000

# GII 2024: 4,113,927 inventor addresses on about 1.29 million applications.
INVENTORS_PER_APPLICATION = 4_113_927 / 1_290_000
# GII 2024 counts 27,022,686 author addresses on 7.9 million articles proper; here on the wider set
# of items that the table of 2020 counts, so that the addresses of a window come out as published.
AUTHORS_PER_ARTICLE = 2.87

COUNT_COLUMNS = ("pct_applications", "publications")


@dataclass(frozen=True)
class Cluster:
    """A cluster that the world must hold.

    Attributes:
        name: as published.
        countries: economies it lies in, ISO 3166 alpha-2, the leading one first.
        cities: rows of the gazetteer, leading city first.
        applications: fractional count of the window.
        articles: fractional count of the window.
        science_field: leading field with its share in percent; likewise the other three.
    """

    name: str
    countries: tuple[str, ...]
    cities: tuple[int, ...]
    applications: float
    articles: float
    science_field: tuple[str, float] | None = None
    organisation: tuple[str, float] | None = None
    patent_field: tuple[str, float] | None = None
    applicant: tuple[str, float] | None = None


@dataclass(frozen=True)
class Calibration:
    """Everything the world is made to reproduce.

    Attributes:
        clusters: the published ranking, in its order.
        lesser: further clusters, none of which reaches the last published one.
        applications: the world's applications in the window.
        articles: the world's articles in the window.
        grows: whether output changes over the years; a user's table tells nothing of growth, so
            that each of its years carries a fifth and any five years carry the table.
    """

    clusters: tuple[Cluster, ...]
    lesser: tuple[Cluster, ...]
    applications: float
    articles: float
    grows: bool


def units(applications: float, articles: float, world: Calibration | None = None) -> float:
    """Weight in the density clustering: inventor addresses, and author addresses made comparable.

    An author address weighs inventor addresses / author addresses of the world (method 5).
    """
    world_applications = world.applications if world else WORLD_APPLICATIONS
    world_articles = world.articles if world else WORLD_ARTICLES
    per_article = INVENTORS_PER_APPLICATION * world_applications / world_articles
    return INVENTORS_PER_APPLICATION * applications + per_article * articles


def read_rows(name: str) -> list[dict[str, str]]:
    """Rows of a CSV file of this folder; lines that begin with # say where it comes from."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def _leading(row: dict[str, str], what: str) -> tuple[str, float] | None:
    return (row[what], float(row[f"{what}_percent"])) if row.get(what) else None


def _own_clusters(name: str) -> tuple[Cluster, ...]:
    gazetteer = load_gazetteer()
    return tuple(
        Cluster(
            name=row["name"],
            countries=tuple(row["economies"].split("/")),
            cities=tuple(gazetteer.row_of(int(place)) for place in row["place_ids"].split("|")),
            applications=float(row["applications"]),
            articles=float(row["articles"]),
            science_field=_leading(row, "science_field"),
            organisation=_leading(row, "organisation"),
            patent_field=_leading(row, "patent_field"),
            applicant=_leading(row, "applicant"),
        )
        for row in read_rows(name)
    )


def default_calibration() -> Calibration:
    """WIPO's table of 2020, with lesser clusters beyond the hundred."""
    return Calibration(
        _own_clusters("calibration_2020.csv"),
        _own_clusters("beyond_2020.csv"),
        WORLD_APPLICATIONS,
        WORLD_ARTICLES,
        grows=True,
    )


def country_shares() -> pl.DataFrame:
    """By country: shares of the world's output in percent, and yearly growth, by source."""
    return pl.read_csv(DATA / "countries.csv", comment_prefix="#", null_values=[]).sort("country")


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


def _cities(name: str, countries: list[str]) -> list[int] | None:
    states = re.findall(r",\s*([A-Z]{2})\b", name)
    bare = re.sub(r",\s*[A-Z]{2}\b", "", name).strip()
    for cities in _splits(bare):
        rows = [find_city(city, countries, states) for city in cities]
        if None not in rows:
            return [row for row in rows if row is not None]
    return None


def _number(value: str | None, where: str) -> float:
    try:
        number = float((value or "").replace(",", ""))
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise UserError(f'{where}: expected a count of at least 0, found "{value}".')
    return number


def _world_total(rows: list[dict[str, str]], count: str, share: str, default: float) -> float:
    """The world's total behind printed shares in percent; over all rows their rounding evens out."""
    pairs = [(float(r[count]), float(r[share])) for r in rows if r.get(share) and r.get(count)]
    counts, shares = sum(c for c, _ in pairs), sum(s for _, s in pairs)
    return counts / shares * 100 if shares > 0 else default


def read_published(path: Path) -> Calibration:
    """A calibration on a table in the layout of WIPO's published ones.

    Columns: rank, name, country (alpha-2 codes joined with '/'), pct_applications, publications;
    optional share_pct and share_pubs (percent) tell the world's totals. Clusters of WIPO's table of
    2020 that it names keep their fields, organisations and applicants.

    Raises:
        UserError: a column is missing, a count is not a number, or a city is in no gazetteer; names
            the row and the column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as a UTF-8 text file ({error}).") from error
    rows = list(csv.DictReader(text.splitlines()))
    missing = [c for c in ("name", "country", *COUNT_COLUMNS) if c not in (rows[0] if rows else {})]
    if missing:
        raise UserError(
            f"{path}: column {missing[0]} is missing. Expected a table with the columns rank, name, "
            "country, pct_applications, publications and a row per cluster."
        )
    own = default_calibration()
    known = {cluster.name: cluster for cluster in own.clusters}
    clusters = []
    for number, row in enumerate(rows, start=1):
        where = f"{path}, row {number}"
        countries = [code.strip() for code in (row["country"] or "").split("/")]
        name = (row["name"] or "").strip()
        cities = _cities(name, countries)
        if cities is None:
            raise UserError(
                f'{where}, column name: no place of the gazetteer is called "{name}" in '
                f'"{row["country"]}" (column country). Write the cities as GeoNames does, joined '
                "with a hyphen, and the countries as ISO 3166 alpha-2 codes joined with a slash."
            )
        like = known.get(name)
        clusters.append(
            Cluster(
                name,
                tuple(countries),
                like.cities if like else tuple(cities),
                _number(row["pct_applications"], f"{where}, column pct_applications"),
                _number(row["publications"], f"{where}, column publications"),
                like.science_field if like else None,
                like.organisation if like else None,
                like.patent_field if like else None,
                like.applicant if like else None,
            )
        )
    return Calibration(
        tuple(clusters),
        (),
        max(
            _world_total(rows, "pct_applications", "share_pct", WORLD_APPLICATIONS),
            sum(c.applications for c in clusters),
        ),
        max(
            _world_total(rows, "publications", "share_pubs", WORLD_ARTICLES),
            sum(c.articles for c in clusters),
        ),
        grows=False,
    )
