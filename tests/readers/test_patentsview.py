from pathlib import Path

import pytest

from tests.readers.helpers import read, source_of, write

PATENTS = """"patent_id"\t"patent_type"\t"patent_date"\t"wipo_kind"\t"num_claims"\t"withdrawn"
"10000000"\t"utility"\t"2018-06-19"\t"B2"\t20\t0
"10000001"\t"utility"\t"2018-06-19"\t"B2"\t3\t1
"10000002"\t"utility"\t"1074-08-14"\t"B1"\t3\t0
"10000003"\t"utility"\t"2019-01-01"\t"B2"\t3\t0
"""
INVENTORS = """"patent_id"\t"inventor_sequence"\t"inventor_id"\t"location_id"
"10000000"\t1\t"fl:we_ln:jiang-145"\t"loc-b"
"10000000"\t0\t"fl:a"\t"loc-a"
"10000003"\t0\t"fl:a"\t""
"10000001"\t0\t"fl:a"\t"loc-a"
"""
LOCATIONS = (
    '"location_id"\t"disambig_city"\t"disambig_state"\t"disambig_country"\t"latitude"\t"longitude"\n'
    '"loc-a"\t"Westfield"\t"PA"\t"US"\t41.9192368\t-77.5388744\n'
    '"loc-b"\t"Waterloo"\t""\t"CA"\t50.71\t4.39\n'
)
ASSIGNEES = """"patent_id"\t"assignee_sequence"\t"disambig_assignee_organization"\t"location_id"
"10000000"\t0\t"ACME"\t"loc-b"
"10000003"\t0\t""\t"loc-a"
"""
WIPO = '"patent_id"\t"wipo_sequence"\t"wipo_field_id"\n"10000000"\t0\t"34"\n"10000001"\t0\t"1"\n'
PCT = (
    '"patent_id"\t"published_or_filed_date"\t"filed_country"\t"application_kind"'
    '\t"pct_doc_number"\t"pct_doc_type"\n'
    '"10000000"\t"2016-05-30"\t"WO"\t"00"\t"PCT/CA2016/050609"\t"pct_application"\n'
    '"10000000"\t"2016-12-08"\t"WO"\t"A"\t"WO2016/191867"\t"wo_grant"\n'
    '"10000001"\t"1016-12-08"\t"WO"\t"A"\t"WO2015/000007"\t"wo_grant"\n'
    '"10000003"\t"2016-12-08"\t"WO"\t"A"\t"WO2016/191867"\t"wo_grant"\n'
)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    texts = {
        "patents": PATENTS,
        "inventors": INVENTORS,
        "locations": LOCATIONS,
        "assignees": ASSIGNEES,
        "wipo": WIPO,
    }
    return {role: write(tmp_path / f"{role}.tsv", text) for role, text in texts.items()}


def test_us_patents(tmp_path: Path, files: dict[str, Path]) -> None:
    found = read("patentsview", source_of(tmp_path, files))

    assert [(d["document_id"], d["year"], d["document_type"]) for d in found.documents] == [
        ("10000000", 2018, "B2"),
        ("10000003", 2019, "B2"),
    ]
    assert found.places("document_id", "person_number", "city", "region", "country", "lat") == [
        ("10000000", 2, "Waterloo", None, "CA", 50.71),
        ("10000000", 1, "Westfield", "PA", "US", 41.9192368),
        ("10000003", 1, None, None, None, None),
    ]
    assert found.counts.excluded["documents"] == {"withdrawn": 1}
    assert found.counts.excluded["addresses"] == {"document is excluded or cannot be read": 1}
    assert found.counts.excluded["applicants"] == {"natural person": 1}
    assert [(a["name"], a["country"]) for a in found.applicants] == [("ACME", "CA")]
    assert [(f["scheme"], f["code"]) for f in found.fields] == [("wipo35", "34")]
    assert [r["reason"] for r in found.rejects] == ["no believable patent_date"]


def test_international_applications_behind_them(tmp_path: Path, files: dict[str, Path]) -> None:
    pct = write(tmp_path / "pct.tsv", PCT)
    found = read("patentsview", source_of(tmp_path, files | {"pct": pct}))

    # the date of 1016 gives way to the year in the number
    assert [(d["document_id"], d["year"]) for d in found.documents] == [
        ("WO2016191867", 2016),
        ("WO2015000007", 2015),
    ]
    assert found.places("document_id", "city") == [
        ("WO2016191867", "Waterloo"),
        ("WO2016191867", "Westfield"),
        ("WO2015000007", "Westfield"),
    ]
    assert found.counts.excluded["documents"] == {
        "no national phase of an international application": 1,
        "further patent of the same international application": 1,
    }


def test_a_wo_publication_whose_number_is_none_is_a_reject(
    tmp_path: Path, files: dict[str, Path]
) -> None:
    row = '"10000002"\t"2016-12-08"\t"WO"\t"A"\t"see file"\t"wo_grant"\n'
    found = read(
        "patentsview", source_of(tmp_path, files | {"pct": write(tmp_path / "p.tsv", PCT + row)})
    )
    assert [(r["file"], r["line"], r["reason"]) for r in found.rejects] == [
        ("patents.tsv", 3, "no WO number: see file")
    ]
    assert found.counts.excluded["documents"] == {
        "further patent of the same international application": 1
    }


def test_coordinates_off_the_globe_are_none(tmp_path: Path, files: dict[str, Path]) -> None:
    absurd = LOCATIONS.replace("41.9192368", "419").replace("4.39", '"NaN"')
    files |= {"locations": write(tmp_path / "l.tsv", absurd)}
    found = read("patentsview", source_of(tmp_path, files))
    assert found.places("city", "lat", "lng")[:2] == [
        ("Waterloo", 50.71, None),
        ("Westfield", None, -77.5388744),
    ]


def test_locations_of_another_release_are_counted(tmp_path: Path, files: dict[str, Path]) -> None:
    other = write(tmp_path / "l.tsv", LOCATIONS.replace("loc-a", "loc-x"))
    found = read("patentsview", source_of(tmp_path, files | {"locations": other}))
    lost = {"location_id: not among the locations": 1}
    assert (found.counts.repaired["addresses"], found.counts.repaired["applicants"]) == (lost, {})
