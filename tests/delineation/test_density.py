"""Density clustering: boundaries worked out by hand, invariants, and scikit-learn as reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from pipelines.delineation.density import (
    MOST_CLUSTERS,
    Density,
    PointError,
    density_clusters,
    require_few_clusters,
)
from pipelines.delineation.sphere import EARTH_RADIUS_KM
from pipelines.errors import UserError

RADIUS_KM = 15.0
DEGREE_KM = np.pi * EARTH_RADIUS_KM / 180


def on_equator(km, weight, min_weight, radius_km=RADIUS_KM):
    """Clusters of points on the equator, given by their km east of the prime meridian."""
    lng = np.asarray(km, float) / DEGREE_KM
    return density_clusters(
        np.zeros(len(lng)), lng, weight, radius_km=radius_km, min_weight=min_weight
    )


def world(seed, n=150, spread_deg=0.3):
    """Random weighted points around a few random centres, poles and date line included."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(1, 6))
    centre = rng.normal(size=(k, 3))
    centre /= np.linalg.norm(centre, axis=1, keepdims=True)
    special = [[-1, 0, 0], [0, 0, 1], [0, 0, -1]]
    centre = np.vstack([centre, special])[rng.integers(0, k + 3, n)]
    place = centre + np.radians(spread_deg) * rng.normal(size=(n, 3))
    place[rng.random(n) < 0.1] = place[0]
    return *degrees(place), rng.integers(0, 10, n)


def degrees(place):
    """Latitudes and longitudes of vectors, (n, 3)."""
    lat = np.degrees(np.arctan2(place[:, 2], np.hypot(place[:, 0], place[:, 1])))
    return lat, np.degrees(np.arctan2(place[:, 1], place[:, 0]))


def vectors(lat, lng):
    lat, lng = np.radians(lat), np.radians(lng)
    return np.stack([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)], axis=1)


def reference(lat, lng, weight, radius_km, min_weight):
    """Labels and core points by scikit-learn."""
    model = DBSCAN(
        eps=radius_km / EARTH_RADIUS_KM,
        min_samples=min_weight,
        metric="haversine",
        algorithm="ball_tree",
    ).fit(np.radians(np.column_stack([lat, lng])), sample_weight=weight)
    core = np.zeros(len(lat), bool)
    core[model.core_sample_indices_] = True
    return model.labels_, core


def assert_same(found, expected):
    np.testing.assert_array_equal(found.label, expected.label)
    np.testing.assert_array_equal(found.is_core, expected.is_core)


def partition(label):
    """Labels renumbered in order of appearance, noise kept: equal for equal partitions."""
    seen = {-1: -1}
    return [seen.setdefault(int(x), len(seen) - 1) for x in label]


# --- boundaries, worked out by hand ---


def test_no_point_and_one_point():
    assert len(on_equator([], [], 1).label) == 0
    assert on_equator([0], [4], 5).label.tolist() == [-1]
    assert on_equator([0], [5], 5).label.tolist() == [0]


def test_a_weight_exactly_at_the_threshold_is_core():
    assert on_equator([0, 10], [3, 4], 7).is_core.tolist() == [True, True]
    assert on_equator([0, 10], [3, 4], 8).label.tolist() == [-1, -1]


def test_thresholds_are_exact_at_a_million_billion():
    weight = [10**15, 1]
    assert on_equator([0, 10], weight, 10**15 + 1).is_core.all()
    assert not on_equator([0, 10], weight, 10**15 + 2).is_core.any()


def test_a_point_at_the_radius_is_within_it():
    assert on_equator([0, 15], [1, 1], 2).label.tolist() == [0, 0]
    assert on_equator([0, 15 + 1e-6], [1, 1], 2).label.tolist() == [-1, -1]


