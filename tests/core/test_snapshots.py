"""Raw files: recorded when first read, refused when they changed, staged once."""

import gzip
import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import polars as pl
import pytest

from pipelines import staging
from pipelines.config import Config, load_config
from pipelines.errors import UserError
from pipelines.pipeline import Pipeline
from pipelines.query import Limits
from pipelines.readers.records import OF_NO_DOCUMENT
from pipelines.readers.stage import OUTSIDE_YEARS
from pipelines.snapshots import take_snapshots
from pipelines.staging import (
    Unit,
    find_units,
    parts_of_year,
    reading,
    require_rows,
    stage_units,
)
from pipelines.storage import sha256_of
from tests.world import made


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load_config(made.write_world(tmp_path))


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "workspace" / "snapshots.jsonl"


def lines(record: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in record.read_text().splitlines()]


def test_every_raw_file_is_recorded_once(config: Config, record: Path) -> None:
    taken = take_snapshots(config, record)
    assert len(taken) == 2 * len(made.YEARS)
    snapshot = taken["patents", config.base / "raw" / "patents_2011.csv"]
    assert snapshot.file == "raw/patents_2011.csv"
    assert snapshot.sha256 == sha256_of(config.base / snapshot.file)
    assert (snapshot.licence, snapshot.kind, snapshot.replaces) == ("CC0", "patent", None)
    assert take_snapshots(config, record) == taken
    assert len(lines(record)) == len(taken)


def test_a_changed_file_is_refused_with_both_hashes(config: Config, record: Path) -> None:
    take_snapshots(config, record)
    path = config.base / "raw" / "patents_2012.csv"
    before = sha256_of(path)
    path.write_text(path.read_text() + "WOmore,2012,1,1,Zephyrine Quillfeather,Tokyo,,JP\n")
    written = record.read_bytes()
    with pytest.raises(UserError) as error:
        take_snapshots(config, record)
    for part in ("raw/patents_2012.csv", before, sha256_of(path), "--accept-changed-sources"):
        assert part in str(error.value)
    assert record.read_bytes() == written

    taken = take_snapshots(config, record, accept_changed=True)
    assert taken["patents", path].replaces == before
    assert taken["patents", path].sha256 == sha256_of(path)
    assert [line["sha256"] for line in lines(record) if line["file"] == "raw/patents_2012.csv"] == [
        before,
        sha256_of(path),
    ]
    assert take_snapshots(config, record) == taken


def test_two_sources_may_have_one_file_each_for_its_years(tmp_path: Path) -> None:
    path = made.write_world(tmp_path)
    text = path.read_text().replace('"2011-2016"', '"2011-2012"')
    patents = text[text.index("[[sources]]") : text.rindex("[[sources]]")]
    later = patents.replace('name = "patents"', 'name = "later"').replace("2011-2012", "2013-2016")
    path.write_text(text + later)
    pipeline = Pipeline(path)
    units = list(stage_units(pipeline.units))
    years = {
        name: {year for year in made.YEARS for unit in units
               if unit.source.name == name and unit.part("documents", year)}
        for name in ("patents", "later")
    }  # fmt: skip
    assert years == {"patents": {2011, 2012}, "later": {2013, 2014, 2015, 2016}}
    assert len(pipeline.snapshots) == 3 * len(made.YEARS)


def test_a_change_of_same_size_is_seen(config: Config, record: Path) -> None:
    take_snapshots(config, record)
    path = config.base / "raw" / "patents_2012.csv"
    path.write_text(path.read_text().replace("Tokyo", "Kyoto"))
    os.utime(path, ns=(path.stat().st_mtime_ns + 1, path.stat().st_mtime_ns + 1))
    with pytest.raises(UserError, match="changed since"):
        take_snapshots(config, record)


def test_a_touched_file_is_the_same_file(config: Config, record: Path) -> None:
    taken = take_snapshots(config, record)
    os.utime(config.base / "raw" / "patents_2012.csv", (1, 1))
    assert take_snapshots(config, record) == taken


def test_a_missing_file_is_named_with_its_key(config: Config, record: Path) -> None:
    for path in (config.base / "raw").glob("articles_*.csv"):
        path.unlink()
    with pytest.raises(UserError, match=r"sources\.articles\.files\.addresses"):
        take_snapshots(config, record)


def test_a_record_cut_off_in_the_middle_is_said_in_words(config: Config, record: Path) -> None:
    take_snapshots(config, record)
    record.write_text(record.read_text()[:-30])
    with pytest.raises(UserError, match=r"snapshots\.jsonl, line 12: .*remove that line"):
        take_snapshots(config, record)


def units_of(config: Config, record: Path) -> list[Unit]:
    return find_units(config, take_snapshots(config, record), record.parent / "staged", Limits())


