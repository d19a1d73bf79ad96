"""Outlines as GeoParquet 1.1 and GeoJSON, held against what the two standards say."""

import json
import re
from pathlib import Path
from typing import Any

import h3
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from pipelines.release.publish import publish
from tests.release import factory


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(factory.request(tmp_path_factory.mktemp("geo"))).path


@pytest.fixture(scope="module")
def geo(release: Path) -> dict[str, Any]:
    metadata: dict[str, Any] = json.loads(
        pq.read_schema(release / "cluster_areas.parquet").metadata[b"geo"]
    )
    return metadata


def test_the_file_metadata_are_those_of_geoparquet_1_1(geo: dict[str, Any]) -> None:
    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] == "geometry"
    column = geo["columns"]["geometry"]
    assert column["encoding"] == "WKB"
    assert column["geometry_types"] == ["MultiPolygon"]
    assert column["orientation"] == "counterclockwise"
    assert column["bbox"] == pytest.approx([-71.16, 35.58, 139.99, 52.11])
    # no crs: longitude and latitude on WGS 84, OGC:CRS84
    assert column.keys() <= {
        "encoding", "geometry_types", "crs", "edges", "orientation", "bbox", "epoch", "covering",
    }  # fmt: skip


def test_the_covering_is_a_column_of_bounding_boxes_at_the_root(
    release: Path, geo: dict[str, Any]
) -> None:
    covering = geo["columns"]["geometry"]["covering"]["bbox"]
    assert covering == {edge: ["bbox", edge] for edge in ("xmin", "ymin", "xmax", "ymax")}
    table = pq.read_table(release / "cluster_areas.parquet")
    outlines = shapely.from_wkb(table["geometry"].to_pylist())
    boxes = [tuple(box.values()) for box in table["bbox"].to_pylist()]
    assert [field.name for field in table.schema.field("bbox").type] == list(covering)
    assert np.array(boxes) == pytest.approx(shapely.bounds(outlines))
    assert str(table.schema.field("geometry").type) == "binary"


def rings(outline: Any) -> list[tuple[bool, bool]]:
    """For each ring of a multipolygon: whether it is an outer one and whether counterclockwise."""
    return [
        (is_outer, ring.is_ccw)
        for polygon in outline.geoms
        for is_outer, ring in (
            (True, polygon.exterior),
            *((False, hole) for hole in polygon.interiors),
        )
    ]


def test_outer_rings_run_counterclockwise_and_holes_clockwise(release: Path) -> None:
    table = pq.read_table(release / "cluster_areas.parquet")
    for row in table.to_pylist():
        outline = shapely.from_wkb(row["geometry"])
        assert sorted(rings(outline)) == [(False, False), (True, True), (True, True)]


def test_turning_rings_does_not_change_an_outline(release: Path) -> None:
    given = {row["cluster_id"]: row["geometry"] for row in factory.cluster_areas()}
    for row in pq.read_table(release / "cluster_areas.parquet").to_pylist():
        assert shapely.from_wkb(row["geometry"]).equals(shapely.from_wkb(given[row["cluster_id"]]))


def test_the_geojson_is_that_of_rfc_7946(release: Path) -> None:
    collection = json.loads((release / "cluster_areas.geojson").read_text(encoding="utf-8"))
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection
    names = [feature["properties"]["cluster_id"] for feature in collection["features"]]
    assert names == ["c1", "c2", "c3"]
    for feature in collection["features"]:
        assert feature["properties"]["edition"] == 2024
        outline = shapely.geometry.shape(feature["geometry"])
        assert outline.geom_type == "MultiPolygon"
        assert sorted(rings(outline)) == [(False, False), (True, True), (True, True)]
        assert feature["bbox"] == list(outline.bounds)
        for polygon in feature["geometry"]["coordinates"]:
            for ring in polygon:
                assert ring[0] == ring[-1]
                assert all(len(position) == 2 for position in ring)


def test_coordinates_are_rounded_to_a_millionth_of_a_degree(tmp_path: Path) -> None:
    cells = h3.cells_to_h3shape(h3.grid_disk(h3.latlng_to_cell(0.0, 0.0, 8), 1))
    outline = shapely.MultiPolygon([shapely.geometry.shape(cells.__geo_interface__)])
    rows = factory.cluster_areas()
    edges = dict(zip(("west", "south", "east", "north"), outline.bounds, strict=True))
    rows[0] |= {"geometry": shapely.to_wkb(outline), **edges}
    folder = publish(factory.request(tmp_path, rows={"cluster_areas": rows})).path
    collection = json.loads((folder / "cluster_areas.geojson").read_text())
    feature = collection["features"][0]
    written = np.array(feature["geometry"]["coordinates"][0][0])
    expected = np.round(shapely.get_coordinates(outline), 6)
    assert {tuple(position) for position in written} == {tuple(position) for position in expected}
    assert feature["bbox"] == [*written.min(axis=0), *written.max(axis=0)]


def test_there_is_no_negative_zero(tmp_path: Path) -> None:
    rows = factory.cluster_areas()
    rows[0] |= {"geometry": shapely.to_wkb(shapely.MultiPolygon([shapely.box(-1e-9, 0, 1, 1)]))}
    folder = publish(factory.request(tmp_path, rows={"cluster_areas": rows})).path
    assert "[0.0,1.0]" in (folder / "cluster_areas.geojson").read_text()
    assert not re.search(r"-0\.0\b", (folder / "cluster_areas.geojson").read_text())


def test_no_outline_at_all_is_still_valid(tmp_path: Path) -> None:
    folder = publish(factory.request(tmp_path, rows={"cluster_areas": []})).path
    metadata = json.loads(pq.read_schema(folder / "cluster_areas.parquet").metadata[b"geo"])
    assert metadata["columns"]["geometry"]["geometry_types"] == []
    assert "bbox" not in metadata["columns"]["geometry"]
    assert json.loads((folder / "cluster_areas.geojson").read_text())["features"] == []
