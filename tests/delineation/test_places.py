"""Places of clusters by output, over countries and in whole numbers."""

import polars as pl

from pipelines.delineation.places import output_by_country, places_by_output

GAZETTEER = pl.DataFrame(
    [(place, f"Place {place}", "XX") for place in (1, 2, 3)],
    schema={"place_id": pl.Int64, "name": pl.String, "country": pl.String},
    orient="row",
)


def cluster_places(*rows: tuple[int, str | None, int | None, float]) -> pl.DataFrame:
    schema = {
        "cluster_number": pl.Int32,
        "country": pl.String,
        "place_id": pl.Int64,
        "output": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_place_has_the_output_of_all_countries_and_the_country_of_most() -> None:
    places = cluster_places(
        *((2, "US", 3, 0.5), (1, "CH", 1, 0.1), (1, "FR", 1, 0.2), (1, None, 2, 0.35)),
        (1, "CH", None, 0.9),  # a place that nobody knows names nothing
    )
    found = places_by_output(places, GAZETTEER)
    assert found.select("cluster", "place_id", "name", "country", "output").rows() == [
        (1, 2, "Place 2", None, 35 * 10**13),
        (1, 1, "Place 1", "FR", 3 * 10**14),
        (2, 3, "Place 3", "US", 5 * 10**14),
    ]


def test_equals_are_in_the_order_of_places_and_countries() -> None:
    rows = [(1, "DE", 2, 0.2), (1, "AT", 1, 0.1), (1, "DE", 1, 0.1), (1, None, 1, 0.1)]
    rows += [(1, "DE", 3, 0.2)]
    for order in (rows, rows[::-1]):
        found = places_by_output(cluster_places(*order), GAZETTEER)
        # a place in a country that nobody knows comes last of equals
        assert found.select("place_id", "country").rows() == [(1, "AT"), (2, "DE"), (3, "DE")]


def test_output_by_country_leaves_out_what_has_none() -> None:
    places = cluster_places((1, "CH", 1, 0.1), (1, None, 1, 0.2), (2, "FR", None, 1.6e-15))
    found = output_by_country(places).select("cluster", "country", "output")
    assert found.rows() == [(1, "CH", 10**14), (2, "FR", 2)]
