"""What a run could not use is said at its end."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.cli.losses import losses
from pipelines.contracts.extracts import DOCUMENT_COUNTS, READING, REJECTS
from pipelines.contracts.model import Table
from pipelines.storage import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Edition 2017, which needs patents of 2011 to 2015: 10 documents a year, nothing rejected."""
    made = Workspace(tmp_path)
    write(made, READING, [{"outcome": "read", "records": 60}, {"outcome": "rows", "records": 60}])
    for year in range(2011, 2016):
        counts = [{"kind": "patent", "documents": 10}, {"kind": "publication", "documents": 0}]
        write(made, DOCUMENT_COUNTS, counts, year)
    return made


def write(
    workspace: Workspace, table: Table, rows: list[dict[str, object]], year: int | None = None
) -> None:
    path = workspace.path(table, year)
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(rows).write_parquet(path)


def test_nothing_lost(workspace: Workspace) -> None:
    assert list(losses(workspace, [2017])) == []


def test_rows_that_could_not_be_read(workspace: Workspace) -> None:
    counts = [("read", 1200), ("rows", 1197), ("rejected", 2), ("rejected", 1)]
    write(workspace, READING, [{"outcome": o, "records": n} for o, n in counts])
    reasons = ["no year", "not UTF-8", "not UTF-8"]
    write(
        workspace,
        REJECTS,
        [{"file": "a.csv", "line": 7 + n, "reason": reason} for n, reason in enumerate(reasons)],
    )
    assert list(losses(workspace, [2017])) == [
        "3 of 1,200 raw rows could not be read, mostly for 'not UTF-8' (first in a.csv, record 8). "
        f"All of them: {workspace.path(REJECTS)}"
    ]


def test_a_year_without_documents(workspace: Workspace) -> None:
    write(workspace, DOCUMENT_COUNTS, [{"kind": "publication", "documents": 3}], 2013)
    assert list(losses(workspace, [2017])) == [
        "No patent of 2013 counts, though a source covers that year."
    ]
