"""Records of formats that are parsed in Python: one raw record gives one `Document`.

Here: `Document`, the reasons why a record gives none, and `collect`, which turns a splitter (file
to raw records) and a parser (raw record to document) into batches with rejects and books.
Not here: formats that DuckDB reads (`engine`), splitting and parsing themselves.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from pipelines.errors import UserError
from pipelines.readers.opening import members
from pipelines.readers.records import RAW_TEXT_CHARACTERS, YEARS, Batch, account, batch
from pipelines.readers.source import SourceFiles

ROWS_PER_BATCH = 20_000
LONGEST_LINE_BYTES = 1 << 26

Row = dict[str, Any]


class MalformedError(Exception):
    """A record that cannot be read; the message is the reject's reason."""


class ExcludedError(Exception):
    """A record that a rule of the format leaves out; the message is the rule."""


@dataclass(frozen=True)
class RawRecord:
    """A record before it is parsed.

    Attributes:
        line: line on which it begins, or its number in the file, as the format allows.
        data: its bytes, or what the splitter made of them.
        text: its beginning for a reject; `data` where None.
        fault: why it is no record at all; None for a proper one.
    """

    line: int
    data: Any
    text: str | None = None
    fault: str | None = None


@dataclass
class Document:
    """A document and all that belongs to it; columns as in `records.SCHEMAS`.

    Attributes:
        document_id: as the source has it.
        year: of publication.
        addresses: rows of the addresses table but for the keys and address_number.
        applicants: rows of the applicants table but for the keys and applicant_number.
        fields: (scheme, code) of each field.
    """

    document_id: str | None
    year: int | None
    document_type: str | None = None
    is_retracted: bool = False
    is_paratext: bool = False
    is_science: bool | None = None
    issns: str | None = None
    addresses: list[Row] = field(default_factory=list)
    applicants: list[Row] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)


Splitter = Callable[[BinaryIO, str], Iterable[RawRecord]]
Parser = Callable[[Any], Document]


def collect(source: SourceFiles, split: Splitter, parse: Parser) -> Iterator[Batch]:
    """Batches of all files of a source.

    Args:
        source: the unit.
        split: raw records of a stream, given the file's label for errors.
        parse: a raw record's document.

    Raises:
        UserError: a fault of a whole file, among them that it holds no record at all.
    """
    for _, path in source.all_files():
        yield from _collect_file(path, source.label(path), split, parse)


def _collect_file(path: Path, label: str, split: Splitter, parse: Parser) -> Iterator[Batch]:
    waiting: dict[str, list[Row]] = {}
    read, rows, excluded = 0, 0, Counter[str]()
    for member in members(path):
        name = member.label(label)
        for raw in split(member.stream, name):
            read += 1
            try:
                tables = _rows(_parsed(raw, parse), name, raw.line)
            except ExcludedError as exclusion:
                excluded[str(exclusion)] += 1
                continue
            except MalformedError as fault:
                tables = {"rejects": [_reject(raw, name, str(fault))]}
            for table, some in tables.items():
                waiting.setdefault(table, []).extend(some)
                rows += len(some)
            if rows >= ROWS_PER_BATCH:
                yield from (batch(table, some) for table, some in waiting.items())
                waiting, rows = {}, 0
    yield from (batch(table, some) for table, some in waiting.items())
    if read == 0:
        raise UserError(f"{label}: no record found in it. Check the source's format.")
    yield account("documents", "read", read)
    for rule, records in sorted(excluded.items()):
        yield account("documents", "excluded", records, rule)


def _parsed(raw: RawRecord, parse: Parser) -> Document:
    if raw.fault is not None:
        raise MalformedError(raw.fault)
    document = parse(raw.data)
    if not document.document_id:
        raise MalformedError("no identifier")
    if document.year not in YEARS:
        raise MalformedError(f"no believable year of publication: {document.year}")
    return document


def _rows(document: Document, label: str, line: int) -> dict[str, list[Row]]:
    key: Row = {"document_id": document.document_id, "year": document.year}
    scalars = {
        name: getattr(document, name)
        for name in ("document_type", "is_retracted", "is_paratext", "is_science", "issns")
    }
    return {
        "documents": [key | scalars | {"file": label, "line": line}],
        "addresses": _numbered(document.addresses, "address_number", key),
        "applicants": _numbered(document.applicants, "applicant_number", key),
        "fields": [key | {"scheme": scheme, "code": code} for scheme, code in document.fields],
    }


def _numbered(rows: Iterable[Row], number: str, key: Row) -> list[Row]:
    return [key | row | {number: position} for position, row in enumerate(rows, start=1)]


def _reject(raw: RawRecord, label: str, reason: str) -> Row:
    data = raw.data if raw.text is None else raw.text
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data)
    return {
        "file": label,
        "line": raw.line,
        "reason": reason,
        "raw_text": text[:RAW_TEXT_CHARACTERS],
        "intended_table": "documents",
    }


def lines(stream: BinaryIO, label: str) -> Iterator[bytes]:
    """Lines of a text stream as UTF-8 without line ends; a byte-order mark and UTF-16 are undone.

    Raises:
        UserError: a line is longer than any record can be.
    """
    start = stream.peek(2)[:2] if hasattr(stream, "peek") else b""
    encoding = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(start)
    if encoding is not None:
        with io.TextIOWrapper(stream, encoding, errors="replace", newline="\n") as texts:
            for text in texts:
                yield text.rstrip("\r\n").encode("utf-8", "replace")
        return
    mark = b"\xef\xbb\xbf"
    while line := stream.readline(LONGEST_LINE_BYTES):
        if len(line) == LONGEST_LINE_BYTES and not line.endswith(b"\n"):
            raise UserError(
                f"{label}: a line of more than {LONGEST_LINE_BYTES:,} bytes; not a text of records."
            )
        yield line.removeprefix(mark).rstrip(b"\r\n")
        mark = b""


def utf8(data: bytes) -> str:
    """A record's bytes as text.

    Raises:
        MalformedError: they are not UTF-8.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"not UTF-8 at byte {error.start} of the record") from error


def first_year(text: str | None) -> int | None:
    """The first four digits that stand together in a text, as a year; None where there are none."""
    digits = "".join(mark if mark.isascii() and mark.isdigit() else " " for mark in text or "")
    return next((int(word[:4]) for word in digits.split() if len(word) in (4, 6, 8)), None)
