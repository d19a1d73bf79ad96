import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import UserError
from tests.readers.helpers import Records, read, source_of, write

ETH = {
    "id": "https://openalex.org/I1",
    "display_name": "ETH Zurich",
    "ror": "https://ror.org/05a28rw58",
}
MIT = {"id": "https://openalex.org/I2", "display_name": "MIT", "ror": None, "country_code": "US"}


def work(**changes: Any) -> dict[str, Any]:
    return {"id": "https://openalex.org/W1", "publication_year": 2020, "authorships": []} | changes


def read_works(tmp_path: Path, *works: Any, name: str = "works.jsonl") -> Records:
    text = "\n".join(w if isinstance(w, str) else json.dumps(w) for w in works)
    data = text.encode()
    path = write(tmp_path / name, gzip.compress(data) if name.endswith("gz") else data)
    return read("openalex", source_of(tmp_path, path, kind="publication"))


def test_new_schema_pairs_strings_with_institutions(tmp_path: Path) -> None:
    author = {
        "institutions": [MIT, ETH],
        "raw_affiliation_strings": ["ETH Zürich, 8092", "Independent, Bern"],
        "affiliations": [
            {"raw_affiliation_string": "ETH Zürich, 8092", "institution_ids": [ETH["id"]]},
            {"raw_affiliation_string": "Independent, Bern", "institution_ids": []},
        ],
    }
    found = read_works(tmp_path, work(authorships=[author]))
    assert found.places("person_number", "address_number", "address", "institution_id") == [
        (1, 1, "ETH Zürich, 8092", "https://ror.org/05a28rw58"),
        (1, 2, "Independent, Bern", None),
    ]


def test_a_string_that_the_pairs_leave_out_is_an_address_too(tmp_path: Path) -> None:
    author = {
        "institutions": [ETH],
        "raw_affiliation_strings": ["Independent, Bern", "ETH Zürich, 8092"],
        "affiliations": [
            {"raw_affiliation_string": "ETH Zürich, 8092", "institution_ids": [ETH["id"]]}
        ],
    }
    found = read_works(tmp_path, work(authorships=[author]))
    assert found.places("person_number", "address_number", "address", "institution") == [
        (1, 1, "ETH Zürich, 8092", "ETH Zurich"),
        (1, 2, "Independent, Bern", None),
    ]


def test_strings_without_pairs_take_the_institution_named_in_them(tmp_path: Path) -> None:
    author = {
        "institutions": [MIT, ETH],
        "raw_affiliation_strings": ["Physics, ETH Zurich", "Elsewhere"],
    }
    found = read_works(tmp_path, work(authorships=[author]))
    assert found.places("address", "institution") == [
        ("Physics, ETH Zurich", "ETH Zurich"),
        ("Elsewhere", None),
    ]


def test_old_schema_single_string(tmp_path: Path) -> None:
    authors = [
        {"raw_affiliation_string": "Dept X, Boston", "institutions": [MIT]},
        {"raw_affiliation_string": None, "institutions": [MIT, ETH]},
        {"raw_affiliation_string": "", "institutions": []},
    ]
    found = read_works(tmp_path, work(authorships=authors))
    assert found.places(
        "person_number", "address_number", "address", "country", "institution_id"
    ) == [
        (1, 1, "Dept X, Boston", None, "https://openalex.org/I2"),
        (2, 2, None, "US", "https://openalex.org/I2"),
        (2, 3, None, None, "https://ror.org/05a28rw58"),
        (3, 4, None, None, None),
    ]


def test_old_schema_several_addresses_in_one_string(tmp_path: Path) -> None:
    authors = [
        {"raw_affiliation_string": "MIT, Boston; ETH, Zürich;", "institutions": [MIT, ETH]},
        {"raw_affiliation_string": "Dept X; MIT; Boston", "institutions": [MIT, ETH]},
        {"raw_affiliation_string": "Dept X; Boston", "institutions": [MIT]},
    ]
    found = read_works(tmp_path, work(authorships=authors))
    assert found.places("person_number", "address", "institution") == [
        (1, "MIT, Boston", "MIT"),
        (1, "ETH, Zürich", "ETH Zurich"),
        (2, "Dept X; MIT; Boston", "MIT"),
        (3, "Dept X; Boston", "MIT"),
    ]


@pytest.mark.parametrize(
    ("attributes", "is_science"),
    [
        ({}, None),
        ({"primary_topic": {"domain": {"display_name": "Physical Sciences"}}}, True),
        ({"primary_topic": {"domain": {"display_name": "Social Sciences"}}}, False),
        ({"concepts": [{"display_name": "Physics", "level": 0, "score": "0.5"}]}, True),
        ({"concepts": [{"display_name": "Optics", "level": 1, "score": 0.5}]}, None),
        (
            {
                "concepts": [
                    {"display_name": "Art", "level": 0, "score": 0.6},
                    {"display_name": "Physics", "level": 0, "score": 0.5},
                ]
            },
            False,
        ),
        # a tie leans to science
        (
            {
                "concepts": [
                    {"display_name": "Art", "level": 0, "score": 0.5},
                    {"display_name": "Physics", "level": 0, "score": 0.5},
                ]
            },
            True,
        ),
        # the topic, where there is one, overrules the concepts
        (
            {
                "primary_topic": {"domain": {"display_name": "Life Sciences"}},
                "concepts": [{"display_name": "Art", "level": 0, "score": 0.9}],
            },
            True,
        ),
    ],
)
def test_is_science(tmp_path: Path, attributes: dict[str, Any], is_science: bool | None) -> None:
    found = read_works(tmp_path, work(**attributes))
    assert found.documents[0].get("is_science") is is_science


