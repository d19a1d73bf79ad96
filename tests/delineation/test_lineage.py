"""Ids and events over editions, on cells counted by hand."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.delineation.lineage import carry_ids


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


def ids(lineage):
    return dict(lineage.ids.iter_rows())


def events(lineage):
    return lineage.events.select("previous_id", "cluster_id", "event").rows()


def test_first_edition_numbers_by_weight_then_lowest_cell():
    lineage = carry_ids(edition({0: {9: 5}, 1: {3: 2, 8: 3}, 2: {1: 7}}))
    assert ids(lineage) == {2: "C0001", 1: "C0002", 0: "C0003"}
    assert events(lineage) == [(None, f"C000{i}", "appears") for i in (1, 2, 3)]
    assert lineage.issued == 3


def test_a_cluster_that_grows_into_noise_continues():
    lineage = carry_ids(edition({0: {1: 4, 2: 3}}), before({"C0007": [1]}), issued=9)
    assert ids(lineage) == {0: "C0007"}
    row = lineage.events.row(0, named=True)
    assert (row["event"], row["overlap_weight"]) == ("continues", 4)
    assert (row["previous_weight"], row["cluster_weight"]) == (4, 7)
    assert row["overlap_share_of_previous"] == 1
    assert row["overlap_share_of_cluster"] == pytest.approx(4 / 7)
    assert lineage.issued == 9


def test_exactly_half_is_not_most():
    lineage = carry_ids(edition({0: {1: 4, 2: 4}}), before({"C0001": [1]}), issued=1)
    assert ids(lineage) == {0: "C0002"}
    assert events(lineage) == [("C0001", "C0002", "merges")]


def test_a_small_neighbour_merges_into_the_one_that_keeps_its_id():
    lineage = carry_ids(edition({0: {1: 6, 2: 3}}), before({"C0001": [1], "C0002": [2]}), issued=2)
    assert ids(lineage) == {0: "C0001"}
    assert events(lineage) == [("C0001", "C0001", "continues"), ("C0002", "C0001", "merges")]


def test_a_split_keeps_the_id_with_the_larger_part():
    lineage = carry_ids(edition({0: {1: 3}, 1: {2: 6}}), before({"C0001": [1, 2]}), issued=1)
    assert ids(lineage) == {0: "C0002", 1: "C0001"}
    assert events(lineage) == [("C0001", "C0001", "continues"), ("C0001", "C0002", "splits")]


def test_a_merger_of_equals_and_a_split_into_equals_end_the_ids():
    merged = carry_ids(
        edition({0: {1: 3, 2: 3, 3: 3}}),
        before({"C0001": [1], "C0002": [2], "C0003": [3]}),
        issued=3,
    )
    assert ids(merged) == {0: "C0004"}
    assert events(merged) == [(f"C000{i}", "C0004", "merges") for i in (1, 2, 3)]
    split = carry_ids(edition({0: {1: 3}, 1: {2: 3}}), before({"C0001": [1, 2]}), issued=1)
    assert ids(split) == {0: "C0002", 1: "C0003"}
    assert events(split) == [("C0001", "C0002", "splits"), ("C0001", "C0003", "splits")]


def test_disappearing_into_noise_and_into_nothing():
    lineage = carry_ids(edition({}, noise={1: 5}), before({"C0001": [1], "C0002": [2]}), issued=2)
    assert events(lineage) == [("C0001", None, "disappears"), ("C0002", None, "disappears")]
    assert lineage.events["previous_weight"].to_list() == [5, 0]
    assert lineage.events["overlap_share_of_previous"].to_list() == [0, None]


def test_a_cell_that_changes_hands_is_told_as_overlap():
    lineage = carry_ids(
        edition({0: {1: 9}, 1: {2: 9, 3: 1}}), before({"C0001": [1, 3], "C0002": [2]}), issued=2
    )
    assert ids(lineage) == {0: "C0001", 1: "C0002"}
    assert events(lineage) == [
        ("C0001", "C0001", "continues"),
        ("C0001", "C0002", "overlaps"),
        ("C0002", "C0002", "continues"),
    ]


def test_growth_alone_moves_nothing():
    """The new half of the world weighs more than the old one did; the cells are the same."""
    lineage = carry_ids(edition({0: {1: 1, 2: 99}}), before({"C0001": [1, 2]}), issued=1)
    assert ids(lineage) == {0: "C0001"}


def test_an_ended_id_is_not_given_again():
    first = carry_ids(edition({0: {1: 5}, 1: {2: 4}}))
    second = carry_ids(
        edition({0: {1: 5}}), before({"C0001": [1], "C0002": [2]}), issued=first.issued
    )
    third = carry_ids(edition({0: {1: 5}, 1: {2: 4}}), before({"C0001": [1]}), issued=second.issued)
    assert ids(third) == {0: "C0001", 1: "C0003"}


def test_more_ids_than_four_digits():
    assert ids(carry_ids(edition({0: {1: 1}}), issued=9999)) == {0: "C10000"}


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
    old = [(i + 1, f"C000{p}") for i, (p, _, _) in enumerate(table) if p is not None]
    previous = pl.DataFrame(old, schema=before({}).schema, orient="row")
    lineage = carry_ids(cells, previous, issued=4)

    assert sorted(lineage.ids["cluster"]) == sorted(cells["cluster"].drop_nulls().unique())
    assert lineage.ids["cluster_id"].is_unique().all()
    told = lineage.events.filter(pl.col("event") != "overlaps")
    assert set(told["previous_id"].drop_nulls()) == set(previous["cluster_id"])
    assert set(told["cluster_id"].drop_nulls()) == set(lineage.ids["cluster_id"])
    kept = lineage.events.filter(pl.col("previous_id") == pl.col("cluster_id"))
    assert set(kept["event"]) <= {"continues"}

    mixed = carry_ids(
        cells.sample(fraction=1, shuffle=True, seed=random.randint(0, 99)),
        previous.sample(fraction=1, shuffle=True, seed=random.randint(0, 99)),
        issued=4,
    )
    assert mixed.ids.equals(lineage.ids)
    assert mixed.events.equals(lineage.events)
