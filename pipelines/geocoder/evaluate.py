"""How good the geocoder is: real strings with known answers, measured.

Here: the truth sets (affiliations with their organisation, misspelt and corrected towns, inventors of
US patents), the measures on them, the ablation and the speed. Add a set here with its own function.
Not here: the rules that are measured.

A set's strings are halved by a hash: rules and thresholds were tuned on the half `tune` and are
reported on the half `report`.
"""

import gzip
import hashlib
import re
import tarfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import orjson
import polars as pl

from pipelines.geocoder.countries import (
    country_names,
    country_of_field,
    translated_country_names,
)
from pipelines.geocoder.distance import SAME_PLACE_KM, distance_km
from pipelines.geocoder.gazetteer import Gazetteer
from pipelines.geocoder.level import Level
from pipelines.geocoder.resolve import Geocoder
from pipelines.geocoder.text import fold
from pipelines.readers.ror import read_institutions

Half = Literal["tune", "report", "both"]

Measures = dict[str, Any]

FAR_KM = 50.0
# Countries with fewer strings say little.
_LEAST_STRINGS = 30


class _Truth(NamedTuple):
    """A string and the places that it may rightly be put at."""

    text: str
    points: tuple[tuple[float, float], ...]
    cities: tuple[str, ...]
    country: str


def evaluate(realdata: Path, geocoder: Geocoder, half: Half = "report") -> dict[str, pl.DataFrame]:
    """All measures of one geocoder.

    Args:
        realdata: the folder of real open records that the README describes.
        geocoder: its gazetteer should know the institutions of `ror_records.jsonl.gz` there.
        half: the half of the strings to measure on.

    Returns:
        Frames by name. `affiliations`: one row per set (all Springer strings, those that name the
        city of their organisation, Crossref strings without a country) with strings,
        resolved_share, within_25_km_share, over_50_km_share (of all strings) and precision_share
        (within 25 km, of those resolved). `affiliations_by_country`: the same of the Springer strings
        by the organisation's country. `typos`: right, wrong, unresolved. `inventors`: one row per
        set with the shares of distinct places by precision.
    """
    institutions = read_institutions([realdata / "ror_records.jsonl.gz"])
    springer = _affiliations(realdata / "affiliations_springer_2023.json.gz", institutions, half)
    crossref = _affiliations(realdata / "affiliations_crossref_2023.json.gz", institutions, half)
    distances = _distances(geocoder, springer)
    measured = list(zip(springer, distances, strict=True))
    clean = [d for truth, d in measured if _names_its_city(truth)]
    unplaced = [truth for truth in crossref if not _names_a_country(truth.text)]
    by_country = [
        _measure(country, [d for truth, d in measured if truth.country == country])
        for country in sorted({truth.country for truth in springer})
    ]
    return {
        "affiliations": pl.DataFrame(
            [
                _measure("Springer, all", distances),
                _measure("Springer, naming the city", clean),
                _measure("Crossref, without a country", _distances(geocoder, unplaced)),
            ]
        ),
        "affiliations_by_country": pl.DataFrame(by_country).sort(
            ["strings", "set"], descending=[True, False]
        ),
        "typos": _typos(realdata / "us_place_typos_tuning.csv.gz", geocoder, half),
        "inventors": pl.DataFrame(
            [
                _inventors("PatentsView", _patentsview(realdata, half), geocoder),
                _inventors("Red Book", _red_book(realdata, half), geocoder),
            ]
        ),
    }


