"""A release held against a published ranking: which cluster is which, and how far the counts are apart.

Here: the match by place and the measures. Not here: reading the published table
(`simulation/published.py`).

A published cluster is the one of ours whose nearest cell lies within the method's radius of its first
city; each of ours is at most one published cluster, the one that ranks highest. Names play no part in
the match, so that they can be compared.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy.spatial import cKDTree
from scipy.stats import spearmanr

from pipelines.delineation.sphere import unit_vectors
from pipelines.markdown import markdown_table
from pipelines.report.formats import growth, percent
from pipelines.simulation.gazetteer import chord, load_gazetteer
from pipelines.simulation.published import PublishedCluster, cities_of, read_published

_WITHIN_KM = 15.0

SCHEMA = {
    "published_rank": pl.Int64,
    "published_name": pl.String,
    "published_economies": pl.String,
    "rank": pl.Int64,
    "name": pl.String,
    "economies": pl.String,
    "same_cities": pl.Boolean,
    "published_applications": pl.Float64,
    "applications": pl.Float64,
    "published_articles": pl.Float64,
    "articles": pl.Float64,
}


@dataclass(frozen=True)
class Comparison:
    """A published ranking beside ours.

    Attributes:
        clusters: the columns of `SCHEMA`, one row per published cluster, by rank; ours are null where
            none is at the place. `same_cities`: the name stands for the same cities.
    """

    clusters: pl.DataFrame

    @property
    def recovered(self) -> pl.DataFrame:
        """The published clusters that are among ours."""
        return self.clusters.drop_nulls("rank")

    @property
    def rank_correlation(self) -> float:
        """Spearman's coefficient over the recovered; NaN for fewer than two."""
        found = self.recovered
        if len(found) < 2:
            return float("nan")
        return float(spearmanr(found["published_rank"], found["rank"]).statistic)

    @property
    def first_in_order(self) -> int:
        """How many of the first published clusters have the same ranks here, without a gap."""
        same = (self.clusters["rank"] == self.clusters["published_rank"]).fill_null(value=False)
        return int(same.cast(pl.Int8).cum_prod().sum())

    @property
    def names_letter_for_letter(self) -> int:
        """Names that are the same text, whichever dash joins the cities."""
        return int(
            (
                self.recovered["name"]
                == self.recovered["published_name"].str.replace_all(r"\s*[-–]\s*", "–")
            ).sum()
        )

    @property
    def names_with_same_cities(self) -> int:
        """Names that stand for the same cities, whatever their spelling and order."""
        return int(self.recovered["same_cities"].sum())

    def median_difference(self, count: str) -> float | None:
        """Median over the recovered of |ours / published - 1|; count is applications or articles."""
        published = pl.col(f"published_{count}")
        found = self.recovered.filter(published > 0)
        return found.select((pl.col(count) / published - 1).abs().median()).item()


def compare(release: Path, published: Path, *, scale: float = 1.0) -> Comparison:
    """Hold a release against a published table.

    Args:
        release: folder of a release.
        published: a table as `read_published` takes it.
        scale: size of the world that the release is of; our counts are divided by it.

    Raises:
        UserError: where the table cannot be read.
    """
    rows = read_published(published)
    ranking = pl.read_parquet(release / "ranking.parquet")
    cells = pl.read_parquet(release / "cluster_cells.parquet", columns=["cluster_id", "lat", "lng"])
    ranking = ranking.with_columns(pl.col("patents", "publications") / scale)
    ours = {row["cluster_id"]: row for row in ranking.iter_rows(named=True)}
    found = _clusters_at([row.cities[0] for row in rows], cells)
    taken: set[str] = set()
    pairs = []
    for row, cluster_id in zip(rows, found, strict=True):
        is_free = cluster_id is not None and cluster_id not in taken
        pairs.append(_pair(row, ours[cluster_id] if cluster_id and is_free else None))
        taken |= {cluster_id} if cluster_id else set()
    return Comparison(pl.DataFrame(pairs, schema=SCHEMA, orient="row"))


def _clusters_at(cities: list[int], cells: pl.DataFrame) -> list[str | None]:
    """Cluster of the nearest cell of each city; None where none is near."""
    if cells.is_empty():
        return [None] * len(cities)
    cells = cells.sort("cluster_id", "lat", "lng")
    tree = cKDTree(unit_vectors(cells["lat"].to_numpy(), cells["lng"].to_numpy()))
    distance, at = tree.query(load_gazetteer().xyz[cities], distance_upper_bound=chord(_WITHIN_KM))
    return [
        cells["cluster_id"][int(i)] if np.isfinite(km) else None
        for km, i in zip(distance, at, strict=True)
    ]


def _pair(row: PublishedCluster, ours: dict | None) -> tuple:
    economies = "/".join(row.economies)
    if ours is None:
        nothing = (None,) * 4
        return (row.rank, row.name, economies, *nothing, row.applications, None, row.articles, None)
    cities = cities_of(ours["name"], tuple(ours["economies"].split("/"))) or ()
    return (
        *(row.rank, row.name, economies, ours["rank"], ours["name"], ours["economies"]),
        set(cities) == set(row.cities),
        *(row.applications, ours["patents"], row.articles, ours["publications"]),
    )


def markdown(comparison: Comparison) -> str:
    """The measures and the two rankings side by side, as Markdown."""
    published, found = len(comparison.clusters), len(comparison.recovered)
    measures = [
        ("recovered", f"{found} of {published}"),
        ("Spearman's rank correlation", f"{comparison.rank_correlation:.4f}"),
        ("first ranks in the same order", f"{comparison.first_in_order}"),
        *(
            (f"{count}, median difference", percent(comparison.median_difference(count)))
            for count in ("applications", "articles")
        ),
        ("names letter for letter", f"{comparison.names_letter_for_letter}"),
        ("names with the same cities", f"{comparison.names_with_same_cities}"),
    ]
    header = ("published", "cluster", "economies", "here", "name here", "economies here")
    counts = ("applications", "here", "difference", "articles", "here", "difference")
    return "\n".join(
        [
            *markdown_table(("measure", "value"), measures),
            *markdown_table(
                (*header, *counts), map(_cells, comparison.clusters.iter_rows(named=True))
            ),
        ]
    )


def _cells(row: dict) -> tuple[str, ...]:
    places = (
        "published_rank",
        "published_name",
        "published_economies",
        "rank",
        "name",
        "economies",
    )
    cells = ["–" if row[column] is None else str(row[column]) for column in places]
    for count in ("applications", "articles"):
        printed, ours = row[f"published_{count}"], row[count]
        cells += ["–" if number is None else f"{number:,.0f}" for number in (printed, ours)]
        cells.append(growth(ours / printed - 1 if printed and ours is not None else None, 1))
    return tuple(cells)
