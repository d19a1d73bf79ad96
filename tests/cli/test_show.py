"""`show`: the ranking and one cluster, for people and for machines."""

import io
import json
import re
from pathlib import Path

import h3
import polars as pl
import pytest

from pipelines.cli import show
from pipelines.cli.app import app
from pipelines.contracts import TABLES
from pipelines.errors import UserError
from tests.report import made as made_releases
from tests.world import made as made_world


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shown")
    for edition in (2023, 2024):
        made_releases.release(folder / "workspace" / "releases", edition)
    return made_world.write_configuration(folder)


def shown(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    app(["show", *map(str, arguments)], standalone_mode=False)
    return capsys.readouterr().out


def test_a_cluster_its_rank_why_it_moved_and_where_it_is(
    configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = shown(capsys, 2024, "--cluster", "shenzhen", "--config", configuration)
    words = " ".join(said.split())
    assert "rank 2 in edition 2024" in words
    assert "Its rank stays 2 whichever year of its windows is left out." in words
    assert "point" not in words  # no address in China, where it lies, is counted
    assert "Its rank is 2, up 1 place from rank 3 in edition 2023." in words
    assert "the edition │ ▲ 1 │" in words
    assert "The others │ ▼ 1 │" in words
    assert "│ Dropped │ −4.0 (2018) │" in words
    assert "Passed: Boston, MA." in words
    assert "It has 2 cells, 1 of them core, around 22.54, 114.06" in words
    assert "report.html#c" in words
    assert "Simulated" in words


def test_how_many_addresses_of_its_economies_have_a_point_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of 100 inventors' addresses of the US 78 have one; Korea's are another's; China has none."""
    folder = made_releases.release(tmp_path / "workspace/releases", 2024)
    rows = [
        {"kind": "patent", "country": "KR", "precision": "city", "addresses": 50},
        {"kind": "patent", "country": "US", "precision": "postcode", "addresses": 78},
        {"kind": "patent", "country": "US", "precision": "country", "addresses": 22},
        {"kind": "publication", "country": "US", "precision": "city", "addresses": 1},
        {"kind": "publication", "country": "JP", "precision": "none", "addresses": 1},
    ]
    table = TABLES["edition_geocoding_quality"]
    made_releases.write(table, rows, folder / "geocoding_quality.parquet", 2024)
    config = made_world.write_configuration(tmp_path)
    words = " ".join(shown(capsys, 2024, "--cluster", "a", "--config", config).split())
    rest = "have a point; the others count in no cluster."
    assert (
        f"Of addresses in United States 78.0 % of inventors' and 100.0 % of authors' {rest}"
        in words
    )
    assert f"Of addresses in Japan 0.0 % of authors' {rest}" in words
    assert "Korea" not in words
    told = json.loads(shown(capsys, 2024, "--cluster", "a", "--json", "--config", config))
    assert told["located_share"] == {
        "US": {"patent": 0.78, "publication": 1.0},
        "JP": {"publication": 0.0},
    }


@pytest.mark.parametrize("width", [80, 40])
def test_no_name_is_cut_in_a_narrow_terminal(
    configuration: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
) -> None:
    monkeypatch.setattr(show.out, "_width", width)
    said = shown(capsys, 2024, "--config", configuration)
    assert "Tokyo–Yokohama" in said
    assert "applications" in said
    assert "…" not in said.partition("Simulated")[0]


def test_shares_are_written_as_in_the_report(
    configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = shown(capsys, 2024, "--config", configuration)
    assert re.search(r"\d\.\d\d % │", said)
    assert not re.search(r"\d%", said)


def test_an_edition_of_one_source_has_no_lead_and_no_articles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made_releases.of_patents_alone(made_releases.release(tmp_path / "workspace/releases", 2024))
    config = made_world.write_configuration(tmp_path)
    ranked = shown(capsys, 2024, "--config", config)
    assert "applications" in ranked
    assert "rticle" not in ranked
    said = shown(capsys, 2024, "--cluster", "a", "--config", config)
    assert "with 37.50 % of the world's PCT applications (45.0)." in " ".join(said.split())
    assert "-led" not in said
    assert "rticle" not in said
    told = json.loads(shown(capsys, 2024, "--cluster", "a", "--json", "--config", config))
    assert told["lead"] is None


@pytest.mark.parametrize(
    ("option", "edition", "damage"),
    [
        ([], 2024, "cut"),
        ([], 2024, "missing"),
        (["--csv"], 2024, "missing"),
        (["--cluster", "a"], 2024, "cut"),
        (["--cluster", "a"], 2024, "missing"),
        (["--cluster", "a"], 2023, "cut"),
        (["--cluster", "a"], 2023, "missing"),
    ],
)
def test_a_damaged_release_is_said_to_be_so(
    tmp_path: Path, option: list[str], edition: int, damage: str
) -> None:
    folders = {
        number: made_releases.release(tmp_path / "workspace/releases", number)
        for number in (2023, 2024)
    }
    table = folders[edition] / "ranking.parquet"
    if damage == "cut":
        table.write_bytes(table.read_bytes()[:1000])
    else:
        table.unlink()
    arguments = ["show", "2024", *option, "--config", str(made_world.write_configuration(tmp_path))]
    with pytest.raises(
        UserError, match=rf"{edition}/1 was changed since it was published: ranking.*Put it back"
    ):
        app(arguments, standalone_mode=False)


def test_an_empty_name_is_no_ranking(configuration: Path) -> None:
    with pytest.raises(UserError, match="no cluster of this edition"):
        app(
            ["show", "2024", "--cluster", "", "--config", str(configuration)], standalone_mode=False
        )


def test_a_cluster_as_json(configuration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(
        shown(capsys, 2024, "--cluster", "shenzhen", "--json", "--config", configuration)
    )
    assert told["simulated"] is True
    assert (told["rank"], told["previous_edition"]) == (2, 2023)
    assert told["ranks_without_a_year"] == [2] * 5
    why = told["why"]
    places = [why[step] for step in ("boundary_places", "own_places", "others_places")]
    assert places == [1, 1, -1]
    assert why["rank_before"] - why["rank_now"] == sum(places)
    patents = why["counts"]["patent"]
    assert (patents["before"], patents["boundary"], patents["dropped"]) == (20.0, 6.0, 4.0)
    assert (patents["new"], patents["now"]) == (20.0, 42.0)
    assert len(told["cells"]) == 2
    assert h3.latlng_to_cell(*made_releases.PLACES["c"], 8) in told["cells"]


def test_a_first_edition_has_no_move(
    configuration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = shown(capsys, 2023, "--cluster", "a", "--config", configuration)
    assert "No edition was released before this one" in said
    assert "Why the rank moved" not in said


def test_a_ranking_for_machines(configuration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, 2024, "--json", "--top", "3", "--config", configuration).splitlines()
    assert [json.loads(line)["cluster_id"] for line in lines] == ["a", "c", "b"]
    table = pl.read_csv(io.StringIO(shown(capsys, 2024, "--csv", "--config", configuration)))
    assert table["rank"].to_list() == [1, 2, 3, 4]
    assert table["simulated"].to_list() == [True] * 4


def test_people_see_the_top_and_machines_all(
    configuration: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show, "TOP", 3)
    said = shown(capsys, 2024, "--config", configuration)
    assert "3 of 4 clusters; more with --top." in said
    assert "of 4 clusters" not in shown(capsys, 2024, "--top", "4", "--config", configuration)
    for option in ("--csv", "--json"):
        header = option == "--csv"
        lines = shown(capsys, 2024, option, "--config", configuration).splitlines()
        assert len(lines) == 4 + header


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--cluster", "bostno"], "Near it are Boston, MA"),
        (["--cluster", "o"], "may be Tokyo–Yokohama (a), Boston, MA (b)"),
        (["--cluster", "a", "--csv"], "without --json and --cluster"),
    ],
)
def test_mistakes(configuration: Path, arguments: list[str], says: str) -> None:
    with pytest.raises(UserError) as raised:
        app(["show", "2024", *arguments, "--config", str(configuration)], standalone_mode=False)
    assert says in str(raised.value)
