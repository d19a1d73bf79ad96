"""What the made world must reproduce: the clusters of a published table, and lesser ones.

Here: the calibration files of this folder, a published table of the user's in their place, and the
figures of the world as a whole. Add here further published facts to calibrate on. Not here: reading
published tables (`published`), where the output goes within a cluster (`geography`) or a
year (`quotas`).
"""

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from pipelines.errors import UserError
from pipelines.simulation.gazetteer import load_gazetteer
from pipelines.simulation.published import read_published

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


def _world_total(counts: list[float], percents: list[float | None], default: float) -> float:
    """The world's total behind printed shares in percent; over all rows their rounding evens out."""
    printed = [(count, share) for count, share in zip(counts, percents, strict=True) if share]
    total = (
        sum(count for count, _ in printed) / sum(share for _, share in printed) * 100
        if printed
        else default
    )
    return max(total, sum(counts))


def calibration_on(path: Path) -> Calibration:
    """A calibration on a published table (`read_published`), with counts in every row.

    Printed shares tell the world's totals, else they are those of 2020. Clusters of WIPO's table of
    2020 that it names keep their fields, organisations and applicants.

    Raises:
        UserError: as `read_published`, or where a cluster has no counts; names the row's cluster.
    """
    rows = read_published(path)
    for row in rows:
        if row.applications is None or row.articles is None or not row.applications + row.articles:
            raise UserError(
                f'{path}: "{row.name}" (rank {row.rank}) has no count in pct_applications or '
                "publications. A world is made from counts: fill them in, or leave the row out."
            )
    applications = [row.applications or 0.0 for row in rows]
    articles = [row.articles or 0.0 for row in rows]
    known = {cluster.name: cluster for cluster in default_calibration().clusters}
    return Calibration(
        tuple(
            replace(like, applications=a, articles=b, countries=row.economies)
            if (like := known.get(row.name))
            else Cluster(row.name, row.economies, row.cities, a, b)
            for row, a, b in zip(rows, applications, articles, strict=True)
        ),
        (),
        _world_total(applications, [row.application_percent for row in rows], WORLD_APPLICATIONS),
        _world_total(articles, [row.article_percent for row in rows], WORLD_ARTICLES),
        grows=False,
    )
