"""Records of formats that are parsed in Python: one raw record gives one `Document`.

Here: `Document`, the reasons why a record gives none, and `collect`, which turns a splitter (file
to raw records) and a parser (raw record to document) into batches with rejects and books. What a
document's rows have in common and their numbers are put beside them by column, not row by row.
Not here: formats that DuckDB reads (`engine`), splitting and parsing themselves.
"""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa

from pipelines.encoding import NOT_UTF8
from pipelines.errors import UserError
from pipelines.readers.engine import numbered
from pipelines.readers.numbering import numbers_within
from pipelines.readers.opening import UTF8_MARK, UTF16_MARKS, members
from pipelines.readers.records import RAW_TEXT_CHARACTERS, SCHEMAS, YEARS, Batch, account, batch
from pipelines.readers.source import SourceFiles

ROWS_PER_BATCH = 5_000
"""Rows wait as objects, which the garbage collector walks: few."""
LONGEST_LINE_BYTES = 1 << 26
BLOCK_BYTES = 1 << 17
RETURNS = re.compile(rb"(?<!\r)\r+\n")
LONGEST_CHARACTER_BYTES = 4
KEY = ("document_id", "year")
OF_DOCUMENTS = (*KEY, "document_type", "is_retracted", "is_paratext", "is_science", "issns")
NUMBERS = {"addresses": "address_number", "applicants": "applicant_number"}
"""Which column numbers the rows of a document."""
FIRST_YEAR = re.compile(r"(?<![0-9])([0-9]{4})(?:[0-9]{2}|[0-9]{4})?(?![0-9])")

Row = dict[str, Any]


class MalformedError(Exception):
    """A record that cannot be read; the message is the reject's reason."""


class ExcludedError(Exception):
    """A record that a rule of the format leaves out; the message is the rule."""


class RawRecord(NamedTuple):
    """A record before it is parsed.

    Attributes:
        line: line on which it begins, or its number in the file, as the format allows.
        data: its bytes, or what the splitter made of them.
        text: its bytes as they stand in the file, for a reject; at least their beginning.
        fault: why it is no record at all; None for a proper one.
    """

    line: int
    data: Any
    text: bytes
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
    waiting, rejects = _Documents(), list[Row]()
    read, excluded = 0, Counter[str]()
    for member in members(path):
        name = member.label(label)
        for raw in split(member.stream, name):
            read += 1
            try:
                waiting.add(_parsed(raw, parse), name, raw.line)
            except ExcludedError as exclusion:
                excluded[str(exclusion)] += 1
            except MalformedError as fault:
                rejects.append(_reject(raw, name, str(fault)))
            if waiting.rows + len(rejects) >= ROWS_PER_BATCH:
                yield from waiting.batches()
                yield batch("rejects", rejects)
                waiting, rejects = _Documents(), []
    yield from waiting.batches()
    yield batch("rejects", rejects)
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


class _Documents:
    """Documents on their way into batches, each with its file and line."""

    def __init__(self) -> None:
        self.rows = 0
        self._documents: list[Document] = []
        self._places: list[tuple[str, int]] = []

    def add(self, document: Document, label: str, line: int) -> None:
        self._documents.append(document)
        self._places.append((label, line))
        self.rows += 1 + len(document.addresses) + len(document.applicants) + len(document.fields)

    def batches(self) -> Iterator[Batch]:
        """The documents, and of each other table their rows in the same order."""
        documents = self._documents
        files, lines_ = zip(*self._places, strict=True) if self._places else ((), ())
        columns = {
            name: [getattr(document, name) for document in documents] for name in OF_DOCUMENTS
        }
        table = pa.Table.from_pydict(
            columns | {"file": files, "line": lines_}, schema=SCHEMAS["documents"]
        )
        yield Batch("documents", table)
        keys = table.select(KEY)
        yield _batch_of(keys, "addresses", [document.addresses for document in documents])
        yield _batch_of(keys, "applicants", [document.applicants for document in documents])
        fields = [
            [{"scheme": scheme, "code": code} for scheme, code in document.fields]
            for document in documents
        ]
        yield _batch_of(keys, "fields", fields)


def _batch_of(documents: pa.Table, table: str, rows: list[list[Row]]) -> Batch:
    """Rows of documents with their documents' keys, numbered within them where the table has that."""
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    of_document = np.repeat(np.arange(len(rows)), lengths)
    number = NUMBERS.get(table)
    own = [field for field in SCHEMAS[table] if field.name not in (*KEY, number)]
    found = pa.Table.from_pylist(list(chain.from_iterable(rows)), schema=pa.schema(own))
    for name in KEY:
        found = found.append_column(name, documents[name].take(of_document))
    return numbered(found, table, **({number: numbers_within(of_document)} if number else {}))


def _reject(raw: RawRecord, label: str, reason: str) -> Row:
    text = raw.text[: RAW_TEXT_CHARACTERS * LONGEST_CHARACTER_BYTES].decode("utf-8", "replace")
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
    for block in blocks(stream, label):
        yield from block.removesuffix(b"\n").split(b"\n")


def blocks(stream: BinaryIO, label: str) -> Iterator[bytes]:
    """The same lines by the thousand, each with a line feed behind it.

    Raises:
        UserError: a line is longer than any record can be.
    """
    rest = b""
    for piece in _utf8_pieces(stream):
        text = rest + piece
        end = text.rfind(b"\n") + 1
        block, rest = text[:end], text[end:]
        if len(rest) >= LONGEST_LINE_BYTES:
            raise UserError(
                f"{label}: a line of more than {LONGEST_LINE_BYTES:,} bytes; not a text of records."
            )
        if block:
            yield RETURNS.sub(b"\n", block) if b"\r" in block else block
    if rest:
        yield rest.rstrip(b"\r") + b"\n"


def _utf8_pieces(stream: BinaryIO) -> Iterator[bytes]:
    start = stream.peek(2)[:2] if hasattr(stream, "peek") else b""
    if start in UTF16_MARKS:
        with io.TextIOWrapper(stream, "utf-16", errors="replace", newline="\n") as texts:
            while text := texts.read(BLOCK_BYTES):
                yield text.encode("utf-8", "replace")
        return
    piece = stream.read(BLOCK_BYTES).removeprefix(UTF8_MARK)
    while piece:
        yield piece
        piece = stream.read(BLOCK_BYTES)


def utf8(data: bytes) -> str:
    """A record's bytes as text.

    Raises:
        MalformedError: they are not UTF-8.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(NOT_UTF8) from error


def first_year(text: str | None) -> int | None:
    """The year of the first year or date of 4, 6 or 8 digits in a text; None where there is none."""
    found = FIRST_YEAR.search(text) if text else None
    return int(found[1]) if found else None