@given(st.integers(0, 2**32), st.floats(0.01, 5000))
def test_the_radius_is_inclusive_in_every_direction(seed, radius_km):
    rng = np.random.default_rng(seed)
    a, b = np.linalg.qr(rng.normal(size=(3, 2)))[0].T
    arc = radius_km / EARTH_RADIUS_KM
    for stretch, expected in ((1, [0, 0]), (1 + 1e-4, [-1, -1])):
        c = a * np.cos(arc * stretch) + b * np.sin(arc * stretch)
        found = density_clusters(
            *degrees(np.stack([a, c])), [1, 1], radius_km=radius_km, min_weight=2
        )
        assert found.label.tolist() == expected


def test_an_isolated_heavy_point_is_a_cluster():
    found = on_equator([0, 100, 500], [1, 9, 1], 9)
    assert found.label.tolist() == [-1, 0, -1]
    assert found.role.tolist() == ["noise", "core", "noise"]


def test_no_core_point_means_no_cluster():
    assert on_equator(range(0, 100, 5), [1] * 20, 50).label.tolist() == [-1] * 20


# Two dense ends, each with a light core point 10 km from the middle, which is not core itself:
# its neighbourhood weighs 3. The far points reach 9 + 1 = 10 and are border points.
TWO_ENDS_KM = [-20, -10, 0, 10, 20]
TWO_ENDS_WEIGHT = [9, 1, 1, 1, 9]


def test_a_border_point_goes_to_the_nearest_core_point():
    km = list(TWO_ENDS_KM)
    km[2] = 1
    found = on_equator(km, TWO_ENDS_WEIGHT, 11, radius_km=12)
    assert found.is_core.tolist() == [False, True, False, True, False]
    assert found.label.tolist() == [0, 0, 1, 1, 1]
    assert found.role.tolist() == ["border", "core", "border", "core", "border"]
    # scikit-learn's first cluster would have taken the middle.
    label, _ = reference(np.zeros(5), np.array(km) / DEGREE_KM, TWO_ENDS_WEIGHT, 12, 11)
    assert label.tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 3, 1, 0, 4]])
def test_a_border_tie_goes_to_the_core_point_of_the_lowest_index(order):
    found = on_equator(np.array(TWO_ENDS_KM)[order], np.array(TWO_ENDS_WEIGHT)[order], 11)
    first_core = min(order.index(1), order.index(3))
    assert found.label[order.index(2)] == found.label[first_core] == 0


def test_clusters_are_numbered_by_their_lowest_core_index():
    found = on_equator([900, 500, 0, 501, 1], [1, 5, 5, 5, 5], 5)
    assert found.label.tolist() == [-1, 0, 1, 0, 1]


def test_a_chain_connects_and_a_gap_parts():
    km = [0, 15, 30, 45, 60.1]
    assert on_equator(km, [2] * 5, 2).label.tolist() == [0, 0, 0, 0, 1]


def test_the_date_line_and_the_poles_are_no_edges():
    found = density_clusters(
        [0.0, 0.0, 89.95, 89.95, -90.0, -90.0],
        [179.95, -179.95, 0.0, 180.0, 10.0, -100.0],
        [1] * 6,
        radius_km=15,
        min_weight=2,
    )
    assert found.label.tolist() == [0, 0, 1, 1, 2, 2]


def test_a_radius_of_half_the_circumference_reaches_everything():
    found = density_clusters(
        [0.0, 0.0, 90.0, -90.0], [0.0, 180.0, 0.0, 0.0], [1] * 4, radius_km=20_016, min_weight=4
    )
    assert found.label.tolist() == [0, 0, 0, 0]


def test_a_crowd_on_one_spot():
    n = 5000
    found = on_equator([0] * n + [14, 100], [1] * (n + 2), n + 1)
    assert found.is_core.tolist() == [True] * (n + 1) + [False]
    assert found.label.tolist() == [0] * (n + 1) + [-1]


