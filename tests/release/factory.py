"""A made release in a few rows: three clusters whose every figure is written down here.

Tables that a test says nothing of get one row of plain values, so that a new contract needs no
line."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import h3
import pyarrow as pa
import shapely

from pipelines.contracts import Column, Table
from pipelines.release.manifest import Input, Provenance
from pipelines.release.publish import ReleaseRequest
from pipelines.release.tables import Check, released_tables
from pipelines.storage import write_parquet

EDITION = 2024
PLAIN = {"string": "x", "binary": b"", "bool": True, "float64": 0.0}

Rows = list[dict[str, Any]]

KILLS_ROWS = 200_000
KILLS_TABLE = Table(
    "killed",
    "extracts",
    "a row of a table whose writing is killed",
    key=("row",),
    columns=(Column("row", "int64", "Row"), Column("number", "int64", "Of which attempt")),
)

PLACES = {
    "c1": ("Tokyo", 35.68, 139.69),
    "c2": ("Boston", 42.36, -71.06),
    "c3": ("Delft", 52.01, 4.36),
}


def clusters() -> Rows:
    return [
        {
            "cluster_id": key,
            "cluster_number": number,
            "name": name,
            "lat": lat,
            "lng": lng,
            "cells": 2,
        }
        for number, (key, (name, lat, lng)) in enumerate(PLACES.items(), start=1)
    ]


def ranking() -> Rows:
    shares = {"c1": (0.10, 0.02), "c2": (0.03, 0.05), "c3": (0.01, 0.02)}
    return [
        {
            "rank": rank,
            "cluster_id": key,
            "name": PLACES[key][0],
            "patents": patent * 1000,
            "publications": publication * 8000,
            "patent_share": patent,
            "publication_share": publication,
            "total_share": patent + publication,
        }
        for rank, (key, (patent, publication)) in enumerate(shares.items(), start=1)
    ]


def cluster_cells() -> Rows:
    """Two cells for each cluster: its place's and one beside it."""
    rows = []
    for key, (_, lat, lng) in PLACES.items():
        for offset in (0.0, 0.02):
            cell = h3.latlng_to_cell(lat + offset, lng, 8)
            rows.append(
                {
                    "cluster_id": key,
                    "h3_cell": h3.str_to_int(cell),
                    "h3": cell,
                    "lat": lat,
                    "lng": lng,
                }
            )
    return rows


def cluster_areas() -> Rows:
    """Two squares for each cluster, the outer one with a hole and wound the wrong way."""
    rows = []
    for key, (_, lat, lng) in PLACES.items():
        hole = shapely.box(lng - 0.01, lat - 0.01, lng + 0.01, lat + 0.01)
        square = shapely.box(lng - 0.1, lat - 0.1, lng + 0.1, lat + 0.1).difference(hole)
        island = shapely.box(lng + 0.2, lat, lng + 0.3, lat + 0.1)
        outline = shapely.MultiPolygon([square, island])
        outline = shapely.orient_polygons(outline, exterior_cw=True)
        west, south, east, north = outline.bounds
        rows.append(
            {
                "cluster_id": key,
                "geometry": shapely.to_wkb(outline),
                "west": west,
                "south": south,
                "east": east,
                "north": north,
            }
        )
    return rows


def tables() -> dict[str, Rows]:
    """Rows of the tables that matter here, by contract name."""
    return {
        "clusters": clusters(),
        "ranking": ranking(),
        "cluster_cells": cluster_cells(),
        "cluster_areas": cluster_areas(),
    }


def plain_value(column: Column, edition: int) -> object:
    if column.name == "edition":
        return edition
    if column.nullable:
        return None
    if column.references == "clusters.cluster_id":
        return "c1"
    if column.allowed:
        return column.allowed[0]
    if column.type in PLAIN:
        return PLAIN[column.type]
    return int(column.minimum or 0)


def stage_table(
    connection: duckdb.DuckDBPyConnection,
    contract: Table,
    rows: Iterable[Mapping[str, Any]],
    path: Path,
    edition: int,
) -> None:
    """Write rows as the pipeline does, columns that they do not name filled with plain values."""
    filled = [
        {column.name: plain_value(column, edition) for column in contract.columns} | dict(row)
        for row in rows
    ]
    made = pa.Table.from_pylist(filled, schema=contract.schema)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_parquet(contract, connection.from_arrow(made), path)


def provenance(edition: int = EDITION, **changed: Any) -> Provenance:
    return Provenance(
        **{
            "edition": edition,
            "simulated": True,
            "note": "A made world at scale 0.001.",
            "parameters": {
                "radius_km": {"value": 15, "certainty": "V"},
                "min_points": {"value": 90, "certainty": "U"},
            },
            "inputs": (
                Input(
                    source="pct",
                    kind="patent",
                    file="raw/inventors.txt",
                    format="regpat",
                    bytes=12,
                    sha256="ab" * 32,
                    licence="CC-BY-4.0",
                    citation="A made register of patents",
                ),
            ),
            "gazetteer": {"source": "GeoNames", "places": 48_000},
            "code_version": "0.1.0",
            "lock_sha256": "cd" * 32,
            **changed,
        }
    )


CHECKS = (
    Check("clusters", "key: one row per cluster_id", True, "no row that breaks it", "0 rows", 2024),
    Check("gazetteer", "at least one row", True, "at least one row", "48,000"),
)


def request(
    folder: Path, *, edition: int = EDITION, rows: dict[str, Rows] | None = None, **changed: Any
) -> ReleaseRequest:
    """A request whose stage tables lie below `folder`, and whose releases go there too.

    Args:
        folder: a test's own folder.
        edition: the edition.
        rows: rows of tables instead of those of `tables`.
        changed: fields of the provenance that differ.
    """
    given = tables() | (rows or {})
    with duckdb.connect() as connection:
        for contract in released_tables():
            rows_given = given.get(contract.name, [{}])
            path = stage_file(folder, contract, edition)
            stage_table(connection, contract, rows_given, path, edition)
    return request_for_tables(folder, edition=edition, **changed)


def request_for_tables(folder: Path, *, edition: int = EDITION, **changed: Any) -> ReleaseRequest:
    """The same request where the stage tables are written already."""
    return ReleaseRequest(
        releases=folder / "releases",
        tables={
            contract.name: stage_file(folder, contract, edition) for contract in released_tables()
        },
        provenance=provenance(edition, **changed),
        checks=CHECKS,
    )


def stage_file(folder: Path, contract: Table, edition: int) -> Path:
    return folder / "tables" / contract.name / f"edition={edition}" / f"{contract.name}.parquet"
