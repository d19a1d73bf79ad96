import gzip
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import UserError
from pipelines.readers import FORMATS
from tests.conftest import ROOT
from tests.readers.helpers import read, source_of, write

COLUMNS = {
    "addresses": {
        "document_id": "Pat",
        "year": "pubyear",
        "person_number": "seq",
        "city": "town",
        "country": "=US",
        "lat": "lat",
        "lng": "lng",
    }
}
HEADER = "Pat,PubYear,seq,town,lat,lng\n"


def table(tmp_path: Path, text: str, name: str = "a.csv") -> Path:
    return write(tmp_path / name, HEADER + text)


def test_addresses_alone_give_documents_in_order_of_appearance(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        'P2,2018,1,"Boston, MA",42.3,-71.1\nP1,2018-05-01,1,Lyon,,\n'
        "P2,2018,2,Salem,,\nP1,2018,3,,,\n",
    )
    found = read("tabular", source_of(tmp_path, {"addresses": path}, columns=COLUMNS))

    assert [(d["document_id"], d["year"], d["line"]) for d in found.documents] == [
        ("P2", 2018, 1),
        ("P1", 2018, 2),
    ]
    assert found.places("document_id", "person_number", "address_number", "city", "country") == [
        ("P2", 1, 1, "Boston, MA", "US"),
        ("P1", 1, 1, "Lyon", "US"),
        ("P2", 2, 2, "Salem", "US"),
        ("P1", 3, 2, None, "US"),
    ]
    assert found.places("lat", "lng")[0] == (42.3, -71.1)
    assert found.documents[0]["file"] == "a.csv"
    assert found.counts.read == {"addresses": 4}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",2018,1,Boston,,", "no document_id"),
        ("  ,2018,1,Boston,,", "no document_id"),
        ("P9,,1,Boston,,", "no believable year of publication"),
        ("P9,next,1,Boston,,", "no believable year of publication"),
        ("P9,1499,1,Boston,,", "no believable year of publication"),
        ("P9,2101,1,Boston,,", "no believable year of publication"),
        ("P9,99999999999,1,Boston,,", "no believable year of publication"),
        ("P9,2018,first,Boston,,", "no whole number as person_number"),
        ("P9,2018", "not a row of the table: missing columns"),
        ("P9,2018,1,Boston,,,x", "not a row of the table: too many columns"),
        ('P9,2018,1,"Bos"ton,,', "not a row of the table: unquoted value"),
    ],
)
def test_bad_rows_are_rejects(tmp_path: Path, row: str, reason: str) -> None:
    path = table(tmp_path, f"P1,2018,1,Lyon,,\n{row}\nP2,2018,1,Bonn,,\n")
    found = read("tabular", source_of(tmp_path, {"addresses": path}, columns=COLUMNS))

    assert found.places("city") == [("Lyon",), ("Bonn",)]
    (reject,) = found.rejects
    assert reject["reason"] == reason
    assert reject["file"] == "a.csv"
    assert reject["line"] in (2, 3)  # record 2, which is on line 3
    assert "2018" in reject["raw_text"] or "Boston" in reject["raw_text"]


@pytest.mark.parametrize("year", [1500, 2100])
def test_outermost_believed_years(tmp_path: Path, year: int) -> None:
    path = table(tmp_path, f"P1,{year},1,Lyon,,\n")
    found = read("tabular", source_of(tmp_path, {"addresses": path}, columns=COLUMNS))
    assert [d["year"] for d in found.documents] == [year]


def test_coordinates_off_the_earth_are_dropped_and_counted(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "P1,2018,1,a,90,180\nP2,2018,1,b,90.001,5\nP3,2018,1,c,x,5\nP4,2018,1,d,1,-180.5\n",
    )
    found = read("tabular", source_of(tmp_path, {"addresses": path}, columns=COLUMNS))

    assert found.places("lat", "lng") == [(90.0, 180.0), (None, 5.0), (None, 5.0), (1.0, None)]
    assert found.counts.repaired["addresses"] == {"lat: no latitude": 2, "lng: no longitude": 1}


