"""The merger rule on small worlds worked out by hand, and its invariants."""

import decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.delineation.mergers import (
    OUTSIDE,
    Override,
    World,
    decide_mergers,
    edge_distances,
    ties_by_pair,
)
from pipelines.delineation.mergers import sizes_of as sizes_of_cells
from pipelines.errors import UserError

DEGREE_KM = np.pi * 6371.0088 / 180
DOCUMENT = 10**9
WORLD = World(patent=1000 * DOCUMENT, publication=4000 * DOCUMENT)


def cells_at(km_by_cluster):
    """Cells on the equator at the given km, numbered from 1, per cluster."""
    rows = [(km / DEGREE_KM, c) for c, places in km_by_cluster.items() for km in places]
    return pl.DataFrame(
        {
            "h3_cell": pl.Series(range(1, len(rows) + 1), dtype=pl.UInt64),
            "lat": [0.0] * len(rows),
            "lng": [lng for lng, _ in rows],
            "cluster": pl.Series([c for _, c in rows], dtype=pl.Int64),
        }
    )


def sizes_of(patents):
    return pl.DataFrame(
        {
            "cluster": pl.Series(list(patents), dtype=pl.Int64),
            "patent": [n * DOCUMENT for n in patents.values()],
            "publication": [0] * len(patents),
        }
    )


def ties_of(patent, publication=()):
    """Ties in documents by pair; publication likewise."""
    publication = dict(publication)
    pairs = dict.fromkeys([*patent, *publication])
    return pl.DataFrame(
        {
            "a": pl.Series([a for a, _ in pairs], dtype=pl.Int64),
            "b": pl.Series([b for _, b in pairs], dtype=pl.Int64),
            "tie_patent": pl.Series(
                [patent.get(p, 0) * DOCUMENT**2 for p in pairs], dtype=pl.Int128
            ),
            "tie_publication": pl.Series(
                [publication.get(p, 0) * DOCUMENT**2 for p in pairs], dtype=pl.Int128
            ),
        }
    )


def decide(places, sizes, patent, publication=(), **options):
    tables = cells_at(places), sizes_of(sizes), ties_of(patent, publication)
    return decide_mergers(*tables, WORLD, **{"max_edge_km": 5, **options})


def merged(mergers):
    return mergers.filter(verdict="merged").select("a", "b").rows()


def test_edge_distances_are_least_distances_between_cells_within_the_limit():
    cells = cells_at({0: [0, 10], 1: [20, 13], 2: [25, 40], 3: [100]})
    found = edge_distances(cells, 5)
    assert found.select("a", "b").rows() == [(0, 1), (1, 2)]
    np.testing.assert_allclose(found["edge_distance_km"], [3, 5], atol=1e-6)
    assert edge_distances(cells, 4.999).select("a", "b").rows() == [(0, 1)]
    assert edge_distances(cells.clear(), 5).is_empty()


@pytest.mark.parametrize(
    ("one", "other", "degrees"),
    [
        ((0.0, 179.98), (0.0, -179.98), 0.04),
        ((0.0, 180.0), (0.0, -180.0), 0.0),
        ((89.98, 10.0), (89.99, -170.0), 0.03),
        ((-90.0, 0.0), (-89.97, 123.0), 0.03),
    ],
)
def test_date_line_and_poles_lie_between_no_edges(one, other, degrees):
    (lat, other_lat), (lng, other_lng) = zip(one, other, strict=True)
    cells = pl.DataFrame({"lat": [lat, other_lat], "lng": [lng, other_lng], "cluster": [0, 1]})
    found = edge_distances(cells, 5)
    assert found.select("a", "b").rows() == [(0, 1)]
    np.testing.assert_allclose(found["edge_distance_km"], [degrees * DEGREE_KM], atol=1e-6)


