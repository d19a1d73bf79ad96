"""Mergers of neighbouring clusters, with the evidence for every candidate pair.

Here: distances between the edges of clusters, the rule that decides on mergers, reviewed overrides.
The ties between clusters (sums over documents) are those of `ties.py`; names of merged clusters are given in
`names.py`.

Rule: method section 6. Two clusters merge when their edges lie within a few kilometres of each other (the
edition's `merge_within_km`) and their tie is stronger than that of the smaller one with any other
cluster and with the points outside clusters. The strongest such pair merges first; then all is asked
again, until no pair qualifies.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.contracts.common import PARTS_PER_DOCUMENT
from pipelines.delineation.boxes import Pairs, build_levels, morton_key, walk
from pipelines.delineation.sphere import Reach, arc_km, quantise
from pipelines.editions import KINDS
from pipelines.errors import UserError

OUTSIDE = -1
"""Stands for all located points outside clusters in the table of ties."""

CANDIDATES_SCHEMA = {
    "round": pl.Int64,
    "a": pl.Int64,
    "b": pl.Int64,
    "edge_distance_km": pl.Float64,
    "tie_patent": pl.Float64,
    "tie_publication": pl.Float64,
    "tie_total": pl.Float64,
    "smaller": pl.Int64,
    "runner_up": pl.Int64,
    "runner_up_tie": pl.Float64,
    "verdict": pl.String,
    "reason": pl.String,
}


@dataclass(frozen=True)
class World:
    """World totals of the window in billionths of documents: what shares are shares of."""

    patent: int
    publication: int

    def weigh(self, patent: int, publication: int) -> int:
        """Sum of the two sources' shares over a common denominator: exact, for comparisons."""
        return patent * (self.publication or 1) + publication * (self.patent or 1)

    def tie_share(self, weight: int) -> float:
        """The share that a tie weighed by `weigh` is of the world's documents."""
        return weight / ((self.publication or 1) * (self.patent or 1) * PARTS_PER_DOCUMENT)


@dataclass(frozen=True)
class Override:
    """A reviewed decision on two clusters, each named by one of its H3 cells."""

    cell_a: int
    cell_b: int
    verdict: str
    reason: str

    def __post_init__(self) -> None:
        if self.verdict not in ("force", "forbid"):
            raise UserError(
                f"merger override of cells {self.cell_a:x} and {self.cell_b:x}: verdict is "
                f"{self.verdict!r}, expected 'force' or 'forbid'"
            )


def sizes_of(cells: pl.DataFrame) -> pl.DataFrame:
    """Output of each cluster, as `decide_mergers` takes it.

    Args:
        cells: columns cluster, patent_parts, publication_parts.
    """
    return cells.group_by("cluster").agg(
        pl.col("patent_parts").sum().alias("patent"),
        pl.col("publication_parts").sum().alias("publication"),
    )


def ties_by_pair(ties: pl.DataFrame) -> pl.DataFrame:
    """Ties of both sources side by side, as `decide_mergers` takes them.

    Args:
        ties: columns kind, cluster_a, cluster_b, tie.
    """
    return ties.group_by(
        pl.col("cluster_a").cast(pl.Int64).alias("a"), pl.col("cluster_b").cast(pl.Int64).alias("b")
    ).agg(pl.col("tie").filter(pl.col("kind") == kind).sum().alias(f"tie_{kind}") for kind in KINDS)


