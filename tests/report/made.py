"""Two editions of four clusters, small enough to be worked out by hand.

Output of the clusters is patents only, in documents by year; the world has an article too:

| cluster | 2018 | 2019-2022 in 2023's cells | 2019-2022 in 2024's cells | 2023 | share 2023 | share 2024 |
|---|---|---|---|---|---|---|
| a | 6 | 6 6 6 6 | 6 6 6 6 | 21 | 30/100 | 45/120 |
| b | 5 | 5 5 5 5 | 5 5 5 5 | 4 | 25/100 | 24/120 |
| c | 4 | 4 4 4 4 | 6 6 5 5 | 20 | 20/100 | 42/120 |
| x, in 2024 n | 2 | 2 2 2 2 | 2 2 2 2 | 4 | 10/100 | 12/120 |
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h3
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import shapely

from pipelines.contracts import TABLES, Table
from pipelines.contracts.common import PARTS_PER_DOCUMENT
from pipelines.release.manifest import FileEntry, Input, Manifest
from pipelines.release.tables import released_name
from pipelines.storage import sha256_of

WORLD = {2023: 100, 2024: 120}
WINDOWS = {2023: range(2018, 2023), 2024: range(2019, 2024)}
OUTPUT = {
    2023: {"a": (6,) * 5, "b": (5,) * 5, "c": (4,) * 5, "x": (2,) * 5},
    2024: {
        "a": (6, 6, 6, 6, 21),
        "c": (6, 6, 5, 5, 20),
        "b": (5, 5, 5, 5, 4),
        "n": (2, 2, 2, 2, 4),
    },
}
"""By edition and cluster in the order of the ranking, the years of the window."""
NAMES = {"a": "Tokyo–Yokohama", "b": "Boston, MA", "c": "深圳 <script>alert(1)</script>"}
PLACES = {"a": (35.68, 139.69), "b": (42.36, -71.06), "c": (22.54, 114.06)}
ELSEWHERE = (52.01, 4.36)

Rows = list[dict[str, Any]]


def release(releases: Path, edition: int, *, without: tuple[str, ...] = ()) -> Path:
    """Write an edition's release and return its folder."""
    folder = releases / str(edition) / "1"
    folder.mkdir(parents=True)
    by_name = {released_name(table): table for table in TABLES.values()}
    for name, rows in tables(edition).items():
        if name not in without:
            write(by_name[name], rows, folder / f"{name}.parquet", edition)
    Manifest(
        edition=edition,
        simulated=True,
        note="A world made for <tests>.",
        parameters={"radius_km": {"value": 15, "certainty": "V"}},
        inputs=(
            Input(
                source="made",
                kind="patent",
                file="made.csv",
                format="regpat",
                bytes=1,
                sha256="0" * 64,
                licence="CC0",
                citation="Records made for tests",
            ),
        ),
        gazetteer={},
        code_version="0",
        lock_sha256="0",
        revision=1,
        content_hash="0",
        files=tuple(
            FileEntry(file=path.name, bytes=path.stat().st_size, sha256=sha256_of(path))
            for path in sorted(folder.iterdir())
        ),
    ).write(folder)
    return folder


def of_patents_alone(folder: Path) -> None:
    """Make a release one of an edition that has no second source, as that of 2017."""
    for path in folder.glob("*.parquet"):
        table = pq.read_table(path)
        if "kind" in table.column_names:
            pq.write_table(table.filter(pc.equal(table["kind"], "patent")), path)
        if "lead" in table.column_names:
            place = table.column_names.index("lead")
            nobody = pa.nulls(len(table), pa.string())
            pq.write_table(table.set_column(place, "lead", nobody), path)


def write(contract: Table, rows: Rows, path: Path, edition: int) -> None:
    """Write rows in the contract's columns; what a row does not name is empty."""
    filled = [
        {column.name: None for column in contract.columns} | {"edition": edition} | row
        for row in rows
    ]
    schema = pa.schema([field.with_nullable(True) for field in contract.schema])
    pq.write_table(pa.Table.from_pylist(filled, schema=schema), path)


