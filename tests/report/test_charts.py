"""Slopes and bars, their marks worked out by hand."""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from pipelines.contracts import TABLES
from pipelines.release.manifest import Provenance
from pipelines.report import charts, tables
from pipelines.report.source import Release
from tests.report import made


def release_of(folder: Path, edition: int, ranks: Mapping[str, int]) -> Release:
    """A release of a ranking alone, in which each cluster makes a hundredth for its place from the end."""
    folder.mkdir()
    rows = [
        {
            "cluster_id": key,
            "name": key.upper(),
            "economies": "JP",
            "rank": rank,
            "patent_share": 0.01 * (len(ranks) + 1 - rank),
            "publication_share": 0.005,
        }
        for key, rank in ranks.items()
    ]
    made.write(TABLES["ranking"], rows, folder / "ranking.parquet", edition)
    return Release(folder, cast(Provenance, SimpleNamespace(edition=edition)))


def test_a_move_of_two_places_or_more_is_drawn_in_colour(tmp_path: Path) -> None:
    before = release_of(tmp_path / "before", 2023, {"a": 1, "b": 2, "c": 3, "d": 4})
    now = release_of(tmp_path / "now", 2024, {"d": 1, "a": 2, "c": 3, "b": 4, "new": 5})
    found = charts.slopes([before, now])
    assert found
    assert [(slope.key, slope.move) for slope in found.slopes] == [
        ("d", "up"),
        ("a", "steady"),
        ("c", "steady"),
        ("b", "down"),
        ("new", "steady"),
    ]
    assert found.below_y is None
    # rank 1 is one row of 22 below the top of 64; the fifth has two and a half rows below it
    assert [knot.y for knot in found.slopes[0].knots] == [64 + 4 * 22, 64 + 22]
    assert found.height == 64 + 22 * 7.5


def test_an_edition_of_one_source_among_those_of_both_is_told(tmp_path: Path) -> None:
    def of(edition: int, *kinds: str) -> Release:
        release = release_of(tmp_path / str(edition), edition, {"a": 1})
        world = [{"kind": kind, "place": "top 100", "parts": 1} for kind in kinds]
        made.write(TABLES["world"], world, release.folder / "world.parquet", edition)
        return release

    first, second = of(2017, "patent"), of(2018, "patent")
    alone = charts.slopes([first, second])
    assert alone
    assert alone.notes == ()
    beside = charts.slopes([first, second, of(2019, "patent", "publication")])
    assert beside
    assert beside.notes == (
        "Edition 2017 counted PCT applications alone.",
        "Edition 2018 counted PCT applications alone.",
    )


def ranked_as(*ranks_without_a_year: tuple[int, ...]) -> list[tables.Ranked]:
    """The first clusters, and what their ranks are where a year is left out."""
    return [
        tables.Ranked(
            {"name": f"C{rank}", "rank": rank},
            "balanced",
            {},
            {str(year): other for year, other in enumerate(without, start=2019)},
        )
        for rank, without in enumerate(ranks_without_a_year, start=1)
    ]


def test_ranges_go_up_and_down_from_the_rank() -> None:
    """Two places up and four down: 9 each, below the top of 70; its own rank is part of a range."""
    ranked = ranked_as((1, 1, 1, 1, 1), (3, 4, 6, 4, 3), (3, 1, 2, 3, 3))
    found = charts.ranges(ranked)
    assert found
    level = 70 + 2 * 9
    assert [(one.x, one.best_y, one.worst_y, one.text) for one in found.ranges] == [
        (66, level, level, "1 C1: 1"),
        (75, level, level + 4 * 9, "2 C2: 2–6 (6 without 2021)"),
        (84, level - 2 * 9, level, "3 C3: 1–3 (1 without 2020)"),
    ]
    assert found.level_y == level
    assert [label for _, label in found.places] == ["–4", "–3", "–2", "–1", "0", "+1", "+2"]
    assert found.ranks == ((66, 1),)


