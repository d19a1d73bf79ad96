import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import UserError
from tests.readers.helpers import read, source_of, write

ITEMS: list[dict[str, Any]] = [
    {
        "DOI": "10.1/a",
        "type": "journal-article",
        "issued": {"date-parts": [[2019, 5, 1]]},
        "ISSN": ["1111-2222"],
        "subject": ["Neurology"],
        "author": [
            {
                "family": "A",
                "affiliation": [
                    {"name": "CNS \u2010 Campus Neurologico  Torres Vedras Portugal"},
                    {
                        "name": "Univ X",
                        "place": ["Lyon, France"],
                        "id": [{"id": "https://ror.org/05a28rw58", "id-type": "ROR"}],
                    },
                ],
            },
            {"family": "B", "affiliation": []},
            {"name": "The Group", "affiliation": [{"name": "Nowhere"}]},
            {"given": "C"},
        ],
        "updated-by": [{"type": "retraction"}],
    },
    {
        "DOI": "10.1/b",
        "issued": {"date-parts": [[None]]},
        "published-print": {"date-parts": [[2020]]},
    },
    {"DOI": "10.1/c", "issued": {"date-parts": [[None]]}, "author": "nobody"},
    {"title": ["no DOI"], "issued": {"date-parts": [[2020]]}},
]
FORMS = {
    "api": json.dumps({"status": "ok", "message": {"items": ITEMS}}, indent=1),
    "file": json.dumps({"items": ITEMS}),
    "list": json.dumps(ITEMS),
    "lines": "\n".join(map(json.dumps, ITEMS)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form(tmp_path: Path, form: str) -> None:
    path = write(tmp_path / "c.json", FORMS[form])
    found = read("crossref", source_of(tmp_path, path, kind="publication"))

    assert [(d["document_id"], d["year"], d["is_retracted"]) for d in found.documents] == [
        ("10.1/a", 2019, True),
        ("10.1/b", 2020, False),
    ]
    assert found.places("person_number", "address", "institution_id") == [
        (1, "CNS \u2010 Campus Neurologico  Torres Vedras Portugal", None),
        (1, "Univ X, Lyon, France", "https://ror.org/05a28rw58"),
        (2, None, None),
        (3, None, None),
    ]
    assert found.fields[0]["code"] == "Neurology"
    assert [(r["line"], r["reason"]) for r in found.rejects] == [
        (3, "no believable year of publication: None"),
        (4, "no identifier"),
    ]
    assert json.loads(found.rejects[1]["raw_text"])["title"] == ["no DOI"]


def test_one_work(tmp_path: Path) -> None:
    path = write(tmp_path / "c.json", json.dumps({"status": "ok", "message": ITEMS[0]}, indent=1))
    found = read("crossref", source_of(tmp_path, path, kind="publication"))
    assert [d["document_id"] for d in found.documents] == ["10.1/a"]


def test_cut_lines_are_rejects_and_a_cut_value_is_an_error(tmp_path: Path) -> None:
    lines = write(tmp_path / "c.jsonl", FORMS["lines"][:-10])
    found = read("crossref", source_of(tmp_path, lines, kind="publication"))
    assert [r["reason"] for r in found.rejects][-1] == "no JSON object"
    whole = write(tmp_path / "c.json", FORMS["api"][:-10])
    with pytest.raises(UserError, match="cut off"):
        read("crossref", source_of(tmp_path, whole, kind="publication"))


def test_an_empty_affiliation_is_none(tmp_path: Path) -> None:
    authors = [
        {"family": "Roe", "affiliation": [{"name": ""}, {"name": "Univ X, Lyon"}, {}]},
        {"family": "Doe", "affiliation": [{"name": " "}]},
    ]
    path = write(tmp_path / "c.json", json.dumps(ITEMS[0] | {"author": authors}))
    found = read("crossref", source_of(tmp_path, path, kind="publication"))
    assert found.places("person_number", "address") == [(1, "Univ X, Lyon"), (2, None)]
