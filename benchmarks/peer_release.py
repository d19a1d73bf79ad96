"""The peer with the rest of the work: what a release holds besides the ranking, in pandas.

    python -m benchmarks.peer_release WORLD MIN_POINTS EDITION...

Here: screening by all rules, rejects and funnel; towns misspelt (rapidfuzz, within the country) and places
of institutions (ROR) where no town is named; mergers by ties; names, fields, organisations, collaboration,
years and economies of clusters, quality of geocoding; Great Expectations on the frames; Parquet, CSV,
GeoParquet and GeoJSON with their hashes. Vectorised, as a good user would. Written into a folder that is
thrown away.
Not here, so that it stays less than what the chain does: post codes, provinces, H3 cells, lineage, moves,
ranks of earlier editions, inhabitants, the report with its maps, code books, the other checks, provenance
of single values, integer parts, anything incremental.
"""

import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import great_expectations as gx
import great_expectations.expectations as gxe
import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process
from sklearn.neighbors import BallTree

from benchmarks.peer import (
    EARTH_KM,
    KINDS,
    clustered,
    document_parts,
    located,
    main,
    outlines,
    parts_of,
    ranking_of,
    read,
    ties_of,
    towns,
    with_parts,
)
from pipelines.editions import editions

FIELDS = {"patent": "patent_fields", "publication": "article_fields"}
ALIKE = 88
"""Least similarity of a misspelt town, of 100."""
QUERIES = 2_000
MERGER_KM = 5.0
KEPT = (
    *("kind", "document_id", "year", "person_number", "part", "institution_id"),
    *("key", "countrycode", "latitude", "longitude", "geonameid", "method"),
)
"""Columns of addresses once they are located."""
LEGAL_FORMS = (
    r"\b(?:INC|LTD|CO|CORP|GMBH|AG|KG|SA|SAS|SPA|BV|NV|AB|OY|LLC|PLC|KK|LIMITED|CORPORATION)\b"
)


def screened(world: Path, kind: str, years: range) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Documents with the rule that leaves each out, empty where it counts; unusable ones apart."""
    folder, name, _, types = KINDS[kind]
    documents = read(world, f"{folder}/{name}", years)
    bad = documents["document_id"].isna() | ~documents["year"].isin(list(years))
    rejects = documents[bad].assign(reason="no identifier or no year of the window", table=name)
    documents = documents[~bad].copy()
    no = pd.Series(data=False, index=documents.index)
    broken = {
        "repeated": documents.duplicated("document_id"),
        "paratext": documents.get("is_paratext", no).fillna(value=False).astype(bool),
        "retracted": documents.get("is_retracted", no).fillna(value=False).astype(bool),
        "type": ~documents["document_type"].isin(types),
        "not science": ~documents.get("is_science", ~no).fillna(value=True).astype(bool),
    }
    documents["rule"] = np.select(list(broken.values()), list(broken), default="")
    return documents.assign(kind=kind), rejects


def institutions(world: Path) -> pd.DataFrame:
    """Coordinates of organisations by their identifier."""
    lines = pd.concat(
        pd.read_json(path, lines=True) for path in sorted((world / "ror").glob("*.jsonl"))
    )
    details = pd.json_normalize(lines["locations"].str[0])
    return pd.DataFrame(
        {
            "institution_id": lines["id"].to_numpy(),
            "latitude_ror": details["geonames_details.lat"].to_numpy(),
            "longitude_ror": details["geonames_details.lng"].to_numpy(),
        }
    )


def misspelt(parts: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Towns that parts are most like, within their country; by `row`."""
    parts = parts[parts["key"].str.len() >= 5].drop_duplicates()
    names = known.drop_duplicates(["geonameid", "countrycode"])
    found = []
    for code, wanted in parts.groupby("countrycode"):
        choices = names.loc[names["countrycode"] == code, "key"].to_numpy()
        queries = wanted["key"].unique()
        for begin in range(0, len(queries) if len(choices) else 0, QUERIES):
            some = queries[begin : begin + QUERIES]
            alike = process.cdist(
                some, choices, scorer=fuzz.ratio, score_cutoff=ALIKE, dtype=np.uint8, workers=-1
            )
            best = alike.argmax(axis=1)
            is_alike = alike[np.arange(len(some)), best] > 0
            pairs = {"key": some[is_alike], "town": choices[best[is_alike]], "countrycode": code}
            found.append(pd.DataFrame(pairs))
    if not found:
        return parts.iloc[:0]
    rows = parts.merge(pd.concat(found, ignore_index=True), on=["key", "countrycode"])
    return rows.drop(columns="key").rename(columns={"town": "key"})


