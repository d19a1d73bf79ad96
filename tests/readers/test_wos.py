from pathlib import Path

import pytest

from pipelines.errors import UserError
from tests.readers.helpers import Records, read, source_of, write

PLAIN = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Sporns, O
   Detwiler, JT
   Bos, DH
   Nobody, X
AF Sporns, Olaf
   Detwiler, Jillian T.
   Bos, David H.
   Nobody, Xavier
TI A title that
   is wrapped
DT Article; Early Access
C1 [Sporns, Olaf] Indiana Univ, Dept Psychol & Brain Sci, Bloomington, IN 47405 USA.
   [Detwiler, Jillian T.; Bos, David H.] Purdue Univ, W Lafayette, IN 47907 USA.
C1 [Bos, David H.] Univ Technol Sarawak, Sibu 96000, Sarawak, Malaysia.
WC Neurosciences; Biology
WE Science Citation Index Expanded (SCI-EXPANDED)
SN 1234-5678
PY 2010
UT WOS:000280181800027
ER

PT J
AU KIM, J
   LEE, S
DT Article
C1 UNIV SARAJEVO,SARAJEVO,BOSNIA & HERCEG.
   SEOUL NATL UNIV, SEOUL, SOUTH KOREA.
PY 1999
UT ISI:A1999
ER

PT J
AU Early, A
   Other, B
DT Article
RP Early, A (reprint author), Univ X, Paris, France.
WE Social Science Citation Index (SSCI)
EA JUN 2021
UT WOS:3
ER

