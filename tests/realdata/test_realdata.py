"""Real open records through the whole chain: the leaders are plausible, every record is accounted for.

Slow beside other tests (a minute): it is the one place where records are not of our making.
"""

import gzip
import subprocess
from pathlib import Path

import orjson
import polars as pl
import pytest

from tests.command import COMMAND
from tests.conftest import ROOT, folder_of_all_workers
from tests.names import names_in

EDITION = 2022


@pytest.fixture(scope="session")
def workspace(realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of `examples/realdata.toml` after edition 2022, made once for all workers."""
    with folder_of_all_workers(tmp_path_factory, "realdata") as folder:
        configuration = folder / "realdata.toml"
        if not configuration.exists():
            text = (ROOT / "examples" / "realdata.toml").read_text()
            text = text.replace("../../shared/realdata", str(realdata))
            text = text.replace("../workspace/realdata", "workspace")
            configuration.write_text(text)
            arguments = ["run", "--edition", str(EDITION), "--config", str(configuration)]
            subprocess.run([*COMMAND, *arguments], cwd=ROOT, check=True)
    return folder / "workspace"


@pytest.fixture(scope="session")
def ranking(workspace: Path) -> pl.DataFrame:
    releases = workspace / "releases" / str(EDITION)
    return pl.read_parquet(releases / "latest" / "ranking.parquet").sort("rank")


LEADERS = ("San Jose|San Francisco", "Boston", "New York", "London", "Beijing")


@pytest.mark.parametrize("leader", LEADERS)
def test_leader_is_among_the_first_twelve(ranking: pl.DataFrame, leader: str) -> None:
    first = ranking.head(12)["name"]
    assert first.str.contains(leader).any(), first.to_list()


PLACES = {"San Jose|San Francisco": (37.5, -122.2), "Boston": (42.4, -71.1), "London": (51.5, -0.1)}


@pytest.mark.parametrize("name", PLACES)
def test_places_are_where_they_are(workspace: Path, name: str) -> None:
    clusters = pl.read_parquet(
        workspace / "releases" / str(EDITION) / "latest" / "clusters.parquet"
    )
    found = clusters.filter(pl.col("name").str.contains(name)).sort("patent_parts").tail(1)
    lat, lng = PLACES[name]
    assert found["lat"][0] == pytest.approx(lat, abs=0.6)
    assert found["lng"][0] == pytest.approx(lng, abs=0.6)


def tables(workspace: Path, stage: str, name: str) -> pl.DataFrame:
    return pl.read_parquet(workspace / "tables" / stage / name / "**" / f"{name}.parquet")


def test_every_record_is_accounted_for(workspace: Path) -> None:
    books = (
        tables(workspace, "extracts", "reading")
        .with_columns(pl.col("outcome").replace({"rejected": "rows", "excluded": "rows"}))
        .group_by("source", "record", "outcome")
        .agg(pl.col("records").sum())
    )
    read = books.filter(pl.col("outcome") == "read").drop("outcome")
    rows = books.filter(pl.col("outcome") == "rows").drop("outcome")
    assert read.height >= 5
    both = read.join(rows, on=["source", "record"], suffix="_accounted")
    assert both.height == read.height
    assert (both["records"] == both["records_accounted"]).all()


def test_every_screened_document_counts_or_has_its_rule(workspace: Path) -> None:
    for year in range(2015, 2021):
        folder = workspace / "tables" / "extracts"
        screening = pl.read_parquet(folder / "screening" / f"year={year}" / "screening.parquet")
        counts = pl.read_parquet(
            folder / "document_counts" / f"year={year}" / "document_counts.parquet"
        )
        kept = screening.filter(pl.col("excluded_by").is_null())
        assert counts["documents"].sum() == kept.height


def test_most_author_addresses_have_a_place(workspace: Path) -> None:
    quality = pl.read_parquet(
        workspace / "releases" / str(EDITION) / "latest" / "geocoding_quality.parquet"
    )
    located = pl.col("precision").is_in(["point", "postcode", "city", "institution"])
    shares = quality.group_by("kind").agg(
        (pl.col("addresses").filter(located).sum() / pl.col("addresses").sum()).alias("share")
    )
    assert dict(shares.iter_rows())["patent"] > 0.95
    assert dict(shares.iter_rows())["publication"] > 0.9


BEAR_HIS_NAME = {"Hasso Plattner"}
"""Authors whose name is an institution's too."""


def test_no_author_or_inventor_is_named_in_the_release(workspace: Path, realdata: Path) -> None:
    names = set()
    with gzip.open(realdata / "openalex_works.jsonl.gz") as file:
        for line in file:
            authors = (authorship["author"] for authorship in orjson.loads(line)["authorships"])
            names |= {author["display_name"] for author in authors if author["display_name"]}
    inventors = pl.read_csv(
        gzip.decompress((realdata / "patentsview_inventors.tsv.gz").read_bytes()),
        separator="\t",
        infer_schema=False,
    )
    columns = inventors.select("inventor_name_first", "inventor_name_last").drop_nulls()
    names |= {f"{first} {last}" for first, last in columns.iter_rows()}
    assert len(names) > 30_000
    release = workspace / "releases" / str(EDITION) / "latest"
    assert names_in(release.resolve(), names) <= BEAR_HIS_NAME
