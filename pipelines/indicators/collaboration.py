"""Whom clusters work with: other clusters, the rest of their economies, abroad (method 8).

Here: who holds the parts of documents, who of them is a partner of which kind to a cluster, and the counts
by partner. Not here: ties as such (`delineation/ties.py`), shares of a cluster's output
(`sql/indicators/collaboration.sql`).

All parts of a document are somebody's, so the ties of the five kinds of partners add up to the cluster's
output. Abroad is where no economy is shared. Elsewhere is what has a point outside the cluster, or no point
but a country abroad.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.arrays import Bools, Ints
from pipelines.contracts.common import PARTS_PER_DOCUMENT
from pipelines.delineation.ties import Holdings, Ties


@dataclass(frozen=True)
class Holders:
    """Those who hold parts of documents: the clusters first, then what lies outside of them.

    Attributes:
        clusters: numbers of the clusters; a cluster's holder is its place in this list.
        partners: kinds of partners; of each, by holder and holder, whether the second is such to the first.
    """

    clusters: pl.Series
    partners: dict[str, Bools]


def holders_of(
    clusters: pl.DataFrame, cells: pl.DataFrame, locations: pl.DataFrame
) -> tuple[Holders, pl.DataFrame]:
    """Who there is, and who holds what lies at each location.

    Args:
        clusters: columns cluster_id, cluster_number, economies ("CN/HK").
        cells: columns cluster_id, h3_cell.
        locations: columns year, location_number, h3_cell, country; the last two may be null.

    Returns:
        The holders, and a frame with the columns year, location_number, holder.
    """
    numbered = clusters.sort("cluster_number").with_row_index("cluster")
    located = locations.join(
        cells.join(numbered, on="cluster_id").select("h3_cell", "cluster"), on="h3_cell", how="left"
    ).with_columns(is_located=pl.col("h3_cell").is_not_null())
    outside = (
        located.filter(pl.col("cluster").is_null())
        .select("country", "is_located")
        .unique()
        .sort("country", "is_located")
        .with_row_index("outside", offset=numbered.height)
    )
    held = located.join(outside, on=["country", "is_located"], how="left", nulls_equal=True).select(
        "year", "location_number", holder=pl.coalesce("cluster", "outside")
    )
    return _holders(numbered, outside), held


def _holders(clusters: pl.DataFrame, outside: pl.DataFrame) -> Holders:
    lies_in = [names.split("/") for names in clusters["economies"]]
    lies_in += [[name] if name else [] for name in outside["country"]]
    economies = sorted({name for names in lies_in for name in names})
    is_in = np.zeros((len(lies_in), len(economies)), bool)
    for holder, names in enumerate(lies_in):
        is_in[holder] = np.isin(economies, names)
    is_known = is_in.any(axis=1)
    is_outside = np.arange(len(lies_in)) >= clusters.height
    is_located = np.append(np.ones(clusters.height, bool), outside["is_located"])
    has_both = is_outside & is_located & is_known
    is_abroad = is_known & ~(is_in @ is_in.T)
    return Holders(
        clusters["cluster_number"],
        {
            "outside clusters, same economies": has_both & ~is_abroad,
            "outside clusters, abroad": has_both & is_abroad,
            "unlocated": np.broadcast_to(is_outside & ~has_both, is_abroad.shape),
            "anywhere else": is_located | is_abroad,
            "anywhere abroad": is_abroad,
        },
    )


def partners_of(documents: Iterable[Holdings], holders: Holders) -> pl.DataFrame:
    """What each cluster has with whom, in one source.

    Args:
        documents: the source's documents in portions, each document with all its parts in one of them.
        holders: those who hold them.

    Returns:
        Columns cluster_number; partner; partner_number, only of other clusters; documents; joint_parts, what
        the cluster has of them; tie, in squared billionths.
    """
    clusters = len(holders.clusters)
    bits = _as_bits(holders)
    ties = Ties(len(bits))
    sums_by_met = np.zeros((2, clusters, 1 << len(holders.partners)), np.int64)
    for parts in documents:
        is_whole = parts.part == PARTS_PER_DOCUMENT
        ties.add_whole(parts.holder[is_whole])
        shared = parts.where(~is_whole).put_together()
        in_clusters = np.flatnonzero(shared.holder < clusters)
        ties.add(shared, in_clusters, in_clusters)
        # several holders can be one partner of a document together: of each row, the kinds that it meets
        met = np.zeros(len(shared.part), bits.dtype)
        for one, other in shared.pairs(in_clusters):
            ties.add(shared, one, other)
            met[one] |= bits[shared.holder[one], shared.holder[other]]
            met[other] |= bits[shared.holder[other], shared.holder[one]]
        cluster_and_met = (shared.holder[in_clusters], met[in_clusters])
        np.add.at(sums_by_met[0], cluster_and_met, 1)
        np.add.at(sums_by_met[1], cluster_and_met, shared.part[in_clusters])
    return _counted(ties.frame(), sums_by_met, holders)


def _as_bits(holders: Holders) -> NDArray[np.uint8]:
    """The kinds of partners, by holder and holder, as the bits of one number."""
    kinds = np.stack(list(holders.partners.values()), axis=-1)
    return np.packbits(kinds, axis=-1, bitorder="little")[..., 0]


def _counted(ties: pl.DataFrame, sums_by_met: Ints, holders: Holders) -> pl.DataFrame:
    """Partners from ties of holders, and from documents and parts by cluster and kinds of partners met."""
    clusters = holders.clusters.len()
    apart = ties.filter(pl.col("one") != pl.col("other"))
    each_way = pl.concat(
        [
            apart.select("documents", "tie", holder="one", met="other", joint_parts="parts"),
            apart.select("documents", "tie", holder="other", met="one", joint_parts="other_parts"),
        ]
    ).filter(pl.col("holder") < clusters)
    found = [
        ties.filter(pl.col("one") == pl.col("other"), pl.col("one") < clusters).select(
            "documents", "tie", holder="one", joint_parts="parts", partner=pl.lit("own cluster")
        ),
        each_way.filter(pl.col("met") < clusters).with_columns(partner=pl.lit("other cluster")),
    ]
    sets_of_kinds = np.arange(sums_by_met.shape[-1])
    for bit, (kind, is_partner) in enumerate(holders.partners.items()):
        documents, parts = sums_by_met[..., sets_of_kinds >> bit & 1 == 1].sum(axis=-1)
        met = pl.Series(is_partner[each_way["holder"].to_numpy(), each_way["met"].to_numpy()])
        tie = each_way.filter(met).group_by("holder").agg(pl.col("tie").sum())
        counts = {"holder": np.arange(clusters), "documents": documents, "joint_parts": parts}
        found.append(pl.DataFrame(counts).join(tie, on="holder").with_columns(partner=pl.lit(kind)))
    return pl.concat(found, how="diagonal").select(
        "partner",
        "documents",
        "joint_parts",
        "tie",
        cluster_number=pl.lit(holders.clusters).gather("holder"),
        partner_number=pl.lit(holders.clusters).gather("met"),
    )
