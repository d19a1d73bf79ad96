import io
import zipfile
from pathlib import Path

import pytest

from pipelines.errors import UserError
from tests.readers.helpers import read, source_of, write

TLS211 = """pat_publn_id,publn_auth,publn_nr,publn_nr_original,publn_kind,appln_id,publn_date\r
11,"WO","2012000001","","A3",1,"2012-06-01"\r
10,"WO","2012000001","","A2",1,"2012-01-05"\r
12,"EP","1234567 ","","A1",1,"2013-01-05"\r
13,"WO","2013000002","","A1",2,"9999-12-31"\r
14,"WO","2014000003","","A1",3,"2014-02-01"\r
"""
TLS207 = """person_id,appln_id,applt_seq_nr,invt_seq_nr\r
100,1,1,0\r
102,1,0,2\r
101,1,2,1\r
103,3,0,1\r
101,2,0,1\r
100,99,0,1\r
"""
TLS206 = (
    "person_id,person_name,person_name_orig_lg,person_address,person_ctry_code,nuts,nuts_level\r\n"
    '100,"ACME INC","","","US","",9\r\n'
    '101,"MARSDEN, V.","","24 FIELDING LANE,GREAT HARWOOD","  ","",9\r\n'
    '102,"DOE","","  ","JP","",9\r\n'
    '999,"NOT IN IT","","x","JP","",9\r\n'
)
TLS226 = (
    "person_orig_id,person_id,source,address_freeform,street,city,zip_code,state,person_ctry_code\r\n"
    '2,102,"EP","","Ginza 1","Tokyo","104-0061","","JP"\r\n'
    '1,102,"DOCDB","","","","","","JP"\r\n'
    '3,103,"US","","","Boise","","ID","US"\r\n'
)
TLS209 = (
    "appln_id,ipc_class_symbol,ipc_value\r\n"
    '1,"A01D  57/24","I"\r\n99,"B01D","I"\r\n2,"C01B","I"\r\n'
)


def zipped(*texts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, text in enumerate(texts):
            archive.writestr(f"part{number:02d}.csv", text)
    return buffer.getvalue()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    head, *rows = TLS211.splitlines(keepends=True)
    parts = zipped(head + "".join(rows[:2]), head + "".join(rows[2:]))
    return {
        "tls211": write(tmp_path / "tls211.zip", parts),
        "tls207": write(tmp_path / "tls207.csv", TLS207),
        "tls206": write(tmp_path / "tls206.zip", zipped(TLS206)),
        "tls226": write(tmp_path / "tls226.csv", TLS226),
        "tls209": write(tmp_path / "tls209.csv", TLS209),
    }


def test_an_application_counts_once_with_its_first_publication(
    tmp_path: Path, files: dict[str, Path]
) -> None:
    found = read("patstat", source_of(tmp_path, files))
    assert [(d["document_id"], d["year"], d["document_type"]) for d in found.documents] == [
        ("WO2012000001", 2012, "A2"),
        ("WO2014000003", 2014, "A1"),
    ]
    assert [d["file"] for d in found.documents] == [
        "tls211.zip!part00.csv",
        "tls211.zip!part01.csv",
    ]
    assert found.counts.read["documents"] == 5
    assert found.counts.excluded["documents"] == {
        "no publication of the authority WO": 1,
        "later publication of an application": 1,
    }
    assert [r["reason"] for r in found.rejects] == ["no believable publn_date"]


def test_inventors_with_the_best_address_there_is(tmp_path: Path, files: dict[str, Path]) -> None:
    found = read("patstat", source_of(tmp_path, files))
    columns = ("document_id", "person_number", "address", "city", "region", "postcode", "country")
    assert found.places(*columns) == [
        ("WO2012000001", 1, "24 FIELDING LANE,GREAT HARWOOD", None, None, None, None),
        ("WO2012000001", 2, "Ginza 1", "Tokyo", None, "104-0061", "JP"),
        # nobody of that number in tls206: the inventor still counts
        ("WO2014000003", 1, None, "Boise", "ID", None, "US"),
    ]
    assert found.counts.excluded["addresses"] == {
        "no publication of the authority WO": 1,
        "applicant, not inventor": 1,
        "document is excluded or cannot be read": 1,
    }
    assert found.counts.repaired["addresses"] == {"person_id: not among tls206": 1}
    assert [a["name"] for a in found.applicants] == ["ACME INC", "MARSDEN, V."]
    assert [f["code"] for f in found.fields] == ["A01D  57/24"]


def test_a_row_of_tls207_that_comes_twice_counts_once(
    tmp_path: Path, files: dict[str, Path]
) -> None:
    """Its columns are its key; the second person with number 1 is another one."""
    again = "101,1,2,1\r\n100,1,1,0\r\n103,3,0,1\r\n102,1,0,1\r\n"
    path = write(tmp_path / "t", TLS207 + again)
    found = read("patstat", source_of(tmp_path, files | {"tls207": path}))
    once = read("patstat", source_of(tmp_path, files))
    columns = ("document_id", "person_number", "address_number", "country")
    assert found.places(*columns) == [
        ("WO2012000001", 1, 1, None),
        ("WO2012000001", 1, 2, "JP"),
        ("WO2012000001", 2, 3, "JP"),
        ("WO2014000003", 1, 1, "US"),
    ]
    assert found.applicants == once.applicants
    assert found.counts.repaired == once.counts.repaired
    assert found.counts.excluded["addresses"] == {
        **once.counts.excluded["addresses"],
        "the same row of tls207 again": 3,
    }


def test_only_three_tables_are_needed(tmp_path: Path, files: dict[str, Path]) -> None:
    few = {name: files[name] for name in ("tls211", "tls207", "tls206")}
    found = read("patstat", source_of(tmp_path, few))
    assert found.places("address")[1] == (None,)
    assert found.fields == []


def test_a_table_in_the_wrong_role_is_an_error(tmp_path: Path, files: dict[str, Path]) -> None:
    with pytest.raises(UserError, match=r"tls207\.csv: as tls211 it needs"):
        read("patstat", source_of(tmp_path, files | {"tls211": files["tls207"]}))


def test_a_person_without_a_number_is_a_reject(tmp_path: Path, files: dict[str, Path]) -> None:
    rows = TLS207 + "102,1,0,x\r\n102,1,0,\r\n102,99,0,x\r\n"
    found = read("patstat", source_of(tmp_path, files | {"tls207": write(tmp_path / "t", rows)}))
    assert [(r["line"], r["reason"]) for r in found.rejects if r["file"] == "t"] == [
        (7, "invt_seq_nr: no whole number"),
        (8, "invt_seq_nr: no whole number"),
    ]
    assert '"invt_seq_nr":"x"' in found.rejects[0]["raw_text"]
    assert found.counts.excluded["addresses"]["applicant, not inventor"] == 1
    assert found.counts.excluded["addresses"]["no publication of the authority WO"] == 2
