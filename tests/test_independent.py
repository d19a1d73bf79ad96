"""The demo's edition 2020 counted again by naive means, from where each address lies to the ranking.

Here: what `docs/method.md` says, in plain Python and with scikit-learn, without the project's code; the
edition's figures stand here as numbers. Of the project it takes the tables `points` and `locations` and how
many documents there are. Parts are whole billionths, shares fractions: equal means to the last digit.
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations
from math import gcd
from pathlib import Path
from typing import Any

import h3
import numpy as np
import polars as pl
import pytest
from sklearn.cluster import DBSCAN
from sklearn.neighbors import BallTree

WINDOW = range(2014, 2019)
RADIUS_KM, MIN_POINTS, MERGE_WITHIN_KM = 15, 22, 5
EARTH_KM = 6371.0088
BILLION = 10**9
KINDS = ("patent", "publication")
OUTSIDE = -1


class Recount:
    """Clusters of the edition and what lies in them, with the window and the year before it."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        years = [WINDOW[0] - 1, *WINDOW]
        self.points = pl.concat(self._points(year) for year in years)
        self.documents = {
            (kind, year): self._table("extracts", table, year).height
            for kind, table in zip(KINDS, ("applications", "articles"), strict=True)
            for year in years
        }
        in_window = self.points.filter(pl.col("year").is_in(WINDOW))
        addresses = {kind: in_window.filter(kind=kind).height for kind in KINDS}
        weight = dict(zip(KINDS, reversed(addresses.values()), strict=True))
        located = in_window.drop_nulls("h3_cell")
        self.cells = (
            located.group_by("h3_cell")
            .agg(weight=pl.col("kind").replace_strict(weight, return_dtype=pl.Int64).sum())
            .sort("h3_cell")
        )
        self.threshold = MIN_POINTS * weight["patent"]
        self.divisor = gcd(*addresses.values())
        places = [h3.cell_to_latlng(h3.int_to_str(cell)) for cell in self.cells["h3_cell"]]
        self.radians = np.radians(places)
        self.raw, self.role = self._density()
        self.part_of = self._mergers(in_window)
        holder = {
            cell: self.part_of[raw]
            for cell, raw in zip(self.cells["h3_cell"], self.raw, strict=True)
            if raw
        }
        self.output: dict[tuple[int, str, int], int] = defaultdict(int)
        for kind, year, cell, part in self.points.select("kind", "year", "h3_cell", "part").rows():
            if cell in holder:
                self.output[holder[cell], kind, year] += part

    def _table(self, stage: str, name: str, year: int) -> pl.DataFrame:
        path = self.workspace / "tables" / stage / name / f"year={year}" / f"{name}.parquet"
        return pl.read_parquet(path)

    def _points(self, year: int) -> pl.DataFrame:
        locations = self._table("geocoding", "locations", year).select("location_number", "h3_cell")
        return self._table("geocoding", "points", year).join(locations, on="location_number")

    def _density(self) -> tuple[list[int], list[str]]:
        """Cluster of each cell, from 1 and 0 for none, and its role."""
        model = DBSCAN(
            eps=RADIUS_KM / EARTH_KM,
            min_samples=self.threshold,
            metric="haversine",
            algorithm="ball_tree",
        ).fit(self.radians, sample_weight=self.cells["weight"].to_numpy())
        core = model.core_sample_indices_
        distance, nearest = BallTree(self.radians[core], metric="haversine").query(self.radians)
        near = distance[:, 0] <= RADIUS_KM / EARTH_KM
        label = np.where(near, model.labels_[core][nearest[:, 0]] + 1, 0)
        role = np.where(near, "border", "noise").astype(object)
        role[core] = "core"
        return label.tolist(), role.tolist()

    def _mergers(self, in_window: pl.DataFrame) -> dict[int, int]:
        """The lowest raw cluster with which each one ends together."""
        world = {kind: sum(self.documents[kind, year] for year in WINDOW) for kind in KINDS}
        raw = dict(zip(self.cells["h3_cell"], self.raw, strict=True))
        size: dict[int, Fraction] = defaultdict(Fraction)
        tie: dict[frozenset[int], Fraction] = defaultdict(Fraction)
        parts: dict[Any, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        columns = ("kind", "year", "document_number", "h3_cell", "part")
        for *document, cell, part in in_window.drop_nulls("h3_cell").select(columns).rows():
            parts[tuple(document)][raw[cell] or OUTSIDE] += part
        for (kind, *_), held in parts.items():
            for cluster, part in held.items():
                size[cluster] += Fraction(part, BILLION * world[kind])
            for one, other in combinations(held, 2):
                tie[frozenset((one, other))] += Fraction(
                    held[one] * held[other], BILLION**2 * world[kind]
                )
        groups = {cluster: {cluster} for cluster in {*self.raw} - {0}} | {OUTSIDE: {OUTSIDE}}
        near = self._neighbours()

        def between(one: int, other: int) -> Fraction:
            return sum(
                (tie[frozenset((a, b))] for a in groups[one] for b in groups[other]), Fraction(0)
            )

        while True:
            strongest: tuple[Fraction, int, int] | None = None
            for one, other in combinations(sorted(groups.keys() - {OUTSIDE}), 2):
                if not any((a, b) in near for a in groups[one] for b in groups[other]):
                    continue
                smaller = min((one, other), key=lambda c: (sum(size[a] for a in groups[c]), -c))
                elsewhere = max(between(smaller, c) for c in groups.keys() - {one, other})
                found = between(one, other)
                if found > elsewhere and (strongest is None or found > strongest[0]):
                    strongest = (found, one, other)
            if strongest is None:
                return {raw: lowest for lowest, group in groups.items() for raw in group}
            groups[strongest[1]] |= groups.pop(strongest[2])

    def _neighbours(self) -> set[tuple[int, int]]:
        """Pairs of raw clusters, in both orders, whose nearest cells lie within the distance of mergers."""
        reach = MERGE_WITHIN_KM / EARTH_KM
        rows = BallTree(self.radians, metric="haversine").query_radius(self.radians, r=reach)
        return {(self.raw[i], self.raw[j]) for i, row in enumerate(rows) for j in row} - {(0, 0)}

    def shares(self, years: Iterable[int]) -> dict[int, tuple[Fraction, ...]]:
        """Shares of the world in both sources over some years, by cluster."""
        years = list(years)
        return {
            cluster: tuple(
                Fraction(
                    sum(self.output[cluster, kind, year] for year in years),
                    BILLION * sum(self.documents[kind, year] for year in years),
                )
                for kind in KINDS
            )
            for cluster in {*self.part_of.values()} - {OUTSIDE}
        }


@pytest.fixture(scope="module")
def recount(demo_2020: Path) -> Recount:
    return Recount(demo_2020)


@pytest.fixture(scope="module")
def ids(recount: Recount, release_2020: Path) -> dict[int, str]:
    """Identifier of each cluster of the recount, by the cells that it has in the release."""
    cells = pl.read_parquet(release_2020 / "cluster_cells.parquet")
    released = dict(cells.select("h3_cell", "cluster_id").rows())
    pairs = {
        (recount.part_of[raw], released[cell])
        for cell, raw in zip(recount.cells["h3_cell"], recount.raw, strict=True)
        if raw
    }
    found = dict(pairs)
    assert len(pairs) == len(found) == len({*found.values()})  # the same cells together
    return found


def in_order(shares: dict[int, tuple[Fraction, ...]], ids: dict[int, str]) -> list[str]:
    """Clusters by the sum of their shares, equal ones by identifier."""
    return [ids[c] for c in sorted(shares, key=lambda c: (-sum(shares[c]), ids[c]))]


def test_cells(recount: Recount, release_2020: Path) -> None:
    found = {
        (cell, role, raw, weight // recount.divisor)
        for (cell, weight), role, raw in zip(
            recount.cells.rows(), recount.role, recount.raw, strict=True
        )
        if raw
    }
    cells = pl.read_parquet(release_2020 / "cluster_cells.parquet")
    assert found == {*cells.select("h3_cell", "role", "raw_cluster", "weight").rows()}


def test_some_clusters_are_merged_ones(recount: Recount, ids: dict[int, str]) -> None:
    merged = {ids[lowest] for raw, lowest in recount.part_of.items() if raw != lowest}
    assert merged == {"cn-shenzhen"}


def test_ranking(recount: Recount, release_2020: Path, ids: dict[int, str]) -> None:
    ranking = pl.read_parquet(release_2020 / "ranking.parquet").sort("rank")
    shares = recount.shares(WINDOW)
    assert ranking["cluster_id"].to_list() == in_order(shares, ids)
    before = in_order(recount.shares(year - 1 for year in WINDOW), ids)
    assert ranking["previous_rank_same_geography"].to_list() == [
        before.index(cluster) + 1 for cluster in ranking["cluster_id"]
    ]
    by_id = {ids[cluster]: pair for cluster, pair in shares.items()}
    for place, column in enumerate(("patent_share", "publication_share")):
        expected = [float(by_id[cluster][place]) for cluster in ranking["cluster_id"]]
        assert ranking[column].to_list() == pytest.approx(expected, rel=1e-12, abs=0)


def test_ranks_without_a_year(recount: Recount, release_2020: Path, ids: dict[int, str]) -> None:
    sensitivity = pl.read_parquet(release_2020 / "rank_sensitivity.parquet").sort("rank")
    for number, left_out in enumerate(WINDOW, start=1):
        shares = recount.shares(year for year in WINDOW if year != left_out)
        of_year = sensitivity.filter(window_year=number)
        assert of_year["cluster_id"].to_list() == in_order(shares, ids)


def test_output_by_year(recount: Recount, release_2020: Path, ids: dict[int, str]) -> None:
    rows = pl.read_parquet(release_2020 / "cluster_years.parquet").filter(pl.col("parts") > 0)
    assert {*rows.select("cluster_id", "kind", "year", "parts").rows()} == {
        (ids[cluster], kind, year, part)
        for (cluster, kind, year), part in recount.output.items()
        if part
    }
