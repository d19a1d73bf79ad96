"""`delineate` and `geocode` as a new user would call them: right, wrong and odd input."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.cluster import DBSCAN

from pipelines.cli.app import app
from pipelines.cli.tools import measures_table
from pipelines.errors import UserError

EARTH_KM = 6371.0088


def delineate(points: Path, out: Path, radius_km: float = 15, min_points: int = 1) -> None:
    app(
        ["delineate", str(points), "--radius-km", str(radius_km), "--min-points", str(min_points),
         "--out", str(out)],
        standalone_mode=False,
    )  # fmt: skip


def geocode(addresses: Path, out: Path) -> None:
    app(["geocode", str(addresses), "--out", str(out)], standalone_mode=False)


def read(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)


def write(path: Path, frame: pl.DataFrame) -> Path:
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    else:
        frame.write_csv(path)
    return path


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_delineate_is_scikit_learn(tmp_path: Path, ending: str) -> None:
    random = np.random.default_rng(3)
    frame = pl.DataFrame(
        {
            "name": [f"{n:04}" for n in range(400)],
            "lng": random.normal(11.5, 0.6, 400),
            "lat": random.normal(48.1, 0.4, 400),
            "weight": random.integers(0, 9, 400),
        }
    )
    out = tmp_path / f"out{ending}"
    delineate(write(tmp_path / f"points{ending}", frame), out, radius_km=10, min_points=25)
    made = read(out)
    assert made.columns == [*frame.columns, "label", "role"]
    assert made.select("lat", "lng", "weight").equals(frame.select("lat", "lng", "weight"))
    expected = DBSCAN(eps=10 / EARTH_KM, min_samples=25, metric="haversine", algorithm="brute").fit(
        np.radians(frame.select("lat", "lng").to_numpy()), sample_weight=frame["weight"].to_numpy()
    )
    core = np.zeros(400, dtype=bool)
    core[expected.core_sample_indices_] = True
    assert 20 < core.sum() < 380
    assert ((made["role"] == "core").to_numpy() == core).all()
    assert (made["label"].to_numpy()[core] == expected.labels_[core]).all()
    assert ((made["label"] == -1).to_numpy() == (expected.labels_ == -1)).all()
    assert ((made["role"] == "noise") == (made["label"] == -1)).all()


def test_delineate_without_weights_counts_points(tmp_path: Path) -> None:
    points = write(
        tmp_path / "p.csv", pl.DataFrame({"lat": [1.0, 1.0, 40.0], "lng": [2.0, 2.0, 2.0]})
    )
    delineate(points, tmp_path / "out.csv", min_points=2)
    made = read(tmp_path / "out.csv")
    assert made.select("label", "role").rows() == [(0, "core"), (0, "core"), (-1, "noise")]


def test_delineate_leaves_other_columns_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("code,lat,lng\n007,1,2\n1e3,1,2\n")
    delineate(tmp_path / "p.csv", tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["code", "007", "1e3"]


def test_delineate_keeps_great_weights_exact(tmp_path: Path) -> None:
    weight = 2**53
    frame = pl.DataFrame({"lat": [1.0], "lng": [2.0], "weight": [weight]})
    write(tmp_path / "p.parquet", frame)
    delineate(tmp_path / "p.parquet", tmp_path / "out.csv", min_points=weight + 1)
    assert read(tmp_path / "out.csv")["role"].to_list() == ["noise"]
    write(tmp_path / "p.parquet", frame.with_columns(weight=pl.lit(weight + 1)))
    delineate(tmp_path / "p.parquet", tmp_path / "out.csv", min_points=weight + 1)
    assert read(tmp_path / "out.csv")["role"].to_list() == ["core"]


def test_delineate_takes_whole_numbers_however_written(tmp_path: Path) -> None:
    great = 2**53 + 1
    (tmp_path / "p.csv").write_text(f"lat,lng,weight\n1,2,3.0\n1,2,+4\n40,2,{great}\n")
    delineate(tmp_path / "p.csv", tmp_path / "out.parquet", min_points=7)
    made = read(tmp_path / "out.parquet")
    assert made["weight"].to_list() == [3, 4, great]
    assert made["role"].to_list() == ["core"] * 3


@pytest.mark.parametrize("weight", [1.5, float("nan"), 2.0**63, None])
def test_weights_in_floating_point_are_whole_or_refused(
    tmp_path: Path, weight: float | None
) -> None:
    frame = pl.DataFrame({"lat": [1.0, 1.0], "lng": [2.0, 2.0], "weight": [2.0, weight]})
    with pytest.raises(UserError, match=r"p\.parquet, row 2: weight is"):
        delineate(write(tmp_path / "p.parquet", frame), tmp_path / "out.csv")


def test_a_column_of_dates_is_no_latitude(tmp_path: Path) -> None:
    frame = pl.DataFrame({"lat": [date(2020, 1, 1)], "lng": [2.0]})
    with pytest.raises(UserError, match=r"p\.parquet: column lat holds Date"):
        delineate(write(tmp_path / "p.parquet", frame), tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", r"p\.csv is empty\. Expected a header with lat, lng"),
        ("lat;lng\n1;2\n", "column lat is missing.*separated by commas"),
        ("lat,lng,lat\n1,2,3\n", "two columns lat"),
        ("l\0a\0t\0,\0l\0n\0g\0", "expected UTF-8 text, found UTF-16.*iconv -f UTF-16"),
        ("lat,lng\n1,2\nx,2\n", 'line 3: lat is "x"'),
        ("lat,lng\n1,2\n91,2\n", 'line 3: lat is "91", not a number of degrees from -90 to 90'),
        ("lat,lng\n1,2\n1,\n", "line 3: lng is empty"),
        ("lat,lng,weight\n1,2,1.5\n", "line 2: weight is 1.5"),
        ("lat,lng,weight\n1,2,-1\n", "line 2: weight -1"),
        ("lat,lng,weight\n1,2,99999999999999999999\n", "line 2: weight is 9{20}"),
        ("lat,lng,weight\n1,2,1\n1,2,\n", "line 3: weight is empty"),
        ("lat,lng,weight\n1,2,9223372036854775807\n1,2,9223372036854775807\n", "weight"),
        ("lat,lng\n1,2\n1,2,3\n", "line 3 has 3 fields, the header 2"),
        ("lat;lng\n52,5;13,4\n", "line 2 has 3 fields, the header 1.*separated by commas"),
    ],
)
def test_delineate_says_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(UserError, match=says) as error:
        delineate(tmp_path / "p.csv", tmp_path / "out.csv")
    assert "p.csv" in str(error.value), "the file is named"
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


def test_files_that_cannot_be_named_or_written(tmp_path: Path) -> None:
    good = write(tmp_path / "good.csv", pl.DataFrame({"lat": [1.0], "lng": [2.0]}))
    odd = Path(os.fsdecode(bytes(tmp_path) + b"/\xe4.csv"))
    with pytest.raises(UserError, match="this name is not UTF-8"):
        delineate(good, odd)
    with pytest.raises(UserError, match="this name is not UTF-8"):
        delineate(good.rename(odd), tmp_path / "out.csv")
    odd.rename(good)
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(UserError, match=r"--out .*out\.csv: is a folder\. Give a file"):
        delineate(good, tmp_path / "out.csv")


def test_files_that_are_not_what_they_seem(tmp_path: Path) -> None:
    good = write(tmp_path / "good.csv", pl.DataFrame({"lat": [1.0], "lng": [2.0]}))
    out = tmp_path / "out.csv"
    (tmp_path / "folder.csv").mkdir()
    for wrong in ("missing.csv", "folder.csv"):
        with pytest.raises(UserError, match="There is no file"):
            delineate(tmp_path / wrong, out)
    for wrong in ("text.txt", "fake.parquet"):
        (tmp_path / wrong).write_bytes(good.read_bytes())
        with pytest.raises(UserError, match=wrong):
            delineate(tmp_path / wrong, out)
    (tmp_path / "latin.csv").write_bytes("lat,lng,n\n1,2,Zürich\n".encode("latin-1"))
    with pytest.raises(
        UserError,
        match=r"latin\.csv.* line 2, byte 6 \(0xFC\): expected UTF-8.*iconv -f WINDOWS-1252",
    ):
        delineate(tmp_path / "latin.csv", out)
    (tmp_path / "wide.csv").write_bytes("lat,lng\n1,2\n".encode("utf-16"))
    with pytest.raises(UserError, match=r"wide\.csv.* found UTF-16.*iconv -f UTF-16"):
        delineate(tmp_path / "wide.csv", out)
    for wrong in (tmp_path / "out.xlsx", tmp_path / "out", tmp_path / "folder.csv"):
        with pytest.raises(UserError, match=r"out|folder"):
            delineate(good, wrong)
    with pytest.raises(UserError, match="Cannot write"):
        delineate(good, good / "out.csv")
    assert not out.exists()


@pytest.mark.parametrize("name", ["[bold]a.csv", "a[1].csv", "a*.csv", "a b'c.csv"])
def test_names_that_mean_something_elsewhere(tmp_path: Path, name: str) -> None:
    write(tmp_path / "a1.csv", pl.DataFrame({"lat": [1.0], "lng": [2.0]}))
    points = write(tmp_path / name, pl.DataFrame({"lat": [5.0, 5.0], "lng": [2.0, 2.0]}))
    delineate(points, tmp_path / "out.csv")
    assert len(read(tmp_path / "out.csv")) == 2


@pytest.mark.parametrize("column", ["label", "role"])
def test_a_column_that_would_be_overwritten_is_refused(tmp_path: Path, column: str) -> None:
    (tmp_path / "p.csv").write_text(f"{column},lat,lng\nmine,1,2\n")
    with pytest.raises(UserError, match=rf"p\.csv: has a column {column} already"):
        delineate(tmp_path / "p.csv", tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


def test_a_file_that_is_read_is_not_written_to(tmp_path: Path) -> None:
    text = "id,address,lat,lng,place_id,name,country\n1,Bonn,50,7,1,Bonn,DE\n"
    (tmp_path / "in.csv").write_text(text)
    (tmp_path / "link.csv").symlink_to(tmp_path / "in.csv")
    same = tmp_path / "link.csv"
    calls: list[Callable[[], object]] = [
        lambda: delineate(tmp_path / "in.csv", same),
        lambda: geocode(tmp_path / "in.csv", same),
        lambda: app(
            ["gazetteer-changes", str(tmp_path / "in.csv"), "--out", str(same)],
            standalone_mode=False,
        ),
    ]
    for call in calls:
        with pytest.raises(UserError, match=r"link\.csv: that is the file that is read"):
            call()
    assert (tmp_path / "in.csv").read_text() == text


def test_what_csv_cannot_hold_is_said(tmp_path: Path) -> None:
    frame = pl.DataFrame({"lat": [1.0], "lng": [2.0], "names": [["a", "b"]]})
    points = write(tmp_path / "p.parquet", frame)
    with pytest.raises(UserError, match=r"out\.csv cannot be written as csv.*\.parquet"):
        delineate(points, tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["p.parquet"]
    delineate(points, tmp_path / "out.parquet")
    assert read(tmp_path / "out.parquet")["names"].to_list() == [["a", "b"]]


def test_spreadsheets_files(tmp_path: Path) -> None:
    """A byte order mark, and an extension in capitals."""
    (tmp_path / "P.CSV").write_bytes(b"\xef\xbb\xbflat,lng\r\n1,2\r\n")
    delineate(tmp_path / "P.CSV", tmp_path / "OUT.CSV")
    assert (tmp_path / "OUT.CSV").read_text() == "lat,lng,label,role\n1.0,2.0,0,core\n"


def test_no_points_are_no_clusters(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("lat,lng\n")
    delineate(tmp_path / "p.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "lat,lng,label,role\n"


@pytest.mark.parametrize("radius_km", [-1, 0, float("nan")])
def test_a_radius_that_is_none(tmp_path: Path, radius_km: float) -> None:
    points = write(tmp_path / "p.csv", pl.DataFrame({"lat": [1.0], "lng": [2.0]}))
    with pytest.raises(UserError, match="radius"):
        delineate(points, tmp_path / "out.csv", radius_km=radius_km)


COLUMNS = [
    "id", "lat", "lng", "h3_cell", "precision", "place", "admin1", "country", "method",
    "confidence", "candidates",
]  # fmt: skip
ADDRESSES = """id,address,city,region,postcode,country
007,"Boston, MA, USA",,,,
08,,München,,80333,DE
9,,,,,
,"São Paulo, Brazil",,,,
007,"Boston, MA, USA",,,,
10,,,,02139,US
"""


def test_geocode(tmp_path: Path) -> None:
    source, out = tmp_path / "addresses.csv", tmp_path / "places.csv"
    source.write_text(ADDRESSES)
    geocode(source, out)
    made = pl.read_csv(out, infer_schema=False)
    assert made.columns == COLUMNS
    assert made["id"].to_list() == ["007", "08", "9", None, "007", "10"]
    assert made["country"].to_list() == ["US", "DE", None, "BR", "US", "US"]
    assert made["place"][1] in ("Munich", "München")
    assert made["lat"].is_null().to_list() == [False, False, True, False, False, False]
    assert made["precision"][2] == "none"
    assert made.row(0) == made.row(4)
    assert made["admin1"][5] == "Massachusetts", "postcodes are texts: 02139, not 2139"
    cells = made["h3_cell"].to_list()
    assert cells[2] is None
    assert all(len(cell) == 15 for cell in cells if cell)

    frame = pl.read_csv(source, infer_schema=False)
    geocode(write(tmp_path / "addresses.parquet", frame), tmp_path / "places.parquet")
    parquet = pl.read_parquet(tmp_path / "places.parquet")
    assert parquet.columns == COLUMNS
    assert parquet.select("id", "place", "country").equals(made.select("id", "place", "country"))


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "is empty"), ("id,city\n1,Boston\n", "column address is missing"),
     ('id,address\n1,"Boston\n', "cannot be read")],
)  # fmt: skip
def test_geocode_says_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(UserError, match=says):
        geocode(tmp_path / "a.csv", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("address", [[b"Bonn"], [["Bonn"]], [{"town": "Bonn"}]])
def test_addresses_are_texts(tmp_path: Path, address: list[object]) -> None:
    frame = pl.DataFrame({"id": [1], "address": address})
    with pytest.raises(UserError, match=r"a\.parquet: column address holds .*, not texts"):
        geocode(write(tmp_path / "a.parquet", frame), tmp_path / "out.csv")


def test_what_another_gazetteer_moves_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = ["place_id", "name", "country", "lat", "lng"]
    old = [(1, "Stays", "XX", 1.0, 1.0), (2, "Moves", "XX", 1.0, 1.0), (3, "Goes", "XX", 1.0, 1.0)]
    new = [(1, "Stays", "XX", 1.0, 1.0), (2, "Moves", "XX", 2.0, 1.0)]
    before = write(tmp_path / "old.csv", pl.DataFrame(old, schema=columns, orient="row"))
    after = write(tmp_path / "new.parquet", pl.DataFrame(new, schema=columns, orient="row"))
    changes = tmp_path / "changes.csv"
    app(
        ["gazetteer-changes", str(before), str(after), "--out", str(changes)],
        standalone_mode=False,
    )
    assert read(changes).select("name", "change").rows() == [
        ("Moves", "moved"),
        ("Goes", "removed"),
    ]
    assert "Moves" in capsys.readouterr().out
    app(["gazetteer-changes", str(before), str(before)], standalone_mode=False)
    assert capsys.readouterr().out == "No place differs.\n"


@pytest.mark.parametrize("text", [None, "", "{}", "not json", "[1, 2]", '{"1": {"name": "Bonn"}}'])
def test_a_gazetteer_that_is_none_is_said(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "cities500.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UserError, match="cannot be read as cities500"):
        app(["gazetteer-changes", str(path)], standalone_mode=False)


def test_measures_have_their_shares_in_per_cent() -> None:
    table = measures_table("by_country", pl.DataFrame({"country": ["KR"], "right_share": [0.925]}))
    assert list(table.columns[1].cells) == ["92.5 %"]