def test_ranges_are_of_the_first_hundred_and_never_higher_than_the_picture() -> None:
    """Rank 100 falls by 400 places; rank 101 is not drawn."""
    found = charts.ranges(ranked_as(*[(n,) for n in range(1, 100)], (500,), (1,)))
    assert found
    assert len(found.ranges) == 100
    assert found.ranges[-1].worst_y == 70 + 260
    assert [rank for _, rank in found.ranks] == [1, *range(10, 101, 10)]


def test_where_a_release_has_no_ranks_without_a_year_there_are_no_ranges() -> None:
    assert charts.ranges(ranked_as((), ())) is None


def test_ranks_below_the_35th_share_one_line(tmp_path: Path) -> None:
    """The picture shows the first 25 of now: one of them was 35th, one 36th, one 40th."""
    now = {f"c{rank}": rank for rank in range(1, 41)}
    swapped = {"c3": 35, "c35": 3, "c2": 36, "c36": 2, "c1": 40, "c40": 1}
    before = release_of(tmp_path / "before", 2023, {**now, **swapped})
    found = charts.slopes([before, release_of(tmp_path / "now", 2024, now)])
    assert found
    assert [slope.key for slope in found.slopes] == [f"c{rank}" for rank in range(1, 26)]
    first = {slope.key: slope.knots[0] for slope in found.slopes[:3]}
    line = 64 + 22 * 36.5
    assert {key: (knot.rank, knot.y, knot.is_below) for key, knot in first.items()} == {
        "c1": (40, line, True),
        "c2": (36, line, True),
        "c3": (35, 64 + 22 * 35, False),
    }
    assert (found.below_y, found.height) == (line, 64 + 22 * 37.5)


def test_bars_of_the_first_twenty_share_one_scale(tmp_path: Path) -> None:
    ranks = {f"c{rank}": rank for rank in range(1, 22)}
    found = charts.top_bars(tables.ranking(release_of(tmp_path / "now", 2024, ranks)), "2024")
    assert [bar.name for bar in found.bars] == [f"{rank}  C{rank}" for rank in range(1, 21)]
    first, last = found.bars[0], found.bars[-1]
    assert (first.y, last.y, found.height) == (78, 78 + 19 * 26, 78 + 20 * 26 + 52)
    # 21 hundredths of applications and a half of articles reach to 80 from the edge of 1,000
    assert first.patent_width + first.publication_width == pytest.approx(920 - found.left, abs=0.2)
    assert first.patent_width == pytest.approx(42 * first.publication_width, rel=0.01)
    assert last.patent_width == pytest.approx(4 * last.publication_width, rel=0.01)
    assert (first.value, last.value) == ("21.50 %", "2.50 %")
    # 0.02 would take ten ticks, 0.05 takes four
    assert [label for _, label in found.ticks] == ["0.0 %", "5.0 %", "10.0 %", "15.0 %", "20.0 %"]
    assert found.ticks[0][0] == found.left


def test_a_long_name_leaves_room_for_the_bars() -> None:
    row = {"patent_share": 0.1, "publication_share": 0.1, "clusters": 1}
    short, long = (
        charts.economy_bars([tables.Economy(row, name, 0.2, {})], "2024")
        for name in ("E", "E" * 200)
    )
    assert short.width == 1000
    assert long.left > 1000
    assert long.width == pytest.approx(long.left + 560, abs=1)
    assert long.bars[0].patent_width == pytest.approx(240, abs=1)
    assert short.bars[0].patent_width == pytest.approx((920 - short.left) / 2, abs=0.2)


def test_economies_tell_how_many_clusters_they_have() -> None:
    shares = {"patent_share": 0.1, "publication_share": 0.1}
    economies = [
        tables.Economy({**shares, "clusters": clusters}, f"E{clusters}", 0.2, {})
        for clusters in (2, 1)
    ]
    found = charts.economy_bars(economies, "2024")
    assert [(bar.name, bar.note) for bar in found.bars] == [
        ("E2", "2 clusters"),
        ("E1", "1 cluster"),
    ]


def test_without_clusters_there_are_no_bars() -> None:
    assert charts.top_bars([], "2024").bars == ()
