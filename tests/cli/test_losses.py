"""What a run could not use is said at its end."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.cli.losses import losses
from pipelines.contracts.clusters import CLUSTERS
from pipelines.contracts.extracts import APPLICATIONS, DOCUMENT_COUNTS, READING, REJECTS
from pipelines.contracts.geocoding import GEOCODING_QUALITY
from pipelines.contracts.model import Table
from pipelines.encoding import conversion
from pipelines.readers.stage import OUTSIDE_YEARS
from pipelines.storage import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Edition 2017, which needs patents of 2011 to 2015: 10 documents a year, nothing rejected."""
    made = Workspace(tmp_path)
    write_reading(made, ("read", 60), ("rows", 60))
    for year in range(2011, 2016):
        counts = [{"kind": "patent", "documents": 10}, {"kind": "publication", "documents": 0}]
        write(made, DOCUMENT_COUNTS, counts, year)
        write_applications(made, year, f"WO{year}")
        write_quality(made, year, city=1, country=1)
    write(made, CLUSTERS, [{"cluster_id": "jp-tokyo"}], 2017)
    return made


def write_reading(workspace: Workspace, *counts: tuple[str, int]) -> None:
    row = {"source": "pct", "record": "addresses", "reason": None}
    rows = [row | {"outcome": outcome, "records": records} for outcome, records in counts]
    write(workspace, READING, rows)


def write_quality(workspace: Workspace, year: int, **addresses: int) -> None:
    rows = [{"kind": "patent", "precision": p, "addresses": n} for p, n in addresses.items()]
    write(workspace, GEOCODING_QUALITY, rows, year)


def write_applications(workspace: Workspace, year: int, *names: str) -> None:
    rows = [{"document_id": name, "document_key": int(name[2:]), "year": year} for name in names]
    write(workspace, APPLICATIONS, rows, year)


def write(
    workspace: Workspace, table: Table, rows: list[dict[str, object]], year: int | None = None
) -> None:
    path = workspace.path(table, year)
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(rows).write_parquet(path)


def test_nothing_lost(workspace: Workspace) -> None:
    assert list(losses(workspace, [2017])) == []


def test_rows_that_could_not_be_read(workspace: Workspace) -> None:
    write_reading(workspace, ("read", 1200), ("rows", 1197), ("rejected", 2), ("rejected", 1))
    reasons = ["no year", "not UTF-8", "not UTF-8"]
    write(
        workspace,
        REJECTS,
        [{"file": "a.csv", "line": 7 + n, "reason": reason} for n, reason in enumerate(reasons)],
    )
    assert list(losses(workspace, [2017])) == [
        "3 of 1,200 raw rows could not be read, mostly for 'not UTF-8' (first in a.csv, record 8): "
        f"expected UTF-8 text. {conversion()}. All of them: {workspace.path(REJECTS)}"
    ]


def test_a_year_without_documents(workspace: Workspace) -> None:
    write(workspace, DOCUMENT_COUNTS, [{"kind": "publication", "documents": 3}], 2013)
    assert list(losses(workspace, [2017])) == [
        "No patent of 2013 counts, though a source covers that year."
    ]


def test_rows_outside_the_years_of_their_source(workspace: Workspace) -> None:
    """Each is one row, though an address's row gives a document too, a document's also addresses."""
    rows = [
        {"source": source, "record": kind, "outcome": outcome, "reason": reason, "records": records}
        for source, kind, outcome, reason, records in (
            ("pct", "addresses", "read", None, 1260),
            ("pct", "addresses", "excluded", OUTSIDE_YEARS, 1000),
            ("pct", "addresses", "excluded", OUTSIDE_YEARS, 200),
            ("pct", "documents", "excluded", OUTSIDE_YEARS, 400),
            ("wos", "documents", "read", None, 11),
            ("wos", "documents", "rows", None, 1),
            ("wos", "documents", "excluded", OUTSIDE_YEARS, 3),
            ("wos", "documents", "excluded", "no address", 7),
            ("wos", "addresses", "excluded", OUTSIDE_YEARS, 9),
        )
    ]
    write(workspace, READING, rows)
    assert list(losses(workspace, [2017])) == [
        "pct: 1,200 raw rows lie outside its `years` and were left out.",
        "wos: 3 raw rows lie outside its `years` and were left out.",
    ]


