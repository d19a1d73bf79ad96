"""Splitting files into records: independent of how the bytes arrive, and never slow."""

import io

import pytest

from pipelines.readers import collect, xml_records
from pipelines.readers.collect import RawRecord
from pipelines.readers.pct_numbers import wo_number
from pipelines.readers.tagged import medline_fields, split_medline, split_wos
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


def test_a_document_that_ends_with_the_file_needs_no_line_feed() -> None:
    assert split("<doc>one</doc>") == [(1, (b"utf-8", b"<doc>one</doc>"), None)]
    assert len(split("<doc>one</doc><doc>two</doc>")) == 2


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
    (_, (_, value)) = medline_fields(found.data)
    assert len(value) == 200_001


TAGGED = (
    "FN Clarivate\nVR 1.0\n\nPT J\nAU A\n   B\n\nUT 1\nER  \n\nPT J\nUT 2\nPT J\nUT 3\nER\n"
    "ER\nPT J\nER\n   lost\nER\nPT J\nlost\nER\nEF\nPT J\nUT 4"
)
BEGUN_ANEW = "no ER before the next record begins"
NEITHER = "a line that is neither a field nor its continuation"


def split_lines(data: bytes) -> list[tuple[int, bytes, str | None]]:
    records = split_wos(io.BytesIO(data), "x")
    return [(record.line, record.text, record.fault) for record in records]


def test_tagged_records_and_what_lies_between_them() -> None:
    assert split_lines(TAGGED.encode()) == [
        (4, b"PT J\nAU A\n   B\n\nUT 1", None),
        (11, b"PT J\nUT 2", BEGUN_ANEW),
        (13, b"PT J\nUT 3", None),
        (16, b"ER", BEGUN_ANEW),  # outside of a record it begins one
        (17, b"PT J", None),
        (19, b"   lost", NEITHER),
        (21, b"PT J\nlost", NEITHER),
        (25, b"PT J\nUT 4", "cut off: no ER before the file ends"),
    ]


@pytest.mark.parametrize("block_bytes", [1, 7, 64])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r\r\n"])
def test_blocks_and_line_ends_do_not_matter(
    monkeypatch: pytest.MonkeyPatch, block_bytes: int, line_end: str
) -> None:
    whole = split_lines(TAGGED.encode())
    monkeypatch.setattr(collect, "BLOCK_BYTES", block_bytes)
    assert split_lines(TAGGED.replace("\n", line_end).encode()) == whole
    utf16 = io.BufferedReader(io.BytesIO(TAGGED.encode("utf-16")))  # type: ignore[arg-type]
    assert [record.line for record in split_wos(utf16, "x")] == [line for line, _, _ in whole]


def test_semicolons_inside_brackets_do_not_part_addresses() -> None:
    line = "[A, B; C, D] Univ X, Bonn; [E] Univ Y, Rome; Univ Z"
    assert list(_outside_brackets(line)) == [
        "[A, B; C, D] Univ X, Bonn",
        "[E] Univ Y, Rome",
        "Univ Z",
    ]
