"""Stage 3, clusters: density, mergers, names, identity, outlines, by edition.

Aggregates and joins are SQL; density, mergers, names, lineage and outlines are pure functions of
`pipelines/delineation/`. What a cluster counts for is said in the next stage.
"""

import polars as pl

from pipelines.contracts import clusters as tables
from pipelines.contracts import extracts, geocoding
from pipelines.contracts.common import PARTS_PER_DOCUMENT
from pipelines.delineation.areas import cluster_outlines
from pipelines.delineation.cells import cell_centres, text_to_cells
from pipelines.delineation.density import density_clusters, require_few_clusters
from pipelines.delineation.lineage import carry_ids
from pipelines.delineation.mergers import (
    OUTSIDE,
    Override,
    World,
    decide_mergers,
    sizes_of,
    ties_by_pair,
)
from pipelines.delineation.names import cluster_economies
from pipelines.delineation.names import cluster_names as names_of
from pipelines.delineation.places import output_by_country, places_by_output
from pipelines.delineation.ties import ties_of
from pipelines.editions import KINDS
from pipelines.holdings import holdings
from pipelines.identity import (
    depends_on_release_before,
    ids_given,
    new_ids,
    read_release_before,
    release_before,
)
from pipelines.report.thumbnail import clusters_map
from pipelines.steps import Made, Step, Target
from pipelines.table_asset import table_asset


def _parameters(target: Target) -> dict[str, int | None]:
    """The edition's figures as its SQL reads them; the threshold is the configuration's."""
    windows: dict[str, int | None] = {}
    for kind in KINDS:
        window = target.edition.window(kind)
        windows[f"{kind}_first_year"] = window[0] if window else None
        windows[f"{kind}_last_year"] = window[-1] if window else None
    return {**windows, "min_points": target.edition.min_points.value}


@table_asset(
    tables.EDITION_TOTALS,
    inputs=[extracts.DOCUMENT_COUNTS],
    settings=_parameters,
    code=["editions"],
)
def edition_totals(step: Step) -> Made:
    """Windows, world totals, and the weights that make both sources count the same."""
    return step.sql(**_parameters(step))


@table_asset(
    tables.EDITION_WEIGHTS,
    inputs=[geocoding.CELL_WEIGHTS, geocoding.GEOCODING_QUALITY, tables.EDITION_TOTALS],
    settings=lambda target: target.config.known_breaks,
)
def edition_weights(step: Step) -> Made:
    """What lies in each cell over the windows; blocks what follows where coverage broke."""
    return step.sql(known_breaks=step.config.known_breaks)


@table_asset(
    tables.EDITION_CELLS,
    inputs=[tables.EDITION_WEIGHTS, tables.EDITION_TOTALS],
    settings=lambda target: target.edition.model_dump(include={"radius_km", "economies"}),
    code=["delineation/density", "delineation/boxes", "delineation/sphere", "delineation/cells"],
    kinds=["numpy", "h3", "parquet"],
)
def edition_cells(step: Step) -> Made:
    """Density clustering of the cells: core, border, noise (method 5)."""
    cells = step.frame(tables.EDITION_WEIGHTS).sort("h3_cell")
    cells = cells.hstack(cell_centres(cells["h3_cell"]))
    economies = step.edition.economies
    taken = cells.filter(pl.col("country").is_in(economies)) if economies else cells
    density = density_clusters(
        taken["lat"].to_numpy(),
        taken["lng"].to_numpy(),
        taken["weight"].to_numpy(),
        radius_km=step.edition.radius_km.value,
        min_weight=step.frame(tables.EDITION_TOTALS)["threshold_weight"][0],
    )
    require_few_clusters(density, edition=step.year, min_points=step.edition.min_points.value)
    clustered = taken.select(
        "h3_cell",
        pl.Series("role", density.role),
        pl.Series("raw_cluster", density.label + 1, pl.Int32),
    ).filter(pl.col("role") != "noise")
    return cells.join(clustered, on="h3_cell", how="left", maintain_order="left").select(
        "edition",
        "h3_cell",
        "lat",
        "lng",
        "weight",
        pl.col("role").fill_null("noise"),
        "raw_cluster",
    )


