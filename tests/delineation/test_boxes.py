"""Boxes as a search structure: that they hold their points, grow small, and lose and repeat no pair.

What is counted on the way is tested in `test_density.py`, whose results no wrong box would change, only
their speed.
"""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.delineation import boxes
from pipelines.delineation.boxes import Level, Pairs, build_levels, morton_key, ranges, walk
from pipelines.delineation.sphere import QUANTA, Reach, quantise


def tree(n: int, seed: int, spread_deg: float) -> list[Level]:
    """Points around the pole with their boxes; of a small spread many share the smallest box."""
    rng = np.random.default_rng(seed)
    lat = 90 - np.abs(rng.normal(0, spread_deg, n)) % 180
    points = quantise(lat, rng.uniform(-180, 180, n))
    key = morton_key(points)
    order = np.argsort(key, kind="stable")
    return build_levels(points[:, order], key[order])


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ((-1, -1, -1), 0),
        ((0, -1, -1), 1 << 60),
        ((-1, 0, -1), 1 << 61),
        ((-1, -1, 0), 1 << 62),
        ((-0.5, -1, 0.5), (1 << 57) + (1 << 62) + (1 << 59)),
        ((-1 + 2.0**-20, -1, -1), 1),
        ((1, 1, 1), (1 << 63) - 1),  # the outermost point is in the outermost box
    ],
)
def test_a_key_interleaves_the_halvings_of_the_axes(
    place: tuple[float, float, float], key: int
) -> None:
    assert morton_key(np.array([place]).T * QUANTA).tolist() == [key]


def test_ranges_one_after_the_other() -> None:
    assert ranges(np.array([5, 2, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]
    assert ranges(np.array([], int), np.array([], int)).tolist() == []


@given(st.integers(1, 400), st.integers(0, 2**32), st.sampled_from([1e-4, 0.1, 30]))
def test_boxes_hold_their_points_and_halve_until_few_share_one(
    n: int, seed: int, spread_deg: float
) -> None:
    levels = tree(n, seed, spread_deg)
    points = levels[-1].ball[:3]
    assert levels[-1].begin.tolist() == list(range(n + 1))
    assert not levels[-1].ball[3].any()
    for depth, (level, below) in enumerate(pairwise(levels)):
        assert below.begin[level.first].tolist() == level.begin.tolist()
        # a box of that depth fits a ball of half its diagonal
        assert level.ball[3].max() <= np.sqrt(3) * QUANTA / 2**depth * (1 + 1e-9)
        for box in range(len(level.begin) - 1):
            own = points[:, level.begin[box] : level.begin[box + 1]]
            away = np.linalg.norm(own - level.ball[:3, [box]], axis=0)
            assert away.max() <= level.ball[3, box]
    sharing = [(np.diff(level.begin) ** 2).sum() for level in levels[:-1]]
    assert sharing[-1] <= 8 * n or len(sharing) == 22, "or boxes are the smallest that there are"
    assert all(more > 8 * n for more in sharing[:-1]), "no level more than it takes"


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32))
def test_splitting_loses_no_pair_and_repeats_none(n: int, others: int, seed: int) -> None:
    queries, sources = tree(n, seed, 0.1), tree(others, seed + 1, 1)
    met = np.zeros((n, others), int)

    def to_the_points(pairs: Pairs) -> Pairs:
        if not pairs.are_points:
            return pairs
        np.add.at(met, (np.repeat(pairs.query, pairs.count), pairs.source), 1)
        assert (pairs.carry == 7).all()
        return pairs.keep(np.zeros(len(pairs.source), bool))

    walk([Pairs.all(queries, sources, 7)], to_the_points)
    assert (met == 1).all()


@given(st.integers(0, 2**32), st.floats(0.01, 300))
def test_what_boxes_say_of_their_points_is_so(seed: int, radius_km: float) -> None:
    levels, reach = tree(80, seed, 1), Reach.of_km(radius_km)
    begin = [level.begin for level in levels]
    points = levels[-1].ball[:3]
    chord = np.linalg.norm(points[:, :, None] - points[:, None, :], axis=0)

    def check(pairs: Pairs) -> Pairs:
        inside, undecided = pairs.classify(reach)
        assert not (inside & undecided).any()
        for i, (query, source) in enumerate(
            zip(np.repeat(pairs.query, pairs.count), pairs.source, strict=True)
        ):
            one, other = begin[pairs.query_level], begin[pairs.source_level]
            between = chord[one[query] : one[query + 1], other[source] : other[source + 1]]
            if inside[i]:
                assert between.max() <= reach.outside
            elif not undecided[i]:
                assert between.min() >= reach.inside
        return pairs.keep(undecided)

    walk([Pairs.all(levels, levels, 0)], check)


def test_blocks_are_cut_between_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of 3, 4, 2 and 9 pairs, where 5 fit: the last is longer than any block, and stays whole."""
    monkeypatch.setattr(boxes, "_BLOCK_PAIRS", 5)
    count = np.array([3, 4, 2, 9])
    levels = tree(4, 0, 1)
    pairs = Pairs(levels, levels, 0, 0, np.arange(4), np.arange(4) * 10, count, np.arange(18))
    blocks = pairs.cut()
    assert [block.query.tolist() for block in blocks] == [[0], [1, 2], [3]]
    assert [block.carry.tolist() for block in blocks] == [[0], [10, 20], [30]]
    assert [block.count.tolist() for block in blocks] == [[3], [4, 2], [9]]
    assert [block.source.tolist() for block in blocks] == [
        [*range(3)],
        [*range(3, 9)],
        [*range(9, 18)],
    ]