@pytest.mark.parametrize(
    ("lat", "lng", "weight", "message"),
    [
        ([0, np.nan], [0, 0], [1, 1], "row 1: latitude nan"),
        ([0, 0, 90.5], [0, 0, 0], [1, 1, 1], "row 2: latitude 90.5"),
        ([0, 0], [-181, 0], [1, 1], "row 0: longitude -181"),
        ([0, 0], [0, np.inf], [1, 1], "row 1: longitude inf"),
        ([0, 0], [0, 0], [1, -1], "row 1: weight -1"),
        ([0, 0], [0, 0], [1.5, 1], "row 0: weight 1.5"),
        ([0, 0], [0, 0], [1, np.nan], "row 1: weight nan"),
        ([0, 0], [0, 0], [2**62, 2**62], "add up to more"),
        ([0, 0], [0], [1, 1], "same length"),
    ],
)
def test_bad_points_are_named_by_row(lat, lng, weight, message):
    with pytest.raises(PointError, match=message) as caught:
        density_clusters(lat, lng, weight, radius_km=15, min_weight=1)
    assert isinstance(caught.value, UserError)
    assert isinstance(caught.value, ValueError)


def test_bad_settings_are_named():
    with pytest.raises(PointError, match="radius must be above 0"):
        on_equator([0], [1], 1, radius_km=0)
    with pytest.raises(PointError, match="threshold must be a weight of at least 1"):
        on_equator([0], [1], 0)


def test_the_input_is_not_touched():
    lat, lng, weight = world(1)
    before = [a.copy() for a in (lat, lng, weight)]
    density_clusters(lat, lng, weight, radius_km=15, min_weight=5)
    for a, b in zip((lat, lng, weight), before, strict=True):
        np.testing.assert_array_equal(a, b)


# --- against scikit-learn ---


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("spread_deg", [0.05, 0.3, 2.0])
def test_core_labels_equal_scikit_learn(seed, spread_deg):
    lat, lng, weight = world(seed, 400, spread_deg)
    for min_weight in (1, 12, 60):
        found = density_clusters(lat, lng, weight, radius_km=RADIUS_KM, min_weight=min_weight)
        label, core = reference(lat, lng, weight, RADIUS_KM, min_weight)
        np.testing.assert_array_equal(found.is_core, core)
        np.testing.assert_array_equal(found.label[core], label[core])
        np.testing.assert_array_equal(found.label >= 0, label >= 0)


def test_dense_points_equal_scikit_learn():
    """Enough points that whole boxes are decided at once, at a threshold that splits them."""
    rng = np.random.default_rng(5)
    n = 6000
    lat, lng = rng.uniform(47, 48, n), rng.uniform(8, 9.5, n)
    weight = (rng.pareto(1.2, n) * 3).astype(int)
    around = weight.sum() * np.pi * 15**2 / (111 * 1.5 * 75)
    found = density_clusters(lat, lng, weight, radius_km=15, min_weight=int(around))
    label, core = reference(lat, lng, weight, 15, int(around))
    assert 0.2 < core.mean() < 0.8
    np.testing.assert_array_equal(found.is_core, core)
    np.testing.assert_array_equal(found.label[core], label[core])


@pytest.mark.parametrize("seed", range(5))
def test_border_points_go_to_the_nearest_core_point(seed):
    lat, lng, weight = world(seed, 400)
    found = density_clusters(lat, lng, weight, radius_km=RADIUS_KM, min_weight=40)
    place = vectors(lat, lng)
    arc = 2 * np.arcsin(np.linalg.norm(place[:, None] - place, axis=2) / 2) * EARTH_RADIUS_KM
    border = np.flatnonzero(~found.is_core & (found.label >= 0))
    assert len(border) > 5
    for i in border:
        to_core = np.where(found.is_core, arc[i], np.inf)
        assert found.label[np.argmin(to_core)] == found.label[i]
        assert to_core.min() <= RADIUS_KM


# --- invariants ---

seeds = st.integers(0, 2**32)
thresholds = st.integers(1, 120)


