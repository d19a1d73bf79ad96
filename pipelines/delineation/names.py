"""Names and economies of clusters.

Here: which places name a cluster, how they are written, which economies it counts for. Place names
are the gazetteer's main names (GeoNames), but for the few of `CUSTOMARY`.

Rule: method section 7. WIPO states none; its names of 2020 are the examples.
"""

from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import polars as pl

from pipelines.delineation.sphere import great_circle_km, quantise

MIN_PLACE_PERCENT = 30
"""Least output of a second or third place, as percentage of the first one's.

This and the distance below are tuned on the 100 names of 2020 with two stand-ins for the output of
places: population (95 names with the same cities) and a small sample of real records (86).
"""

MIN_PLACE_DISTANCE_KM = 20.0
"""Least distance of a second or third place from those already named."""

MAX_PLACES = 3
"""Most places in a name, as in WIPO's tables."""

MIN_ECONOMY_PERCENT = 1
"""Least percentage of a cluster's output that makes it count for an economy (WIPO's tables)."""

CUSTOMARY = {
    2886242: "Cologne",
    2711537: "Göteborg",
    2925533: "Frankfurt Am Main",
}
"""Places that WIPO's table of 2020 writes otherwise than GeoNames, by GeoNames id."""

CANADIAN_PROVINCES = {
    "01": "AB",
    "02": "BC",
    "03": "MB",
    "04": "NB",
    "05": "NL",
    "07": "NS",
    "08": "ON",
    "09": "PE",
    "10": "QC",
    "11": "SK",
    "12": "YT",
    "13": "NT",
    "14": "NU",
}
"""Postal codes of Canada's provinces by the numbers that GeoNames gives them."""


def cluster_names(
    places: pl.DataFrame,
    *,
    min_percent: int = MIN_PLACE_PERCENT,
    min_distance_km: float = MIN_PLACE_DISTANCE_KM,
) -> pl.DataFrame:
    """Name each cluster after its main place and up to two more that are large and far enough.

    Args:
        places: output by cluster and place: columns cluster (i64), place_id (i64, GeoNames), name,
            admin1_code, country (alpha-2), lat, lng (degrees), output (any whole
            number); one row per cluster and place.
        min_percent: least output of a further place, as percentage of the first one's.
        min_distance_km: least distance of a further place from those already named.

    Returns:
        Columns cluster, name, place_ids (list, main place first); one row per cluster, sorted.
        Names are like 'San Jose–San Francisco, CA', 'Washington, DC–Baltimore, MD' or
        'Osaka–Kobe–Kyoto'. Two clusters may bear the same name; their ids tell them apart.
    """
    large = places.sort("cluster", "output", "place_id", descending=[False, True, False]).filter(
        100 * pl.col("output") >= min_percent * pl.col("output").first().over("cluster")
    )
    rows = []
    for cluster, group in groupby(large.iter_rows(named=True), key=itemgetter("cluster")):
        named: list[dict[str, Any]] = []
        for place in group:
            if len(named) < MAX_PLACES and _is_apart(place, named, min_distance_km):
                named.append(place)
        rows.append((cluster, _joined(named), [place["place_id"] for place in named]))
    return pl.DataFrame(
        rows,
        schema={"cluster": pl.Int64, "name": pl.String, "place_ids": pl.List(pl.Int64)},
        orient="row",
    )


def _is_apart(place: dict[str, Any], named: list[dict[str, Any]], min_distance_km: float) -> bool:
    lat, lng = np.array([[one["lat"], one["lng"]] for one in (place, *named)]).T
    points = quantise(lat, lng)
    return bool(np.all(great_circle_km(points[:, 1:], points[:, :1]) >= min_distance_km))


def _joined(named: list[dict[str, Any]]) -> str:
    """Places joined by an en dash, with the state's code once at the end where all share it."""
    names, codes = [], []
    for place in named:
        names.append(CUSTOMARY.get(place["place_id"], place["name"]))
        code, country = place["admin1_code"], place["country"]
        postal = CANADIAN_PROVINCES.get(code, code) if country == "CA" else code
        codes.append(f", {postal}" if postal and country in ("US", "CA") else "")
    if len(set(codes)) == 1:
        return "–".join(names) + codes[0]
    return "–".join(name + code for name, code in zip(names, codes, strict=True))


def cluster_economies(output: pl.DataFrame) -> pl.DataFrame:
    """Economies that each cluster counts for: all with at least 1 % of its output.

    Args:
        output: columns cluster (i64), country (alpha-2), output (any whole number); rows of the same
            cluster and country are added.

    Returns:
        Columns cluster, economies (codes joined with '/', by output descending, then code); one row
        per cluster, sorted. A cluster without any output has an empty text.
    """
    return (
        output.group_by("cluster", "country")
        .agg(pl.col("output").sum())
        .sort("cluster", "output", "country", descending=[False, True, False])
        .group_by("cluster", maintain_order=True)
        .agg(
            economies=pl.col("country")
            .filter(
                (pl.col("output") > 0)
                & (100 * pl.col("output") >= MIN_ECONOMY_PERCENT * pl.col("output").sum())
            )
            .str.join("/")
        )
    )
