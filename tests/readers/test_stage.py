import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from pipelines.errors import UserError
from pipelines.readers import FORMATS
from pipelines.readers.engine import connect, faults_of, stream
from pipelines.readers.records import STAGED_SCHEMAS, Batch, account, batch
from pipelines.readers.source import Limits, Reader, SourceFiles
from pipelines.readers.stage import ROW_GROUP_ROWS, stage
from tests.readers.helpers import source_of, write

TABULAR = FORMATS["tabular"]
ROWS = "P1,2018,Lyon\nP2,2019,Bonn\nP1,2018,Paris\n,2018,x\nP3,2020,Rome\n"


@pytest.fixture
def unit(tmp_path: Path) -> SourceFiles:
    path = write(tmp_path / "raw" / "a.csv", "document_id,year,city\n" + ROWS)
    return source_of(tmp_path, {"addresses": path})


def frame(folder: Path, table: str, year: int) -> pl.DataFrame:
    return pl.read_parquet(folder / table / f"year={year}.parquet")


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix(): sha256(p.read_bytes()).hexdigest() for p in files}


def test_records_by_year_with_the_books(tmp_path: Path, unit: SourceFiles) -> None:
    counts = stage(TABULAR, unit, tmp_path / "staged")

    (lyon, paris) = frame(tmp_path / "staged", "addresses", 2018).rows(named=True)
    (document,) = frame(tmp_path / "staged", "documents", 2018).rows(named=True)
    assert document["document_id"] == "P1"
    assert document["document_key"] == lyon["document_key"] == paris["document_key"]
    assert frame(tmp_path / "staged", "texts", 2018).select("address_key", "city").rows() == [
        (lyon["address_key"], "Lyon"),
        (paris["address_key"], "Paris"),
    ]
    assert frame(tmp_path / "staged", "documents", 2020)["document_id"].to_list() == ["P3"]
    assert counts["addresses"] == {
        "read": 5,
        "rows": {"2018": 2, "2019": 1, "2020": 1},
        "rejects": 1,
        "excluded": {},
        "repaired": {},
    }
    assert json.loads((tmp_path / "staged" / "counts.json").read_text()) == counts
    rejects = pl.read_parquet(tmp_path / "staged" / "rejects.parquet")
    assert rejects["file"].to_list() == ["raw/a.csv"]
    schema = pq.read_schema(tmp_path / "staged" / "addresses" / "year=2018.parquet")
    assert schema.equals(STAGED_SCHEMAS["addresses"])


def test_years_that_nobody_asked_for_are_counted_not_written(
    tmp_path: Path, unit: SourceFiles
) -> None:
    counts = stage(TABULAR, unit, tmp_path / "staged", years=[2018])
    assert sorted(digests(tmp_path / "staged")) == [
        "addresses/year=2018.parquet",
        "counts.json",
        "documents/year=2018.parquet",
        "rejects.parquet",
        "texts/year=2018.parquet",
    ]
    assert counts["addresses"]["excluded"] == {"year outside the source's years": 2}


def test_staging_again_replaces_and_gives_the_same_bytes(tmp_path: Path, unit: SourceFiles) -> None:
    stage(TABULAR, unit, tmp_path / "staged")
    first = digests(tmp_path / "staged")
    write(tmp_path / "staged" / "stale", "x")
    stage(TABULAR, unit, tmp_path / "staged")
    assert digests(tmp_path / "staged") == first


def test_bytes_do_not_depend_on_threads(tmp_path: Path) -> None:
    lines = "".join(f"P{n // 3},{2015 + n % 4},Town {n % 97}\n" for n in range(150_000))
    path = write(tmp_path / "a.csv", "document_id,year,city\n" + lines)
    found = []
    for threads in (1, 2, 4):
        unit = source_of(tmp_path, {"addresses": path}, limits=Limits(threads=threads))
        stage(TABULAR, unit, tmp_path / f"staged{threads}")
        found.append(digests(tmp_path / f"staged{threads}"))
    assert found[0] == found[1] == found[2]


def test_a_text_lies_once_a_year_in_the_order_of_the_file(tmp_path: Path) -> None:
    towns = [f"Town {n * n % 997}" for n in range(150_000)]
    lines = "".join(f"P{n},{2015 + n % 2},{town}\n" for n, town in enumerate(towns))
    path = write(tmp_path / "a.csv", "document_id,year,city\n" + lines)
    stage(TABULAR, source_of(tmp_path, {"addresses": path}), tmp_path / "staged")
    for year in (2015, 2016):
        texts = frame(tmp_path / "staged", "texts", year)
        assert texts["city"].to_list() == list(dict.fromkeys(towns[year - 2015 :: 2]))
        of_addresses = frame(tmp_path / "staged", "addresses", year).join(
            texts, on="address_key", how="left", maintain_order="left"
        )
        assert of_addresses["city"].to_list() == towns[year - 2015 :: 2]


