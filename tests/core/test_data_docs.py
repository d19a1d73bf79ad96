"""Data Docs of a run: every validated table has its page, failed ones with samples, nothing remote."""

import html
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.cli.app import app
from pipelines.contracts.model import Column, Table
from pipelines.errors import UserError
from pipelines.query import Limits
from pipelines.validation import data_docs
from pipelines.validation.suite import Outcome, validate

TABLE = Table(
    "made",
    "extracts",
    "a made row",
    key=("number",),
    partition="year",
    columns=(
        Column("year", "int32", "Year"),
        Column("number", "int64", "Number", minimum=1),
        Column("kind", "string", "Kind", allowed=("a", "b")),
    ),
)
SPITEFUL = "<script>alert(1)</script> $kind {batch}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data Docs of a run in which 2015 passed, and 2016 failed its contract and a rule."""
    folder = tmp_path_factory.mktemp("run")
    results = folder / "validations" / data_docs.run_name()
    for year, kind in ((2015, "a"), (2016, SPITEFUL)):
        file = folder / f"{year}.parquet"
        rows = [{"year": year, "number": 1, "kind": kind}]
        pq.write_table(pa.Table.from_pylist(rows, schema=TABLE.schema), file)
        passed = year == 2015
        samples = () if passed else (SPITEFUL,)
        rule = Outcome("all_there", passed, "All <are> there.", "1,204 rows break it", samples)
        outcomes = {"contract": validate(TABLE, file, year, {}, Limits()), "all_there": [rule]}
        data_docs.store(results, TABLE, year, outcomes, simulated=True)
    assert data_docs.stored_runs(folder / "validations") == [results.name]
    return data_docs.build(results, folder / "site").parent


def page_of(site: Path, partition: int) -> str:
    (path,) = site.glob(f"validations/made/*/*/{partition}.html")
    return path.read_text()


def test_the_first_page_lists_every_table_with_a_link_that_leads_there(site: Path) -> None:
    first = (site / "index.html").read_text()
    assert "2 tables validated, 1 failed" in first
    assert "<strong>Simulated</strong>" in first
    links = re.findall(r'href="([^"#]+)"', first)
    assert len([link for link in links if link.startswith("validations/made/")]) == 2
    for page in site.rglob("*.html"):
        for link in re.findall(r'href="([^"#]+)"', page.read_text()):
            assert (page.parent / link).is_file(), (page, link)


def test_a_page_tells_each_expectation_and_samples_of_what_broke_it(site: Path) -> None:
    good, bad = page_of(site, 2015), page_of(site, 2016)
    assert "key: one row per" in good
    assert "Sampled Unexpected Values" not in good
    assert "all_there: All &lt;are&gt; there." in bad
    assert "1,204 rows break it" in bad
    assert "Sampled Unexpected Values" in bad
    assert bad.count(html.escape(SPITEFUL)) >= 2, "of the rule and of the column"


def test_no_page_runs_a_script_or_fetches_anything(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text()
        assert "<script" not in text
        assert not re.search(r"https?://", text), page


def test_a_site_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "data_docs").write_text("a file in the way")
    with pytest.raises(UserError, match=r"Cannot write .*site: File exists"):
        data_docs.build(tmp_path / "run", tmp_path / "data_docs" / "site")


def test_a_damaged_result_is_named(tmp_path: Path) -> None:
    (tmp_path / "made.all.json").write_text('{"table": "made"}')
    with pytest.raises(UserError, match=r"made\.all\.json cannot be read"):
        data_docs.build(tmp_path, tmp_path / "site")


def test_what_the_newest_runs_found_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_docs, "KEPT_RUNS", 2)
    configuration = tmp_path / "stclusters.toml"
    configuration.write_text(
        'workspace = "."\n[[sources]]\nname = "a"\nkind = "patent"\nformat = "regpat"\nyears = "2010"\n'
        'files.inventors = "*.txt"\nlicence = "none"\ncitation = "none"\n'
    )
    runs = [f"2026-06-0{day}T060000Z" for day in (1, 2, 3)]
    for run in runs:
        for year in (2015, 2016):
            rule = Outcome("all_there", passed=True, expected="All are there.", actual="0 rows")
            outcomes = {"all_there": [rule]}
            folder = tmp_path / "validations" / run
            data_docs.store(folder, TABLE, year, outcomes, simulated=True)
    assert data_docs.stored_runs(tmp_path / "validations") == runs[1:]

    arguments = ["docs", "--config", str(configuration)]
    app([*arguments, runs[1]], standalone_mode=False)
    assert "2 tables" in (tmp_path / "data_docs" / runs[1] / "index.html").read_text()
    with pytest.raises(
        UserError, match=rf"no run {runs[0]} in .* keeps the newest 2; .* {runs[2]}"
    ):
        app([*arguments, runs[0]], standalone_mode=False)