def test_one_is_told_as_one(workspace: Workspace) -> None:
    row = {"source": "pct", "record": "addresses", "outcome": "excluded", "records": 1}
    row |= {"reason": OUTSIDE_YEARS}
    write(workspace, READING, [{**row, "outcome": "read", "reason": None}, row])
    write_applications(workspace, 2013, "WO7")
    write_applications(workspace, 2014, "WO7")
    assert list(losses(workspace, [2017])) == [
        "pct: 1 raw row lies outside its `years` and was left out.",
        "1 document counts again in a later year, such as WO7 of 2013 and 2014: "
        "as early access and in its issue? Give each once, with one year.",
    ]


def test_documents_of_several_years(workspace: Workspace) -> None:
    for year, *names in (
        (2013, "WO7", "WO8"),
        (2014, "WO7", "WO9"),
        (2015, "WO7", "WO9", "WO1"),
    ):
        write_applications(workspace, year, *names)
    assert list(losses(workspace, [2017])) == [
        "3 documents count again in a later year, such as WO7 of 2013 and 2014: "
        "as early access and in its issue? Give each once, with one year."
    ]


def test_an_edition_without_clusters(workspace: Workspace) -> None:
    pl.DataFrame({"cluster_id": []}).write_parquet(workspace.path(CLUSTERS, 2017))
    (sentence,) = losses(workspace, [2017])
    assert sentence.startswith("Edition 2017 has no cluster")
    assert "lower `min_points`" in sentence


def test_addresses_without_points(workspace: Workspace) -> None:
    write_quality(workspace, 2013, city=1, none=2)  # 5 of 11
    assert list(losses(workspace, [2017])) == [
        "Of 11 patent addresses 5 have a point; clusters hold no others. "
        "Do the sources' `columns` name the ones with the address, and its country?"
    ]


def test_documents_without_one_address(workspace: Workspace) -> None:
    """REGPAT's applicants and classes name documents, whose inventors' file may have its header alone."""
    for year in range(2011, 2016):
        write_quality(workspace, year, city=0)
    assert list(losses(workspace, [2017])) == [
        "Of 0 patent addresses 0 have a point; clusters hold no others. "
        "Do the sources' `columns` name the ones with the address, and its country?"
    ]


def test_a_source_all_of_which_a_rule_of_its_format_leaves_out(workspace: Workspace) -> None:
    """A search of The Lens for US patents, say: no application counts, and no row is at fault."""
    row = {"outcome": "excluded", "record": "documents", "reason": "no publication of WO"}
    write(
        workspace,
        READING,
        [
            row | {"source": "lens", "records": 3},
            row | {"source": "lens", "records": 9, "record": "lookups", "reason": "looked up"},
            row | {"source": "lens", "records": 2, "reason": "sequence listing"},
            row | {"source": "pct", "records": 5},
            row | {"source": "pct", "records": 1, "outcome": "rows", "reason": None},
        ],
    )
    assert list(losses(workspace, [2017])) == [
        "lens: no record of it counts; 3 were left out as 'no publication of WO'."
    ]


def test_values_left_empty(workspace: Workspace) -> None:
    """The second part of PATSTAT's persons is missing, say: its inventors have no address."""
    row = {"source": "pct", "outcome": "repaired", "record": "addresses"}
    rows = [
        row | {"reason": "person_id: not among tls206", "records": 3},
        row | {"reason": "lat: no latitude", "records": 4},
        row | {"reason": "person_id: not among tls206", "records": 1100},
        row | {"source": "wos", "reason": "a", "records": 1},
        row | {"outcome": "rows", "reason": None, "records": 9},
    ]
    write(workspace, READING, rows)
    assert list(losses(workspace, [2017])) == [
        "pct: 1,107 values are left empty, mostly for 'person_id: not among tls206'.",
        "wos: 1 value is left empty, mostly for 'a'.",
    ]
