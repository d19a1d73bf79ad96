"""Collaboration between the first clusters, as a matrix.

Here: which clusters, in which order, and how strong each pair's tie is: documents that both have a part
in, by the geometric mean of both outputs (Salton's measure), whatever their size. Not here: a cluster's
own partners (`clusters.py`), ties as mergers weigh them (`delineation/ties.py`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.contracts.common import PARTS_PER_DOCUMENT
from pipelines.report.source import Release
from pipelines.report.tables import Ranked

_CLASSES = 5


@dataclass(frozen=True)
class Tie:
    """How strongly two clusters work together."""

    documents: int
    strength: float
    """Joint documents by the geometric mean of both outputs in documents."""
    level: int
    """0 for none, then 1 to 5, the strongest."""


@dataclass(frozen=True)
class Matrix:
    """Every pair of the first clusters, both ways round."""

    clusters: tuple[Ranked, ...]
    ties: tuple[tuple[Tie | None, ...], ...]
    """By row and column; None on the diagonal."""


def matrix(release: Release, ranked: Sequence[Ranked], size: int) -> Matrix | None:
    """The matrix of the first clusters; None where the release has no such table.

    Args:
        release: the release.
        ranked: its clusters by rank.
        size: how many of them.
    """
    chosen = tuple(ranked[:size])
    collaboration = release.frame("collaboration")
    if collaboration is None or not collaboration["partner_cluster_id"].count():
        return None
    keys, pair = [one.key for one in chosen], ["cluster_id", "partner_cluster_id"]
    pairs = (
        collaboration.filter(*(pl.col(name).is_in(keys) for name in pair))
        .group_by(pair)
        .agg(pl.col("documents").sum())
    )
    documents = {(one, other): together for one, other, together in pairs.iter_rows()}
    output = {
        row["cluster_id"]: _output(row["patent_parts"], row["publication_parts"])
        for row in release.rows("clusters")
    }
    strengths = {
        (a.key, b.key): documents[a.key, b.key] / math.sqrt(output[a.key] * output[b.key])
        for a in chosen
        for b in chosen
        if documents.get((a.key, b.key)) and output[a.key] and output[b.key]
    }
    greatest = max(strengths.values(), default=0.0)

    def tie(a: Ranked, b: Ranked) -> Tie | None:
        if a.key == b.key:
            return None
        strength = strengths.get((a.key, b.key), 0.0)
        level = math.ceil(_CLASSES * math.sqrt(strength / greatest)) if strength else 0
        return Tie(documents.get((a.key, b.key), 0), strength, level)

    return Matrix(chosen, tuple(tuple(tie(a, b) for b in chosen) for a in chosen))


def _output(patent_parts: int, publication_parts: int) -> float:
    return (patent_parts + publication_parts) / PARTS_PER_DOCUMENT
