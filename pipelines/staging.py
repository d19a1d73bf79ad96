"""Raw files read once: units of the sources, staged by content, offered to a year's step as views.

Here: which units a configuration has, where their records lie, and the views `staged_documents`,
`staged_addresses`, `staged_texts`, `staged_applicants`, `staged_fields` and `staged_rejects` over one year
or all.
A unit's folder is named after the hash of its files and of the readers' code, so a file that did not
change is never read again. Not here: reading a format (`readers/`), what counts (`sql/extracts/`).
"""

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines import query
from pipelines.config import Config, Source
from pipelines.encoding import NOT_UTF8, conversion
from pipelines.errors import UserError
from pipelines.query import Limits, quoted
from pipelines.readers import FORMATS
from pipelines.readers.detect import check
from pipelines.readers.records import LOOKUPS, OF_NO_DOCUMENT, STAGED_SCHEMAS
from pipelines.readers.source import Limits as ReadingLimits
from pipelines.readers.source import SourceFiles
from pipelines.readers.stage import OUTSIDE_YEARS, stage
from pipelines.snapshots import Snapshot, SourceFile
from pipelines.storage import fingerprint_of, is_unchanged, sha256_of, written_aside

_HASHES = "hashes.json"


@dataclass(frozen=True)
class Unit:
    """Raw files that are read together, and the folder of their records."""

    source: Source
    number: int
    files: SourceFiles
    folder: Path

    @property
    def is_staged(self) -> bool:
        """Whether its records lie on disk as they were staged."""
        if not self.hashes:
            return False
        lying = {
            part.relative_to(self.folder).as_posix() for part in self.folder.rglob("*.parquet")
        }
        return lying == self.hashes.keys() and all(
            is_unchanged(
                self.folder / name, record["bytes"], record["modified_ns"], record["sha256"]
            )
            for name, record in self.hashes.items()
        )

    @property
    def counts(self) -> dict[str, Any]:
        """What was read and what became of it, by table: see `readers.stage.Counts`."""
        counts: dict[str, Any] = json.loads((self.folder / "counts.json").read_text())
        return counts

    @property
    def label(self) -> str:
        """The unit's first file, relative to the configuration's folder."""
        return next(self.files.label(path) for _, path in self.files.all_files())

    @property
    def bytes(self) -> int:
        """Size of its files, packed as they are."""
        return sum(path.stat().st_size for _, path in self.files.all_files())

    @property
    def hashes(self) -> dict[str, dict[str, Any]]:
        """Bytes, time and SHA-256 of each of its files of records; none where it is not staged."""
        path = self.folder / _HASHES
        try:
            return _read_hashes(path, path.stat().st_mtime_ns)
        except FileNotFoundError:
            return {}

    def reaches(self, years: Iterable[int]) -> bool:
        """Whether it has records of one of the years; one without any, or not read, may belong to each."""
        staged = {name.rpartition("year=")[2] for name in self.hashes if "year=" in name}
        return not staged or not staged.isdisjoint(f"{year}.parquet" for year in years)

    def part(self, table: str, year: int | None) -> Path | None:
        """The unit's records of a table and year, where there are any."""
        name = "rejects.parquet" if table == "rejects" else f"{table}/year={year}.parquet"
        path = self.folder / name
        return path if path.is_file() else None


@lru_cache(maxsize=1024)
def _read_hashes(path: Path, _modified_ns: int) -> dict[str, dict[str, Any]]:
    """Read once while the file stands: every year's steps ask for them."""
    hashes: dict[str, dict[str, Any]] = json.loads(path.read_text())
    return hashes


def find_units(
    config: Config, snapshots: dict[SourceFile, Snapshot], staged: Path, limits: Limits
) -> list[Unit]:
    """All units of the configured sources, in the order in which they are read."""
    units = []
    staged.mkdir(parents=True, exist_ok=True)
    for source in config.sources:
        reader = FORMATS[source.format]
        read: list[SourceFiles] = []
        for delivery in config.deliveries(source):
            files = SourceFiles(
                name=source.name,
                kind=source.kind,
                base=config.base,
                files={role: tuple(paths) for role, paths in delivery.items()},
                columns=source.columns,
                limits=ReadingLimits(limits.memory_limit, limits.threads, staged),
            )
            check(files, reader, FORMATS)
            read += reader.units(files)
        for number, unit in enumerate(read, start=1):
            identity = fingerprint_of(
                {
                    "format": source.format,
                    "kind": source.kind,
                    "years": source.years,
                    "columns": source.columns,
                    "files": [
                        [
                            role,
                            snapshots[source.name, path].file,
                            snapshots[source.name, path].sha256,
                        ]
                        for role, path in unit.all_files()
                    ],
                    "code": _readers_code(),
                    # keys of documents and texts are hashes, which another version may count otherwise
                    "keys": [duckdb.__version__, query.macros()],
                }
            )
            units.append(Unit(source, number, unit, staged / source.name / identity[:24]))
    return units


@cache
def _readers_code() -> str:
    folder = Path(__file__).parent / "readers"
    return fingerprint_of([[path.name, sha256_of(path)] for path in sorted(folder.rglob("*.py"))])