@table_asset(
    tables.CLUSTER_TIES,
    inputs=[
        geocoding.DOCUMENT_PLACES,
        geocoding.LOCATIONS,
        tables.EDITION_CELLS,
        tables.EDITION_TOTALS,
    ],
    code=["holdings", "portions", "delineation/ties"],
    kinds=["numpy", "polars", "parquet"],
)
def cluster_ties(step: Step) -> Made:
    """How strongly clusters work together: what mergers are decided by."""
    # raw clusters are numbered from 1; 0 holds what lies outside all
    cells = step.frame(tables.EDITION_CELLS).select(
        "h3_cell", holder=pl.col("raw_cluster").fill_null(0)
    )
    held = step.frame(geocoding.LOCATIONS).join(cells, on="h3_cell", how="left")
    holders = 1 + cells["holder"].n_unique()
    return pl.concat(
        ties_of(holdings(step, kind, held), holders).select(
            "tie",
            edition=pl.lit(step.year, pl.Int32),
            kind=pl.lit(kind),
            cluster_a=pl.col("one").replace(0, OUTSIDE),
            cluster_b="other",
        )
        for kind in KINDS
    )


def _overrides(step: Step) -> tuple[Override, ...]:
    """The edition's reviewed decisions, with cells as numbers."""
    reviewed = step.edition.merger_overrides
    cells = text_to_cells(
        pl.Series([cell for o in reviewed for cell in (o.cell_a, o.cell_b)], dtype=pl.String)
    )
    return tuple(
        Override(cells[2 * i], cells[2 * i + 1], o.verdict, o.reason)
        for i, o in enumerate(reviewed)
    )


def _merger_settings(target: Target) -> object:
    return target.edition.model_dump(include={"merge_within_km", "merger_overrides"})


@table_asset(
    tables.MERGERS,
    inputs=[
        tables.EDITION_CELLS,
        tables.EDITION_WEIGHTS,
        tables.CLUSTER_TIES,
        tables.EDITION_TOTALS,
        geocoding.CELL_WEIGHTS,
        geocoding.GAZETTEER,
    ],
    settings=_merger_settings,
    code=["delineation/mergers", "delineation/boxes", "delineation/sphere", "delineation/cells"],
    kinds=["polars", "parquet"],
)
def mergers(step: Step) -> Made:
    """Every pair of neighbours that was examined, with distance, ties, runner-up and verdict."""
    cells = (
        step.frame(tables.EDITION_CELLS)
        .join(step.frame(tables.EDITION_WEIGHTS).drop("edition", "weight"), on="h3_cell")
        .drop_nulls("raw_cluster")
        .with_columns(pl.col("raw_cluster").cast(pl.Int64).alias("cluster"))
    )
    documents = dict(step.frame(tables.EDITION_TOTALS).select("kind", "documents").iter_rows())
    within_km = step.edition.merge_within_km
    candidates = decide_mergers(
        cells,
        sizes_of(cells),
        ties_by_pair(step.frame(tables.CLUSTER_TIES)),
        World(*(documents.get(kind, 0) * PARTS_PER_DOCUMENT for kind in KINDS)),
        overrides=_overrides(step),
        max_edge_km=within_km.value if within_km else None,
    )
    step.offer_frame("candidates", candidates)
    return step.sql()


@table_asset(tables.RAW_CLUSTERS, inputs=[tables.EDITION_CELLS, tables.MERGERS])
def raw_clusters(step: Step) -> Made:
    """Which cluster each raw cluster went into, as the mergers say."""
    return step.sql()


@table_asset(
    tables.CLUSTER_PLACES,
    inputs=[
        geocoding.CELL_WEIGHTS,
        tables.EDITION_CELLS,
        tables.RAW_CLUSTERS,
        tables.EDITION_TOTALS,
    ],
)
def cluster_places(step: Step) -> Made:
    """Which places and countries a cluster's output comes from."""
    return step.sql()


