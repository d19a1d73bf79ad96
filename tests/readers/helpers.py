"""Read files with a reader and look at what came out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.readers import FORMATS
from pipelines.readers.records import SCHEMAS
from pipelines.readers.source import SINGLE, Limits, SourceFiles
from pipelines.readers.stage import Counts, _book

Row = dict[str, Any]


@dataclass
class Records:
    """All that a source gave, rows as dicts without their null columns."""

    documents: list[Row]
    addresses: list[Row]
    applicants: list[Row]
    fields: list[Row]
    rejects: list[Row]
    counts: Counts

    def places(self, *columns: str) -> list[tuple[Any, ...]]:
        """Of each address the named columns."""
        return [tuple(row.get(name) for name in columns) for row in self.addresses]


def source_of(
    base: Path,
    files: Mapping[str, Path | tuple[Path, ...]] | Path,
    *,
    kind: str = "patent",
    columns: Mapping[str, Mapping[str, str]] | None = None,
    limits: Limits | None = None,
) -> SourceFiles:
    by_role = files if isinstance(files, Mapping) else {SINGLE: files}
    return SourceFiles(
        name="test",
        kind=kind,
        base=base,
        files={r: p if isinstance(p, tuple) else (p,) for r, p in by_role.items()},
        columns=columns or {},
        limits=limits or Limits(),
    )


def read(format_name: str, source: SourceFiles) -> Records:
    """Every unit of a source, with the books checked."""
    tables: dict[str, list[Row]] = {name: [] for name in SCHEMAS}
    counts = Counts()
    reader = FORMATS[format_name]
    for unit in reader.units(source):
        for batch in reader.read(unit):
            assert batch.data.schema.equals(SCHEMAS[batch.table]), batch.table
            if batch.table == "accounts":
                _book(counts, batch.data)
            else:
                tables[batch.table] += batch.data.to_pylist()
    for name in ("documents", "addresses", "applicants", "fields"):
        counts.rows[name] = Counter(row["year"] for row in tables[name])
    counts.rejects = Counter(row["intended_table"] for row in tables["rejects"])
    counts.require_balance()
    del tables["accounts"]
    filled = {
        name: [{k: v for k, v in row.items() if v is not None} for row in rows]
        for name, rows in tables.items()
    }
    return Records(**filled, counts=counts)


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path
