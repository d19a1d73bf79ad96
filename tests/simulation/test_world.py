import gzip
import tomllib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import orjson
import polars as pl
import pytest

from pipelines.config import load_config
from pipelines.errors import UserError
from pipelines.simulation import Summary, simulate
from pipelines.simulation.world import NOTICE

TINY = 0.0005
TWO_YEARS = range(2013, 2015)


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(f.relative_to(folder)): sha256(f.read_bytes()).hexdigest() for f in files}


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return simulate(TINY, tmp_path_factory.mktemp("native"), years=TWO_YEARS)


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return simulate(TINY, tmp_path_factory.mktemp("parquet"), years=TWO_YEARS, layout="parquet")


def test_the_same_world_has_the_same_bytes(native: Summary, tmp_path: Path) -> None:
    simulate(TINY, tmp_path, years=TWO_YEARS)
    assert _hashes(tmp_path) == _hashes(native.folder)


def test_a_year_has_the_same_bytes_whichever_others_are_written(
    parquet: Summary, tmp_path: Path
) -> None:
    simulate(TINY, tmp_path, years=range(2014, 2015), layout="parquet")
    ours, alone = _hashes(parquet.folder), _hashes(tmp_path)
    tables = [name for name in alone if name.endswith(".parquet")]
    assert len(tables) == 7
    assert {name: ours[name] for name in tables} == {name: alone[name] for name in tables}


def test_another_seed_makes_another_world(parquet: Summary, tmp_path: Path) -> None:
    simulate(TINY, tmp_path, years=range(2014, 2015), seed=1, layout="parquet")
    ours, others = _hashes(parquet.folder), _hashes(tmp_path)
    for name in ("patents/inventors_2014.parquet", "publications/author_addresses_2014.parquet"):
        assert ours[name] != others[name]


def test_everything_says_that_it_is_simulated(native: Summary, parquet: Summary) -> None:
    for made in (native, parquet):
        notice = (made.folder / NOTICE).read_text()
        assert notice.startswith("SIMULATED DATA. Scale 0.0005, seed 2020")
        assert tomllib.loads(made.configuration.read_text())["simulated"] is True
    works = gzip.decompress((native.folder / "openalex/works_2014.jsonl.gz").read_bytes())
    assert all(orjson.loads(line)["simulated"] for line in works.splitlines())
    inventors = (native.folder / "regpat/202407_PCT_Inv_reg.txt").read_text()
    assert all("SIMULATED" in line for line in inventors.splitlines()[1:])
    table = parquet.folder / "patents/inventors_2014.parquet"
    assert "simulated" in pl.read_parquet_metadata(table)


def test_both_layouts_hold_the_same_addresses(native: Summary, parquet: Summary) -> None:
    inventors = pl.read_parquet(parquet.folder / "patents/inventors_2014.parquet")
    first = inventors.filter(pl.col("document_id").str.len_chars() == len("WO2014000001"))
    written = pl.read_csv(
        native.folder / "regpat/202407_PCT_Inv_reg.txt", separator="|", infer_schema=False
    )
    of_2014 = written.filter(
        pl.col("pct_nbr").str.starts_with("WO2014") & ~pl.col("reg_share").eq("0.5")
    )
    addresses = set(of_2014["address"].fill_null(""))
    assert addresses <= set(first["address"].fill_null(""))
    assert native.documents == parquet.documents
    assert native.addresses == parquet.addresses


def test_shares_of_an_application_sum_to_one(native: Summary) -> None:
    rows = pl.read_csv(native.folder / "regpat/202407_PCT_Inv_reg.txt", separator="|")
    sums = rows.group_by("pct_nbr").agg((pl.col("reg_share") * pl.col("inv_share")).sum())
    assert sums["reg_share"].is_between(1 - 1e-7, 1 + 1e-7).all()


def test_both_authorship_schemas_occur(native: Summary) -> None:
    def work(year: int) -> dict:
        path = native.folder / f"openalex/works_{year}.jsonl.gz"
        return orjson.loads(gzip.decompress(path.read_bytes()).splitlines()[0])

    old, new = (work(year)["authorships"][0] for year in (2013, 2014))
    assert isinstance(old["raw_affiliation_string"], str | None)
    assert isinstance(new["raw_affiliation_strings"], list)


def test_the_configuration_is_complete(native: Summary, parquet: Summary) -> None:
    for made in (native, parquet):
        config = load_config(made.configuration)
        assert {source.kind for source in config.sources} == {"patent", "publication"}
        assert all(
            files for source in config.sources for files in config.source_files(source).values()
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scale": 0.0}, "scale"),
        ({"scale": 1.5}, "scale"),
        ({"scale": TINY, "seed": -1}, "seed"),
        ({"scale": TINY, "years": range(2008, 2012)}, "years"),
        ({"scale": TINY, "published": Path("nowhere.csv")}, "nowhere.csv"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict, message: str, tmp_path: Path) -> None:
    call: Callable[..., Summary] = simulate
    with pytest.raises(UserError, match=message):
        call(out=tmp_path / "none", **arguments)
    assert not (tmp_path / "none").exists()