@table_asset(
    tables.LINEAGE,
    inputs=[
        tables.EDITION_CELLS,
        tables.RAW_CLUSTERS,
        tables.CLUSTER_PLACES,
        geocoding.GAZETTEER,
    ],
    settings=depends_on_release_before,
    code=["identity", "delineation/lineage", "delineation/places"],
    kinds=["polars", "parquet"],
)
def lineage(step: Step) -> Made:
    """Identity of each cluster, and what became of those of the edition before (method 7)."""
    cells = (
        step.frame(tables.EDITION_CELLS)
        .join(step.frame(tables.RAW_CLUSTERS).drop("edition"), on="raw_cluster", how="left")
        .with_columns(pl.col("cluster_number").cast(pl.Int64).alias("cluster"))
    )
    heaviest_first = (
        cells.drop_nulls("cluster")
        .group_by("cluster")
        .agg(pl.col("weight").sum())
        .sort("weight", "cluster", descending=[True, False])
    )
    places = places_by_output(step.frame(tables.CLUSTER_PLACES), step.frame(geocoding.GAZETTEER))
    main = places.unique("cluster", keep="first")
    fresh = new_ids(
        heaviest_first.join(main, on="cluster", how="left", maintain_order="left"),
        ids_given(step),
    )
    before = release_before(step)
    cells_before = read_release_before(
        step, "cluster_cells", {"h3_cell": pl.UInt64, "cluster_id": pl.String}
    )
    return carry_ids(cells, cells_before, fresh).select(
        pl.lit(step.year, pl.Int32).alias("edition"),
        pl.lit(before and before.edition, pl.Int32).alias("previous_edition"),
        pl.col("previous_id").alias("previous_cluster_id"),
        "cluster_id",
        pl.col("cluster").cast(pl.Int32).alias("cluster_number"),
        "event",
        "overlap_weight",
        pl.col("overlap_share_of_previous").alias("share_of_previous"),
        pl.col("overlap_share_of_cluster").alias("share_of_current"),
    )


@table_asset(
    tables.CLUSTER_NAMES,
    inputs=[tables.LINEAGE, tables.CLUSTER_PLACES, geocoding.GAZETTEER],
    code=["delineation/names", "delineation/places", "delineation/sphere"],
    kinds=["polars", "parquet"],
)
def cluster_names(step: Step) -> Made:
    """Name, economies and main place of each cluster, with its identity (method 7)."""
    output = step.frame(tables.CLUSTER_PLACES)
    places = places_by_output(output, step.frame(geocoding.GAZETTEER))
    economies = cluster_economies(output_by_country(output))
    ids = step.frame(tables.LINEAGE).drop_nulls("cluster_number").unique("cluster_number")
    main = places.unique("cluster", keep="first").select("cluster", "lat", "lng")
    return (
        ids.select(pl.col("cluster_number").cast(pl.Int64).alias("cluster"), "cluster_id")
        .join(names_of(places), on="cluster")
        .join(economies, on="cluster")
        .join(main, on="cluster")
        .select(
            pl.lit(step.year, pl.Int32).alias("edition"),
            pl.col("cluster").cast(pl.Int32).alias("cluster_number"),
            "cluster_id",
            "name",
            "economies",
            "lat",
            "lng",
        )
    )


@table_asset(
    tables.CLUSTERS,
    inputs=[
        tables.CLUSTER_NAMES,
        tables.EDITION_CELLS,
        tables.EDITION_WEIGHTS,
        tables.RAW_CLUSTERS,
    ],
    settings=lambda target: target.config.simulated,
    picture=clusters_map,
)
def clusters(step: Step) -> Made:
    """The clusters, with their size and counts."""
    return step.sql()


@table_asset(
    tables.CLUSTER_CELLS,
    inputs=[
        tables.CLUSTER_NAMES,
        tables.EDITION_CELLS,
        tables.EDITION_WEIGHTS,
        tables.RAW_CLUSTERS,
    ],
    references=[tables.CLUSTERS],
)
def cluster_cells(step: Step) -> Made:
    """Which cells a cluster is made of."""
    return step.sql()


@table_asset(
    tables.CLUSTER_AREAS,
    inputs=[tables.CLUSTER_CELLS, tables.CLUSTERS],
    code=["delineation/areas"],
    kinds=["h3", "geo", "parquet"],
)
def cluster_areas(step: Step) -> Made:
    """Outlines of the clusters, for maps."""
    numbers = step.frame(tables.CLUSTERS).select(
        "cluster_id", "name", "simulated", pl.col("cluster_number").cast(pl.Int64).alias("cluster")
    )
    cells = step.frame(tables.CLUSTER_CELLS).join(
        numbers.select("cluster_id", "cluster"), on="cluster_id"
    )
    return (
        cluster_outlines(cells.select("h3_cell", "cluster"))
        .join(numbers, on="cluster")
        .select(
            pl.lit(step.year, pl.Int32).alias("edition"),
            "cluster_id",
            "name",
            "simulated",
            pl.col("outline").alias("geometry"),
            "west",
            "south",
            "east",
            "north",
        )
    )