@given(st.integers(0, 2**32))
@settings(max_examples=30)
def test_edge_distances_equal_a_look_at_every_pair(seed):
    rng = np.random.default_rng(seed)
    n = 80
    lat, lng, cluster = rng.normal(50, 0.2, n), rng.normal(8, 0.2, n), rng.integers(0, 6, n)
    found = edge_distances(pl.DataFrame({"lat": lat, "lng": lng, "cluster": cluster}), 7)
    p, q = np.radians(lat), np.radians(lng)
    place = np.stack([np.cos(p) * np.cos(q), np.cos(p) * np.sin(q), np.sin(p)], axis=1)
    chord = np.linalg.norm(place[:, None] - place, axis=2)
    km = 2 * 6371.0088 * np.arcsin(chord / 2)
    expected = {}
    for i, j in zip(*np.nonzero((km <= 7) & (cluster[:, None] < cluster)), strict=True):
        pair = int(cluster[i]), int(cluster[j])
        expected[pair] = min(km[i, j], expected.get(pair, 7))
    assert found.select("a", "b").rows() == sorted(expected)
    np.testing.assert_allclose(found["edge_distance_km"], [expected[p] for p in sorted(expected)])


def test_neighbours_with_the_strongest_tie_merge():
    mergers = decide(
        {0: [0], 1: [4], 2: [300]},
        {0: 90, 1: 10, 2: 50},
        {(0, 1): 5, (1, 2): 4, (0, 2): 80, (1, OUTSIDE): 3},
    )
    assert merged(mergers) == [(0, 1)]
    row = mergers.row(0, named=True)
    assert row["edge_distance_km"] == pytest.approx(4)
    assert (row["tie_patent"], row["tie_publication"], row["tie_total"]) == (5, 0, 5 / 1000)
    assert (row["smaller"], row["runner_up"], row["runner_up_tie"]) == (1, 2, 4 / 1000)
    assert (row["round"], row["verdict"]) == (1, "merged")
    assert len(mergers) == 1


@pytest.mark.parametrize("rival", [2, OUTSIDE])
def test_a_tie_as_strong_elsewhere_forbids(rival):
    mergers = decide({0: [0], 1: [4], 2: [300]}, {0: 90, 1: 10, 2: 50}, {(0, 1): 5, (1, rival): 5})
    assert merged(mergers) == []
    row = mergers.row(0, named=True)
    assert (row["verdict"], row["runner_up"]) == ("rejected", rival)


def test_no_tie_at_all_is_not_stronger():
    assert merged(decide({0: [0], 1: [4]}, {0: 9, 1: 1}, {})) == []


def test_without_a_distance_nothing_merges_but_what_is_forced():
    places, sizes, ties = {0: [0], 1: [4], 2: [8]}, {0: 9, 1: 1, 2: 1}, {(0, 1): 5}
    assert decide(places, sizes, ties, max_edge_km=None).is_empty()
    override = Override(1, 3, "force", "by review")
    forced = decide(places, sizes, ties, max_edge_km=None, overrides=(override,))
    assert merged(forced) == [(0, 2)]


def test_too_far_is_no_candidate():
    mergers = decide({0: [0], 1: [5.01]}, {0: 9, 1: 1}, {(0, 1): 5})
    assert mergers.is_empty()


def test_exact_comparison_where_floats_are_equal():
    """Ties that differ by one billionth squared in ten million documents."""
    large = 10**7 * DOCUMENT**2
    for surplus, expected in ((0, []), (1, [(0, 1)])):
        ties = pl.DataFrame(
            {
                "a": [0, 1],
                "b": [1, OUTSIDE],
                "tie_patent": [decimal.Decimal(large + surplus), decimal.Decimal(large)],
                "tie_publication": [decimal.Decimal(0), decimal.Decimal(0)],
            }
        )
        mergers = decide_mergers(
            cells_at({0: [0], 1: [4]}), sizes_of({0: 9, 1: 1}), ties, WORLD, max_edge_km=5
        )
        assert merged(mergers) == expected


def test_sources_add_as_shares_of_their_world_totals():
    """Four articles weigh as much as one patent here: 1/1000 + 4/4000 against 7/4000."""
    places, sizes = {0: [0], 1: [4], 2: [300]}, {0: 90, 1: 10, 2: 50}
    mergers = decide(places, sizes, {(0, 1): 1}, {(0, 1): 4, (1, 2): 7})
    assert merged(mergers) == [(0, 1)]
    assert mergers.select("tie_patent", "tie_publication", "tie_total").rows() == [(1, 4, 2 / 1000)]
    assert merged(decide(places, sizes, {(0, 1): 1}, {(0, 1): 4, (1, 2): 8})) == []


