"""Published tables as users write them: other orders, separators, line ends; what is wrong is said."""

from pathlib import Path

import pytest

from pipelines.errors import UserError
from pipelines.simulation.calibration import calibration_on
from pipelines.simulation.gazetteer import load_gazetteer
from pipelines.simulation.published import cities_of, read_published

GOOD = "rank,name,country,pct_applications,publications\n1,Paris,FR,100,300\n2,Lyon,FR,50,60\n"


def _file(folder: Path, text: str | bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.rstrip("\n"),
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace("Paris", '" Paris "').replace("rank", " Rank "),
        GOOD.replace("100,300", '"100.0","300."').replace("FR", "fr"),
        "\n" + GOOD + ",,,,\n\n",
        "publications,country,pct_applications,name,note\n300,FR,100,Paris,x\n60,FR,50,Lyon,\n",
        # by rank, whatever the order of rows
        "rank,name,country,pct_applications,publications\n9,Lyon,FR,50,60\n3,Paris,FR,100,300\n",
    ],
)
def test_one_table_in_many_spellings(tmp_path: Path, text: str) -> None:
    found = read_published(_file(tmp_path, text))
    assert [(c.name, c.economies, c.applications, c.articles) for c in found] == [
        ("Paris", ("FR",), 100, 300),
        ("Lyon", ("FR",), 50, 60),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "column name is missing.*it has: nothing"),
        ("rank,name,country,pct_applications,publications\n", "no row below its header"),
        ("name|country\nParis|FR\n", r"column name is missing.*it has: name\|country"),
        (GOOD.replace("rank", "name"), "column name is twice"),
        (GOOD.replace("Lyon", "Xanadu"), r'row 2, column name: .*"Xanadu" in "FR"'),
        (GOOD.replace("Lyon", ""), 'row 2, column name: .*called ""'),
        (GOOD.replace("Lyon,FR", "Lyon,France"), r'row 2, column name: .*in "France"'),
        (GOOD.replace("Lyon", "San Jose, CA"), "row 2: 6 cells, but the table has 5 columns"),
        (GOOD.replace(",60", ""), "row 2: 4 cells"),
        (GOOD.replace("Lyon", "Paris"), "row 2, column name: .*that of row 1"),
        (GOOD.replace("2,Lyon", "second,Lyon"), 'row 2, column rank: .*found "second"'),
        *(
            (GOOD.replace("50,60", f'"{number}",60'), "row 2, column pct_applications: .*found")
            for number in ("-1", "nan", "1e9", "1,5", "12,34", "5 %", "inf")
        ),
        (b"\xff\xfe" + GOOD.encode("utf-16-le"), "found UTF-16. Save it as UTF-8"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(UserError, match=says):
        read_published(_file(tmp_path, text))


def test_a_folder_or_nothing_is_no_table(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.csv"):
        with pytest.raises(UserError, match="cannot be read"):
            read_published(path)


@pytest.mark.parametrize("counts", [",", "5,", "0,0"])
def test_a_world_needs_counts_and_a_ranking_does_not(tmp_path: Path, counts: str) -> None:
    path = _file(tmp_path, GOOD.replace("50,60", counts))
    assert len(read_published(path)) == 2
    with pytest.raises(UserError, match=r'"Lyon" \(rank 2\) has no count'):
        calibration_on(path)


def test_a_name_is_its_cities() -> None:
    name = load_gazetteer().table["name"]

    def cities(text: str, *economies: str) -> list[str] | None:
        found = cities_of(text, economies)
        return None if found is None else [name[row] for row in found]

    assert cities("Washington, DC–Baltimore, MD", "US") == ["Washington", "Baltimore"]
    assert cities("Osaka-Kobe-Kyoto", "JP") == ["Osaka", "Kobe", "Kyoto"]
    assert cities("Osaka–Nowhere", "JP") is None
