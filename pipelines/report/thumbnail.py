"""A small map of a table of clusters, for the page of its asset in Dagster's UI.

Here: circles over coarse land as an SVG of some 30 kB, and pictures as Markdown that carries them whole.
Not here: the report's own map (`worldmap.py`).
"""

import base64
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import shapely

from pipelines.editions import KINDS
from pipelines.report.geometry import coastlines, eastwards, gall, gall_height, path_of
from pipelines.report.page import LIGHT, marks_css, template

_WIDTH = 640
_HEIGHT = round(gall_height(_WIDTH))
_GREATEST_RADIUS = 14.0
_LEAST_RADIUS = 1.4
_COARSE = 0.6
"""Bays and islands below this many pixels are left out."""


def clusters_map(table: Path) -> str:
    """A world map of a Parquet table of clusters as Markdown.

    Circles are as large as the sum of both shares of what all clusters make; the largest lie below.
    Their colour says nothing: which source leads hangs on the world's totals, which the table lacks.

    Args:
        table: file with lat, lng (degrees), patent_parts, publication_parts (billionths of a
            document), simulated.
    """
    parts = [pl.col(f"{kind}_parts") for kind in KINDS]
    shares = [one / pl.max_horizontal(one.sum(), 1) for one in parts]
    rows = (
        pl.read_parquet(table)
        .select("lat", "lng", "simulated", pl.sum_horizontal(shares).alias("total"))
        .sort("total", "lat", "lng", descending=True)
    )
    greatest = rows["total"].max() or 1.0
    places = [(eastwards(row["lng"]), row["lat"]) for row in rows.iter_rows(named=True)]
    points = gall(_WIDTH)(np.array(places, dtype=float).reshape(-1, 2)).round(1).tolist()
    circles = [
        (x, y, round(max(_LEAST_RADIUS, _GREATEST_RADIUS * (total / greatest) ** 0.5), 1))
        for (x, y), total in zip(points, rows["total"], strict=True)
    ]
    svg = template("thumbnail.svg").render(
        width=_WIDTH,
        height=_HEIGHT,
        marks=marks_css(LIGHT),
        land=_land(),
        circles=circles,
        simulated=rows["simulated"].any(),
    )
    return image("World map of the clusters", svg.encode(), "svg+xml")


def image(alternative: str, content: bytes, kind: str) -> str:
    """A picture as Markdown that carries it whole: Dagster's UI loads nothing from elsewhere.

    Args:
        alternative: what it shows, in words.
        content: the file.
        kind: its type after `image/`.
    """
    return f"![{alternative}](data:image/{kind};base64,{base64.b64encode(content).decode()})"


@cache
def _land() -> str:
    projected = shapely.simplify(shapely.transform(coastlines(), gall(_WIDTH)), _COARSE)
    framed = shapely.clip_by_rect(projected, 0, 0, _WIDTH, _HEIGHT)
    islands = [part for part in shapely.get_parts(framed) if part.area > _COARSE]
    return path_of(shapely.MultiPolygon(islands), decimals=1)