@pytest.mark.parametrize("kind", ["patent", "publication"])
def test_a_world_of_one_source(kind):
    """As in 2017, which counts applications alone: 3 of 10 documents, against 2 with another."""
    ties = {(0, 1): 3, (1, 2): 2}
    mergers = decide_mergers(
        cells_at({0: [0], 1: [4], 2: [300]}),
        pl.DataFrame({"cluster": [0, 1, 2], "patent": 0, "publication": 0, kind: [9, 1, 5]}),
        ties_of(ties) if kind == "patent" else ties_of({}, ties),
        World(**{"patent": 0, "publication": 0, kind: 10 * DOCUMENT}),
        max_edge_km=5,
    )
    assert merged(mergers) == [(0, 1)]
    assert mergers.select("tie_total", "smaller", "runner_up_tie").rows() == [(0.3, 1, 0.2)]


def test_sizes_are_sums_over_cells_and_ties_stand_side_by_side():
    cells = pl.DataFrame(
        {"cluster": [1, 1, 2], "patent_parts": [3, 4, 5], "publication_parts": [20, 10, 70]}
    )
    sizes = sizes_of_cells(cells).sort("cluster").select("cluster", "patent", "publication")
    assert sizes.rows() == [(1, 7, 30), (2, 5, 70)]
    ties = pl.DataFrame(
        {
            "kind": ["patent", "publication", "publication"],
            "cluster_a": pl.Series([1, 1, OUTSIDE], dtype=pl.Int32),
            "cluster_b": pl.Series([2, 2, 1], dtype=pl.Int32),
            "tie": pl.Series([6, 8, 9], dtype=pl.Decimal(38, 0)),
        }
    )
    paired = ties_by_pair(ties).sort("a")
    assert paired.select("a", "b", "tie_patent", "tie_publication").rows() == [
        (OUTSIDE, 1, 0, 9),
        (1, 2, 6, 8),
    ]


def test_after_a_merger_ties_add_and_distances_take_the_minimum():
    """2 is tied to 0 and 1 by 3 each and to 3 by 5: only once 0 and 1 are one is 6 the strongest.

    And 2 lies near 1 only; the strongest pair, 0 and 1, goes first.
    """
    mergers = decide(
        {0: [0], 1: [4], 2: [8], 3: [300]},
        {0: 90, 1: 40, 2: 10, 3: 50},
        {(0, 1): 20, (0, 2): 3, (2, 1): 3, (2, 3): 5},
    )
    assert merged(mergers) == [(0, 1), (0, 2)]
    verdicts = mergers.select("round", "a", "b", "verdict").rows()
    assert verdicts == [
        (1, 0, 1, "merged"),
        (1, 1, 2, "rejected"),
        (2, 0, 2, "merged"),
    ]
    assert mergers["edge_distance_km"][2] == pytest.approx(4)


def test_the_strongest_pair_goes_first_and_may_take_the_ground_from_another():
    """Both pairs qualify; 1 joins 0, the stronger, and 2 then sees one larger neighbour."""
    mergers = decide(
        {0: [0], 1: [4], 2: [8]}, {0: 90, 1: 40, 2: 10}, {(0, 1): 20, (1, 2): 5, (2, OUTSIDE): 4}
    )
    rows = mergers.select("round", "a", "b", "verdict").rows()
    assert rows == [(1, 0, 1, "merged"), (1, 1, 2, "qualifies"), (2, 0, 2, "merged")]


def test_sizes_add_so_that_another_is_the_smaller_one():
    """0 and 1 together, 18, are larger than 2, 15, which each of them was smaller than."""
    mergers = decide({0: [0], 1: [4], 2: [8]}, {0: 10, 1: 8, 2: 15}, {(0, 1): 9, (1, 2): 5})
    assert mergers.select("round", "a", "b", "smaller").rows() == [
        (1, 0, 1, 1),
        (1, 1, 2, 1),
        (2, 0, 2, 2),
    ]


def test_the_edge_of_a_merged_cluster_is_its_nearest_parts():
    mergers = decide({0: [0], 1: [4], 2: [5]}, {0: 9, 1: 8, 2: 1}, {(0, 1): 9})
    assert mergers["edge_distance_km"].to_list() == pytest.approx([4, 5, 1, 1])