def ablation(
    realdata: Path, gazetteer: Gazetteer, half: Half = "report"
) -> dict[str, pl.DataFrame]:
    """The measures of affiliations level by level of the geocoder.

    Returns:
        Frames by name. `ablation`: `affiliations`, one row per set and level. `ablation_by_country`: of
        the Springer strings the share within 25 km by country (of `_LEAST_STRINGS` or more) and level.
    """
    rows, by_country = [], []
    for level in Level:
        frames = evaluate(realdata, Geocoder(gazetteer, level), half)
        named = pl.lit(level.name.lower()).alias("level")
        rows.append(frames["affiliations"].select(named, pl.all()))
        by_country.append(frames["affiliations_by_country"].select(named, pl.all()))
    shares = pl.concat(by_country).filter(pl.col("strings") >= _LEAST_STRINGS)
    levels = [level.name.lower() for level in Level]
    return {
        "ablation": pl.concat(rows),
        "ablation_by_country": shares.pivot(
            on="level", index=["set", "strings"], values="within_25_km_share"
        )
        .sort(["strings", "set"], descending=[True, False])
        .rename({level: f"{level}_share" for level in levels}),
    }


def beside_wipo(realdata: Path, published: Path, geocoder: Geocoder) -> pl.DataFrame:
    """WIPO's own shares of 2020 by country, and ours on the real strings of the same countries.

    WIPO's are of the addresses of 2014-2018 in its whole databases, ours of the distinct strings at
    hand (both halves), so the table compares orders, not decimals.

    Args:
        realdata: as for `evaluate`.
        published: the folder with WIPO's printed table `gii_2020_geocoding.csv`.
        geocoder: as for `evaluate`.

    Returns:
        One row per country of WIPO's table: `wipo_authors_share` (of author addresses at city level),
        `authors` (our distinct affiliation strings of OpenAlex), `authors_share` (with a point),
        `wipo_inventors_share` (block, sub-city and city level together), `inventors` (our distinct
        inventors' places, PatentsView and Red Book), `inventors_share` (with a point), and
        `region_only_share` of those inventors' places, which name nothing below the province.
    """
    wipo = pl.read_csv(published / "gii_2020_geocoding.csv").select(
        pl.col("country").map_elements(country_of_field, return_dtype=pl.String),
        wipo_authors_share=pl.col("pub_city_level_pct") / 100,
        wipo_inventors_share=pl.sum_horizontal("^pct_.*_level_pct$") / 100,
    )
    authors = pl.DataFrame(
        _openalex(realdata / "openalex_works.jsonl.gz"),
        schema={"address": pl.String, "truth": pl.String},
        orient="row",
    )
    fields = ("city", "region", "country")
    inventors = pl.DataFrame(
        [*_patentsview(realdata, "both"), *_red_book(realdata, "both")],
        schema=dict.fromkeys(fields, pl.String),
        orient="row",
    ).select(pl.col(fields).replace("", None), truth="country")
    has_point = pl.col("lat").is_not_null().mean()
    ours = [
        frame.select("truth")
        .hstack(geocoder.resolve(frame.drop("truth")).select("lat", "precision"))
        .group_by(country="truth")
        .agg(
            pl.len().alias(name),
            has_point.alias(f"{name}_share"),
            (pl.col("precision") == "admin1").mean().alias(f"{name}_region_only_share"),
        )
        for name, frame in (("authors", authors), ("inventors", inventors))
    ]
    joined = wipo
    for frame in ours:
        joined = joined.join(frame, on="country", how="left", maintain_order="left")
    return joined.select(
        "country", "wipo_authors_share", "authors", "authors_share", "wipo_inventors_share",
        "inventors", "inventors_share", region_only_share="inventors_region_only_share",
    )  # fmt: skip