def stage_units(units: list[Unit]) -> Iterator[Unit]:
    """Read every unit that is not staged yet; yields each unit when it is read.

    Its hashes are taken while the next one is read: at the end all are there.
    """
    with ThreadPoolExecutor(1) as beside:
        hashing = []
        for unit in units:
            if not unit.is_staged:
                format_ = FORMATS[unit.source.format]
                stage(format_, unit.files, unit.folder, years=set(unit.source.years))
                hashing.append(beside.submit(_take_hashes, unit))
            yield unit
        for hashes in hashing:
            hashes.result()


def _take_hashes(unit: Unit) -> None:
    """Written last: a unit without them is not whole, and is read again."""
    parts = sorted(unit.folder.rglob("*.parquet"))
    hashes = {
        part.relative_to(unit.folder).as_posix(): {
            "bytes": part.stat().st_size,
            "modified_ns": part.stat().st_mtime_ns,
            "sha256": sha256_of(part),
        }
        for part in parts
    }
    with written_aside(unit.folder / _HASHES) as aside:
        aside.write_text(json.dumps(hashes, indent=1))


def reading(units: list[Unit]) -> pl.DataFrame:
    """What every unit gave: the rows of the table `reading`."""
    rows: list[tuple[str, int, str, str, str, int | None, str | None, int]] = []
    for unit in units:
        for table, counts in unit.counts.items():
            head = (unit.source.name, unit.number, unit.label, table)
            if counts["read"] is not None:
                rows.append((*head, "read", None, None, counts["read"]))
            rows += [(*head, "rows", int(year), None, n) for year, n in counts["rows"].items()]
            if counts["rejects"]:
                rows.append((*head, "rejected", None, None, counts["rejects"]))
            for outcome in ("excluded", "repaired"):
                rows += [(*head, outcome, None, why, n) for why, n in counts[outcome].items()]
    columns = ["source", "unit_number", "unit", "record", "outcome", "year", "reason", "records"]
    types = [pl.String, pl.Int32, pl.String, pl.String, pl.String, pl.Int32, pl.String, pl.Int64]
    return pl.DataFrame(rows, schema=dict(zip(columns, types, strict=True)), orient="row")


def require_rows(units: list[Unit]) -> None:
    """Refuse a source of which not one record can be used: its configuration does not fit its files.

    Raises:
        UserError: a source has no record, or every one is a reject or lies outside the source's
            years. Where a rule of the format leaves out the others, it is taken as meant.
    """
    for name in dict.fromkeys(unit.source.name for unit in units):
        of_source = [unit for unit in units if unit.source.name == name]
        books = [counts for unit in of_source for counts in unit.counts.values()]
        ruled_out = sum(
            records
            for unit in of_source
            for table, counts in unit.counts.items()
            for reason, records in counts["excluded"].items()
            # what only goes with a document says nothing of why there is none
            if table != LOOKUPS and reason not in (OUTSIDE_YEARS, OF_NO_DOCUMENT)
        )
        outside = sum(counts["excluded"].get(OUTSIDE_YEARS, 0) for counts in books)
        rejected = sum(counts["rejects"] for counts in books)
        if any(counts["rows"] for counts in books) or ruled_out:
            continue
        if not rejected + outside:
            raise UserError(
                f"Source {name}: its files ({of_source[0].label} first) hold no record, at most a header. "
                "Fetch them again, or remove the source from the configuration."
            )
        first = f"{outside:,} lie outside its `years`. " if outside else ""
        if rejected:
            rejects = pl.concat(
                pl.read_parquet(unit.folder / "rejects.parquet") for unit in of_source
            )
            first += f"{rejected:,} are rejected, {why_rejected(rejects)}. "
        raise UserError(
            f"Source {name}: not one of its {rejected + outside:,} records can be used. {first}"
            "Check the source's `format`, `columns` and `years`."
        )


def why_rejected(rejects: pl.DataFrame) -> str:
    """The most frequent reason of rejects, with where it is found first."""
    reason = rejects["reason"].mode().sort()[0]
    example = rejects.filter(pl.col("reason") == reason).row(0, named=True)
    remedy = f": expected UTF-8 text. {conversion()}" if reason == NOT_UTF8 else ""
    return f"mostly for '{reason}' (first in {example['file']}, record {example['line']}){remedy}"


def parts_of_year(units: list[Unit], year: int) -> list[list[object]]:
    """Identifies the staged records of a year by content: a year's steps depend on these alone."""
    return [
        [unit.source.name, unit.source.kind, unit.number, name, record["sha256"]]
        for unit in units
        for name, record in unit.hashes.items()
        if name.endswith(f"/year={year}.parquet")
    ]


def offer_staged(
    connection: duckdb.DuckDBPyConnection, units: list[Unit], table: str, year: int | None
) -> None:
    """Make the staged records of a table readable as a view, each row with its source and unit."""
    connection.register(f"no_{table}", STAGED_SCHEMAS[table].empty_table())
    selects = [f"SELECT *, '' AS source, '' AS kind, 0 AS unit_number FROM no_{table}"]
    for unit in units:
        part = unit.part(table, year)
        if part:
            selects.append(
                f"SELECT *, {quoted(unit.source.name)} AS source, "
                f"{quoted(unit.source.kind)} AS kind, {unit.number} AS unit_number "
                f"FROM {query.parquet([part])}"
            )
    connection.execute(f"CREATE TEMP VIEW staged_{table} AS {' UNION ALL '.join(selects)}")