def test_a_cluster_that_took_another_may_go_into_a_third():
    """1 takes 2 first, 9 is the strongest; then 0 takes both."""
    mergers = decide(
        {0: [0], 1: [4], 2: [8]}, {0: 90, 1: 40, 2: 10}, {(1, 2): 9, (0, 1): 5, (0, 2): 1}
    )
    assert merged(mergers) == [(1, 2), (0, 1)]
    last = mergers.row(-1, named=True)
    assert (last["round"], last["tie_patent"], last["runner_up"]) == (2, 6, OUTSIDE)


def test_a_tie_that_moves_to_a_larger_cluster_is_as_strong_as_before():
    """Once 0 took 1, its tie with 2 is 5 as well: no stronger than that of 2 with what lies outside."""
    mergers = decide(
        {0: [0], 1: [4], 2: [8]}, {0: 90, 1: 40, 2: 10}, {(0, 1): 9, (1, 2): 5, (2, OUTSIDE): 5}
    )
    assert merged(mergers) == [(0, 1)]


def test_a_pair_is_written_from_the_lower_number():
    mergers = decide({1: [0], 8: [4]}, {1: 9, 8: 1}, {(8, 1): 2})
    assert mergers.select("a", "b", "smaller").rows() == [(1, 8, 8)]


def test_of_equally_strong_pairs_the_lowest_numbers_go_first():
    places, sizes = {0: [0], 1: [4], 2: [300], 3: [304]}, {0: 90, 1: 10, 2: 90, 3: 10}
    assert merged(decide(places, sizes, {(2, 3): 5, (0, 1): 5})) == [(0, 1), (2, 3)]
    beside = decide({0: [0], 1: [4], 2: [-4]}, {0: 90, 1: 10, 2: 10}, {(0, 1): 5, (0, 2): 5})
    assert merged(beside) == [(0, 1), (0, 2)]


def test_of_equally_strong_others_the_lowest_number_is_the_runner_up():
    places, sizes = {0: [0], 1: [4], 2: [300], 3: [600]}, {0: 90, 1: 10, 2: 50, 3: 50}
    others = decide(places, sizes, {(0, 1): 5, (1, 3): 4, (1, 2): 4})
    assert others["runner_up"].to_list() == [2]
    outside = decide(places, sizes, {(0, 1): 5, (1, 2): 4, (1, OUTSIDE): 4})
    assert outside["runner_up"].to_list() == [OUTSIDE]


def test_equal_sizes_make_the_higher_number_the_smaller():
    mergers = decide({0: [0], 1: [4]}, {0: 5, 1: 5}, {(0, 1): 2, (0, OUTSIDE): 9})
    assert mergers["smaller"].to_list() == [1]
    assert merged(mergers) == [(0, 1)]


def test_an_override_forces_at_any_distance_and_is_listed():
    override = Override(1, 2, "force", "one city by its own account")
    mergers = decide({0: [0], 1: [90]}, {0: 9, 1: 1}, {}, overrides=(override,))
    assert merged(mergers) == [(0, 1)]
    row = mergers.row(0, named=True)
    assert (row["edge_distance_km"], row["verdict"]) == (None, "merged")
    assert (row["tie_patent"], row["tie_publication"], row["tie_total"]) == (0, 0, 0)
    assert row["reason"] == "override (force): one city by its own account"


def test_an_override_forbids_also_as_part_of_a_larger_cluster():
    """1 and 2 must stay apart; 0 takes 1 first and may then not take 2."""
    mergers = decide(
        {0: [0], 1: [4], 2: [-4]},
        {0: 90, 1: 40, 2: 10},
        {(0, 1): 20, (0, 2): 5},
        overrides=(Override(2, 3, "forbid", "two by review"),),
    )
    assert merged(mergers) == [(0, 1)]
    assert mergers.row(-1, named=True)["reason"] == "override (forbid): two by review"


def test_a_forced_pair_goes_before_a_stronger_one():
    mergers = decide(
        {0: [0], 1: [4], 2: [300], 3: [600]},
        {0: 90, 1: 10, 2: 90, 3: 10},
        {(0, 1): 20},
        overrides=(Override(3, 4, "force", "one by review"),),
    )
    assert merged(mergers) == [(2, 3), (0, 1)]