def test_years_come_from_documents_where_addresses_have_none(tmp_path: Path) -> None:
    addresses = write(tmp_path / "i.tsv", 'patent\tcity\nA\tLyon\nX\tBonn\nB\t"Aix\ten"\n')
    documents = gzip.compress(b"patent\tyear\nA\t2017\nB\t2018\nC\tnever\n")
    files = {"addresses": addresses, "documents": write(tmp_path / "p.tsv.gz", documents)}
    columns = {
        "addresses": {"document_id": "patent", "city": "city"},
        "documents": {"document_id": "patent", "year": "year", "document_type": "=B1"},
    }
    source = source_of(tmp_path, files, columns=columns)
    found = read("tabular", source)

    assert len(list(FORMATS["tabular"].units(source))) == 1
    assert [(d["document_id"], d["year"], d["document_type"]) for d in found.documents] == [
        ("A", 2017, "B1"),
        ("B", 2018, "B1"),
    ]
    assert found.places("document_id", "year", "city") == [
        ("A", 2017, "Lyon"),
        ("B", 2018, "Aix\ten"),
    ]
    assert sorted(r["reason"] for r in found.rejects) == [
        "document_id is not among the documents",
        "no believable year of publication",
    ]


def test_files_with_their_own_years_are_units_of_their_own(tmp_path: Path) -> None:
    one = table(tmp_path, "P1,2018,1,Lyon,,\n", "1.csv")
    two = table(tmp_path, "P2,2019,1,Bonn,,\n", "2.csv")
    source = source_of(tmp_path, {"addresses": (one, two)}, columns=COLUMNS)
    units = list(FORMATS["tabular"].units(source))
    assert [unit.files["addresses"] for unit in units] == [(one,), (two,)]


def test_roles_with_their_own_years_are_one_unit(tmp_path: Path) -> None:
    files = {
        "documents": write(tmp_path / "d.csv", "document_id,year\nP1,2018\nP2,2019\n"),
        "addresses": write(tmp_path / "a.csv", "document_id,year,city\nP1,2018,Lyon\nX,2018,\n"),
    }
    source = source_of(tmp_path, files)
    (unit,) = FORMATS["tabular"].units(source)
    assert unit == source
    found = read("tabular", source)
    assert [(d["document_id"], d["year"]) for d in found.documents] == [("P1", 2018), ("P2", 2019)]
    # A row with its own year is taken as it is: whether it has a document is checked downstream.
    assert found.places("document_id", "year", "city") == [("P1", 2018, "Lyon"), ("X", 2018, None)]


@pytest.mark.parametrize("with_documents", [True, False])
def test_a_document_goes_on_from_one_file_to_the_next(tmp_path: Path, with_documents: bool) -> None:
    head = "document_id,year,city\n"
    fields = write(tmp_path / "f.csv", "document_id,year,scheme,code\nP1,2018,ipc,A01D\n")
    addresses = (
        write(tmp_path / "a.csv", head + "P2,2018,Bonn\nP1,2018,Lyon\nP1,2018,Metz\n"),
        write(tmp_path / "b.csv", head + "P1,2018,Nice\nP3,2018,Graz\nP1,2019,Rome\n"),
        write(tmp_path / "c.csv", head + "P1,2018,Pau\nP3,2018,Linz\n"),
    )
    files: dict[str, Path | tuple[Path, ...]] = {"fields": fields, "addresses": addresses}
    if with_documents:
        rows = "P1,2018\nP2,2018\nP3,2018\nP1,2019\n"
        files["documents"] = write(tmp_path / "d.csv", "document_id,year\n" + rows)
    found = read("tabular", source_of(tmp_path, files))

    assert sorted((d["document_id"], d["year"]) for d in found.documents) == [
        ("P1", 2018),
        ("P1", 2019),
        ("P2", 2018),
        ("P3", 2018),
    ]
    assert found.places("city", "address_number") == [
        ("Bonn", 1),
        ("Lyon", 1),
        ("Metz", 2),
        ("Nice", 3),
        ("Graz", 1),
        ("Rome", 1),
        ("Pau", 4),
        ("Linz", 2),
    ]