def speed(realdata: Path, gazetteer: Gazetteer) -> pl.DataFrame:
    """How many distinct strings a geocoder that has seen none before resolves in a CPU second.

    Args:
        realdata: as for `evaluate`.
        gazetteer: as for `ablation`; building it is not counted.

    Returns:
        One row per set and one for all: set, strings, cpu_seconds (of all threads together),
        strings_per_second.
    """
    texts = {
        "Springer": _texts(realdata / "affiliations_springer_2023.json.gz"),
        "Crossref": _texts(realdata / "affiliations_crossref_2023.json.gz"),
        "OpenAlex": sorted({text for text, _ in _openalex(realdata / "openalex_works.jsonl.gz")}),
    }
    towns = {"PatentsView": _patentsview(realdata, "both"), "Red Book": _red_book(realdata, "both")}
    fields = dict.fromkeys(("city", "region", "country"), pl.String)
    sets = {name: pl.DataFrame({"address": strings}) for name, strings in texts.items()}
    sets |= {name: pl.DataFrame(rows, schema=fields, orient="row") for name, rows in towns.items()}
    sets["all"] = pl.concat(sets.values(), how="diagonal").unique(maintain_order=True)
    rows = []
    for name, frame in sets.items():
        geocoder = Geocoder(gazetteer)
        start = time.process_time()
        geocoder.resolve(frame)
        seconds = time.process_time() - start
        rows.append((name, len(frame), round(seconds, 2), round(len(frame) / seconds)))
    columns = ["set", "strings", "cpu_seconds", "strings_per_second"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _in_half(text: str, half: Half) -> bool:
    is_tuning = hashlib.sha256(text.encode()).digest()[0] % 2 == 0
    return half == "both" or is_tuning == (half == "tune")


def _affiliations(path: Path, institutions: pl.DataFrame, half: Half) -> list[_Truth]:
    columns = ["institution_id", "lat", "lng", "city", "country"]
    known = {
        row[0]: row[1:]
        for row in institutions.drop_nulls(["lat", "lng"]).select(columns).iter_rows()
    }
    truths = []
    for item in orjson.loads(gzip.decompress(path.read_bytes()))["items"]:
        found = [known[one] for one in item["output"] if one in known]
        if found and _in_half(item["input"], half):
            points = tuple((lat, lng) for lat, lng, _, _ in found)
            cities = tuple(city or "" for _, _, city, _ in found)
            truths.append(_Truth(item["input"], points, cities, found[0][3]))
    return truths


def _texts(path: Path) -> list[str]:
    """The distinct strings of a file of affiliations."""
    items = orjson.loads(gzip.decompress(path.read_bytes()))["items"]
    return sorted({item["input"] for item in items})


def _openalex(path: Path) -> list[tuple[str, str]]:
    """Distinct affiliation strings with the country of the institution that OpenAlex found in them."""
    found = set()
    with gzip.open(path) as lines:
        for line in lines:
            for authorship in orjson.loads(line)["authorships"]:
                text, known = authorship["raw_affiliation_string"], authorship["institutions"]
                if text and len(known) == 1 and known[0]["country_code"]:
                    found.add((text, known[0]["country_code"]))
    return sorted(found)


def _names_its_city(truth: _Truth) -> bool:
    folded = fold(truth.text)
    return any(city and fold(city) in folded for city in truth.cities)


def _names_a_country(text: str) -> bool:
    ends = [fold(part) for part in re.split("[,;]", text)[-2:]]
    return any(
        end in names for names in (country_names(), translated_country_names()) for end in ends
    )


def _distances(geocoder: Geocoder, truths: Sequence[_Truth]) -> list[float | None]:
    found = geocoder.resolve(pl.DataFrame({"address": [truth.text for truth in truths]}))
    return [
        None if lat is None else min(distance_km(lat, lng, *point) for point in truth.points)
        for truth, lat, lng in zip(truths, found["lat"], found["lng"], strict=True)
    ]


def _measure(name: str, distances: Sequence[float | None]) -> Measures:
    resolved = [d for d in distances if d is not None]
    near = sum(d <= SAME_PLACE_KM for d in resolved)
    count = max(1, len(distances))
    return {
        "set": name,
        "strings": len(distances),
        "resolved_share": len(resolved) / count,
        "within_25_km_share": near / count,
        "over_50_km_share": sum(d > FAR_KM for d in resolved) / count,
        "precision_share": near / max(1, len(resolved)),
    }


def _typos(path: Path, geocoder: Geocoder, half: Half) -> pl.DataFrame:
    """Misspelt towns whose correction is a known town: found where the correction lies, or not."""
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    rows = [cells for line in lines if len(cells := line.split(",")) == 6]
    rows = [cells for cells in rows if _in_half(",".join(cells[:3]), half)]
    fields = ("city", "region", "country")
    frames = [
        pl.DataFrame(
            {name: [cells[start + i] or None for cells in rows] for i, name in enumerate(fields)},
            schema=dict.fromkeys(fields, pl.String),
        )
        for start in (0, 3)
    ]
    written, corrected = (geocoder.resolve(frame) for frame in frames)
    outcomes = {"right": 0, "wrong": 0, "unresolved": 0}
    columns = ["lat", "lng", "precision", "method"]
    for cells, (lat, lng, *_), (true_lat, true_lng, precision, method) in zip(
        rows,
        written.select(columns).iter_rows(),
        corrected.select(columns).iter_rows(),
        strict=True,
    ):
        is_typo = fold(cells[0]) != fold(cells[3])
        if not is_typo or precision != "city" or method in {"fuzzy", "inside"}:
            continue
        if lat is None:
            outcomes["unresolved"] += 1
        elif distance_km(lat, lng, true_lat, true_lng) <= SAME_PLACE_KM:
            outcomes["right"] += 1
        else:
            outcomes["wrong"] += 1
    total = max(1, sum(outcomes.values()))
    return pl.DataFrame(
        [
            {"outcome": name, "strings": count, "share": count / total}
            for name, count in outcomes.items()
        ]
    )


def _patentsview(realdata: Path, half: Half) -> list[tuple[str, ...]]:
    table = pl.read_csv(
        realdata / "patentsview_inventors.tsv.gz",
        separator="\t",
        infer_schema=False,
        quote_char=None,
    ).select("inventor_city", "inventor_state", "inventor_country")
    rows = {tuple(cell or "" for cell in row) for row in table.iter_rows()}
    return sorted(row for row in rows if row[0] and _in_half("|".join(row), half))


_INVENTOR = re.compile(r"<(inventor|applicant|first-named-inventor)\b([^>]*)>(.*?)</\1>", re.DOTALL)


def _red_book(realdata: Path, half: Half) -> list[tuple[str, ...]]:
    rows = set()
    with tarfile.open(realdata / "uspto_redbook_xml.tar.gz") as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member)
            if file is None:
                continue
            for kind, attributes, body in _INVENTOR.findall(file.read().decode(errors="replace")):
                if kind != "applicant" or "applicant-inventor" in attributes:
                    rows.add(
                        (
                            _text_of("city", body),
                            _text_of("state", body),
                            _text_of("country", body) or _text_of("country-code", body),
                        )
                    )
    return sorted(row for row in rows if row[0] and _in_half("|".join(row), half))


