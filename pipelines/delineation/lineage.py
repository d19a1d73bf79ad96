"""Identity over editions: which cluster is which cluster of the edition before.

Here: the rule that carries ids on, the events between two editions. What an edition's clusters are
is decided before (`density.py`, `mergers.py`), what new ids look like is the caller's; ranks and
names play no part in it.

Rule: method section 7. Both editions' clusters are measured by **this** edition's weights, so that
growth alone moves nothing: only cells that change hands count. A cluster keeps the id of a previous
one if each holds most of the other: the shared cells weigh more than half of this cluster and more
than half of the previous one. Mutual majority can hold for one partner at most on either side, so
no id is given twice and no tie needs breaking.
"""

import polars as pl

EVENTS_SCHEMA = {
    "previous_id": pl.String,
    "cluster_id": pl.String,
    "cluster": pl.Int64,
    "event": pl.String,
    "overlap_weight": pl.Int64,
    "previous_weight": pl.Int64,
    "cluster_weight": pl.Int64,
    "overlap_share_of_previous": pl.Float64,
    "overlap_share_of_cluster": pl.Float64,
}


def carry_ids(cells: pl.DataFrame, previous: pl.DataFrame, new_ids: pl.DataFrame) -> pl.DataFrame:
    """Give this edition's clusters their ids, from the edition before where it is the same one.

    Args:
        cells: this edition: columns h3_cell (u64), weight (i64), cluster (i64, null for noise);
            all cells, noise too, since previous clusters are measured by their weights.
        previous: the edition before: columns h3_cell (u64), cluster_id; clustered cells only, none
            for the first edition.
        new_ids: columns cluster, new_id: the id that a cluster gets where it keeps none; one row
            for every cluster, and no id that was ever another's.

    Returns:
        The columns of `EVENTS_SCHEMA`: every previous cluster to every cluster that it shares weight
        with, and what came from nowhere or went nowhere; sorted by previous_id, cluster_id, nulls
        first. `event` is

        - 'continues': each holds most of the other; the id is kept;
        - 'merges': most of the previous cluster is in this one, which continues another or is new;
        - 'splits': most of this cluster comes from the previous one, which continues in another or
          ends;
        - 'overlaps': they share cells, but most of neither;
        - 'disappears': no cluster holds most of the previous one, nor most of its own from it;
        - 'appears': the same the other way round.

        Weights are this edition's: of the shared cells, of all cells of the previous cluster, of all
        cells of this one. Shares are null where the weight divided by is 0. Every previous id and
        every new one stands in a row with an event other than 'overlaps'.
    """
    sizes = (
        cells.drop_nulls("cluster").group_by("cluster").agg(cluster_weight=pl.col("weight").sum())
    )
    before = previous.rename({"cluster_id": "previous_id"}).join(
        cells.select("h3_cell", "weight", "cluster"), on="h3_cell", how="left"
    )
    previous_sizes = before.group_by("previous_id").agg(previous_weight=pl.col("weight").sum())
    related = _related(before, previous_sizes, sizes)
    kept = related.filter(pl.col("event") == "continues").select(
        "cluster", cluster_id="previous_id"
    )
    new = (
        sizes.join(kept, on="cluster", how="anti")
        .join(new_ids, on="cluster")
        .select("cluster", cluster_id="new_id")
    )
    explained = related.filter(pl.col("event") != "overlaps")
    gone = previous_sizes.join(explained, on="previous_id", how="anti").with_columns(
        event=pl.lit("disappears")
    )
    arisen = sizes.join(explained, on="cluster", how="anti").with_columns(event=pl.lit("appears"))
    return (
        pl.concat([related, gone, arisen], how="diagonal")
        .join(pl.concat([kept, new]), on="cluster", how="left")
        .with_columns(
            pl.col("overlap_weight").fill_null(0),
            overlap_share_of_previous=_share("previous_weight"),
            overlap_share_of_cluster=_share("cluster_weight"),
        )
        .select(pl.col(name).cast(kind) for name, kind in EVENTS_SCHEMA.items())
        .sort("previous_id", "cluster_id")
    )


def _related(
    before: pl.DataFrame, previous_sizes: pl.DataFrame, sizes: pl.DataFrame
) -> pl.DataFrame:
    """Every previous cluster and every cluster that it shares weight with, and what that is to the two."""
    overlaps = (
        before.filter(pl.col("weight") > 0)
        .drop_nulls("cluster")
        .group_by("previous_id", "cluster")
        .agg(overlap_weight=pl.col("weight").sum())
        .join(sizes, on="cluster")
        .join(previous_sizes, on="previous_id")
    )
    # Whole numbers: an overlap of exactly half is not most.
    most_of_previous = 2 * pl.col("overlap_weight") > pl.col("previous_weight")
    most_of_cluster = 2 * pl.col("overlap_weight") > pl.col("cluster_weight")
    return overlaps.with_columns(
        event=pl.when(most_of_previous & most_of_cluster)
        .then(pl.lit("continues"))
        .when(most_of_previous)
        .then(pl.lit("merges"))
        .when(most_of_cluster)
        .then(pl.lit("splits"))
        .otherwise(pl.lit("overlaps"))
    )


def _share(of: str) -> pl.Expr:
    return pl.when(pl.col(of) > 0).then(pl.col("overlap_weight").fill_null(0) / pl.col(of))
