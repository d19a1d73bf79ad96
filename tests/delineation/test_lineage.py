"""Ids and events over editions, on cells counted by hand."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.delineation import lineage as rule


def edition(clusters, noise=()):
    """Cells of an edition: cluster -> {cell: weight}; noise likewise."""
    rows = [(cell, w, c) for c, cells in clusters.items() for cell, w in cells.items()]
    rows += [(cell, w, None) for cell, w in dict(noise).items()]
    return pl.DataFrame(
        rows,
        schema={"h3_cell": pl.UInt64, "weight": pl.Int64, "cluster": pl.Int64},
        orient="row",
    )


def before(clusters):
    rows = [(cell, name) for name, cells in clusters.items() for cell in cells]
    return pl.DataFrame(rows, schema={"h3_cell": pl.UInt64, "cluster_id": pl.String}, orient="row")


def carry_ids(cells, previous=None):
    """A cluster that keeps no id is called after its number."""
    clusters = cells["cluster"].drop_nulls().unique().sort()
    new_ids = clusters.to_frame().with_columns(new_id=pl.format("new-{}", "cluster"))
    return rule.carry_ids(cells, before({}) if previous is None else previous, new_ids)


def ids(lineage):
    found = lineage.drop_nulls("cluster").select("cluster", "cluster_id").unique()
    assert found["cluster"].is_unique().all()
    return dict(found.sort("cluster").iter_rows())


def events(lineage):
    return lineage.select("previous_id", "cluster_id", "event").rows()


def test_in_the_first_edition_all_clusters_appear():
    lineage = carry_ids(edition({0: {9: 5}, 1: {3: 2, 8: 3}}))
    assert ids(lineage) == {0: "new-0", 1: "new-1"}
    assert events(lineage) == [(None, "new-0", "appears"), (None, "new-1", "appears")]
    assert lineage["cluster_weight"].to_list() == [5, 5]
    assert lineage["overlap_weight"].to_list() == [0, 0]
    assert lineage["overlap_share_of_cluster"].to_list() == [0, 0]


def test_a_cluster_that_grows_into_noise_continues():
    lineage = carry_ids(edition({0: {1: 4, 2: 3}}), before({"A": [1]}))
    assert ids(lineage) == {0: "A"}
    row = lineage.row(0, named=True)
    assert (row["event"], row["overlap_weight"]) == ("continues", 4)
    assert (row["previous_weight"], row["cluster_weight"]) == (4, 7)
    assert row["overlap_share_of_previous"] == 1
    assert row["overlap_share_of_cluster"] == pytest.approx(4 / 7)


def test_most_is_of_all_shared_cells_together():
    """Two cells of 3: neither is most of the 10 that A has by now, nor of the 10 of cluster 0."""
    lineage = carry_ids(
        edition({0: {1: 3, 2: 3, 3: 4}}, noise={4: 4}), before({"A": [1, 2, 4], "B": [3]})
    )
    assert ids(lineage) == {0: "A"}
    assert events(lineage) == [("A", "A", "continues"), ("B", "A", "merges")]
    assert lineage["overlap_weight"].to_list() == [6, 4]


def test_exactly_half_is_not_most():
    lineage = carry_ids(edition({0: {1: 4, 2: 4}}), before({"A": [1]}))
    assert ids(lineage) == {0: "new-0"}
    assert events(lineage) == [("A", "new-0", "merges")]


def test_cells_without_weight_are_no_overlap():
    lineage = carry_ids(edition({0: {1: 0, 2: 4}, 1: {3: 4}}), before({"A": [1, 3]}))
    assert events(lineage) == [(None, "new-0", "appears"), ("A", "A", "continues")]


def test_a_small_neighbour_merges_into_the_one_that_keeps_its_id():
    lineage = carry_ids(edition({0: {1: 6, 2: 3}}), before({"A": [1], "B": [2]}))
    assert ids(lineage) == {0: "A"}
    assert events(lineage) == [("A", "A", "continues"), ("B", "A", "merges")]


def test_a_split_keeps_the_id_with_the_larger_part():
    lineage = carry_ids(edition({0: {1: 3}, 1: {2: 6}}), before({"A": [1, 2]}))
    assert ids(lineage) == {0: "new-0", 1: "A"}
    assert events(lineage) == [("A", "A", "continues"), ("A", "new-0", "splits")]


def test_a_merger_of_equals_and_a_split_into_equals_end_the_ids():
    merged = carry_ids(edition({0: {1: 3, 2: 3, 3: 3}}), before({"A": [1], "B": [2], "C": [3]}))
    assert ids(merged) == {0: "new-0"}
    assert events(merged) == [(previous, "new-0", "merges") for previous in "ABC"]
    split = carry_ids(edition({0: {1: 3}, 1: {2: 3}}), before({"A": [1, 2]}))
    assert ids(split) == {0: "new-0", 1: "new-1"}
    assert events(split) == [("A", "new-0", "splits"), ("A", "new-1", "splits")]


def test_disappearing_into_noise_and_into_nothing():
    lineage = carry_ids(edition({}, noise={1: 5, 3: 1}), before({"A": [1], "B": [2], "C": [3]}))
    assert events(lineage) == [(previous, None, "disappears") for previous in "ABC"]
    assert lineage["previous_weight"].to_list() == [5, 0, 1]
    assert lineage["overlap_weight"].to_list() == [0, 0, 0]
    assert lineage["overlap_share_of_previous"].to_list() == [0, None, 0]


def test_a_cell_that_changes_hands_is_told_as_overlap():
    lineage = carry_ids(edition({0: {1: 9}, 1: {2: 9, 3: 1}}), before({"A": [1, 3], "B": [2]}))
    assert ids(lineage) == {0: "A", 1: "B"}
    assert events(lineage) == [
        ("A", "A", "continues"),
        ("A", "B", "overlaps"),
        ("B", "B", "continues"),
    ]


def test_growth_alone_moves_nothing():
    """The second cell weighs far more than the first by now; the cells are the same."""
    assert ids(carry_ids(edition({0: {1: 1, 2: 99}}), before({"A": [1, 2]}))) == {0: "A"}


partitions = st.lists(
    st.tuples(
        st.sampled_from([None, 0, 1, 2, 3]), st.sampled_from([None, 0, 1, 2, 3]), st.integers(0, 9)
    ),
    max_size=25,
)


@settings(max_examples=80)
@given(partitions, st.randoms(use_true_random=False))
def test_ids_are_unique_events_are_complete_and_rows_may_come_in_any_order(table, random):
    cells = edition({}).clear()
    rows = [(i + 1, w, c) for i, (_, c, w) in enumerate(table)]
    cells = pl.DataFrame(rows, schema=cells.schema, orient="row")
    old = [(i + 1, f"P{p}") for i, (p, _, _) in enumerate(table) if p is not None]
    previous = pl.DataFrame(old, schema=before({}).schema, orient="row")
    lineage = carry_ids(cells, previous)

    assert sorted(ids(lineage)) == sorted(cells["cluster"].drop_nulls().unique())
    assert len(set(ids(lineage).values())) == len(ids(lineage))
    told = lineage.filter(pl.col("event") != "overlaps")
    assert set(told["previous_id"].drop_nulls()) == set(previous["cluster_id"])
    assert set(told["cluster_id"].drop_nulls()) == set(ids(lineage).values())
    kept = lineage.filter(pl.col("previous_id") == pl.col("cluster_id"))
    assert set(kept["event"]) <= {"continues"}

    mixed = carry_ids(
        cells.sample(fraction=1, shuffle=True, seed=random.randint(0, 99)),
        previous.sample(fraction=1, shuffle=True, seed=random.randint(0, 99)),
    )
    assert mixed.equals(lineage)