def test_where_parts_are_under_different_rulings_forbidding_wins():
    """0 takes 1, by force; of the two together and 2 one override says yes, the other no."""
    overrides = (
        Override(1, 2, "force", "one"),
        Override(1, 3, "force", "one too"),
        Override(2, 3, "forbid", "two"),
    )
    for order in (overrides, overrides[::-1]):
        mergers = decide({0: [0], 1: [4], 2: [8]}, {0: 9, 1: 5, 2: 1}, {(0, 1): 5}, overrides=order)
        assert merged(mergers) == [(0, 1)]


def test_of_a_pair_that_is_forced_and_forbidden_forbidding_wins():
    """Each names other cells of the same two clusters, so that nobody need have noticed."""
    overrides = (Override(1, 3, "forbid", "two"), Override(2, 3, "force", "one"))
    for order in (overrides, overrides[::-1]):
        mergers = decide({0: [0, 1], 1: [5]}, {0: 9, 1: 5}, {(0, 1): 5}, overrides=order)
        assert mergers.select("verdict", "reason").rows() == [
            ("rejected", "override (forbid): two")
        ]


def test_an_override_without_two_clusters_is_listed_as_unused():
    overrides = (Override(1, 77, "force", "gone"), Override(1, 1, "force", "same"))
    mergers = decide({0: [0], 1: [90]}, {0: 9, 1: 1}, {}, overrides=overrides)
    rows = mergers.select("round", "a", "b", "verdict").rows()
    assert rows == [(0, 0, None, "unused"), (0, 0, 0, "unused")]


def test_an_unknown_verdict_is_refused():
    with pytest.raises(UserError, match="'maybe', expected 'force' or 'forbid'"):
        Override(1, 2, "maybe", "")


def test_no_cluster():
    mergers = decide({}, {}, {})
    assert mergers.is_empty()


def some_clusters(seed):
    """Cells, sizes and ties of eight clusters on 40 km."""
    rng = np.random.default_rng(seed)
    n = 8
    places = {c: [float(rng.uniform(0, 40))] for c in range(n)}
    sizes = {c: int(rng.integers(1, 5)) for c in range(n)}
    ties = {(a, b): int(rng.integers(0, 4)) for b in range(n) for a in range(-1, b)}
    return cells_at(places), sizes_of(sizes), ties_of(ties)


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_the_order_of_rows_changes_nothing_and_no_pair_is_left(seed):
    tables = some_clusters(seed)
    straight = decide_mergers(*tables, WORLD, max_edge_km=5)
    mixed = decide_mergers(
        *(t.sample(fraction=1, shuffle=True, seed=seed % 99) for t in tables), WORLD, max_edge_km=5
    )
    assert straight.equals(mixed)
    last = straight.filter(pl.col("round") == pl.col("round").max())
    assert last.is_empty() or "qualifies" not in last["verdict"].to_list()
    # whoever went into another one is gone
    gone = [b for _, b in merged(straight)]
    assert len(set(gone)) == len(gone)
    for round_number, (_, b) in enumerate(merged(straight), start=1):
        later = straight.filter(pl.col("round") > round_number)
        assert b not in {*later["a"], *later["b"]}


def as_merged(tables, pairs):
    """Cells, sizes and ties of clusters once each `b` went into its `a`."""
    cells, sizes, ties = tables
    for a, b in pairs:
        cells, sizes, ties = (
            table.with_columns(pl.col(columns).replace(b, a))
            for table, columns in ((cells, ["cluster"]), (sizes, ["cluster"]), (ties, ["a", "b"]))
        )
    return (
        cells,
        sizes.group_by("cluster").sum(),
        ties.filter(pl.col("a") != pl.col("b")).group_by("a", "b").sum(),
    )


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_what_merged_merges_no_further(seed):
    """Asked anew about the clusters as they stand in the end, the rule finds what it found last."""
    tables = some_clusters(seed)
    first = decide_mergers(*tables, WORLD, max_edge_km=5)
    again = decide_mergers(*as_merged(tables, merged(first)), WORLD, max_edge_km=5)
    assert merged(again) == []
    if merged(first):
        first = first.filter(pl.col("round") == len(merged(first)) + 1)
    assert again.drop("round").equals(first.drop("round"))