@settings(max_examples=60)
@given(seeds, thresholds)
def test_the_order_of_rows_changes_no_cluster(seed, min_weight):
    lat, lng, weight = world(seed)
    order = np.random.default_rng(seed).permutation(len(lat))
    straight = density_clusters(lat, lng, weight, radius_km=RADIUS_KM, min_weight=min_weight)
    mixed = density_clusters(
        lat[order], lng[order], weight[order], radius_km=RADIUS_KM, min_weight=min_weight
    )
    np.testing.assert_array_equal(mixed.is_core, straight.is_core[order])
    assert partition(mixed.label) == partition(straight.label[order])


@settings(max_examples=60)
@given(seeds, thresholds, st.floats(-180, 180))
def test_turning_about_the_axis_changes_no_label(seed, min_weight, turn_deg):
    lat, lng, weight = world(seed)
    turned = (lng + turn_deg + 180) % 360 - 180
    assert_same(
        density_clusters(lat, turned, weight, radius_km=RADIUS_KM, min_weight=min_weight),
        density_clusters(lat, lng, weight, radius_km=RADIUS_KM, min_weight=min_weight),
    )


@settings(max_examples=60)
@given(seeds, thresholds)
def test_turning_any_way_over_poles_and_date_line_changes_no_label(seed, min_weight):
    lat, lng, weight = world(seed)
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    assert_same(
        density_clusters(
            *degrees(vectors(lat, lng) @ turn), weight, radius_km=RADIUS_KM, min_weight=min_weight
        ),
        density_clusters(lat, lng, weight, radius_km=RADIUS_KM, min_weight=min_weight),
    )


@settings(max_examples=60)
@given(seeds, thresholds, st.integers(2, 10**12))
def test_multiplying_weights_and_threshold_changes_nothing(seed, min_weight, factor):
    lat, lng, weight = world(seed)
    assert_same(
        density_clusters(
            lat, lng, weight * factor, radius_km=RADIUS_KM, min_weight=min_weight * factor
        ),
        density_clusters(lat, lng, weight, radius_km=RADIUS_KM, min_weight=min_weight),
    )


@settings(max_examples=60)
@given(seeds, thresholds, st.integers(0, 50))
def test_raising_the_threshold_never_grows_the_core_set(seed, min_weight, more):
    lat, lng, weight = world(seed)
    low = density_clusters(lat, lng, weight, radius_km=RADIUS_KM, min_weight=min_weight)
    high = density_clusters(lat, lng, weight, radius_km=RADIUS_KM, min_weight=min_weight + more)
    assert not (high.is_core & ~low.is_core).any()
    assert not ((high.label >= 0) & (low.label < 0)).any()


@settings(max_examples=60)
@given(seeds, thresholds)
def test_weights_equal_repetition(seed, min_weight):
    lat, lng, weight = world(seed, 60)
    weight = np.maximum(weight, 1)
    row = np.repeat(np.arange(60), weight)
    once = density_clusters(lat, lng, weight, radius_km=RADIUS_KM, min_weight=min_weight)
    repeated = density_clusters(
        lat[row], lng[row], np.ones(len(row), int), radius_km=RADIUS_KM, min_weight=min_weight
    )
    np.testing.assert_array_equal(repeated.label, once.label[row])
    np.testing.assert_array_equal(repeated.is_core, once.is_core[row])


def test_a_threshold_that_makes_too_many_clusters_is_refused():
    few, many = (Density(np.arange(n), np.ones(n, bool)) for n in (0, MOST_CLUSTERS + 1))
    require_few_clusters(few, edition=2024, min_points=9)
    require_few_clusters(on_equator([0], [9], 9), edition=2024, min_points=9)
    with pytest.raises(UserError, match=r"2024: a threshold of 9 .* 5,001 clusters.*`min_points`"):
        require_few_clusters(many, edition=2024, min_points=9)
