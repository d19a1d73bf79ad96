"""Splitting files into records: independent of how the bytes arrive, and never slow."""

import io

import pytest

from pipelines.readers import xml_records
from pipelines.readers.collect import RawRecord
from pipelines.readers.pct_numbers import wo_number
from pipelines.readers.tagged import split_medline
from pipelines.readers.wos import _outside_brackets
from pipelines.readers.xml_records import xml_splitter

XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE set [<!ENTITY a "<b>">]>\n<set>\n'
    "<!-- <doc> in a comment -->\n<doc n='1'>one\n</doc>\n<docs/> <doc>two</doc ><doc>three\n"
    '<doc>four</doc>stray\n</set>\n<?xml version="1.0" encoding="latin-1"?><doc>five</doc><doc>six'
)


def split(text: str) -> list[tuple[int, object, str | None]]:
    splitter = xml_splitter(["doc"], ["set"])
    records = splitter(io.BytesIO(text.encode()), "x")
    return [(record.line, record.data, record.fault) for record in records]


def test_documents_and_what_lies_between_them() -> None:
    not_closed = "not closed before the next document begins"
    stray = "text outside of any document"
    assert split(XML) == [
        # a comment is not looked into for documents: what is cut out of it is a reject in the end
        (1, b"<!--", stray),
        (4, (b"UTF-8", b"<doc> in a comment -->\n"), not_closed),
        (5, (b"UTF-8", b"<doc n='1'>one\n</doc>"), None),
        (6, b"<docs/>", stray),
        (7, (b"UTF-8", b"<doc>two</doc >"), None),
        (7, (b"UTF-8", b"<doc>three\n"), not_closed),
        (8, (b"UTF-8", b"<doc>four</doc>"), None),
        (8, b"stray", stray),
        (10, (b"latin-1", b"<doc>five</doc>"), None),
        (10, (b"latin-1", b"<doc>six"), "cut off: not closed"),
    ]


@pytest.mark.parametrize("chunk_bytes", [1, 7, 64])
def test_pieces_do_not_matter(monkeypatch: pytest.MonkeyPatch, chunk_bytes: int) -> None:
    whole = split(XML)
    monkeypatch.setattr(xml_records, "CHUNK_BYTES", chunk_bytes)
    assert split(XML) == whole


MANY = 200_000


@pytest.mark.parametrize(
    "text", ["<?" * MANY, "<!DOCTYPE [" * MANY, "</set " * MANY, "<doc>" * 1_000]
)
def test_hostile_xml_takes_linear_time(text: str) -> None:
    assert split(text)


def test_hostile_lines_take_linear_time() -> None:
    assert len(list(_outside_brackets(";" * MANY))) > MANY
    assert len(list(_outside_brackets("[;" * MANY))) == 1
    assert wo_number("WO" + " " * MANY) is None
    record = b"AD  - a\n" + b"      b\n" * 100_000
    (found,) = split_medline(io.BytesIO(b"PMID- 1\n" + record), "x")
    assert isinstance(found, RawRecord)
    assert len(found.data[1][1]) == 200_001


def test_semicolons_inside_brackets_do_not_part_addresses() -> None:
    line = "[A, B; C, D] Univ X, Bonn; [E] Univ Y, Rome; Univ Z"
    assert list(_outside_brackets(line)) == [
        "[A, B; C, D] Univ X, Bonn",
        "[E] Univ Y, Rome",
        "Univ Z",
    ]
