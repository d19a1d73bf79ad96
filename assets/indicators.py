"""Stage 4, indicators: counts, shares, ranks, fields, organisations, partners, by edition.

Most of it is SQL over the clusters and the years' tables; floats appear only here. What SQL cannot say,
or says slowly - who is an organisation, how many people live near, who works with whom - are pure
functions of `pipelines/indicators/`.
"""

import polars as pl

from pipelines.contracts import clusters, extracts, geocoding
from pipelines.contracts import indicators as tables
from pipelines.editions import KINDS, editions
from pipelines.holdings import holdings
from pipelines.identity import depends_on_release_before, read_release_before
from pipelines.indicators.collaboration import holders_of, partners_of
from pipelines.indicators.organisations import known_groups, organisations_of
from pipelines.indicators.population import population_near, population_of_places
from pipelines.steps import Made, Step, Target
from pipelines.storage import sha256_of
from pipelines.table_asset import table_asset


def _last_windows(target: Target) -> dict[str, int | None]:
    """First years of the last edition's windows, as SQL reads them; none for the first edition."""
    last = editions().get(target.year - 1)
    windows = {kind: last.window(kind) if last else range(0) for kind in KINDS}
    return {
        f"{kind}_first_year_before": window.start if window else None
        for kind, window in windows.items()
    }


@table_asset(
    tables.CLUSTER_YEARS,
    inputs=[
        clusters.CLUSTERS,
        clusters.CLUSTER_CELLS,
        clusters.EDITION_TOTALS,
        geocoding.CELL_WEIGHTS,
    ],
    settings=_last_windows,
)
def cluster_years(step: Step) -> Made:
    """Output by year and source, years before the window included, on this geography."""
    return step.sql(**_last_windows(step))


def _population_raster(target: Target) -> object:
    raster = target.pipeline.population_raster
    return raster and sha256_of(raster)


@table_asset(
    tables.CLUSTER_POPULATION,
    inputs=[clusters.CLUSTERS, clusters.CLUSTER_CELLS, geocoding.GAZETTEER],
    settings=_population_raster,
    code=["indicators/population"],
    kinds=["scipy", "parquet"],
)
def cluster_population(step: Step) -> Made:
    """Inhabitants within 0.05 degrees of the clusters' points, from a raster where one is given."""
    cells = step.frame(clusters.CLUSTER_CELLS)
    raster = step.pipeline.population_raster
    people = (
        population_near(cells, raster)
        if raster
        else population_of_places(cells, step.frame(geocoding.GAZETTEER))
    )
    return people.select(pl.lit(step.year, pl.Int32).alias("edition"), "cluster_id", "population")


def _ranking_parameters(target: Target) -> dict[str, int | None]:
    return {
        **_last_windows(target),
        "has_intensity_ranking": target.edition.intensity_ranking.value,
        "lead_percent": tables.LEAD_PERCENT,
    }


def _ranking_depends_on(target: Target) -> object:
    return [depends_on_release_before(target), _ranking_parameters(target)]


@table_asset(
    tables.RANKING,
    inputs=[
        clusters.CLUSTERS,
        tables.CLUSTER_YEARS,
        tables.CLUSTER_POPULATION,
        clusters.EDITION_TOTALS,
        extracts.DOCUMENT_COUNTS,
    ],
    settings=_ranking_depends_on,
    code=["identity"],
)
def ranking(step: Step) -> Made:
    """The ranking: order of the plain sum of two unrounded shares (method 4)."""
    released = read_release_before(step, "ranking", {"cluster_id": pl.String, "rank": pl.Int32})
    step.offer_frame("released_before", released)
    return step.sql(**_ranking_parameters(step))


@table_asset(
    tables.RANK_SENSITIVITY,
    inputs=[tables.CLUSTER_YEARS, clusters.EDITION_TOTALS, extracts.DOCUMENT_COUNTS],
    references=[clusters.CLUSTERS],
)
def rank_sensitivity(step: Step) -> Made:
    """How far a rank depends on a single year: the ranking without each year of the windows."""
    return step.sql()


@table_asset(
    tables.CLUSTER_FIELDS,
    inputs=[geocoding.CELL_FIELDS, clusters.CLUSTER_CELLS, clusters.EDITION_TOTALS],
    references=[clusters.CLUSTERS],
)
def cluster_fields(step: Step) -> Made:
    """Fields of technology and science, with shares and specialisation."""
    return step.sql()


@table_asset(
    tables.NAMED_OUTPUT,
    inputs=[
        geocoding.CELL_NAMES,
        clusters.CLUSTER_CELLS,
        clusters.CLUSTERS,
        clusters.EDITION_TOTALS,
    ],
)
def named_output(step: Step) -> Made:
    """Output by names of applicants and institutions as written; stays in the workspace."""
    return step.sql()


@table_asset(
    tables.CLUSTER_ORGANISATIONS,
    inputs=[tables.NAMED_OUTPUT, clusters.CLUSTERS],
    code=["indicators"],
)
def cluster_organisations(step: Step) -> Made:
    """Leading applicants and scientific organisations under the name rule; never a person."""
    names = (
        step.frame(tables.NAMED_OUTPUT)
        .group_by("kind", "name")
        .agg(pl.col("mentions").sum(), pl.col("is_identified").any())
        .sort("kind", "name")
    )
    step.offer_frame("organisations", organisations_of(names, known_groups()))
    return step.sql()


@table_asset(
    tables.COLLABORATION,
    inputs=[
        geocoding.DOCUMENT_PLACES,
        geocoding.LOCATIONS,
        clusters.CLUSTER_CELLS,
        clusters.CLUSTERS,
        clusters.EDITION_TOTALS,
    ],
    code=["holdings", "portions", "delineation/ties", "indicators/collaboration"],
    kinds=["numpy", "polars", "parquet"],
    urgent=True,
)
def collaboration(step: Step) -> Made:
    """Whom clusters work with: other clusters, the rest of their economies, abroad."""
    holders, held = holders_of(
        step.frame(clusters.CLUSTERS),
        step.frame(clusters.CLUSTER_CELLS),
        step.frame(geocoding.LOCATIONS),
    )
    partners = [
        partners_of(holdings(step, kind, held), holders).with_columns(kind=pl.lit(kind))
        for kind in KINDS
    ]
    step.offer_frame("partners", pl.concat(partners))
    return step.sql()


@table_asset(tables.ECONOMIES, inputs=[tables.RANKING, clusters.CLUSTERS, clusters.EDITION_TOTALS])
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
        geocoding.GEOCODING_QUALITY,
    ],
)
def world(step: Step) -> Made:
    """How the world's output divides between the top 100, other clusters and the rest."""
    return step.sql()


@table_asset(
    tables.CONCENTRATION, inputs=[tables.RANKING, clusters.CLUSTERS, clusters.EDITION_TOTALS]
)
def concentration(step: Step) -> Made:
    """How far output is concentrated on the leading clusters."""
    return step.sql()


@table_asset(
    tables.EDITION_GEOCODING_QUALITY,
    inputs=[geocoding.GEOCODING_QUALITY, clusters.EDITION_TOTALS],
)
def edition_geocoding_quality(step: Step) -> Made:
    """Precision of the addresses of the windows, by country, beside which WIPO's own can be laid."""
    return step.sql()
