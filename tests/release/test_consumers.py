"""A release is read by those who use it, each with the query that the README gives."""

import shutil
import subprocess
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pipelines.release.folder import new_revision
from pipelines.release.publish import publish
from tests.release import factory

EXPECTED = [(1, "Tokyo"), (2, "Boston"), (3, "Delft")]


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Editions 2023 and 2024, the latter in two revisions: Tokyo's name is new in the second."""
    folder = tmp_path_factory.mktemp("consumers")
    publish(factory.request(folder, edition=2023))
    old = factory.ranking()
    old[0]["name"] = "Yokohama"
    publish(factory.request(folder, rows={"ranking": old}))
    publish(factory.request(folder))
    return folder / "releases"


@pytest.fixture(scope="module")
def release(releases: Path) -> Path:
    return releases / "2024" / "latest"


def test_duckdb(release: Path) -> None:
    query = f"SELECT rank, name FROM '{release}/ranking.parquet' ORDER BY rank"
    assert duckdb.sql(query).fetchall() == EXPECTED


def test_duckdb_joins_cells_as_integers_and_as_text(release: Path) -> None:
    query = f"""
        SELECT count(*) FROM '{release}/cluster_cells.parquet' AS cell
        INNER JOIN '{release}/clusters.parquet' AS cluster USING (cluster_id)
        WHERE format('{{:x}}', cell.h3_cell) = cell.h3
    """
    assert duckdb.sql(query).fetchall() == [(6,)]


def test_polars(release: Path) -> None:
    assert pl.read_parquet(release / "ranking.parquet")["rank", "name"].rows() == EXPECTED


def test_pandas(release: Path) -> None:
    frame = pd.read_parquet(release / "ranking.parquet")
    assert list(frame[["rank", "name"]].itertuples(index=False, name=None)) == EXPECTED


def test_pyarrow_with_descriptions(release: Path) -> None:
    table = pq.read_table(release / "ranking.parquet")
    assert table["name"].to_pylist() == [name for _, name in EXPECTED]
    assert table.schema.field("patent_share").metadata[b"unit"] == b"1"
    assert table.schema.metadata[b"row"].startswith(b"each row is ")


def test_geopandas(release: Path) -> None:
    geopandas = pytest.importorskip("geopandas", reason="geopandas is not installed")
    frame = geopandas.read_parquet(release / "cluster_areas.parquet")
    assert frame.crs.to_string() == "OGC:CRS84"
    assert frame.geometry.is_valid.all()
    inside = geopandas.read_parquet(release / "cluster_areas.parquet", bbox=(0, 50, 10, 55))
    assert list(inside["cluster_id"]) == ["c3"]


@pytest.mark.parametrize(
    ("package", "read", "expected"),
    [
        ("arrow", "arrow::read_parquet('ranking.parquet')$name", "Tokyo Boston Delft"),
        (
            "duckdb",
            "DBI::dbGetQuery(DBI::dbConnect(duckdb::duckdb()), \"FROM 'ranking.parquet'\")$name",
            "Tokyo Boston Delft",
        ),
        ("sf", "sf::st_read('cluster_areas.geojson', quiet=TRUE)$cluster_id", "c1 c2 c3"),
    ],
)
def test_r(release: Path, package: str, read: str, expected: str) -> None:
    if not shutil.which("Rscript"):
        pytest.skip("R is not installed")
    done = subprocess.run(
        ["Rscript", "-e", f"if (requireNamespace('{package}', quietly=TRUE)) cat({read})"],
        capture_output=True, text=True, check=True, timeout=60, cwd=release,
    )  # fmt: skip
    if not done.stdout:
        pytest.skip(f"R has no package {package}")
    assert done.stdout == expected


def test_editions_join_by_glob_and_only_the_newest_revision_counts(releases: Path) -> None:
    glob = f"{releases}/*/latest/ranking.parquet"
    expected = [(year, name) for year in (2023, 2024) for _, name in EXPECTED]
    query = f"SELECT edition, name FROM '{glob}' ORDER BY edition, rank"
    assert duckdb.sql(query).fetchall() == expected
    scanned = pl.scan_parquet(glob).sort("edition", "rank").select("edition", "name").collect()
    assert scanned.rows() == expected
    files = sorted(str(path) for path in releases.glob("*/latest/ranking.parquet"))
    table = ds.dataset(files, format="parquet").to_table(columns=["edition", "name"])
    assert list(zip(*table.to_pydict().values(), strict=True)) == expected


def test_no_glob_over_revisions_finds_what_is_half_written(releases: Path) -> None:
    globs = (f"{releases}/*/*/ranking.parquet", f"{releases}/*/latest/ranking.parquet")
    before = [duckdb.sql(f"SELECT count(*) FROM '{glob}'").fetchall() for glob in globs]
    with pytest.raises(KeyboardInterrupt), new_revision(releases, 2024, 3) as folder:
        shutil.copy(releases / "2024" / "2" / "ranking.parquet", folder)
        during = [duckdb.sql(f"SELECT count(*) FROM '{glob}'").fetchall() for glob in globs]
        raise KeyboardInterrupt
    assert during == before