def geocoded(texts: pd.DataFrame, known: pd.DataFrame, ror: pd.DataFrame) -> pd.DataFrame:
    """Distinct texts with their place and how it was found: name, likeness, institution, none."""
    parts = parts_of(texts)
    places = located(texts, parts, known)
    places["method"] = np.where(places["latitude"].notna(), "name", None)
    if "institution_id" in texts:
        places = places.merge(ror, on="institution_id", how="left")
        by_ror = places["latitude"].isna() & places["latitude_ror"].notna()
        for name in ("latitude", "longitude"):
            places[name] = places[name].fillna(places[f"{name}_ror"])
        places.loc[by_ror, "method"] = "institution"
    lost = places.index[places["latitude"].isna()]
    # The street or the department comes first, the town behind it.
    rest = parts[parts["row"].isin(lost)]
    rest = rest[rest.duplicated("row") | ~rest.duplicated("row", keep=False)]
    close = located(texts.loc[lost], misspelt(rest, known), known).dropna(subset="latitude")
    columns = ["key", "countrycode", "latitude", "longitude", "geonameid"]
    places.loc[close.index, columns] = close[columns]
    places.loc[close.index, "method"] = "likeness"
    places["method"] = places["method"].fillna("none")
    return places[[*texts.columns, *columns, "method"]]


