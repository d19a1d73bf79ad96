"""Clusters with the output of their years, and their ranking: what the tables of ranked clusters read."""

from collections.abc import Mapping

import polars as pl

from pipelines.contracts import clusters, extracts, indicators
from tests.sql.conftest import Inputs, RunSql

WHOLE = 10**9
BEFORE = {"patent_first_year_before": 2013, "publication_first_year_before": 2013}
NO_RELEASE = {"released_before": pl.DataFrame(schema={"cluster_id": pl.String, "rank": pl.Int32})}
Counts = Mapping[str, tuple[int, int]]
"""Cluster -> patents and articles in each year of the window."""


def inputs(
    counts: Counts,
    *,
    world: tuple[int, int] = (1000, 2000),
    year_before: Mapping[str, tuple[int, int]] | None = None,
    population: Mapping[str, int] | None = None,
    uncovered: tuple[int, ...] = (),
) -> Inputs:
    """Clusters with equal output in 2014 to 2018; the world has as many documents in each year."""
    totals = [
        {"kind": kind, "first_year": 2014, "last_year": 2018, "documents": 5 * documents}
        for kind, documents in zip(("patent", "publication"), world, strict=True)
    ]
    years = []
    for year in range(2013, 2019):
        for cluster, in_year in counts.items():
            chosen = (year_before or {}).get(cluster, in_year) if year == 2013 else in_year
            for kind, documents in zip(("patent", "publication"), chosen, strict=True):
                years.append(
                    {
                        "cluster_id": cluster,
                        "kind": kind,
                        "year": year,
                        "in_window": year > 2013,
                        "addresses": documents,
                        "parts": documents * WHOLE,
                    }
                )
    return {
        clusters.CLUSTERS: [
            {
                "cluster_id": cluster,
                "name": cluster.upper(),
                "economies": "JP/KR" if cluster == "both" else cluster[:2].upper(),
                "patent_parts": 5 * patents * WHOLE,
                "publication_parts": 5 * articles * WHOLE,
                "patent_addresses": 5 * patents,
                "publication_addresses": 5 * articles,
            }
            for cluster, (patents, articles) in counts.items()
        ],
        clusters.EDITION_TOTALS: totals,
        indicators.CLUSTER_YEARS: years,
        indicators.CLUSTER_POPULATION: [
            {"cluster_id": cluster, "population": (population or {}).get(cluster, 1_000_000)}
            for cluster in counts
        ],
        extracts.DOCUMENT_COUNTS: [
            {"year": year, "kind": kind, "documents": 0 if year in uncovered else documents}
            for year in range(2013, 2019)
            for kind, documents in zip(("patent", "publication"), world, strict=True)
        ],
    }


def rank(
    run_sql: RunSql, inputs: Inputs, threads: int = 2, edition: int = 2020, **frames: pl.DataFrame
) -> pl.DataFrame:
    return run_sql(
        indicators.RANKING,
        inputs,
        frames={**NO_RELEASE, **frames},
        threads=threads,
        edition=edition,
        has_intensity_ranking=edition >= 2020,
        lead_percent=60,
        **BEFORE,
    )


def with_ranking(run_sql: RunSql, inputs: Inputs) -> Inputs:
    return {**inputs, indicators.RANKING: rank(run_sql, inputs).rows(named=True)}
