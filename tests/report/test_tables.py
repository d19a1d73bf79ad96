"""Rows of the page's tables."""

from pathlib import Path

import pytest

from pipelines.contracts import TABLES
from pipelines.report import tables
from pipelines.report.fields import schemes
from pipelines.report.source import read_release
from pipelines.report.ties import matrix
from tests.report import made


def test_ranking_is_in_order_with_bars_of_one_scale(releases: Path) -> None:
    ranked = tables.ranking(read_release(releases / "2024/1"))
    assert [one.key for one in ranked] == ["a", "c", "b", "n"]
    assert [one.bars["patent"] for one in ranked] == [100.0, 93.3, 53.3, 26.7]


def test_economies_by_their_share(releases: Path) -> None:
    economies = tables.economies(read_release(releases / "2024/1"))
    assert [(one.name, one.bars["patent"]) for one in economies] == [
        ("United States", 100.0),
        ("Japan", 66.7),
    ]


def test_geocoding_counts_as_located_what_has_a_point(releases: Path) -> None:
    korea, japan = tables.geocoding(read_release(releases / "2024/1"))
    assert (korea.country, korea.located_share) == ("South Korea", {"patent": 0.78})
    assert korea.stacks["patent"].parts == (("city", 0.78), ("admin1", 0.22))
    assert japan.addresses == {"patent": 0, "publication": 10}


def test_ties_by_hand(releases: Path) -> None:
    """a-c: 9 by the root of 45 * 42 is the greatest; a-b: 1 by the root of 45 * 24, 15 % of it,
    whose root is 0.38 and so the second of five classes."""
    release = read_release(releases / "2024/1")
    found = matrix(release, tables.ranking(release), size=3)
    assert found
    levels = [[tie.level if tie else None for tie in row] for row in found.ties]
    assert levels == [[None, 5, 2], [5, None, 0], [2, 0, None]]
    assert found.ties[0][1] == found.ties[1][0]
    tie = found.ties[0][1]
    assert tie
    assert (tie.documents, tie.strength) == (9, pytest.approx(9 / (45 * 42) ** 0.5))


def test_fields_by_leading_cluster(releases: Path) -> None:
    release = read_release(releases / "2024/1")
    (scheme,) = schemes(release, {one.key: one for one in tables.ranking(release)})
    (field,) = scheme.fields
    assert [leader.ranked.key for leader in field.leaders] == ["c", "a"]


def test_fields_stand_by_their_share_of_the_world(tmp_path: Path) -> None:
    rows = [
        {
            "cluster_id": "a",
            "kind": "patent",
            "scheme": "wipo35",
            "field": field,
            "world_share": share,
        }
        | {"parts": 1, "documents": 1.0, "specialisation": 1.0}
        for field, share in (("Small", 0.1), ("Same", 0.3), ("Equal", 0.3))
    ]
    folder = made.release(tmp_path, 2024)
    made.write(TABLES["cluster_fields"], rows, folder / "cluster_fields.parquet", 2024)
    release = read_release(folder)
    (scheme,) = schemes(release, {one.key: one for one in tables.ranking(release)})
    assert [field.name for field in scheme.fields] == ["Equal", "Same", "Small"]
