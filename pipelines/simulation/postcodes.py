"""Postcodes that agree with the place they are written beside.

Here: how the postcodes of each place begin, from the tables that the geocoder knows postcodes by. Not
here: how a postcode is written (`addresses`).
"""

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from pipelines.delineation.sphere import unit_vectors
from pipelines.geocoder.sources import DATA
from pipelines.simulation.areas import Areas


def postcode_heads(areas: Areas) -> list[str]:
    """How the postcodes of each place begin; empty where nothing is known of them.

    US and Canadian places have the code of the nearest postcode area, others the digits of their
    province.
    """
    gazetteer = areas.gazetteer
    heads = np.full(len(areas.places), "", dtype=object)
    points = pl.read_parquet(DATA / "postcodes.parquet").sort("country", "postcode")
    for (country,), table in points.group_by("country", maintain_order=True):
        own = np.flatnonzero(gazetteer.country[areas.places] == country)
        xyz = unit_vectors(table["lat"].to_numpy(), table["lng"].to_numpy())
        _, nearest = cKDTree(xyz).query(gazetteer.xyz[areas.places[own]])
        heads[own] = table["postcode"].gather(nearest).to_list()
    ranges = pl.read_csv(DATA / "postcode_prefixes.csv", infer_schema=False)
    first = ranges.group_by("country", "admin1_code", maintain_order=True).agg(
        pl.col("first").first()
    )
    by_province = {(country, code): head for country, code, head in first.iter_rows()}
    provinces = gazetteer.table.select("country", "admin1_code")[areas.places]
    for number, province in enumerate(provinces.iter_rows()):
        heads[number] = heads[number] or by_province.get(province, "")
    return heads.tolist()
