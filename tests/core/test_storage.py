"""Tables on disk: written aside, checked, in place whole or not at all, equal bytes from equal rows."""

import hashlib
import json
import os
import random
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from pipelines import storage
from pipelines.contracts import TABLES
from pipelines.contracts.model import Column, Table
from pipelines.errors import UserError
from pipelines.storage import Workspace, sha256_of, write_parquet, written_aside
from tests.permissions import read_only

TABLE = Table(
    "made",
    "extracts",
    "a made row",
    key=("kind", "number"),
    partition="year",
    columns=(
        Column("year", "int32", "Year", unit="year"),
        Column("kind", "string", "Kind", nullable=True),
        Column("number", "int64", "Number"),
        Column("share", "float64", "Share", unit="1", nullable=True),
    ),
)
GOOD = ({"name": "contract", "expected": "all", "actual": "all"},)


def rows_sql(numbers: list[int], year: int = 2015) -> str:
    values = ", ".join(f"({number % 3}, {number})" for number in numbers)
    return (
        f"SELECT {year} AS year, if(k = 0, NULL, 'k' || k) AS kind, n AS number, n / 7 AS share "
        f"FROM (VALUES {values}) AS v (k, n)"
    )


def write(path: Path, sql: str, threads: int = 1, table: Table = TABLE) -> Path:
    with duckdb.connect(config={"threads": threads}) as connection:
        write_parquet(table, connection.sql(sql), path)
    return path


def put(workspace: Workspace, sql: str, *, partition: int = 2015, check=lambda _: GOOD) -> None:
    workspace.write(TABLE, partition, "fingerprint", lambda path: write(path, sql) and None, check)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path)
    put(made, rows_sql([1, 2, 3]))
    return made


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 16, 17])
def test_a_hash_is_of_all_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(storage, "_HASHED_AT_ONCE", 8)
    content = bytes(range(size))
    (tmp_path / "file").write_bytes(content)
    assert sha256_of(tmp_path / "file") == hashlib.sha256(content).hexdigest()


def test_file_is_as_the_contract_says(tmp_path: Path) -> None:
    path = write(tmp_path / "made.parquet", rows_sql([5, 4, 3, 2, 1, 0]))
    assert pq.read_table(path).select(["kind", "number"]).to_pylist() == [
        {"kind": kind, "number": number}
        for kind, number in ((None, 0), (None, 3), ("k1", 1), ("k1", 4), ("k2", 2), ("k2", 5))
    ]
    schema = pq.read_schema(path)
    assert schema.equals(TABLE.schema, check_metadata=True)
    assert schema.metadata[b"row"] == b"each row is a made row"


def test_a_frame_gives_the_bytes_that_a_query_gives(tmp_path: Path) -> None:
    asked = write(tmp_path / "asked.parquet", rows_sql([5, 4, 3, 2, 1, 0]))
    with duckdb.connect() as connection:
        frame = (
            connection.sql(rows_sql([0, 2, 4, 1, 3, 5]))
            .pl()
            .select("share", "number", "kind", "year")
        )
    write_parquet(TABLE, frame, tmp_path / "frame.parquet")
    assert sha256_of(tmp_path / "frame.parquet") == sha256_of(asked)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_equal_bytes_for_any_threads_and_order_of_rows(
    tmp_path: Path, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "ROW_GROUP_ROWS", 1000)
    numbers = list(range(10_000))
    expected = sha256_of(write(tmp_path / "expected.parquet", rows_sql(numbers)))
    random.Random(threads).shuffle(numbers)  # noqa: S311 - a fixed shuffle
    path = write(tmp_path / "shuffled.parquet", rows_sql(numbers), threads)
    assert sha256_of(path) == expected
    groups = pq.read_metadata(path)
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [1000] * 10


def test_of_texts_only_the_first_of_the_key_has_statistics(tmp_path: Path) -> None:
    path, rules = tmp_path / "rules.parquet", TABLES["inclusion_rules"]
    rows = pl.DataFrame({"kind": ["patent"], "rule": [1], "meaning": ["republished"]})
    write_parquet(rules, rows, path)
    group = pq.read_metadata(path).row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    assert {c.path_in_schema: c.is_stats_set for c in columns} == {
        "kind": True,
        "rule": True,
        "meaning": False,
    }