def test_parquet_reads_like_text(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "Pat": [7, 8, None],
            "pubyear": [2018, 2019, 2018],
            "seq": [1, 1, 1],
            "town": ["a", None, "c"],
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_csv(tmp_path / "a.csv")
    columns = {
        "addresses": {k: v for k, v in COLUMNS["addresses"].items() if k not in ("lat", "lng")}
    }
    parquet, text = (
        read("tabular", source_of(tmp_path, {"addresses": tmp_path / name}, columns=columns))
        for name in ("a.parquet", "a.csv")
    )
    assert parquet.addresses == text.addresses
    assert len(parquet.addresses) == 2
    assert [r["reason"] for r in parquet.rejects] == ["no document_id"]


def test_columns_of_our_names_need_no_mapping(tmp_path: Path) -> None:
    path = write(
        tmp_path / "f.csv", "document_id;year;scheme;code\nP1;2018;ipc;A01D 1/00\nP1;2018;ipc;\n"
    )
    addresses = write(tmp_path / "a.csv", "document_id;year;address\nP1;2018;1 Rue X, Paris\n")
    found = read("tabular", source_of(tmp_path, {"addresses": addresses, "fields": path}))
    assert found.fields == [
        {"document_id": "P1", "year": 2018, "scheme": "ipc", "code": "A01D 1/00"}
    ]
    assert found.places("address") == [("1 Rue X, Paris",)]
    assert [r["reason"] for r in found.rejects] == ["no code"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"document_id": "Pat", "year": "pubyear", "town": "town"},
            "'town', which is no column of ours",
        ),
        ({"document_id": "Pat", "year": "pubyear", "city": "stadt"}, "names the column 'stadt'"),
        ({"year": "pubyear"}, "must name document_id"),
        ({"document_id": "Pat"}, "names no year"),
    ],
)
def test_a_mapping_that_does_not_fit_is_an_error(
    tmp_path: Path, columns: dict[str, str], message: str
) -> None:
    path = table(tmp_path, "P1,2018,1,Lyon,,\n")
    with pytest.raises(UserError, match=message):
        read("tabular", source_of(tmp_path, {"addresses": path}, columns={"addresses": columns}))


def test_a_column_name_with_quotes_is_only_a_name(tmp_path: Path) -> None:
    path = write(tmp_path / "q.csv", 'id,y,"x"" ; drop table raw; --"\nP1,2018,Lyon\n')
    columns = {"addresses": {"document_id": "id", "year": "y", "city": 'x" ; drop table raw; --'}}
    found = read("tabular", source_of(tmp_path, {"addresses": path}, columns=columns))
    assert found.places("city") == [("Lyon",)]


def test_a_cut_parquet_file_is_an_error(tmp_path: Path) -> None:
    pl.DataFrame({"document_id": ["a"] * 1000, "year": [2018] * 1000}).write_parquet(
        tmp_path / "a.parquet"
    )
    whole = (tmp_path / "a.parquet").read_bytes()
    cut = write(tmp_path / "cut.parquet", whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"cut\.parquet"):
        read("tabular", source_of(tmp_path, {"addresses": cut}))


def test_a_moment_lies_in_the_same_year_wherever_the_machine_stands(tmp_path: Path) -> None:
    path = tmp_path / "moments.parquet"
    moments = [datetime(2015, 1, 1, 0, 30, tzinfo=UTC), datetime(2015, 12, 31, 23, 30, tzinfo=UTC)]
    pl.DataFrame({"document_id": ["a", "b"], "year": moments}).write_parquet(path)
    # in a process of its own: DuckDB takes the machine's time zone once
    program = (
        "import sys; from pathlib import Path; from tests.readers.helpers import read, source_of\n"
        "path = Path(sys.argv[1]); source = source_of(path.parent, {'addresses': path})\n"
        "print([document['year'] for document in read('tabular', source).documents])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], cwd=ROOT, capture_output=True, text=True,
        check=True, env={**os.environ, "TZ": "America/Los_Angeles"},
    )  # fmt: skip
    assert done.stdout == "[2015, 2015]\n"
