"""The small map on the page of an asset."""

import base64
import re
from pathlib import Path

import pytest

from pipelines.contracts import TABLES
from pipelines.report.thumbnail import clusters_map
from tests.report import made


def circles(tmp_path: Path, *rows: tuple[float, int, int]) -> list[tuple[float, float]]:
    """x and radius of each circle, from the lowest on, of clusters on the equator."""
    table = tmp_path / "clusters.parquet"
    columns = ("lng", "patent_parts", "publication_parts")
    found = [dict(zip(columns, row, strict=True)) | {"lat": 0.0, "simulated": True} for row in rows]
    made.write(TABLES["clusters"], found, table, 2024)
    markdown = clusters_map(table)
    svg = base64.b64decode(markdown.partition("base64,")[2].removesuffix(")")).decode()
    assert "simulated" in svg
    marks = re.findall(r'<circle class="circle balanced" cx="(\S+)" cy="\S+" r="(\S+)"/>', svg)
    return [(float(x), float(radius)) for x, radius in marks]


def test_the_largest_lie_below_and_areas_are_as_outputs(tmp_path: Path) -> None:
    """Of all applications half, a quarter, a quarter; of all articles half, none, half."""
    found = circles(tmp_path, (0.0, 1, 0), (11.0, 2, 3), (-170.0, 1, 3))
    assert [radius for _, radius in found] == pytest.approx(
        [14.0, 14 * 0.75**0.5, 14 * 0.25**0.5], abs=0.05
    )
    # degrees east of 169 degrees west, of 360 over 640
    assert [x for x, _ in found] == pytest.approx(
        [degrees * 640 / 360 for degrees in (180, 359, 169)], abs=0.05
    )


def test_without_output_a_cluster_is_a_small_circle(tmp_path: Path) -> None:
    assert circles(tmp_path, (0.0, 0, 0)) == [(300.4, 1.4)]


def test_no_cluster_at_all(tmp_path: Path) -> None:
    table = tmp_path / "clusters.parquet"
    made.write(TABLES["clusters"], [], table, 2024)
    assert "<circle" not in base64.b64decode(clusters_map(table).partition(",")[2][:-1]).decode()