def test_no_rows_give_a_file_with_the_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "empty.parquet", rows_sql([1]) + " WHERE n > 1")
    assert pq.read_table(path).num_rows == 0
    assert pq.read_schema(path).equals(TABLE.schema)


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("SELECT 1 AS year", "the contract has"),
        (rows_sql([1]).replace("n / 7 AS share", "1 AS share, 1 AS more"), "the contract has"),
        (rows_sql([1]).replace("n AS number", "'text' AS number"), "does not fit"),
        (rows_sql([1]).replace("n AS number", "NULL::BIGINT AS number"), "null values"),
        (rows_sql([1]).replace("n AS number", "1::HUGEINT << 70 AS number"), "does not fit"),
    ],
)
def test_rows_that_break_the_schema_are_refused(tmp_path: Path, sql: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        write(tmp_path / "made.parquet", sql)


def test_a_failed_check_leaves_the_last_good_table(workspace: Workspace) -> None:
    before = workspace.record(TABLE, 2015)
    content = workspace.path(TABLE, 2015).read_bytes()

    def fails(path: Path) -> tuple[dict[str, str], ...]:
        assert pq.read_table(path).num_rows == 1, "the check sees the new file"
        raise RuntimeError("a check failed")

    with pytest.raises(RuntimeError, match="a check failed"):
        put(workspace, rows_sql([9]), check=fails)
    assert workspace.path(TABLE, 2015).read_bytes() == content
    assert workspace.record(TABLE, 2015) == before
    assert sorted(path.name for path in workspace.path(TABLE, 2015).parent.iterdir()) == [
        "made.json",
        "made.parquet",
    ]


def test_record_says_what_lies_there(workspace: Workspace) -> None:
    record = workspace.record(TABLE, 2015)
    path = workspace.path(TABLE, 2015)
    assert record is not None
    assert (record.rows, record.fingerprint, record.checks) == (3, "fingerprint", GOOD)
    assert (record.bytes, record.sha256) == (path.stat().st_size, sha256_of(path))
    assert workspace.record(TABLE, 2016) is None


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def spoil_record(path: Path) -> None:
    path.with_suffix(".json").write_text('{"rows": 3')


def older_record(path: Path) -> None:
    record = path.with_suffix(".json")
    entries = json.loads(record.read_text())
    record.write_text(json.dumps({"unknown": 1, **entries}))


@pytest.mark.parametrize(
    "harm",
    [
        flip,
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
        lambda path: path.with_suffix(".json").unlink(),
        lambda path: path.with_suffix(".json").write_text(""),
        lambda path: path.with_suffix(".json").write_text("[]"),
        spoil_record,
        older_record,
    ],
)
def test_a_table_that_does_not_match_its_record_does_not_exist(workspace: Workspace, harm) -> None:
    harm(workspace.path(TABLE, 2015))
    assert workspace.record(TABLE, 2015) is None
    with pytest.raises(UserError, match=r"made of 2015 is missing or was changed"):
        workspace.require(TABLE, 2015)
    put(workspace, rows_sql([1, 2, 3]))
    assert workspace.require(TABLE, 2015).rows == 3


def test_a_file_that_was_only_touched_is_still_the_same(workspace: Workspace) -> None:
    before = workspace.record(TABLE, 2015)
    os.utime(workspace.path(TABLE, 2015), (1, 1))
    assert workspace.record(TABLE, 2015) == before


def test_writing_aside_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file.txt"
    with pytest.raises(RuntimeError), written_aside(target) as aside:
        aside.write_text("half")
        raise RuntimeError
    assert list(target.parent.iterdir()) == []
    with written_aside(target) as aside:
        aside.write_text("whole")
        assert not target.exists()
    assert [path.name for path in target.parent.iterdir()] == ["file.txt"]


def test_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    target = tmp_path / "file.txt"
    target.write_text("good")
    with pytest.raises(UserError, match="No space left on device"), written_aside(target) as aside:
        aside.write_text("half")
        raise OSError(28, "No space left on device")
    assert target.read_text() == "good"
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="Cannot write"), written_aside(tmp_path / "file" / "x"):
        pass


def test_a_read_only_workspace_is_said(tmp_path: Path) -> None:
    folders = (tmp_path / "there", tmp_path / "base")
    for folder in folders:
        folder.mkdir()
    for workspace in (folders[0], folders[1] / "new"):
        with (
            read_only(*folders),
            pytest.raises(UserError, match="cannot be written to: Permission denied"),
            Workspace(workspace).exclusively(),
        ):
            pass


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with (
        Workspace(tmp_path).exclusively(),
        pytest.raises(UserError, match="Another run is working"),
        Workspace(tmp_path).exclusively(),
    ):
        pass
    with Workspace(tmp_path).exclusively():
        assert (tmp_path / ".lock").exists()


def test_what_killed_runs_were_writing_is_removed_by_the_next(tmp_path: Path) -> None:
    """Tables, staged records and unpacked archives; what was finished stays."""
    left_over = [
        "tables/extracts/articles/year=2015/.articles.parquet.1f.part",
        "profiles/african/tables/clusters/clusters/edition=2020/.clusters.json.2e.part",
        "staged/articles/.3d.abc.partial/documents/year=2015.parquet",
        "staged/unpacked-4c/00000",
    ]
    finished = [
        "tables/extracts/articles/year=2015/articles.parquet",
        "staged/articles/3d/documents/year=2015.parquet",
    ]
    for name in left_over + finished:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    with Workspace(tmp_path, "african").exclusively():
        there = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".lock"]
    assert sorted(there) == sorted(tmp_path / name for name in finished)
    assert [path.name for path in (tmp_path / "staged").iterdir()] == ["articles"]


def test_what_is_made_by_edition_lies_apart_for_each_profile(tmp_path: Path) -> None:
    columns = (Column("edition", "int32", "Edition"), *TABLE.columns)
    by_year, by_edition = TABLE, replace(TABLE, partition="edition", columns=columns)
    main, african = Workspace(tmp_path), Workspace(tmp_path, "african")
    assert main.path(by_year, 2020) == african.path(by_year, 2020)
    assert main.path(by_edition, 2020) != african.path(by_edition, 2020)
    assert main.releases != african.releases