EF"""


def read_text(tmp_path: Path, data: str | bytes) -> Records:
    return read(
        "wos", source_of(tmp_path, write(tmp_path / "savedrecs.txt", data), kind="publication")
    )


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_plain_text(tmp_path: Path, mark: bytes, line_end: str) -> None:
    found = read_text(tmp_path, mark + PLAIN.replace("\n", line_end).encode())

    assert [(d["document_id"], d["year"], d["document_type"]) for d in found.documents] == [
        ("WOS:000280181800027", 2010, "Article; Early Access"),
        ("ISI:A1999", 1999, "Article"),
        ("WOS:3", 2021, "Article"),
    ]
    assert [d.get("is_science") for d in found.documents] == [True, None, False]
    assert found.documents[0]["issns"] == "1234-5678"
    assert found.documents[0]["line"] == 3
    assert found.places("document_id", "person_number", "address", "country") == [
        (
            *("WOS:000280181800027", 1),
            *("Indiana Univ, Dept Psychol & Brain Sci, Bloomington, IN 47405 USA", "USA"),
        ),
        ("WOS:000280181800027", 2, "Purdue Univ, W Lafayette, IN 47907 USA", "USA"),
        ("WOS:000280181800027", 3, "Purdue Univ, W Lafayette, IN 47907 USA", "USA"),
        (
            "WOS:000280181800027",
            3,
            "Univ Technol Sarawak, Sibu 96000, Sarawak, Malaysia",
            "Malaysia",
        ),
        # in no bracket: one empty address
        ("WOS:000280181800027", 4, None, None),
        # no brackets: of nobody in particular
        ("ISI:A1999", None, "UNIV SARAJEVO,SARAJEVO,BOSNIA & HERCEG", "BOSNIA & HERCEG"),
        ("ISI:A1999", None, "SEOUL NATL UNIV, SEOUL, SOUTH KOREA", "SOUTH KOREA"),
        # no C1: the corresponding author's, and nothing for the other
        ("WOS:3", 1, "Univ X, Paris, France", "France"),
        ("WOS:3", 2, None, None),
    ]
    assert [f["code"] for f in found.fields] == ["Neurosciences", "Biology"]
    assert found.counts.read == {"documents": 3}


TABLE = (
    "PT\tAU\tAF\tC1\tDT\tPY\tUT\n"
    "J\tSporns, O; Bos, DH\tSporns, Olaf; Bos, David H.\t"
    "[Sporns, Olaf; Bos, David H.] Indiana Univ, Bloomington, IN USA; [Bos, David H.] Univ Zürich, "
    "Zürich, Switzerland\tArticle\t2015\tWOS:1\t\n"
    "J\tX\t\t\tReview\t2016\tWOS:2\t\n"
    "J\tX\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tab_delimited(tmp_path: Path, encoding: str) -> None:
    found = read_text(tmp_path, TABLE.replace("\n", "\r\n").encode(encoding))
    assert found.places("document_id", "person_number", "address") == [
        ("WOS:1", 1, "Indiana Univ, Bloomington, IN USA"),
        ("WOS:1", 2, "Indiana Univ, Bloomington, IN USA"),
        ("WOS:1", 2, "Univ Zürich, Zürich, Switzerland"),
        ("WOS:2", 1, None),
    ]
    assert [(r["line"], r["reason"]) for r in found.rejects] == [
        (3, "not as many cells as columns")  # the third record
    ]


def record(*lines: str) -> str:
    return "\n".join(["FN Clarivate Analytics Web of Science", *lines, ""])


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (record("PT J", "PY 2010", "ER"), ["no identifier"]),
        (record("PT J", "UT 1", "ER"), ["no believable year of publication: None"]),
        (record("PT J", "UT 1", "PY 2010"), ["cut off: no ER before the file ends"]),
        (
            record("PT J", "UT 1", "PY 2010", "PT J", "UT 2", "PY 2010", "ER"),
            ["no ER before the next"],
        ),
        (record("UT 1", "PY 2010", "ER"), ["no PT at its beginning"]),
        (record("PT J", "UT 1", "lost", "PY 2010", "ER"), ["a line that is neither"]),
    ],
)
def test_broken_records_are_rejects(tmp_path: Path, text: str, reasons: list[str]) -> None:
    found = read_text(tmp_path, text)
    assert len(found.rejects) == len(reasons)
    assert all(r["reason"].startswith(s) for r, s in zip(found.rejects, reasons, strict=True))
    assert all(r["raw_text"] for r in found.rejects)
    assert found.counts.read["documents"] == len(found.documents) + len(found.rejects)


def test_a_record_that_is_not_utf8_is_a_reject(tmp_path: Path) -> None:
    text = PLAIN.replace("Nobody, X\n", "Nöbody, X\n")
    data = text.encode().replace("Nöbody".encode(), "Nöbody".encode("latin-1"))
    found = read_text(tmp_path, data)
    assert [r["reason"] for r in found.rejects] == ["not UTF-8"]
    assert len(found.documents) == 2


def test_a_file_without_records_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no record found"):
        read_text(tmp_path, "FN Clarivate Analytics Web of Science\nVR 1.0\nEF")


CORRESPONDING = (
    "Early, A; Late, B (corresponding author), MIT, Cambridge, MA 02139 USA.;"
    " Other, C (Corresponding Author), Univ Ulm (Inst Phys), Ulm, Germany."
)


@pytest.mark.parametrize(
    "text",
    [
        f"FN Clarivate Analytics Web of Science\nPT J\nAU Early, A\n   Late, B\n   Other, C\n"
        f"RP {CORRESPONDING}\nPY 2020\nUT WOS:1\nER\nEF",
        f"PT\tAU\tRP\tPY\tUT\nJ\tEarly, A; Late, B; Other, C\t{CORRESPONDING}\t2020\tWOS:1\n",
    ],
    ids=["plain", "tab-delimited"],
)
def test_each_corresponding_author_has_an_address_where_there_is_no_c1(
    tmp_path: Path, text: str
) -> None:
    found = read_text(tmp_path, text)
    assert found.places("person_number", "address", "country", "institution") == [
        (1, "MIT, Cambridge, MA 02139 USA", "USA", "MIT"),
        (2, "MIT, Cambridge, MA 02139 USA", "USA", "MIT"),
        (3, "Univ Ulm (Inst Phys), Ulm, Germany", "Germany", "Univ Ulm (Inst Phys)"),
    ]


def test_exports_put_one_behind_the_other(tmp_path: Path) -> None:
    """The second one's byte-order mark stands in the midst of the file."""
    found = read_text(tmp_path, 2 * f"\ufeff{PLAIN}\n")
    assert len(found.documents) == 6
    assert found.rejects == []
