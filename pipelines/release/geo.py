"""Outlines of clusters for maps: GeoParquet 1.1 and GeoJSON, from a table with well-known binary.

Here: a table is one of outlines where its contract has a binary column `geometry` and the four
edges `west`, `south`, `east`, `north`. Coordinates are longitude and latitude in degrees on WGS 84
(OGC:CRS84, the default of both formats), outer rings run counterclockwise and holes clockwise.
Sources: GeoParquet 1.1.0 (metadata, covering by a bounding box), RFC 7946 (GeoJSON). Not here: how
outlines are made (stage clusters).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from pipelines.contracts import Table

GEOMETRY = "geometry"
EDGES = {"xmin": "west", "ymin": "south", "xmax": "east", "ymax": "north"}
"""Members of the bounding box (GeoParquet's names and order) and the columns they come from."""
BBOX = "bbox"
_BBOX_METADATA = {
    "description": "Bounding box of the outline, for readers that skip what lies elsewhere",
    "unit": "degrees, WGS 84",
}
GEOJSON_DECIMALS = 6
"""A millionth of a degree is at most 11 cm."""


def has_outlines(contract: Table) -> bool:
    """Whether a table's rows have outlines."""
    return any(column.name == GEOMETRY and column.type == "binary" for column in contract.columns)


def with_outlines(rows: pa.Table) -> pa.Table:
    """Make a table valid GeoParquet 1.1: rings turned the right way, bounding boxes, metadata."""
    outlines = _outlines(rows)
    field = rows.schema.field(GEOMETRY)
    at = rows.schema.get_field_index(GEOMETRY)
    rows = rows.set_column(at, field, pa.array(shapely.to_wkb(outlines, byte_order=1), pa.binary()))
    boxes = pa.StructArray.from_arrays(
        [rows[column].combine_chunks() for column in EDGES.values()],
        fields=[pa.field(name, pa.float64(), nullable=False) for name in EDGES],
    )
    rows = rows.append_column(
        pa.field(BBOX, boxes.type, nullable=False, metadata=_BBOX_METADATA), boxes
    )
    geo = {"geo": json.dumps(_geo_metadata(outlines), separators=(",", ":"))}
    return rows.replace_schema_metadata({**rows.schema.metadata, **geo})


def write_geojson(rows: pa.Table, path: Path, *, simulated: bool) -> None:
    """Write outlines as a GeoJSON feature collection, one feature a line.

    Args:
        rows: a table with outlines; its other columns become the features' properties.
        path: file to write.
        simulated: stands in the collection as a member of its own.
    """
    outlines = shapely.transform(_outlines(rows), _rounded)
    plain = rows.drop_columns([GEOMETRY, BBOX, *EDGES.values()]).to_pylist()
    boxes = _rounded(np.column_stack([rows[edge].to_numpy() for edge in EDGES.values()]))
    features = [
        {
            "type": "Feature",
            "bbox": box,
            "properties": properties,
            "geometry": shapely.geometry.mapping(outline),
        }
        for properties, box, outline in zip(plain, boxes.tolist(), outlines, strict=True)
    ]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{{"type":"FeatureCollection","simulated":{json.dumps(simulated)},"features":[')
        for number, feature in enumerate(features):
            line = json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
            file.write(("," if number else "") + "\n" + line)
        file.write("\n]}\n")


def _rounded(degrees: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    # adding zero turns a negative zero into a plain one
    rounded: np.ndarray[Any, Any] = np.round(degrees, GEOJSON_DECIMALS) + 0.0
    return rounded


def _outlines(rows: pa.Table) -> np.ndarray[Any, Any]:
    """Geometries of a table, outer rings counterclockwise."""
    found = shapely.from_wkb(rows[GEOMETRY].to_numpy())
    oriented: np.ndarray[Any, Any] = shapely.orient_polygons(found, exterior_cw=False)
    return oriented


def _geo_metadata(outlines: np.ndarray[Any, Any]) -> dict[str, object]:
    column: dict[str, object] = {
        "encoding": "WKB",
        "geometry_types": sorted({outline.geom_type for outline in outlines}),
        "edges": "planar",
        "orientation": "counterclockwise",
        "covering": {"bbox": {name: [BBOX, name] for name in EDGES}},
    }
    if len(outlines):
        column["bbox"] = [float(edge) for edge in shapely.total_bounds(outlines)]
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
