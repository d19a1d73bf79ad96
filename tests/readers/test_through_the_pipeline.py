"""Every format through the steps of stage 1, checks and all: packed, in folders, with bad records."""

import bz2
import gzip
from collections.abc import Callable, Mapping
from itertools import cycle
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from pipelines.chain import plan_run
from pipelines.definitions import build_definitions
from pipelines.errors import UserError
from pipelines.pipeline import Pipeline
from pipelines.steps import TableStep, make_table
from tests.readers import test_patentsview as patentsview
from tests.readers import test_patstat as patstat
from tests.readers.helpers import write
from tests.readers.test_mutations import FIXTURES, KINDS
from tests.readers.test_patstat import zipped

PACKED: Mapping[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "zst": lambda data: pa.compress(data, "zstd", asbytes=True),
    "zip": lambda data: zipped(data.decode()),
}
SOURCE = """
workspace = "workspace"
[[sources]]
name = "records"
kind = "{kind}"
format = "{format}"
years = "1990-2024"
licence = "CC0"
citation = "Made by hand"
files = {{ {files} }}
"""
RELATIONAL = {
    "patstat": {
        "tls211": patstat.TLS211,
        "tls207": patstat.TLS207,
        # a person's line that is no row of the table, and one more than there are columns
        "tls206": patstat.TLS206 + '104,"BROKEN\r\n',
        "tls226": patstat.TLS226 + "4,1,2,3,4,5,6,7,8,9,10\r\n",
        "tls209": patstat.TLS209,
    },
    "patentsview": {
        "patents": patentsview.PATENTS,
        "inventors": patentsview.INVENTORS,
        "locations": patentsview.LOCATIONS + '"loc-c"\n',
        "assignees": patentsview.ASSIGNEES,
        "wipo": patentsview.WIPO,
        "pct": patentsview.PCT,
    },
}
YEARLY = {
    "patent": ("applications", "inventors", "applicants", "patent_fields"),
    "publication": ("articles", "author_addresses", "article_fields"),
}


def make(folder: Path, year: int, kind: str) -> Callable[[str], pl.DataFrame]:
    """Run the steps of stage 1 for all files and one year; gives tables by name."""
    build_definitions()
    pipeline = Pipeline(folder / "some.toml")
    files = ("source_files", "reading", "rejects", "inclusion_rules", "ipc_fields")
    of_year = ("screening", "inclusion_funnel", *YEARLY[kind])
    made: dict[str, Path] = {}
    for partition, names in ((None, files), (year, of_year)):
        planned = plan_run(pipeline, "year" if partition else None, partition).steps
        for step in planned:
            if step.name in names:
                assert isinstance(step, TableStep)
                make_table(step, pipeline, partition)
                made[step.name] = pipeline.workspace.path(step.table, partition)
    return lambda name: pl.read_parquet(made[name])


def configure(folder: Path, format_name: str, kind: str, files: Mapping[str, str]) -> None:
    listed = ", ".join(f'{role} = "{glob}"' for role, glob in files.items())
    write(folder / "some.toml", SOURCE.format(kind=kind, format=format_name, files=listed))


@pytest.mark.parametrize(("name", "packing"), zip(FIXTURES, cycle(PACKED), strict=False), ids=str)
def test_a_single_file_of_each_format(tmp_path: Path, name: str, packing: str) -> None:
    format_name, data, role = FIXTURES[name]
    kind = KINDS.get(format_name, "patent")
    write(tmp_path / "raw" / "deep" / f"x.{packing}", PACKED[packing](data))
    configure(tmp_path, format_name, kind, {role: "raw/**/x.*"})
    staged = Pipeline(tmp_path / "some.toml").units
    assert [unit.source.format for unit in staged] == [format_name]

    tables = make(tmp_path, 2012, kind)

    books = tables("reading").filter(record="documents" if kind == "publication" else "addresses")
    assert books.filter(outcome="rows")["records"].sum() > 0
    assert tables("rejects")["file"].str.starts_with("raw/deep/x.").all()
    documents = tables("screening").height
    of_year = tables("reading").filter(record="documents", outcome="rows", year=2012)
    assert documents == of_year["records"].sum()
    counted = tables("applications" if kind == "patent" else "articles").height
    assert counted == tables("screening")["excluded_by"].null_count()


@pytest.mark.parametrize("name", RELATIONAL)
def test_tables_that_belong_together(tmp_path: Path, name: str) -> None:
    """Rejects of rows that are only looked up, such as persons, are listed and counted too."""
    for (role, text), packing in zip(RELATIONAL[name].items(), cycle(PACKED), strict=False):
        write(tmp_path / f"{role}.{packing}", PACKED[packing](text.encode()))
    configure(tmp_path, name, "patent", {role: f"{role}.*" for role in RELATIONAL[name]})

    tables = make(tmp_path, {"patstat": 2012, "patentsview": 2016}[name], "patent")

    assert tables("rejects")["intended_table"].to_list().count("lookups") >= 1
    lookups = tables("reading").filter(record="lookups")
    read = lookups.filter(outcome="read")["records"].sum()
    assert read == lookups.filter(pl.col("outcome") != "read")["records"].sum()
    assert tables("inventors").height == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "document_id,year,address\nP1,next,Lyon\nP2,,Bonn\n,2012,Rome\n",
            r"not one of its 3 records can be used. 3 are rejected, mostly for 'no believable year"
            r" of publication' \(first in a.csv, record 1\)",
        ),
        ("document_id,year,address\nP1,1931,Lyon\n", "2 lie outside its `years`"),
        (
            "document_id,year,address\nP1,2012,Zürich\nP2,2012,Genève\n",
            r"not UTF-8' \(first in a.csv, record 2\): expected UTF-8 text.*iconv -f WINDOWS-1252",
        ),
        (
            "document_id,year,address\n",
            r"its files \(a\.csv first\) hold no record, at most a header",
        ),
    ],
)
def test_a_source_without_one_usable_record_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode("cp1252"))
    configure(tmp_path, "tabular", "patent", {"addresses": "a.csv"})
    with pytest.raises(UserError, match=message):
        make(tmp_path, 2012, "patent")


def test_people_and_places_of_documents_that_cannot_be_read_are_no_use(tmp_path: Path) -> None:
    """Dates as a spreadsheet writes them: all patents are rejects, and what is left hangs on them."""
    head, *rows = patentsview.PATENTS.replace("2018-06-19", "6/19/2018").splitlines(keepends=True)
    texts = RELATIONAL["patentsview"] | {"patents": head + rows[0]}
    for role, text in texts.items():
        write(tmp_path / role, text)
    configure(tmp_path, "patentsview", "patent", {role: role for role in texts if role != "pct"})
    with pytest.raises(UserError, match=r"not one of its .* 'no believable patent_date'"):
        make(tmp_path, 2018, "patent")
