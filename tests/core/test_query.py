"""Connections of the process's DuckDB: nothing of one step is left for the next."""

import os
import subprocess
import sys

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
    for threads in (1, 2):
        with query.connect(query.Limits("1GB", threads)) as connection:
            asked = connection.execute("SELECT current_setting('threads')").fetchall()
            assert asked == [(threads,)]
            connection.execute("CREATE TABLE kept AS SELECT 1")  # each has one of its own
    query.close()
    with query.connect(query.Limits("1GB", 2)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1")


SPILLING = """
import pathlib, sys, time
from pipelines import query
from pipelines.readers import engine, source
folder = pathlib.Path(sys.argv[1])
opened = {
    "tables": lambda: query.connect(query.Limits("30MB", 1)),
    "readers": lambda: engine.connect(source.Limits("30MB", 1, folder)),
}[sys.argv[2]]
with opened() as connection:
    connection.execute("CREATE TEMP TABLE t AS SELECT range, hash(range) FROM range(4000000)")
    print([path.name for path in folder.rglob("*_owner")], flush=True)
    time.sleep(float(sys.argv[3]))
"""


@pytest.mark.parametrize("of", ["tables", "readers"])
def test_what_a_killed_process_spilled_is_gone_when_the_next_one_spills(tmp_path, of) -> None:
    """One that is alive keeps its own."""

    def spilling(seconds: float) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SPILLING, str(tmp_path), of, str(seconds)]
        environment = os.environ | {"TMPDIR": str(tmp_path)}
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)

    def owners(process: subprocess.Popen[str]) -> str:
        assert process.stdout
        return process.stdout.readline()

    with spilling(60) as killed, spilling(60) as alive:
        try:
            assert str(killed.pid) in owners(killed)
            assert str(alive.pid) in owners(alive)
            killed.kill()
            killed.wait()
            with spilling(0) as following:
                found = owners(following)
            assert str(killed.pid) not in found
            assert str(alive.pid) in found
        finally:
            killed.kill()
            alive.kill()


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
