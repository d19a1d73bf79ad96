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