def test_attributes_of_documents_and_fields(tmp_path: Path) -> None:
    found = read_works(
        tmp_path,
        work(
            type="journal-article",
            is_retracted=True,
            is_paratext=None,
            host_venue={"issn": ["1234-5678", "2345-6789"], "issn_l": "1234-5678"},
            primary_topic={"field": {"display_name": "Chemistry"}},
            concepts=[
                {"display_name": "Chemistry", "level": 0, "score": 0.5},
                {"display_name": "Art", "level": 0, "score": 0},
                {"display_name": "Catalysis", "level": 1, "score": 0.9},
            ],
        ),
        work(
            id="W2",
            type="article",
            primary_location={"source": {"issn": [], "issn_l": "1111-1111"}},
        ),
    )
    one, two = found.documents
    assert (one["document_type"], one["is_retracted"], one["is_paratext"], one["issns"]) == (
        "journal-article",
        True,
        False,
        "1234-5678;2345-6789",
    )
    assert (two["document_id"], two["document_type"], two["issns"]) == (
        "W2",
        "article",
        "1111-1111",
    )
    assert sorted((f["scheme"], f["code"]) for f in found.fields) == [
        ("openalex_concept", "Chemistry"),
        ("openalex_field", "Chemistry"),
    ]


def test_lines_that_are_no_works_are_rejects_with_their_number(tmp_path: Path) -> None:
    found = read_works(
        tmp_path,
        work(id="W1"),
        '{"id": "W2", "publication_year": 20',
        "",
        work(id=None),
        work(id="W4", publication_year="soon"),
        "[1, 2]",
        work(id="W6", publication_year=1499),
        work(id="W7"),
        name="works.gz",
    )
    assert [(d["document_id"], d["line"]) for d in found.documents] == [("W1", 1), ("W7", 7)]
    assert [(r["line"], r["reason"]) for r in found.rejects] == [
        (2, "no JSON work"),
        (3, "no id"),
        (4, "no believable publication_year"),
        (5, "no JSON work"),
        (6, "no believable publication_year"),
    ]
    assert found.rejects[0]["raw_text"] == '{"id": "W2", "publication_year": 20'
    assert found.counts.read == {"documents": 7}


def test_authorships_of_another_type_are_counted(tmp_path: Path) -> None:
    found = read_works(tmp_path, work(authorships="none"), work(id="W2"))
    assert len(found.documents) == 2
    assert found.counts.repaired["documents"] == {"authorships: not a list of authors": 1}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("envelope", ["page", "list"])
def test_api_pages_and_lists(tmp_path: Path, envelope: str, indent: int | None) -> None:
    works = [
        work(id="W1"),
        work(id="W2", authorships=[{"raw_affiliation_string": "Bonn"}]),
        work(id=None),
    ]
    value = {"meta": {"count": 3}, "results": works} if envelope == "page" else works
    path = write(tmp_path / "page.json", json.dumps(value, indent=indent))
    found = read("openalex", source_of(tmp_path, path, kind="publication"))
    assert [d["document_id"] for d in found.documents] == ["W1", "W2"]
    assert found.places("document_id", "address") == [("W2", "Bonn")]
    assert [(r["line"], r["reason"]) for r in found.rejects] == [(3, "no id")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_works_behind_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    text = '{"id": "W1", "publication_year": 2020, "type": "article"}\n'
    path = write(tmp_path / "works.jsonl", text.encode(encoding))
    found = read("openalex", source_of(tmp_path, path, kind="publication"))
    assert [(d["document_id"], d["year"]) for d in found.documents] == [("W1", 2020)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"id,year\n1,2020\n", "expected OpenAlex works as JSON"),
        (b"\x00\x01\x02\x03" * 99, "binary"),
        (
            gzip.compress(b'{"id": "W1", "publication_year": 2020}\n' * 9999)[:200],
            "Fetch the file again",
        ),
    ],
)
def test_faults_of_whole_files(tmp_path: Path, data: bytes, message: str) -> None:
    path = write(tmp_path / "works.jsonl", data)
    with pytest.raises(UserError, match=message):
        read("openalex", source_of(tmp_path, path, kind="publication"))


def test_a_damaged_gzip_file_is_an_error_and_not_rejects(tmp_path: Path) -> None:
    lines = "".join(f'{{"id": "W{n}", "publication_year": {2000 + n % 20}}}\n' for n in range(5000))
    data = bytearray(gzip.compress(lines.encode()))
    data[len(data) // 2] ^= 0xFF
    path = write(tmp_path / "works.gz", bytes(data))
    with pytest.raises(UserError, match="damaged"):
        read("openalex", source_of(tmp_path, path, kind="publication"))


def test_order_and_numbers_do_not_depend_on_threads(tmp_path: Path) -> None:
    from pipelines.readers.source import Limits

    works = [
        work(id=f"W{n}", authorships=[{"raw_affiliation_string": f"Town {n}"}] * (n % 3))
        for n in range(3000)
    ]
    path = write(tmp_path / "w.jsonl", "\n".join(map(json.dumps, works)))
    one, two = (
        read(
            "openalex",
            source_of(tmp_path, path, kind="publication", limits=Limits(threads=threads)),
        )
        for threads in (1, 2)
    )
    assert one.documents == two.documents
    assert one.addresses == two.addresses
    assert [d["document_id"] for d in one.documents] == [f"W{n}" for n in range(3000)]
