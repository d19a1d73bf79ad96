from pathlib import Path

import pytest

from pipelines.errors import UserError
from pipelines.simulation.calibration import (
    WORLD_APPLICATIONS,
    WORLD_ARTICLES,
    Calibration,
    calibration_on,
    units,
)
from pipelines.simulation.gazetteer import find_city, load_gazetteer

HEAD = "rank,name,country,pct_applications,publications\n"


def _table(folder: Path, rows: str, head: str = HEAD) -> Path:
    path = folder / "table.csv"
    path.write_text(head + rows, encoding="utf-8")
    return path


def test_the_default_is_wipos_hundred(calibration: Calibration) -> None:
    assert len(calibration.clusters) == 100
    assert calibration.clusters[0].name == "Tokyo-Yokohama"
    assert sum(c.applications for c in calibration.clusters) == 676_223
    assert sum(c.articles for c in calibration.clusters) == 4_308_461


def test_no_lesser_cluster_reaches_the_hundredth(calibration: Calibration) -> None:
    def share(applications: float, articles: float) -> float:
        return applications / WORLD_APPLICATIONS + articles / WORLD_ARTICLES

    least = min(share(c.applications, c.articles) for c in calibration.clusters)
    assert max(share(c.applications, c.articles) for c in calibration.lesser) < least


def test_both_sources_weigh_the_same_in_total() -> None:
    assert units(WORLD_APPLICATIONS, 0) == pytest.approx(units(0, WORLD_ARTICLES))


def test_wipos_own_table_gives_the_default_clusters(
    published: Path, calibration: Calibration
) -> None:
    read = calibration_on(published / "gii_2020.csv")
    assert read.clusters == calibration.clusters
    assert read.applications == pytest.approx(WORLD_APPLICATIONS, rel=0.002)
    assert read.articles == pytest.approx(WORLD_ARTICLES, rel=0.002)
    assert not read.grows


def test_names_with_dashes_states_and_other_spellings_are_found(published: Path) -> None:
    read = calibration_on(published / "gii_2024_african.csv")
    names = load_gazetteer().table["name"]
    cities = {c.name: [names[row] for row in c.cities] for c in read.clusters}
    assert len(cities) == 50
    assert cities["Kinshasa–Brazzaville"] == ["Kinshasa", "Brazzaville"]
    assert len(cities["Kafr El-Shaikh"]) == 1


def test_a_state_tells_namesakes_apart() -> None:
    table = load_gazetteer().table
    row = find_city("Portland", ["US"], ["ME"])
    assert row is not None
    assert (table["name"][row], table["admin1_code"][row]) == ("Portland", "ME")


def test_an_unknown_city_is_an_error_that_names_row_and_column(tmp_path: Path) -> None:
    table = _table(tmp_path, "1,Paris,FR,10,20\n2,Xanadu Nova,FR,5,6\n")
    with pytest.raises(UserError, match=r'row 2, column name: .*"Xanadu Nova" in "FR"'):
        calibration_on(table)


def test_a_count_that_is_no_number_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r'row 1, column publications: .*found "many"'):
        calibration_on(_table(tmp_path, "1,Paris,FR,10,many\n"))


def test_a_missing_column_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="column publications is missing"):
        calibration_on(_table(tmp_path, "1,Paris,FR,10\n", "rank,name,country,pct_applications\n"))


def test_shares_tell_the_worlds_totals(tmp_path: Path) -> None:
    head = HEAD.strip() + ",share_pct,share_pubs\n"
    read = calibration_on(_table(tmp_path, "1,Paris,FR,100,300,10.0,15.0\n", head))
    assert (read.applications, read.articles) == (pytest.approx(1_000), pytest.approx(2_000))
