import json
from pathlib import Path
from typing import Any

import pytest

from tests.readers.helpers import read, source_of, write

FULL: dict[str, Any] = {
    "lens_id": "000-000",
    "jurisdiction": "WO",
    "doc_number": "2008/080153",
    "kind": "A2",
    "date_published": "2008-07-03",
    "biblio": {
        "parties": {
            "inventors": [
                {
                    "residence": "CA",
                    "sequence": 1,
                    "extracted_name": {"value": "DOE JOHN"},
                    "extracted_address": "TORONTO, ONTARIA, CA",
                },
                {"residence": "US"},
            ],
            "applicants": [{"residence": "CA", "extracted_name": {"value": "ACME"}}],
        },
        "classifications_ipcr": {"classifications": [{"symbol": "A61K31/00"}]},
    },
}
FLAT: dict[str, Any] = {
    "publicationKey": "WO_2010_123456_A1",
    "lensId": "1",
    "jurisdiction": "WO",
    "kindCode": "A1",
    "publicationDate": "2010-01-02",
    "inventors": ["DOE JOHN", "ROE JANE"],
    "applicants": ["ACME"],
}


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_lines_of_both_forms(tmp_path: Path, mark: str) -> None:
    text = mark + "\n".join(json.dumps(r) for r in (FULL, FLAT, {"jurisdiction": "WO"})) + "\n"
    found = read("lens", source_of(tmp_path, write(tmp_path / "l.jsonl", text)))

    assert [(d["document_id"], d["year"], d["document_type"]) for d in found.documents] == [
        ("WO2008080153A2", 2008, "A2"),
        ("WO2010123456A1", 2010, "A1"),
    ]
    assert found.places("document_id", "person_number", "address", "country") == [
        ("WO2008080153A2", 1, "TORONTO, ONTARIA, CA", "CA"),
        ("WO2008080153A2", 2, None, "US"),
        ("WO2010123456A1", 1, None, None),
        ("WO2010123456A1", 2, None, None),
    ]
    assert [(a["name"], a.get("country")) for a in found.applicants] == [
        ("ACME", "CA"),
        ("ACME", None),
    ]
    assert [f["code"] for f in found.fields] == ["A61K31/00"]
    assert [r["reason"] for r in found.rejects] == ["no identifier"]
    assert "DOE" not in str(found.addresses)


def test_the_apis_answer(tmp_path: Path) -> None:
    path = write(tmp_path / "l.json", json.dumps({"total": 1, "data": [FULL]}, indent=2))
    found = read("lens", source_of(tmp_path, path))
    assert [d["document_id"] for d in found.documents] == ["WO2008080153A2"]


def test_documents_of_other_authorities_are_excluded(tmp_path: Path) -> None:
    """A family's US patent beside its WO publication would be a second application."""
    patent = FULL | {"jurisdiction": "US", "doc_number": "8080153", "kind": "B2"}
    by_reference = {"lens_id": "2", "biblio": {"publication_reference": {"jurisdiction": "EP"}}}
    text = "\n".join(json.dumps(r) for r in (patent, FULL, by_reference))
    found = read("lens", source_of(tmp_path, write(tmp_path / "l.jsonl", text)))
    assert [d["document_id"] for d in found.documents] == ["WO2008080153A2"]
    assert found.counts.excluded["documents"] == {"no publication of the authority WO": 2}


@pytest.mark.parametrize(
    ("before", "between", "after"),
    [("[\n", ",\n", "\n]"), ('{"total": 2, "data": [\n', ",\n", "\n]}"), ("[", ",", "]")],
)
def test_a_list_with_a_record_a_line(tmp_path: Path, before: str, between: str, after: str) -> None:
    text = before + between.join([json.dumps(FULL), json.dumps(FLAT)]) + after
    found = read("lens", source_of(tmp_path, write(tmp_path / "l.json", text)))
    assert (len(found.documents), found.rejects) == (2, [])


def test_an_indented_list(tmp_path: Path) -> None:
    path = write(tmp_path / "l.json", json.dumps([FULL, FLAT], indent=1))
    found = read("lens", source_of(tmp_path, path))
    assert (len(found.documents), found.rejects) == (2, [])


def test_answers_one_a_line(tmp_path: Path) -> None:
    pages = [{"data": [FULL]}, {"data": []}, {"data": [FLAT, "x"]}]
    text = "\n".join(map(json.dumps, pages)) + '\n{"data": [{"lens_id"\n'
    found = read("lens", source_of(tmp_path, write(tmp_path / "l.jsonl", text)))
    assert [(d["document_id"], d["line"]) for d in found.documents] == [
        ("WO2008080153A2", 1),
        ("WO2010123456A1", 3),
    ]
    assert [(r["line"], r["reason"]) for r in found.rejects] == [
        (3, "no JSON object"),
        (4, "no JSON object"),
    ]


def test_lines_of_which_the_first_is_cut_off(tmp_path: Path) -> None:
    text = json.dumps(FULL)[:50] + "\n" + json.dumps(FLAT) + "\n"
    found = read("lens", source_of(tmp_path, write(tmp_path / "l.jsonl", text)))
    assert [(d["document_id"], d["line"]) for d in found.documents] == [("WO2010123456A1", 2)]
    assert [(r["line"], r["reason"]) for r in found.rejects] == [(1, "no JSON object")]