def edge_distances(cells: pl.DataFrame, max_km: float) -> pl.DataFrame:
    """Least distances between cell centres of every two clusters that lie within `max_km`.

    Args:
        cells: columns lat, lng (degrees), cluster (i64): the core and border cells.
        max_km: greatest distance, inclusive.

    Returns:
        Columns a, b (i64, a < b), edge_distance_km; sorted by a, b.
    """
    schema = {"a": pl.Int64, "b": pl.Int64, "edge_distance_km": pl.Float64}
    if cells.is_empty():
        return pl.DataFrame(schema=schema)
    reach = Reach.of_km(max_km)
    points = quantise(cells["lat"].to_numpy(), cells["lng"].to_numpy())
    key = morton_key(points)
    order = np.argsort(key, kind="stable")
    cluster = cells["cluster"].to_numpy()[order]
    levels = build_levels(points[:, order], key[order])
    lowest = [np.minimum.reduceat(cluster, level.begin[:-1]) for level in levels]
    highest = [np.maximum.reduceat(cluster, level.begin[:-1]) for level in levels]
    found: list[pl.DataFrame] = []

    def meet(pairs: Pairs) -> Pairs:
        # Only a source with a higher cluster number than some of the query's can make a pair.
        query_lowest = np.repeat(lowest[pairs.query_level].take(pairs.query), pairs.count)
        pairs = pairs.keep(highest[pairs.source_level].take(pairs.source) > query_lowest)
        inside, undecided = pairs.classify(reach)
        if not pairs.are_points:
            return pairs.keep(inside | undecided)
        near = pairs.keep(inside)
        found.append(
            pl.DataFrame(
                {
                    "a": cluster[np.repeat(near.query, near.count)],
                    "b": cluster[near.source],
                    "edge_distance_km": arc_km(near.squared_distance()[0]),
                },
                schema=schema,
            )
        )
        return pairs.keep(undecided)

    walk([Pairs.all(levels, levels, 0)], meet)
    return pl.concat([pl.DataFrame(schema=schema), *found]).group_by("a", "b").min().sort("a", "b")


def decide_mergers(
    cells: pl.DataFrame,
    sizes: pl.DataFrame,
    ties: pl.DataFrame,
    world: World,
    *,
    max_edge_km: float | None,
    overrides: tuple[Override, ...] = (),
) -> pl.DataFrame:
    """Merge neighbouring clusters by distance and ties, as method section 6 says.

    All comparisons of ties and sizes are exact. Equal ties between pairs are decided for the pair
    of the lowest numbers; a tie equal to the runner-up's is not stronger; of two clusters of equal
    size the one of the higher number is the smaller.

    Args:
        cells: columns h3_cell (u64), lat, lng (degrees), cluster (i64): core and border cells.
        sizes: columns cluster, patent, publication: output in billionths of documents, one row per
            cluster.
        ties: columns a, b, tie_patent, tie_publication (any whole-number type, also Int128 or
            Decimal of scale 0): per pair of different clusters in any order, -1 for outside, the
            sum over documents of the product of the two parts, in billionths squared.
        world: totals of the window.
        max_edge_km: greatest distance between edges, inclusive; None: only what is forced merges.
        overrides: reviewed decisions; a forced pair merges at any distance and whatever its tie,
            before the others; a forbidden pair stays apart also as parts of larger clusters,
            and where another override forces it.

    Returns:
        The columns of `CANDIDATES_SCHEMA`: one row per round and pair of clusters near each other or
        under an override, as the clusters stood in that round (`a` < `b`; a merged cluster bears the
        lowest number of its parts, so that `b` is gone after it merged). Ties in documents (tie_patent,
        tie_publication) and as share of the world's (tie_total, runner_up_tie). `runner_up` is the
        strongest other partner of the `smaller` one, -1 for the points outside clusters.
        `edge_distance_km` is null beyond the greatest distance. `verdict` is 'merged', 'qualifies' (a
        stronger pair went first), 'rejected' or 'unused' (round 0: an override that names no two
        clusters, whose numbers are null).
    """
    edges = edge_distances(cells if max_edge_km else cells.clear(), max_edge_km or 0)
    state = _State(sizes, ties, world, edges)
    cluster_of = dict(cells.select("h3_cell", "cluster").iter_rows())
    unused = []
    for override in overrides:
        pair = cluster_of.get(override.cell_a), cluster_of.get(override.cell_b)
        if None in pair or pair[0] == pair[1]:
            unused.append(
                {"round": 0, "verdict": "unused", "reason": _reviewed(override)}
                | {"a": pair[0], "b": pair[1]}
            )
        else:
            state.put_under(override, frozenset(pair))
    return pl.DataFrame(unused + state.run(), schema=CANDIDATES_SCHEMA)


def _reviewed(override: Override) -> str:
    return f"override ({override.verdict}): {override.reason}"


