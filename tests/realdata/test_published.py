"""The demo's edition 2020 against WIPO's printed ranking: recovered, in order, at its places.

Slow beside other tests (two minutes): it is the demo itself.
"""

import fcntl
import os
import subprocess
from pathlib import Path

import polars as pl
import pytest
from anyascii import anyascii
from scipy.stats import spearmanr

from pipelines.config import DEMO
from tests.conftest import ROOT
from tests.world.story import COMMAND


@pytest.fixture(scope="session")
def release(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's release of 2020, in a workspace of its own, made once for all workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "demo-2020"
    folder.mkdir(exist_ok=True)
    with (shared / "demo-2020.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        configuration = folder / "demo.toml"
        if not configuration.exists():
            configuration.write_text(DEMO.read_text())
            arguments = ["run", "--edition", "2020", "--config", str(configuration)]
            subprocess.run([*COMMAND, *arguments], cwd=ROOT, check=True)
    return folder / "workspace" / "releases" / "2020" / "latest"


def words(name: str) -> set[str]:
    """Cities of a cluster's name, folded."""
    text = anyascii(name).lower().replace("–", "-").split(",")[0]
    aliases = {"new york city": "new york", "den haag": "the hague", "rehovot": "jerusalem"}
    return {aliases.get(city.strip(), city.strip()) for city in text.split("-")}


@pytest.fixture(scope="session")
def recovered(published: Path, release: Path) -> pl.DataFrame:
    """Published clusters with the rank that they have in the demo; each of ours is used once."""
    printed = pl.read_csv(published / "gii_2020.csv").sort("rank")
    ours = pl.read_parquet(release / "ranking.parquet").sort("rank")
    free = {rank: (words(name), economies) for rank, name, economies in
            ours.select("rank", "name", "economies").iter_rows()}  # fmt: skip
    rows = []
    for rank, name in printed.select("rank", "name").iter_rows():
        match = next((r for r, (cities, _) in free.items() if cities & words(name)), None)
        if match is not None:
            del free[match]
        rows.append((rank, name, match))
    return pl.DataFrame(rows, schema=["rank", "name", "ours"], orient="row")


def test_at_least_95_of_100_are_recovered(recovered: pl.DataFrame) -> None:
    assert recovered.height == 100
    missing = recovered.filter(pl.col("ours").is_null())["name"].to_list()
    assert len(missing) <= 5, missing


def test_top_ten_in_wipos_order(recovered: pl.DataFrame) -> None:
    assert recovered.head(10)["ours"].to_list() == list(range(1, 11))


def test_rank_correlation(recovered: pl.DataFrame) -> None:
    found = recovered.drop_nulls("ours")
    assert spearmanr(found["rank"].to_numpy(), found["ours"].to_numpy()).statistic >= 0.98
