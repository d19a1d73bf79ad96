"""Places of clusters by output, over countries and in whole numbers."""

import polars as pl

from pipelines.delineation.places import output_by_country, places_by_output

GAZETTEER = pl.DataFrame(
    [(place, f"Place {place}", "XX") for place in (1, 2, 3)],
    schema={"place_id": pl.Int64, "name": pl.String, "country": pl.String},
    orient="row",
)


def cluster_places(*rows: tuple[int, str | None, int | None, int]) -> pl.DataFrame:
    schema = {
        "cluster_number": pl.Int32,
        "country": pl.String,
        "place_id": pl.Int64,
        "output": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_place_has_the_output_of_all_countries_and_the_country_of_most() -> None:
    places = cluster_places(
        *((2, "US", 3, 50), (1, "CH", 1, 10), (1, "FR", 1, 20), (1, None, 2, 35)),
        (1, "CH", None, 90),  # a place that nobody knows names nothing
    )
    found = places_by_output(places, GAZETTEER)
    assert found.select("cluster", "place_id", "name", "country", "output").rows() == [
        (1, 2, "Place 2", None, 35),
        (1, 1, "Place 1", "FR", 30),
        (2, 3, "Place 3", "US", 50),
    ]


def test_equals_are_in_the_order_of_places_and_countries() -> None:
    rows = [(1, "DE", 2, 20), (1, "AT", 1, 10), (1, "DE", 1, 10), (1, None, 1, 10)]
    rows += [(1, "DE", 3, 20)]
    for order in (rows, rows[::-1]):
        found = places_by_output(cluster_places(*order), GAZETTEER)
        # a place in a country that nobody knows comes last of equals
        assert found.select("place_id", "country").rows() == [(1, "AT"), (2, "DE"), (3, "DE")]


def test_output_by_country_leaves_out_what_has_none() -> None:
    places = cluster_places((1, "CH", 1, 10), (1, None, 1, 20), (2, "FR", None, 2))
    found = output_by_country(places).select("cluster", "country", "output")
    assert found.rows() == [(1, "CH", 10), (2, "FR", 2)]
