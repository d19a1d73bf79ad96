"""H3 cells: points to cells, cells to centres, numbers to text and back.

Here: the only place that speaks to H3 about single cells. Outlines of many cells live in
`areas.py`. Inside the pipeline a cell is an unsigned 64-bit integer, in releases also its text.
"""

import h3.api.numpy_int as h3
import polars as pl

from pipelines.errors import UserError

RESOLUTION = 8
"""Resolution of the cells that points are snapped to: at most 0.6 km from a cell's centre.

On a million points 99.9 % of the weight keeps its membership against the points themselves; 7 loses
up to 0.2 %, 9 gains a few hundredths for almost twice the cells (`tests/.../test_resolution.py`).
"""


def points_to_cells(
    lat_deg: pl.Series, lng_deg: pl.Series, resolution: int = RESOLUTION
) -> pl.Series:
    """The H3 cell (u64) of each point; null where latitude or longitude is null.

    Each distinct point is looked up once, so long columns with few places are quick.

    Raises:
        UserError: a coordinate is not a number or out of range.
    """
    points = pl.DataFrame({"lat": lat_deg.cast(pl.Float64), "lng": lng_deg.cast(pl.Float64)})
    distinct = points.drop_nulls().unique()
    bad = distinct.filter(
        ~(pl.col("lat").is_between(-90, 90) & pl.col("lng").is_between(-180, 180))
    )
    if len(bad):
        lat, lng = bad.row(0)
        raise UserError(
            f"point at latitude {lat}, longitude {lng}: expected degrees within -90 to 90 and "
            "-180 to 180; check the order and the unit of the two columns"
        )
    cells = [h3.latlng_to_cell(*point, resolution) for point in distinct.iter_rows()]
    distinct = distinct.with_columns(h3_cell=pl.Series(cells, dtype=pl.UInt64))
    return points.join(distinct, on=["lat", "lng"], how="left", maintain_order="left")["h3_cell"]


def cell_centres(cells: pl.Series) -> pl.DataFrame:
    """Centres of H3 cells (u64, no nulls): columns lat, lng in degrees, in the order of `cells`."""
    distinct = cells.unique()
    centres = pl.DataFrame(
        [h3.cell_to_latlng(cell) for cell in distinct],
        schema={"lat": pl.Float64, "lng": pl.Float64},
        orient="row",
    ).with_columns(distinct.alias("h3_cell"))
    return (
        pl.DataFrame({"h3_cell": cells})
        .join(centres, on="h3_cell", how="left", maintain_order="left")
        .select("lat", "lng")
    )


def cells_to_text(cells: pl.Series) -> pl.Series:
    """H3's own text of cells, 15 hexadecimal digits; null stays null."""
    return pl.Series(
        cells.name, [None if c is None else h3.int_to_str(c) for c in cells], dtype=pl.String
    )


def text_to_cells(text: pl.Series) -> pl.Series:
    """Cells (u64) of their texts; null stays null.

    Raises:
        UserError: a text is no H3 cell.
    """
    return pl.Series(text.name, [None if t is None else _cell(t) for t in text], dtype=pl.UInt64)


def _cell(text: str) -> int:
    try:
        cell = h3.str_to_int(text)
    except ValueError:
        cell = 0
    if not h3.is_valid_cell(cell):
        raise UserError(f"{text!r} is no H3 cell: expected 15 hexadecimal digits")
    return cell
