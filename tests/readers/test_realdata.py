"""The real files beside the checkout: every record of them accounted for."""

from pathlib import Path

import pytest

from pipelines.readers import FORMATS
from pipelines.readers.detect import check
from pipelines.readers.ror import read_institutions
from tests.readers.helpers import read, source_of


def test_openalex(realdata: Path) -> None:
    path = realdata / "openalex_works.jsonl.gz"
    source = source_of(realdata, path, kind="publication")
    check(source, FORMATS["openalex"], FORMATS)
    found = read("openalex", source)

    assert len(found.documents) == found.counts.read["documents"] == 7_233
    assert found.rejects == []
    authors = {(a["document_id"], a["person_number"]) for a in found.addresses}
    assert len(authors) == 37_905
    stringed = [(a["document_id"], a["person_number"]) for a in found.addresses if "address" in a]
    assert len(set(stringed)) == 32_757
    # 1,225 strings hold two addresses, 79 hold three
    assert len(stringed) == 32_757 + 1_225 + 2 * 79
    years = [d["year"] for d in found.documents]
    assert (min(years), max(years)) == (1951, 2022)
    assert sum(2011 <= year <= 2022 for year in years) == 4_316


def test_patentsview_through_the_tabular_reader(realdata: Path) -> None:
    names = {
        "documents": "patents",
        "addresses": "inventors",
        "applicants": "assignees",
        "fields": "wipo_fields",
    }
    files = {role: realdata / f"patentsview_{name}.tsv.gz" for role, name in names.items()}
    columns = {
        "documents": {"document_id": "patent_id", "year": "grant_year", "document_type": "=B"},
        "addresses": {
            "document_id": "patent_id",
            "person_number": "inventor_sequence",
            "city": "inventor_city",
            "region": "inventor_state",
            "country": "inventor_country",
        },
        "applicants": {"document_id": "patent_id", "name": "assignee_organization"},
        "fields": {"document_id": "patent_id", "scheme": "=wipo35", "code": "wipo_field_id"},
    }
    source = source_of(realdata, files, columns=columns)
    check(source, FORMATS["tabular"], FORMATS)
    found = read("tabular", source)

    assert found.counts.read == {
        "documents": 2_001,
        "addresses": 5_529,
        "applicants": 1_814,
        "fields": 3_039,
    }
    assert len(found.documents) == 2_001
    assert len(found.addresses) == 5_529
    assert len(found.fields) == 3_039
    # assignees that are natural persons have no organisation's name
    assert len(found.applicants) == 1_802
    assert {r["reason"] for r in found.rejects} == {"no name"}
    assert {d["year"] for d in found.documents} == {2007, 2018}


@pytest.mark.parametrize("name", ["redbook", "redbook_pct"])
def test_redbook(realdata: Path, name: str) -> None:
    source = source_of(realdata, realdata / "uspto_redbook_xml.tar.gz")
    check(source, FORMATS[name], FORMATS)
    found = read(name, source)

    assert found.counts.read["documents"] == 542
    excluded = dict(found.counts.excluded["documents"])
    assert excluded.pop("sequence listing") == 12
    # basic.xml is no patent document
    (reject,) = found.rejects
    assert reject["file"].endswith("!uspto_redbook_xml/basic.xml")
    if name == "redbook":
        assert len(found.documents) == 529
        assert excluded == {}
        assert all("country" in a for a in found.addresses)
    else:
        assert len(found.documents) == 30
        assert excluded == {
            "no national phase of an international application": 497,
            "international application without a WO publication number": 2,
        }
        assert all(d["document_id"].startswith("WO") for d in found.documents)


def test_ror(realdata: Path) -> None:
    found = read_institutions([realdata / "ror_records.jsonl.gz"])
    assert found.height == 35_990
    assert found["lat"].null_count() == found["lng"].null_count() == 0
    assert found["country"].str.len_chars().unique().to_list() == [2]
    assert found["name"].null_count() == 0
