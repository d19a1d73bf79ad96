"""Stage 4, indicators: counts, shares, ranks, economies and the world, by edition.

All of it is SQL over the clusters and the years' small tables; floats appear only here.
"""

import polars as pl

from pipelines.contracts import clusters, extracts, geocoding
from pipelines.contracts import indicators as tables
from pipelines.identity import depends_on_release_before, read_release_before
from pipelines.steps import Made, Step
from pipelines.table_asset import table_asset


@table_asset(
    tables.CLUSTER_YEARS,
    inputs=[
        clusters.CLUSTERS,
        clusters.CLUSTER_CELLS,
        clusters.EDITION_TOTALS,
        geocoding.CELL_WEIGHTS,
    ],
)
def cluster_years(step: Step) -> Made:
    """Output by year and source, the year before the window included, on this geography."""
    return step.sql()


@table_asset(
    tables.RANKING,
    inputs=[
        clusters.CLUSTERS,
        tables.CLUSTER_YEARS,
        clusters.EDITION_TOTALS,
        extracts.DOCUMENT_COUNTS,
    ],
    settings=depends_on_release_before,
    code=["identity"],
)
def ranking(step: Step) -> Made:
    """The ranking: order of the plain sum of two unrounded shares (method 4)."""
    released = read_release_before(step, "ranking", {"cluster_id": pl.String, "rank": pl.Int32})
    step.offer_frame("released_before", released)
    return step.sql()


@table_asset(tables.ECONOMIES, inputs=[tables.RANKING])
def economies(step: Step) -> Made:
    """Economies with clusters in the top 100."""
    return step.sql()


@table_asset(
    tables.WORLD,
    inputs=[
        clusters.EDITION_TOTALS,
        clusters.EDITION_WEIGHTS,
        tables.CLUSTER_YEARS,
        tables.RANKING,
    ],
)
def world(step: Step) -> Made:
    """How the world's output divides between the top 100, other clusters and the rest."""
    return step.sql()


@table_asset(
    tables.EDITION_GEOCODING_QUALITY,
    inputs=[geocoding.GEOCODING_QUALITY, clusters.EDITION_TOTALS],
)
def edition_geocoding_quality(step: Step) -> Made:
    """Precision of the addresses of the windows, by country, beside which WIPO's own can be laid."""
    return step.sql()