class _State:
    """The clusters as they stand: sizes, ties and distances by number, updated at each merger."""

    def __init__(
        self, sizes: pl.DataFrame, ties: pl.DataFrame, world: World, edges: pl.DataFrame
    ) -> None:
        self.world = world
        self.size = {
            c: world.weigh(patent, publication)
            for c, patent, publication in sizes.select(
                "cluster", "patent", "publication"
            ).iter_rows()
        }
        self.tie: dict[int, dict[int, tuple[int, int]]] = {c: {} for c in self.size}
        for a, b, patent, publication in ties.select(
            "a", "b", "tie_patent", "tie_publication"
        ).iter_rows():
            self._add_tie(a, b, (int(patent), int(publication)))
        self.distance = {frozenset((a, b)): km for a, b, km in edges.iter_rows()}
        self.ruling: dict[frozenset, Override] = {}

    def _add_tie(self, a: int, b: int, tie: tuple[int, int]) -> None:
        for one, other in ((a, b), (b, a)):
            if one != OUTSIDE:
                known = self.tie[one].get(other, (0, 0))
                self.tie[one][other] = (known[0] + tie[0], known[1] + tie[1])

    def put_under(self, override: Override, pair: frozenset) -> None:
        """Let an override rule a pair; where another one does already, forbidding wins."""
        if pair not in self.ruling or override.verdict == "forbid":
            self.ruling[pair] = override

    def run(self) -> list[dict]:
        """Merge until no pair qualifies; the rows of evidence, round by round."""
        rows: list[dict] = []
        for round_number in range(1, len(self.size) + 1):
            pairs = sorted(tuple(sorted(pair)) for pair in self.distance.keys() | self.ruling)
            evidence = [{"round": round_number} | self._judge(a, b) for a, b in pairs]
            rows += evidence
            qualified = [row for row in evidence if row["verdict"] == "qualifies"]
            if not qualified:
                break
            strongest = max(qualified, key=lambda row: self._precedence(row["a"], row["b"]))
            strongest["verdict"] = "merged"
            self._merge(strongest["a"], strongest["b"])
        return rows

    def _precedence(self, a: int, b: int) -> tuple[bool, int, int, int]:
        """Forced pairs first, then by tie, then the lowest numbers."""
        return frozenset((a, b)) in self.ruling, self._tie(a, b), -a, -b

    def _tie(self, a: int, b: int) -> int:
        return self.world.weigh(*self.tie[a].get(b, (0, 0)))

    def _judge(self, a: int, b: int) -> dict:
        pair = frozenset((a, b))
        smaller = min((a, b), key=lambda c: (self.size[c], -c))
        tie = self._tie(a, b)
        # The points outside clusters are always a partner, if with a tie of zero.
        others = {OUTSIDE: 0} | {
            c: self._tie(smaller, c) for c in self.tie[smaller] if c not in pair
        }
        runner_up = max(others, key=lambda c: (others[c], -c))
        ruling = self.ruling.get(pair)
        if ruling:
            qualifies, reason = ruling.verdict == "force", _reviewed(ruling)
        elif tie > others[runner_up]:
            qualifies, reason = True, "the smaller one's strongest tie"
        else:
            qualifies, reason = False, "the smaller one has as strong a tie elsewhere"
        patent, publication = self.tie[a].get(b, (0, 0))
        return {
            "a": a,
            "b": b,
            "edge_distance_km": self.distance.get(pair),
            "tie_patent": patent / PARTS_PER_DOCUMENT**2,
            "tie_publication": publication / PARTS_PER_DOCUMENT**2,
            "tie_total": self.world.tie_share(tie),
            "smaller": smaller,
            "runner_up": runner_up,
            "runner_up_tie": self.world.tie_share(others[runner_up]),
            "verdict": "qualifies" if qualifies else "rejected",
            "reason": reason,
        }

    def _merge(self, a: int, b: int) -> None:
        """Cluster b becomes part of a: sizes and ties add, distances take the minimum."""
        self.size[a] += self.size.pop(b)
        for other, tie in self.tie.pop(b).items():
            if other != OUTSIDE:
                del self.tie[other][b]
            if other != a:
                self._add_tie(a, other, tie)
        distance: dict[frozenset, float] = {}
        for pair, km in self.distance.items():
            moved = frozenset(a if c == b else c for c in pair)
            if len(moved) == 2:
                distance[moved] = min(km, distance.get(moved, km))
        self.distance = distance
        rulings, self.ruling = self.ruling, {}
        for pair, override in rulings.items():
            moved = frozenset(a if c == b else c for c in pair)
            if len(moved) == 2:
                self.put_under(override, moved)
