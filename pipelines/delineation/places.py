"""Places of clusters: what each contributes to a cluster's output, and what the gazetteer says of it.

Here: output as whole numbers, so that names and identities are chosen by exact comparisons. Which places
name a cluster is decided in `names.py`, sums by place are those of `sql/clusters/cluster_places.sql`.
"""

import polars as pl

_OUTPUT = pl.col("output").cast(pl.Int128)


def places_by_output(cluster_places: pl.DataFrame, gazetteer: pl.DataFrame) -> pl.DataFrame:
    """Places of the clusters, those with the most output first.

    Args:
        cluster_places: columns cluster_number, country (alpha-2), place_id (null where unknown), output
            (any whole number); one row per cluster, country and place.
        gazetteer: columns place_id, country and what else is known of a place.

    Returns:
        One row per cluster and place, by cluster, then by output, of equals the lower identifier first:
        cluster (i64), place_id, output over all countries (i128), country (of most of that output, of
        equals the first by code), and the gazetteer's other columns.
    """
    return (
        cluster_places.group_by(
            pl.col("cluster_number").cast(pl.Int64).alias("cluster"), "place_id"
        )
        .agg(
            _OUTPUT.sum(),
            pl.col("country")
            .sort_by("output", "country", descending=[True, False], nulls_last=True)
            .first(),
        )
        .join(gazetteer.drop("country"), on="place_id")
        .sort("cluster", "output", "place_id", descending=[False, True, False])
    )


def output_by_country(cluster_places: pl.DataFrame) -> pl.DataFrame:
    """Output of the clusters' places by country, where it is known.

    Args:
        cluster_places: as for `places_by_output`.

    Returns:
        Columns cluster (i64), country, output (i128); a row per place.
    """
    return cluster_places.drop_nulls("country").select(
        "country", _OUTPUT, cluster=pl.col("cluster_number").cast(pl.Int64)
    )
