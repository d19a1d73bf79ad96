from pathlib import Path

from tests.readers.helpers import read, source_of, write

URBANA = (
    "Beckman Institute, University of Illinois at Urbana-Champaign, Urbana, IL 61801, United States"
)
OLD = (
    "\ufeffAuthors,Title,Year,Source title,DOI,Affiliations,Authors with affiliations,"
    "Document Type,Source,EID\n"
    '"Phillips, J.C., O\'Neil, A.-M., Lone, B.",T,2005,J,10.1/x,'
    f'"{URBANA}; Univ. Y, Lyon, France",'
    f"\"Phillips, J.C., {URBANA}, Univ. Y, Lyon, France; O'Neil, A.-M., Univ. Y, Lyon, France;"
    ' Lone, B.",Article,Scopus,2-s2.0-1\n'
)
NEW = (
    '"Authors","Author full names","Author(s) ID","Title","Year","Affiliations",'
    '"Authors with affiliations","Document Type","Publication Stage","Open Access","EID"\n'
    '"Liu F.; Ångström Ö.","Liu, Fei (1)","1","T","2023","Dept A, Univ B, Wuhan, 430000, China",'
    '"Liu F., Dept A, Univ B, Wuhan, 430000, China; Ångström Ö., Elsewhere, Uppsala, Sweden",'
    '"Retracted","Final","","2-s2.0-2"\n'
    '"X","","","no year","","","","Article","Final","","2-s2.0-3"\n'
    '"X","","","no id","2023","","","Article","Final","",""\n'
)


def test_old_header_and_names(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", OLD)
    found = read("scopus", source_of(tmp_path, path, kind="publication"))
    assert found.places("person_number", "address_number", "address", "country") == [
        (1, 1, URBANA, "United States"),
        (1, 2, "Univ. Y, Lyon, France", "France"),
        (2, 3, "Univ. Y, Lyon, France", "France"),
        (3, 4, None, None),
    ]
    assert found.documents[0]["document_type"] == "Article"


def test_new_header_and_names(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", NEW)
    found = read("scopus", source_of(tmp_path, path, kind="publication"))
    assert found.places("person_number", "address") == [
        (1, "Dept A, Univ B, Wuhan, 430000, China"),
        (2, "Elsewhere, Uppsala, Sweden"),
    ]
    assert [d["is_retracted"] for d in found.documents] == [True]
    assert [r["reason"] for r in found.rejects] == [
        "no believable year of publication",
        "no EID and no DOI",
    ]


def test_a_university_within_its_departments_address_is_no_address_of_its_own(
    tmp_path: Path,
) -> None:
    university, department = "Univ B, Wuhan, China", "Dept A, Univ B, Wuhan, China"
    text = (
        "EID,Year,Affiliations,Authors with affiliations\n"
        f'1,2023,"{department}; {university}; China","Liu F., {department}; Xu G., {university};'
        f' Ma H., {department}, {university}; Li J., China"\n'
    )
    found = read("scopus", source_of(tmp_path, write(tmp_path / "s.csv", text), kind="publication"))
    assert found.places("person_number", "address") == [
        (1, department),
        (2, university),
        (3, department),
        (3, university),
        (4, "China"),
    ]


def test_affiliations_without_authors_are_of_nobody_in_particular(tmp_path: Path) -> None:
    text = 'EID,Year,Affiliations\n1,2020,"A, Bonn, Germany; B, Rome, Italy"\n2,2020,\n'
    path = write(tmp_path / "s.csv", text)
    found = read("scopus", source_of(tmp_path, path, kind="publication"))
    assert found.places("document_id", "person_number", "address") == [
        ("1", None, "A, Bonn, Germany"),
        ("1", None, "B, Rome, Italy"),
        ("2", None, None),
    ]


def test_a_year_of_two_digits_is_not_believed(tmp_path: Path) -> None:
    text = '"Year","EID","Affiliations"\n"23","a","Univ A, Rome, Italy"\n"2023","b",""\n'
    records = read(
        "scopus", source_of(tmp_path, write(tmp_path / "s.csv", text), kind="publication")
    )
    assert [document["document_id"] for document in records.documents] == ["b"]
    (reject,) = records.rejects
    assert (reject["line"], reject["reason"]) == (1, "no believable year of publication")
