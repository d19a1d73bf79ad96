"""Connections of the process's DuckDB: nothing of one step is left for the next."""

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import query
from pipelines.contracts.common import LOCATED, PRECISIONS
from pipelines.errors import UserError

SCHEMA = pa.schema({"number": pa.int64()})


def test_a_connection_sees_nothing_of_another(tmp_path) -> None:
    pq.write_table(pa.table({"number": [1]}, schema=SCHEMA), tmp_path / "one.parquet")
    with query.connect(query.Limits()) as first, query.connect(query.Limits()) as second:
        query.offer(first, "numbers", [tmp_path / "one.parquet"], SCHEMA)
        query.offer(first, "nothing", [], SCHEMA)
        first.register("frame", pl.DataFrame({"number": [2]}))
        query.set_variables(first, {"year": 2015})
        assert first.execute("SELECT number, getvariable('year') FROM numbers").fetchall() == [
            (1, 2015)
        ]
        assert first.execute("SELECT number FROM frame").fetchall() == [(2,)]
        assert first.execute("SELECT number FROM nothing").fetchall() == []
        assert second.execute("SELECT getvariable('year')").fetchall() == [(None,)]
        for name in ("numbers", "nothing", "frame"):
            with pytest.raises(Exception, match=f"{name} does not exist"):
                second.execute(f"SELECT * FROM {name}")


def test_limits_are_kept_and_a_closed_database_is_opened_anew() -> None:
    asked = "SELECT current_setting('threads'), current_setting('temp_directory')"
    folders = set()
    for threads in (1, 2):
        with query.connect(query.Limits("1GB", threads)) as connection:
            [(found, folder)] = connection.execute(asked).fetchall()
        assert found == threads
        folders.add(folder)
    assert len(folders) == 2
    query.close()
    with query.connect(query.Limits("1GB", 2)) as connection:
        [(_, anew)] = connection.execute(asked).fetchall()
    assert anew not in folders


def test_too_little_memory_is_said() -> None:
    with (
        pytest.raises(UserError, match=r"memory_limit: 1 MB is too little \(Out of Memory"),
        query.connect(query.Limits("1 MB")) as connection,
    ):
        connection.sql("SELECT * FROM range(1000000) ORDER BY hash(range)").fetchall()
    query.close()


def test_sql_and_python_mean_the_same_precisions_by_located() -> None:
    with query.connect(query.Limits()) as connection:
        found = connection.execute(
            "SELECT list(reached) FROM unnest($all) AS _(reached) WHERE is_located(reached)",
            {"all": list(PRECISIONS)},
        ).fetchone()
    assert found == (list(LOCATED),)
