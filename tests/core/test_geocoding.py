"""Points without a place take the nearest one's name; answers are remembered by their texts."""

import numpy as np
import polars as pl

from pipelines.geocoded import Answers
from pipelines.geocoder.distinct import distinct_rows
from pipelines.geocoding import with_nearest_place

GAZETTEER = pl.DataFrame(
    {
        "place_id": [1, 2],
        "name": ["Here", "Across the date line"],
        "admin1": ["A", None],
        "lat": [10.0, 0.0],
        "lng": [20.0, -179.9],
    }
)


def _found(
    *rows: tuple[float | None, float | None, int | None, str | None, str | None],
) -> pl.DataFrame:
    schema = {
        "lat": pl.Float64,
        "lng": pl.Float64,
        "place_id": pl.Int64,
        "place": pl.String,
        "admin1": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_only_points_without_a_place_take_the_nearest() -> None:
    found = _found(
        (10.1, 20.1, None, None, None),
        (0.0, 179.9, None, None, None),
        (10.0, 20.0, 7, "Own", "B"),
        (None, None, None, None, None),
    )
    assert with_nearest_place(found, GAZETTEER).rows() == [
        (10.1, 20.1, 1, "Here", "A"),
        (0.0, 179.9, 2, "Across the date line", None),
        (10.0, 20.0, 7, "Own", "B"),
        (None, None, None, None, None),
    ]


def test_nothing_to_give_changes_nothing() -> None:
    found = _found((10.0, 20.0, 7, "Own", "B"))
    assert with_nearest_place(found, GAZETTEER).equals(found)
    assert with_nearest_place(found.clear(), GAZETTEER).is_empty()


ANSWERS = pl.DataFrame(
    {"place": ["Here", None, "Here", None, "There"], "lat": [1.0, None, 1.0, None, 1.0]}
)


def test_equal_rows_are_one_answer() -> None:
    distinct, places = distinct_rows(ANSWERS)
    assert len(distinct) == 3
    assert distinct[places].equals(ANSWERS)
    assert len(distinct_rows(ANSWERS.clear())[0]) == 0


def test_answers_are_found_by_the_keys_of_texts() -> None:
    answers = Answers()
    keys = np.array([7, 2**64 - 1, 3, 0, 9], np.uint64)
    assert answers.numbers(keys).tolist() == [0] * 5
    answers.add(keys[:2], *distinct_rows(ANSWERS[:2]))
    answers.add(keys[2:], *distinct_rows(ANSWERS[2:]))
    numbered = answers.table.sort("answer")
    assert numbered["answer"].to_list() == list(range(1, 6))
    found = numbered.drop("answer")[answers.numbers(keys) - 1]
    assert found.equals(ANSWERS)
    assert answers.numbers(np.array([8], np.uint64)).tolist() == [0]
    answers.forget()
    assert answers.numbers(keys).tolist() == [0] * 5
