"""Points without a place take the nearest one's name; answers are remembered by their texts."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import duckdb
import numpy as np
import polars as pl
import pytest

from pipelines import geocoding
from pipelines.contracts import geocoding as tables
from pipelines.geocoded import Answers
from pipelines.geocoder.countries import Boxes
from pipelines.geocoder.distinct import distinct_rows
from pipelines.geocoder.gazetteer import Gazetteer
from pipelines.geocoder.institutions import Institutions
from pipelines.geocoder.postcodes import Postcodes
from pipelines.geocoder.results import RESULT_SCHEMA
from pipelines.geocoding import resolve_addresses, with_nearest_place
from pipelines.steps import Step
from pipelines.storage import Workspace, write_parquet

PLACES = pl.DataFrame(
    {
        "place_id": [1, 2],
        "name": ["Here", "Across the date line"],
        "country": ["XA", "XB"],
        "admin1": ["A", None],
        "admin1_code": [None, None],
        "admin2": [None, None],
        "lat": [10.0, 0.0],
        "lng": [20.0, -179.9],
        "population": [0, 0],
        "kind": ["city", "city"],
    }
)
GAZETTEER = Gazetteer(PLACES, Institutions(None), Postcodes(None), Boxes(PLACES))


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
    answers = Answers(ANSWERS.schema)
    keys = np.array([7, 2**64 - 1, 3, 0, 9], np.uint64)
    assert answers.unknown(keys).tolist() == keys.tolist()
    answers.add(keys[:2], *distinct_rows(ANSWERS[:2]))
    answers.add(keys[2:], *distinct_rows(ANSWERS[2:]))
    found, of_texts = answers.of(keys)
    assert found[of_texts].equals(ANSWERS)
    found, of_texts = answers.of(keys[3:])
    assert found[of_texts].equals(ANSWERS[3:])
    assert answers.unknown(np.array([9, 8, 0], np.uint64)).tolist() == [8]
    answers.forget()
    assert answers.unknown(keys).tolist() == keys.tolist()


VERSION = "of these rules"
KNOWN_YEARS = {2008: [1, 2], 2009: [3], 2010: [4], 2011: [], 2012: [5], 2013: [5, 6], 2014: [7]}
"""Keys of the texts in the dictionaries on disk; 2014's is of another version."""


class GeocoderOfTests:
    """Answers each text with a country of its own, and remembers what it was asked."""

    gazetteer = GAZETTEER

    def __init__(self) -> None:
        self.asked: list[int] = []

    def result(self) -> "GeocoderOfTests":
        """It is built at once."""
        return self

    def resolve(self, addresses: pl.DataFrame) -> pl.DataFrame:
        self.asked += [int(text) for text in addresses["address"]]
        nothing = dict.fromkeys(RESULT_SCHEMA)
        rows = [
            nothing
            | {"country": text, "precision": "country", "method": "country"}
            | {"confidence": 0.9, "candidates": 0, "reason": "asked"}
            for text in addresses["address"]
        ]
        return pl.DataFrame(rows, schema=RESULT_SCHEMA)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path)
    for year, keys in KNOWN_YEARS.items():
        rows = duckdb.sql(
            f"""SELECT {year} AS year, unnest({keys})::UBIGINT AS address_key, 'on disk' AS country,
            NULL AS lat, NULL AS lng, NULL AS h3_cell, 'country' AS precision, NULL AS place_id,
            NULL AS place, NULL AS admin1, 'country' AS method, 0.9 AS confidence, 0 AS candidates,
            NULL AS runner_up, 'known' AS reason,
            '{VERSION if year != 2014 else "another"}' AS geocoder_version"""
        )
        workspace.write(
            tables.ADDRESS_DICTIONARY,
            year,
            "",
            partial(write_parquet, tables.ADDRESS_DICTIONARY, rows),
            lambda _: (),
        )
    return workspace


def _dictionary(workspace: Workspace, year: int, keys: list[int]) -> dict[int, str]:
    """The country of each text of a year with these texts."""
    pipeline = SimpleNamespace(
        workspace=workspace, years=range(2008, 2016), say=lambda _: None, track=lambda *_: None
    )
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE distinct_addresses AS "
            f"SELECT unnest({keys})::UBIGINT AS address_key, address_key::VARCHAR AS address"
        )
        step = Step(None, pipeline, year, connection)  # type: ignore[arg-type]
        found: dict[int, str] = {}
        for made in resolve_addresses(step, VERSION):
            assert sorted(made.columns) == sorted(tables.ADDRESS_DICTIONARY.column_names)
            found.update(made.select("address_key", "country").iter_rows())
        return found


def test_texts_are_known_from_the_nearest_years_on_disk_and_from_the_process(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    geocoder = GeocoderOfTests()
    monkeypatch.setattr(geocoding, "_geocoder", lambda *_: geocoder)
    monkeypatch.setattr(geocoding, "_known", {})
    # of 2015 the five nearest are 2014, of another version, to 2010; 3 lies further off
    assert _dictionary(workspace, 2015, [3, 4, 6, 7, 8]) == {
        3: "3", 4: "on disk", 6: "on disk", 7: "7", 8: "8",
    }  # fmt: skip
    assert sorted(geocoder.asked) == [3, 7, 8]
    # the process remembers what it has looked up and what it has read
    assert _dictionary(workspace, 2007, [1, 2, 4, 8, 9]) == {
        1: "on disk", 2: "on disk", 4: "on disk", 8: "8", 9: "9",
    }  # fmt: skip
    assert sorted(geocoder.asked) == [3, 7, 8, 9]


def test_a_year_without_addresses_asks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geocoding, "_geocoder", None)
    monkeypatch.setattr(geocoding, "_known", {})
    assert _dictionary(Workspace(tmp_path), 2015, []) == {}