def reader_of(*batches: Batch) -> Reader:
    def read(_: SourceFiles) -> Iterator[Batch]:
        yield from batches

    return replace(TABULAR, read=read)


def documents(count: int, year: int = 2018) -> Batch:
    return batch("documents", [{"document_id": f"D{n}", "year": year} for n in range(count)])


def test_row_groups_do_not_depend_on_batches(tmp_path: Path, unit: SourceFiles) -> None:
    whole = documents(ROW_GROUP_ROWS + 7)
    pieces = [
        Batch("documents", whole.data.slice(at, 9_999))
        for at in range(0, ROW_GROUP_ROWS + 7, 9_999)
    ]
    stage(reader_of(whole), unit, tmp_path / "one")
    stage(reader_of(*pieces), unit, tmp_path / "two")
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    metadata = pq.read_metadata(tmp_path / "one" / "documents" / "year=2018.parquet")
    assert [metadata.row_group(n).num_rows for n in range(2)] == [ROW_GROUP_ROWS, 7]


def test_keys_of_a_reader_are_those_that_staging_counts(tmp_path: Path, unit: SourceFiles) -> None:
    batches = list(TABULAR.read(unit))
    assert {one.table for one in batches if one.keys} == {"documents", "addresses"}
    stage(reader_of(*batches), unit, tmp_path / "given")
    stage(reader_of(*[replace(one, keys={}) for one in batches]), unit, tmp_path / "counted")
    assert digests(tmp_path / "given") == digests(tmp_path / "counted")


def test_a_lost_record_is_noticed(tmp_path: Path, unit: SourceFiles) -> None:
    reader = reader_of(documents(2), account("documents", "read", 3))
    with pytest.raises(AssertionError, match="3 records read, but 2 rows"):
        stage(reader, unit, tmp_path / "staged")


def test_a_fault_leaves_the_last_good_folder_and_nothing_else(
    tmp_path: Path, unit: SourceFiles
) -> None:
    stage(TABULAR, unit, tmp_path / "work" / "staged")
    before = digests(tmp_path / "work")
    (path,) = unit.files["addresses"]
    path.write_bytes(bytes(range(256)) * 50)
    with pytest.raises(UserError, match="binary"):
        stage(TABULAR, unit, tmp_path / "work" / "staged")
    assert digests(tmp_path / "work") == before


def test_damage_far_into_a_file_is_the_file_s_fault(tmp_path: Path) -> None:
    text = "document_id,year,address\n" + "".join(
        f"P{n},2018,{n * 2_654_435_761 % 2**32:x} Street\n" for n in range(400_000)
    )
    packed = gzip.compress(text.encode(), 1)
    path = write(tmp_path / "a.csv.gz", packed[: len(packed) * 9 // 10])
    with pytest.raises(UserError, match=r"a\.csv\.gz: cannot be read to its end"):
        stage(TABULAR, source_of(tmp_path, {"addresses": path}), tmp_path / "staged")


@pytest.mark.parametrize(
    ("first", "then"), [("\r\n", "\n"), ("\n", "\r\n"), ("\n", "\r")], ids=repr
)
def test_lines_that_end_in_different_ways_are_told(tmp_path: Path, first: str, then: str) -> None:
    text = f"document_id,year,address{first}P1,2018,Berlin{then}P2,2018,Oslo{first}"
    path = write(tmp_path / "a.csv", text.encode())
    with pytest.raises(UserError, match=r"^a\.csv: its lines end in different ways.*`tr "):
        stage(TABULAR, source_of(tmp_path, {"addresses": path}), tmp_path / "staged")


def test_a_mistake_of_our_sql_is_not_taken_for_damage(tmp_path: Path) -> None:
    def read(source: SourceFiles) -> Iterator[Batch]:
        with connect(source.limits) as connection, faults_of("a.csv"):
            for rows in stream(connection, "select no_such_column from range(3)"):
                yield Batch("documents", rows)

    with pytest.raises(duckdb.BinderException):
        stage(replace(TABULAR, read=read), source_of(tmp_path, tmp_path), tmp_path / "staged")
