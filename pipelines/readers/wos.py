"""Web of Science exports: field-tagged plain text, and what both of its forms mean.

Here: documents, author addresses (C1), categories (WC) of the plain form, with or without
byte-order mark, UTF-8 or UTF-16. The tab-delimited form has a module of its own (`wos_table`).

What the source tells: `DT` as written, several values joined ('Article; Early Access'); the year
(PY, else the year of early access EA); ISSNs (SN, EI); the index (WE) in new exports, from which
`is_science` is taken: true where SCIE is among them, false where only other indexes are; null in
exports without WE, where the scheme 'wos_category' can serve a rule. 'Retracted Publication' in DT
marks retracted items. A C1 line with `[authors]` is an address of each author named there; without
brackets, as before about 2008, is of nobody in particular (person_number null). Where there is no
C1, the corresponding author has the address in RP. An author without address has an empty one.
`country` is the text behind the last comma with its final stop off, 'USA' where a state and ZIP
code stand before it.

What it cannot tell: coordinates, organisations' identifiers.
"""

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from pipelines.readers import wos_table
from pipelines.readers.collect import Document, RawRecord, Row, collect, first_year, utf8
from pipelines.readers.opening import beginning, decode
from pipelines.readers.records import Batch
from pipelines.readers.source import Head, Reader, SourceFiles
from pipelines.readers.tagged import split_wos

BRACKETED = re.compile(r"\[([^\]]*)\]\s*(.*)")
US_TAIL = re.compile(r"\b[A-Z]{2}(?: \d{5}(?:-\d{4})?)? USA$", re.IGNORECASE)
REPRINT = re.compile(r"(.*?)\((?:reprint|corresponding) author\),?\s*", re.IGNORECASE)
WANTED = ("UT", "DT", "PY", "EA", "SN", "EI", "WE", "WC", "AU", "AF", "C1", "RP")
A_LINE_EACH = {"C1", "AU", "AF", "RP"}


def read(source: SourceFiles) -> Iterator[Batch]:
    """Documents with their addresses and categories, whichever of the two forms a file has."""
    for unit in source.split():
        ((_, path),) = unit.all_files()
        if "\t" in decode(beginning(path)).partition("\n")[0]:
            yield from wos_table.read(unit)
        else:
            yield from collect(unit, _split, _parse)


def _split(stream: BinaryIO, label: str) -> Iterator[RawRecord]:
    return (_joined(raw) for raw in split_wos(stream, label))


def _joined(raw: RawRecord) -> RawRecord:
    fields: dict[str, list[bytes]] = {}
    for tag, value in raw.data:
        fields.setdefault(tag, []).append(value)
    data = {tag: (b"\n" if tag in A_LINE_EACH else b" ").join(fields[tag]) for tag in fields}
    return RawRecord(raw.line, data, raw.text, raw.fault)


def _parse(fields: dict[str, bytes]) -> Document:
    values = {tag: utf8(fields.get(tag, b"")).strip().strip('"') for tag in WANTED}
    types = values["DT"]
    indexes = {part.strip() for part in re.split(r"[;,]", values["WE"]) if part.strip()}
    issns = ";".join(issn for issn in (values["SN"], values["EI"]) if issn)
    return Document(
        document_id=values["UT"] or None,
        year=first_year(values["PY"]) or first_year(values["EA"]),
        document_type=types or None,
        is_retracted="retracted publication" in types.lower(),
        is_science=any("SCI-EXPANDED" in i or "SCIE" in i for i in indexes) if indexes else None,
        issns=issns or None,
        addresses=list(_addresses(values)),
        fields=[("wos_category", part) for part in _parts(values["WC"])],
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _addresses(values: Mapping[str, str]) -> Iterator[Row]:
    full, short = (_lines(values[tag].lower()) for tag in ("AF", "AU"))
    authors = max(len(full), len(short))
    # Brackets name authors in the long form, RP in the short one.
    numbers: dict[str, int] = {}
    for names in (full, short):
        for number, name in enumerate(names, 1):
            numbers.setdefault(name, number)
    lines_ = _lines(values["C1"]) or [_of_reprint_author(values["RP"].partition("\n")[0])]
    placed: set[int] = set()
    for address in filter(None, (part for line in lines_ for part in _outside_brackets(line))):
        bracketed = BRACKETED.match(address)
        if bracketed is None:
            placed.update(range(1, authors + 1))
            yield _address(None, address)
            continue
        for name in _parts(bracketed[1].lower()):
            number = numbers.setdefault(name, max(numbers.values(), default=0) + 1)
            placed.add(number)
            yield _address(number, bracketed[2])
    for number in range(1, authors + 1):
        if number not in placed:
            yield {"person_number": number}


def _of_reprint_author(line: str) -> str:
    """'Early, A (reprint author), Univ X' as C1 would have it: '[Early, A] Univ X'."""
    found = REPRINT.match(line)
    return f"[{found[1].strip()}] {line[found.end() :]}" if found else line


def _outside_brackets(line: str) -> Iterator[str]:
    """The parts of a line between semicolons that are not inside brackets."""
    pieces: list[str] = []
    is_open = False
    for piece in line.split(";"):
        pieces.append(piece)
        if "[" in piece or "]" in piece:
            is_open = piece.rfind("[") > piece.rfind("]")
        if not is_open:
            yield ";".join(pieces).strip()
            pieces = []
    if pieces:
        yield ";".join(pieces).strip()


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _address(person_number: int | None, text: str) -> Row:
    address = text.strip().rstrip(".;").strip()
    country = address.rpartition(",")[2].strip() if "," in address else None
    if US_TAIL.search(address):
        country = "USA"
    institution = address.partition(",")[0].strip() if "," in address else None
    return {
        "person_number": person_number,
        "address": address or None,
        "country": country,
        "institution": institution,
    }


def _recognises(head: Head) -> bool:
    first = head.text.split("\n", 1)[0].strip()
    if first.startswith("FN ") and ("Clarivate" in first or "Thomson" in first or "ISI" in first):
        return True
    tags = first.split("\t")
    return first.startswith("PT ") or ("UT" in tags and "PT" in tags)


READER = Reader(name="wos", kinds=frozenset({"publication"}), read=read, recognises=_recognises)