def tables(edition: int) -> dict[str, Rows]:
    """Rows of every released table that the report reads."""
    output = OUTPUT[edition]
    return {
        "ranking": ranking(edition),
        "clusters": [
            {
                "cluster_id": key,
                "lat": PLACES.get(key, ELSEWHERE)[0],
                "lng": PLACES.get(key, ELSEWHERE)[1],
                "cells": 2,
                "core_cells": 1,
                "patent_parts": sum(output[key]) * PARTS_PER_DOCUMENT,
                "publication_parts": 0,
            }
            for key in output
        ],
        "rank_sensitivity": [
            {"cluster_id": row["cluster_id"], "window_year": year, "rank": row["rank"]}
            for year in range(1, 6)
            for row in ranking(edition)
        ],
        "cluster_years": [
            {
                "cluster_id": key,
                "kind": kind,
                "year": year,
                "in_window": year in WINDOWS[edition],
                "parts": documents * PARTS_PER_DOCUMENT if kind == "patent" else 0,
            }
            for key, years in output.items()
            for kind in ("patent", "publication")
            for year, documents in [
                (WINDOWS[edition][0] - 1, 1),
                *zip(WINDOWS[edition], years, strict=True),
            ]
        ],
        "cluster_cells": [cell for key in output for cell in cells(key, edition)],
        "cluster_areas": [
            {
                "cluster_id": key,
                "geometry": shapely.to_wkb(
                    shapely.MultiPolygon([shapely.box(lng, lat, lng + 0.1, lat + 0.1)])
                ),
            }
            for key in output
            for lat, lng in [PLACES.get(key, ELSEWHERE)]
        ],
        "world": [
            {
                "kind": "patent",
                "place": "top 100",
                "parts": sum(map(sum, output.values())) * PARTS_PER_DOCUMENT,
                "share": 0.9,
            },
            {
                "kind": "patent",
                "place": "unlocated",
                "parts": (WORLD[edition] - sum(map(sum, output.values()))) * PARTS_PER_DOCUMENT,
                "share": 0.1,
            },
            {
                "kind": "publication",
                "place": "outside clusters",
                "parts": PARTS_PER_DOCUMENT,
                "share": 1.0,
            },
        ],
        "economies": [
            {
                "country": "JP",
                "clusters": 1,
                "leading_rank": 1,
                "patent_share": 0.2,
                "publication_share": 0.0,
            },
            {
                "country": "US",
                "clusters": 1,
                "leading_rank": 2,
                "patent_share": 0.3,
                "publication_share": 0.0,
            },
        ],
        "geocoding_quality": [
            {"kind": "patent", "country": "KR", "precision": "city", "addresses": 78},
            {"kind": "patent", "country": "KR", "precision": "admin1", "addresses": 22},
            {"kind": "publication", "country": "JP", "precision": "point", "addresses": 10},
        ],
        "lineage": lineage(edition),
        "cluster_fields": [
            {
                "cluster_id": key,
                "kind": "patent",
                "scheme": "wipo35",
                "field": "Optics & <lasers>",
                "rank": 1,
                "parts": parts,
                "documents": float(parts),
                "share": 0.5,
                "world_share": 0.1,
                "specialisation": 5.0,
            }
            for key, parts in (("a", 3), ("c", 9))
        ],
        "cluster_organisations": [
            {
                "cluster_id": "a",
                "kind": "patent",
                "rank": 1,
                "organisation": "Made <Works>",
                "spellings": 1,
                "parts": 1,
                "documents": 4.0,
                "share": 0.25,
            }
        ],
        "collaboration": collaboration(),
    }


def ranking(edition: int) -> Rows:
    before = {key: rank for rank, key in enumerate(OUTPUT[2023], start=1)}
    rows = []
    for rank, (key, years) in enumerate(OUTPUT[edition].items(), start=1):
        share = sum(years) / WORLD[edition]
        former = before.get(key) if edition == 2024 else None
        rows.append(
            {
                "rank": rank,
                "cluster_id": key,
                "name": NAMES.get(key, key.upper()),
                "economies": "JP/US" if key == "a" else "CN",
                "patents": float(sum(years)),
                "publications": 0.0,
                "patent_share": share,
                "publication_share": 0.0,
                "total_share": share,
                "previous_rank_as_released": former,
                "rank_change": former - rank if former else None,
                "lead": "patent-led",
                "population": 1,
            }
        )
    return rows


def cells(key: str, edition: int) -> Rows:
    """Two cells: the place's own, and one beside it, which differs between the editions for c."""
    lat, lng = PLACES.get(key, ELSEWHERE)
    away = 0.05 if key == "c" and edition == 2024 else 0.02
    found = [h3.latlng_to_cell(lat + step, lng, 8) for step in (0.0, away)]
    return [
        {
            "cluster_id": key,
            "h3_cell": h3.str_to_int(cell),
            "h3": cell,
            "patent_parts": (number + 1) * PARTS_PER_DOCUMENT,
            "publication_parts": 0,
        }
        for number, cell in enumerate(found)
    ]


def lineage(edition: int) -> Rows:
    if edition == 2023:
        return [{"cluster_id": key, "event": "appears"} for key in OUTPUT[2023]]
    kept = [
        {
            "previous_edition": 2023,
            "previous_cluster_id": key,
            "cluster_id": key,
            "event": "continues",
            "share_of_previous": 0.9,
            "share_of_current": 0.8,
        }
        for key in "abc"
    ]
    new: Mapping[str, Any] = {"previous_edition": 2023, "cluster_id": "n", "event": "appears"}
    gone = {"previous_edition": 2023, "previous_cluster_id": "x", "event": "disappears"}
    shared = {
        **new,
        "previous_cluster_id": "x",
        "event": "overlaps",
        "share_of_previous": 0.3,
        "share_of_current": 0.2,
    }
    return [*kept, dict(new), gone, shared]


def collaboration() -> Rows:
    """a and c have 9 joint documents, a and b 1; b and c none."""
    pairs = {("a", "c"): 9, ("a", "b"): 1}
    return [
        {
            "cluster_id": one,
            "kind": "patent",
            "partner": "other cluster",
            "partner_cluster_id": other,
            "documents": documents,
            "joint_parts": 1,
            "joint_share": 0.1,
        }
        for pair, documents in pairs.items()
        for one, other in (pair, pair[::-1])
    ] + [
        {
            "cluster_id": "a",
            "kind": "patent",
            "partner": partner,
            "documents": 9,
            "joint_parts": 1,
            "joint_share": share,
        }
        for partner, share in (("anywhere else", 0.4), ("anywhere abroad", 0.15))
    ]