def _text_of(tag: str, xml: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", xml, re.DOTALL)
    return re.sub("<[^>]*>", "", found.group(1)).strip() if found else ""


def _inventors(name: str, rows: Sequence[tuple[str, ...]], geocoder: Geocoder) -> Measures:
    """Shares by precision of distinct (city, state, country), and of US states found right.

    `resolved_share` counts what is found as precisely as it is written: with a point, or as a region
    where the field of the city itself names no more than a region.
    """
    fields = ("city", "region", "country")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(fields, pl.String), orient="row")
    frame = frame.with_columns(pl.col(fields).replace("", None))
    found = geocoder.resolve(frame)
    has_point, is_region = found["lat"].is_not_null(), found["precision"] == "admin1"
    names_region = geocoder.resolve(frame.drop("region"))["precision"] == "admin1"
    american = (frame["country"] == "US") & has_point & frame["region"].is_not_null()
    states = frame.filter(american)["region"] == found.filter(american)["admin1_code"]
    count = max(1, len(frame))
    return {
        "set": name,
        "places": len(frame),
        "with_point_share": has_point.sum() / count,
        "resolved_share": (has_point | (is_region & names_region)).sum() / count,
        "admin1_only_share": is_region.sum() / count,
        "country_only_share": (found["precision"] == "country").sum() / count,
        "us_state_right_share": float(states.sum()) / max(1, len(states)),
    }