def addresses(
    world: Path, kind: str, years: range, counted: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Addresses of the documents that count, with their parts; those of no document apart."""
    folder, name, table, _ = KINDS[kind]
    rows = read(world, f"{folder}/{table}", years)
    known = read(world, f"{folder}/{name}", years, ["document_id"])["document_id"]
    is_orphan = ~rows["document_id"].isin(known)
    rejects = rows[is_orphan].assign(reason="no such document", table=table)
    rows = with_parts(rows[rows["document_id"].isin(counted)].copy())
    return rows.assign(kind=kind), rejects


def merged(
    points: pd.DataFrame, ties: pd.Series, sizes: pd.Series
) -> tuple[dict[int, int], pd.DataFrame]:
    """Which cluster each merged one goes to: neighbours whose tie is the smaller one's strongest."""
    inside = points[points["cluster"] >= 0]
    radians, of = np.radians(inside[["latitude", "longitude"]]), inside["cluster"].to_numpy()
    near = BallTree(radians, metric="haversine").query_radius(radians, MERGER_KM / EARTH_KM)
    a, b = np.repeat(of, [len(some) for some in near]), of[np.concatenate(near)]
    pairs = {(int(x), int(y)) for x, y in {*zip(a[a < b], b[a < b], strict=True)}}
    strength = ties.groupby(["cluster_x", "cluster_y"]).sum().unstack(fill_value=0.0)
    strength = strength.mask(np.eye(len(strength), dtype=bool), 0.0)
    target, log = {}, []
    while pairs:
        x, y = max(pairs, key=lambda pair: (strength.at[pair], pair))
        pairs.discard((x, y))
        small, large = sorted((x, y), key=lambda cluster: (sizes[cluster], cluster))
        tie = strength.at[small, large]
        if tie <= 0 or tie < strength.loc[small].max():
            continue
        log.append({"merged": small, "into": large, "tie": tie})
        target[small] = large
        sizes[large] += sizes[small]
        strength.loc[large] += strength.loc[small]
        strength.loc[:, large] += strength.loc[:, small]
        strength = strength.drop(index=small, columns=small)
        strength.loc[large, large] = 0.0
        moved = {(large if p == small else p, large if q == small else q) for p, q in pairs}
        pairs = {(min(pair), max(pair)) for pair in moved if pair[0] != pair[1]}
    # Later mergers first: where a cluster went may have gone on.
    for small, large in reversed(list(target.items())):
        target[small] = target.get(large, large)
    return target, pd.DataFrame(log, columns=["merged", "into", "tie"])


def named(rows: pd.DataFrame) -> pd.Series:
    """Names of clusters: the two towns that hold most of them."""
    weights = rows[rows["cluster"] >= 0].groupby(["cluster", "key"], as_index=False)["weight"].sum()
    top = weights.sort_values("weight", ascending=False).groupby("cluster").head(2)
    return top.groupby("cluster")["key"].agg(lambda towns: "-".join(towns.str.title()))


def organisations(
    by_document: pd.DataFrame, applicants: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    """What organisations hold of each cluster: applicants by folded name, institutions by id."""
    folded = applicants["name"].str.upper().str.replace(r"[^\w ]", "", regex=True)
    folded = folded.str.replace(LEGAL_FORMS, "", regex=True).str.split().str.join(" ")
    applicants = applicants.assign(organisation=folded)
    applicants["of"] = applicants.groupby("document_id")["organisation"].transform("size")
    patents = by_document[by_document["kind"] == "patent"].merge(applicants, on="document_id")
    patents["part"] /= patents["of"]
    inside = rows[(rows["cluster"] >= 0) & rows["institution_id"].notna()]
    articles = inside.rename(columns={"institution_id": "organisation"})
    columns = ["kind", "cluster", "organisation", "part"]
    held = pd.concat([patents[columns], articles[columns]])
    return held.groupby(["kind", "cluster", "organisation"], as_index=False)["part"].sum()


def fields(by_document: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """What fields hold of each cluster; a document's part is divided among its fields."""
    codes = codes.drop_duplicates(["document_id", "scheme", "code"])
    codes["of"] = codes.groupby(["document_id", "scheme"])["code"].transform("size")
    held = by_document.merge(codes, on="document_id")
    held["part"] /= held["of"]
    return held.groupby(["kind", "cluster", "scheme", "code"], as_index=False)["part"].sum()


def collaboration(rows: pd.DataFrame, by_document: pd.DataFrame) -> pd.DataFrame:
    """Of each cluster's documents the shares of several persons, clusters and countries."""
    of_document = rows.groupby(["kind", "document_id"]).agg(
        persons=("person_number", "nunique"), countries=("countrycode", "nunique")
    )
    of_document["clusters"] = by_document.groupby(["kind", "document_id"])["cluster"].size()
    held = by_document.join(of_document, on=["kind", "document_id"])
    for name in ("persons", "clusters", "countries"):
        held[f"several_{name}"] = (held[name] > 1) * held["part"]
    sums = held.groupby(["kind", "cluster"])[
        ["part", *(c for c in held if c.startswith("several"))]
    ].sum()
    return (
        sums.div(sums["part"], axis=0)
        .assign(documents=sums["part"])
        .drop(columns="part")
        .reset_index()
    )


def check(frames: dict[str, pd.DataFrame]) -> None:
    """Great Expectations on the frames; stops at a failure."""
    expected: dict[str, list[gxe.Expectation]] = {
        "rows": [
            gxe.ExpectColumnValuesToNotBeNull(column="document_id"),
            gxe.ExpectColumnValuesToBeBetween(column="part", min_value=0, max_value=1),
            gxe.ExpectColumnValuesToBeBetween(column="latitude", min_value=-90, max_value=90),
            gxe.ExpectColumnValuesToBeBetween(column="longitude", min_value=-180, max_value=180),
            gxe.ExpectColumnValuesToBeInSet(column="kind", value_set=list(KINDS)),
        ],
        "ranking": [
            gxe.ExpectColumnValuesToBeUnique(column="cluster"),
            gxe.ExpectColumnValuesToBeBetween(column="share", min_value=0, max_value=2),
            gxe.ExpectColumnValuesToNotBeNull(column="name"),
        ],
        **{
            table: [
                gxe.ExpectColumnValuesToBeBetween(column="part", min_value=0),
                gxe.ExpectColumnValuesToBeInSet(
                    column="cluster", value_set=list(frames["ranking"]["cluster"])
                ),
            ]
            for table in ("fields", "organisations", "years", "economies")
        },
    }
    source = gx.get_context(mode="ephemeral").data_sources.add_pandas("peer")
    for name, expectations in expected.items():
        asset = source.add_dataframe_asset(name)
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch(
            {"dataframe": frames[name]}
        )
        suite = gx.ExpectationSuite(name=name, expectations=expectations)
        if not batch.validate(suite).success:
            raise SystemExit(f"{name}: not as expected")


def write(frames: dict[str, pd.DataFrame], areas: gpd.GeoDataFrame, folder: Path) -> None:
    """The tables and outlines as files, and their hashes."""
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet")
        if name not in ("rows", "rejects"):
            frame.to_csv(folder / f"{name}.csv", index=False)
    areas.to_parquet(folder / "areas.parquet")
    areas.to_file(folder / "areas.geojson", driver="GeoJSON")
    hashes = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != "manifest.json"
    }
    (folder / "manifest.json").write_text(json.dumps(hashes, indent=1))


def release(world: Path, year: int, min_points: int) -> pd.DataFrame:
    """The ranking of one edition, and its release in a folder."""
    known, ror = towns(), institutions(world)
    windows = {k: w for k in KINDS if (w := editions()[year].window(k))}  # type: ignore[arg-type]
    found, codes, funnels, rejects = [], [], [], []
    for kind, window in windows.items():
        documents, bad = screened(world, kind, window)
        counted = documents.loc[documents["rule"] == "", "document_id"]
        funnels.append(
            documents.groupby(["kind", "year", "rule"]).size().reset_index(name="documents")
        )
        rows, orphans = addresses(world, kind, window, counted)
        if "country" not in rows:
            rows["country"] = None
        keys = ["address", "country", *({"institution_id"} & {*rows})]
        texts = rows[keys].drop_duplicates().reset_index(drop=True)
        places = geocoded(texts, known, ror)
        found.append(rows.merge(places, on=keys).reindex(columns=KEPT))
        codes.append(read(world, f"{KINDS[kind][0]}/{FIELDS[kind]}", window))
        rejects += [bad, orphans]
    rows, points = clustered(pd.concat(found, ignore_index=True), min_points)
    ties = ties_of(document_parts(rows))
    sizes = rows[rows["cluster"] >= 0].groupby("cluster")["weight"].sum()
    target, mergers = merged(points, ties, sizes)
    for frame in (rows, points):
        frame["cluster"] = frame["cluster"].replace(target)
    by_document = document_parts(rows)
    inside = rows[rows["cluster"] >= 0]
    ranking = ranking_of(rows, by_document).join(named(rows).rename("name")).reset_index()
    ranking.insert(0, "rank", np.arange(1, len(ranking) + 1))
    frames = {
        "rows": rows,
        "ranking": ranking,
        "mergers": mergers,
        "ties": ties_of(by_document).reset_index(),
        "fields": fields(by_document, pd.concat(codes)),
        "organisations": organisations(
            by_document, read(world, "patents/applicants", windows["patent"]), rows
        ),
        "collaboration": collaboration(rows, by_document),
        "years": inside.groupby(["kind", "cluster", "year"], as_index=False)["part"].sum(),
        "economies": inside.groupby(["kind", "cluster", "countrycode"], as_index=False)[
            "part"
        ].sum(),
        "quality": rows.groupby(["kind", "countrycode", "method"], dropna=False)["part"]
        .agg(["size", "sum"])
        .reset_index(),
        "funnel": pd.concat(funnels),
        "rejects": pd.concat(rejects, ignore_index=True),
    }
    check(frames)
    with TemporaryDirectory() as folder:
        write(frames, outlines(points).join(ranking.set_index("cluster")), Path(folder))
    return ranking


if __name__ == "__main__":
    main(release)