def test_a_unit_is_read_once(config: Config, record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    units = units_of(config, record)
    assert len(units) == 2 * len(made.YEARS)
    assert not any(unit.is_staged for unit in units)
    assert list(stage_units(units)) == units
    assert all(unit.is_staged for unit in units_of(config, record))

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("read a second time")

    monkeypatch.setattr(staging, "stage", fail)
    assert list(stage_units(units_of(config, record))) == units


def test_a_unit_reaches_the_years_of_its_records(config: Config, record: Path) -> None:
    units = units_of(config, record)
    assert units[0].reaches([1990]), "nobody has read it yet"
    list(stage_units(units))
    for year, unit in zip(made.YEARS, units, strict=False):
        assert unit.reaches([1990, year])
        assert not unit.reaches([1990, *(other for other in made.YEARS if other != year)])


def test_a_unit_that_is_not_whole_is_read_again(config: Config, record: Path) -> None:
    list(stage_units(units_of(config, record)))
    unit = units_of(config, record)[0]
    (unit.folder / "hashes.json").unlink()
    assert not unit.is_staged
    list(stage_units([unit]))
    assert unit.is_staged


@pytest.mark.parametrize("harm", ["removed", "flipped"])
def test_staged_records_that_are_not_as_they_were_are_read_again(
    config: Config, record: Path, harm: str
) -> None:
    units = list(stage_units(units_of(config, record)))
    part = units[0].part("addresses", made.YEARS[0])
    assert part is not None
    good = sha256_of(part)
    if harm == "removed":
        part.unlink()
    else:
        content = bytearray(part.read_bytes())
        content[len(content) // 2] ^= 1
        part.write_bytes(content)
    again = units_of(config, record)
    assert not again[0].is_staged
    list(stage_units(again))
    assert sha256_of(part) == good


def test_books_of_reading_by_hand(config: Config, record: Path) -> None:
    table = reading(list(stage_units(units_of(config, record))))
    rows = (
        table.filter(pl.col("record") == "addresses")
        .group_by("source", "outcome")
        .agg(pl.col("records").sum())
    )
    inventors = sum(len(made.patent_rows(year)) for year in made.YEARS)
    authors = sum(len(made.publication_rows(year)) for year in made.YEARS)
    assert sorted(rows.rows()) == [
        ("articles", "read", authors),
        ("articles", "rows", authors),
        ("patents", "read", inventors),
        ("patents", "rows", inventors),
    ]


def test_another_years_file_leaves_a_year_alone(config: Config, record: Path) -> None:
    before = {year: parts_of_year(list(stage_units(units_of(config, record))), year)
              for year in made.YEARS}  # fmt: skip
    path = config.base / "raw" / "patents_2012.csv"
    path.write_text(path.read_text() + "WOmore,2012,1,1,Zephyrine Quillfeather,Tokyo,,JP\n")
    take_snapshots(config, record, accept_changed=True)
    units = list(stage_units(units_of(config, record)))
    changed = [year for year in made.YEARS if parts_of_year(units, year) != before[year]]
    assert changed == [2012]


def test_a_packed_file_that_is_damaged_is_refused_when_it_arrives(
    config: Config, record: Path
) -> None:
    """Its last bytes, the checksum, differ: DuckDB would read it without a word."""
    path = config.base / "raw" / "patents_2012.csv"
    packed = bytearray(gzip.compress(path.read_bytes()))
    packed[-6] ^= 1
    path.write_bytes(packed)
    with pytest.raises(UserError, match=r"patents_2012\.csv: damaged or cut short"):
        take_snapshots(config, record)
    assert not record.exists()


@pytest.mark.parametrize("comes", [False, True])
def test_a_file_that_comes_or_goes_while_a_run_begins_is_named(tmp_path: Path, comes: bool) -> None:
    """Between recording the raw files and looking them through; its year would be missing else."""
    pipeline = Pipeline(made.write_world(tmp_path))
    assert pipeline.snapshots
    moved = tmp_path / "raw" / ("patents_1999.csv" if comes else "patents_2012.csv")
    if comes:
        moved.write_text("more")
    else:
        moved.unlink()
    with pytest.raises(UserError, match=rf"{moved.name} came or went while the run looked"):
        _ = pipeline.units


def books(*, rejects: int = 0, rows: int = 0, **excluded: int) -> Unit:
    counts = {"rejects": rejects, "rows": {"2015": rows} if rows else {}, "excluded": excluded}
    source = SimpleNamespace(name="made")
    return cast(Unit, SimpleNamespace(source=source, label="a.csv", counts={"documents": counts}))


def test_a_source_of_which_nothing_can_be_used_is_refused() -> None:
    outside = {OUTSIDE_YEARS: 3}
    with pytest.raises(UserError, match=r"not one of its 3 records .* 3 lie outside its `years`"):
        require_rows([books(**outside)])
    with pytest.raises(UserError, match=r"Source made: its files \(a\.csv first\) hold no record"):
        require_rows([books()])
    with pytest.raises(UserError, match="not one of its 3 records"):
        require_rows([books(**outside, **{OF_NO_DOCUMENT: 5})])
    # a row of another unit, a rule of the format: all is as it was meant
    require_rows([books(**outside), books(rows=1)])
    require_rows([books(**outside, sequence_listing=1)])
    require_rows([books(rejects=1, sequence_listing=1)])
