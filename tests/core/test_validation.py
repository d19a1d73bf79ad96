"""Every kind of expectation holds on good rows, and fails on bad ones with samples of them."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy

from pipelines.contracts import TABLES
from pipelines.contracts.model import Column, Rule, Table
from pipelines.query import SQL, Limits
from pipelines.validation.rules import rules_of, run_rule
from pipelines.validation.suite import SAMPLE_ROWS, Outcome, validate, without_samples

CITY = Table(
    "city", "geocoding", "a city", key=("city_id",), columns=(Column("city_id", "int64", "City"),)
)
TABLE = Table(
    "made",
    "extracts",
    "a made row",
    key=("kind", "number"),
    partition="year",
    filled=True,
    columns=(
        Column("year", "int32", "Year", unit="year"),
        Column("kind", "string", "Kind", nullable=True, allowed=("a", "b")),
        Column("number", "int64", "Number", minimum=1, maximum=9),
        Column("city_id", "int64", "City", nullable=True, references="city.city_id"),
        Column("note", "string", "Text that may hold {braces}"),
        Column("share", "float64", "Share", nullable=True, minimum=0),
    ),
    rules=(
        Rule(
            "no_braces",
            "a note is not {xx}",
            "NOT coalesce(regexp_matches(note, '^x{2}$'), FALSE)",
        ),
        Rule("small_a", "a is small", "kind <> 'a' OR number < 5"),
    ),
)
ROW = {"year": 2015, "kind": "a", "number": 1, "city_id": 7, "note": "text", "share": 0.5}


@pytest.fixture
def outcomes(tmp_path: Path):
    def _outcomes(
        *rows: dict[str, Any],
        table: Table = TABLE,
        columns: list[str] | None = None,
        in_order: bool = True,
    ) -> dict[str, Outcome]:
        # as in a workspace, where a folder is named after the partition: that is no column of the file
        file, cities = tmp_path / "year=2015" / "made.parquet", tmp_path / "cities.parquet"
        file.parent.mkdir(exist_ok=True)
        open_schema = pa.schema([field.with_nullable(True) for field in table.schema])
        made = pa.Table.from_pylist([dict(row) for row in rows], schema=open_schema)
        if in_order:  # as tables are written
            order = [(name, "ascending", "at_start") for name in table.key]
            made = made.sort_by(order)
        pq.write_table(made.select(columns or table.column_names), file)
        pq.write_table(pa.Table.from_pylist([{"city_id": 7}, {"city_id": 8}]), cities)
        return {o.name: o for o in validate(table, file, 2015, {"city": [cities]}, Limits())}

    return _outcomes


GOOD = [ROW, {**ROW, "number": 2, "city_id": None}, {**ROW, "kind": "b", "number": 9}]


def test_good_rows_pass_every_expectation(outcomes) -> None:
    found = outcomes(*GOOD)
    assert [name for name, outcome in found.items() if not outcome.passed] == []
    assert len(found) == 12


@pytest.mark.parametrize(
    ("fault", "name", "sample"),
    [
        ({"note": None}, "required: no empty value", "'note': None"),
        ({"year": None}, "required: no empty value", "'year': None"),
        ({"kind": "c"}, "allowed: kind is one of a, b", "'kind': 'c'"),
        ({"number": 0}, "range: number from 1 to 9", "'number': 0"),
        ({"number": 10, "kind": "b"}, "range: number from 1 to 9", "'number': 10"),
        ({"number": 2}, "key: one row per", "'number': 2"),
        ({"year": 2014}, "partition: every year is 2015", "2014"),
        ({"city_id": 9}, "foreign key: city_id", "'city_id': 9"),
        ({"share": float("nan")}, "finite: share is a number", "'share': nan"),
        ({"share": float("inf")}, "finite: share is a number", "'share': inf"),
        ({"note": "xx"}, "rule no_braces", "xx"),
        ({"number": 5}, "rule small_a", "'number': 5"),
        ({"kind": None, "number": 5}, "rule small_a", "'kind': None"),
    ],
)
def test_bad_row_fails_its_expectation_with_a_sample(
    outcomes, fault: dict[str, Any], name: str, sample: str | None
) -> None:
    found = outcomes(*GOOD, {**ROW, "number": 3, **fault})
    failed = {key: outcome for key, outcome in found.items() if not outcome.passed}
    assert len(failed) == 1, failed
    [(key, outcome)] = failed.items()
    assert key.startswith(name)
    if sample is not None:
        assert sample in " ".join(outcome.samples)


def test_a_null_key_is_a_key_too(outcomes) -> None:
    found = outcomes(
        {**ROW, "kind": None, "number": 9, "note": "y"}, {**ROW, "kind": None, "number": 9}
    )
    assert not next(o for name, o in found.items() if name.startswith("key")).passed


def test_keys_are_in_order_the_empty_one_first(outcomes) -> None:
    rows = [{**ROW, "kind": None, "number": 4}, *GOOD]
    assert all(o.passed for o in outcomes(*rows, in_order=False).values())
    for wrong, sample in (
        ([*rows[1:], rows[0]], "'kind': None"),
        ([rows[0], rows[2], rows[1], rows[3]], "'number': 1"),
        ([rows[3], *rows[1:3]], "'kind': 'a'"),
    ):
        failed = [o for o in outcomes(*wrong, in_order=False).values() if not o.passed]
        assert [o.name for o in failed] == ["key: one row per kind, number, in this order"]
        assert [o.actual for o in failed] == ["1 rows"]
        assert sample in failed[0].samples[0]


def test_a_key_that_is_there_twice_is_found_across_row_groups(outcomes, tmp_path: Path) -> None:
    numbers = [*range(200_000), 199_999, *range(200_000, 400_000)]
    file = tmp_path / "long.parquet"
    pq.write_table(pa.table({"city_id": numbers}, schema=CITY.schema), file, row_group_size=50_000)
    found = validate(CITY, file, None, {}, Limits())
    assert [o.actual for o in found if not o.passed] == ["1 rows"]
    assert "199999" in next(o for o in found if not o.passed).samples[0]


def test_an_empty_table_fails_only_where_rows_must_be(outcomes) -> None:
    assert [name for name, o in outcomes().items() if not o.passed] == [
        "expect_table_row_count_to_be_between"
    ]
    optional = Table(**{**vars(TABLE), "filled": False})
    assert all(o.passed for o in outcomes(table=optional).values())


def test_columns_in_another_order_fail(outcomes) -> None:
    found = outcomes(*GOOD, columns=list(reversed(TABLE.column_names)))
    assert not found["expect_table_columns_to_match_ordered_list"].passed


def test_a_missing_column_fails_what_needs_it_and_nothing_else(outcomes) -> None:
    found = outcomes(*GOOD, columns=[name for name in TABLE.column_names if name != "note"])
    failed = {name.partition(":")[0]: o.actual for name, o in found.items() if not o.passed}
    assert set(failed) == {
        "expect_table_columns_to_match_ordered_list",
        "required",
        "rule no_braces",
    }
    assert 'column "note" not found' in failed["rule no_braces"]


def test_all_rules_of_a_contract_cost_one_query_of_the_table(outcomes) -> None:
    asked: list[str] = []

    def note(_connection, _cursor, statement: str, *_: object) -> None:
        asked.append(statement)

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", note)
    try:
        outcomes(*GOOD)
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", note)
    assert len([statement for statement in asked if "count(*)" in statement]) == 1, asked


def test_samples_are_few(outcomes) -> None:
    found = outcomes(*({**ROW, "number": n, "kind": "b", "note": "xx"} for n in range(1, 10)))
    rule = next(o for name, o in found.items() if name.startswith("rule no_braces"))
    assert len(rule.samples) == SAMPLE_ROWS
    assert rule.actual == "9 rows"


def test_a_rule_across_tables_counts_and_samples(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "checks" / "made_for_this"
    folder.mkdir(parents=True)
    (folder / "no_big_ones.sql").write_text(
        "-- No number is big.\n-- Source: nowhere.\nSELECT number FROM made WHERE number > 3;\n"
    )
    monkeypatch.setattr("pipelines.validation.rules.SQL", tmp_path)
    [rule] = rules_of(Table(**{**vars(CITY), "name": "made_for_this"}))
    assert (rule.name, rule.description) == ("no_big_ones", "No number is big. Source: nowhere.")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE made AS SELECT range AS number FROM range(100)")
        outcome = run_rule(connection, rule)
        assert not outcome.passed
        assert outcome.actual == "96 rows break it"
        assert len(outcome.samples) == SAMPLE_ROWS
        assert all(sample.startswith("{'number': ") for sample in outcome.samples)
        connection.execute("DELETE FROM made WHERE number > 3")
        assert run_rule(connection, rule).passed


def test_every_folder_of_rules_belongs_to_a_table() -> None:
    folders = {path.name for path in (SQL / "checks").iterdir() if path.is_dir()}
    assert folders <= set(TABLES)


@pytest.mark.parametrize("path", sorted((SQL / "checks").glob("*/*.sql")), ids=lambda p: p.stem)
def test_every_rule_says_what_it_holds(path: Path) -> None:
    [rule] = [rule for rule in rules_of(TABLES[path.parent.name]) if rule.name == path.stem]
    assert rule.description.split(".")[0].count(" ") >= 3


def test_samples_can_be_left_out_where_persons_are_named(outcomes) -> None:
    for found in outcomes({**ROW, "kind": "Ada Lovelace", "number": 2}, ROW, ROW).values():
        hidden = without_samples(found)
        assert (hidden.name, hidden.passed, hidden.actual) == (
            found.name,
            found.passed,
            found.actual,
        )
        assert found.passed or found.samples
        assert hidden.samples == ()
        assert "Ada" not in str(hidden)
