"""Web of Science exports: field-tagged plain text, and what both of its forms mean.

Here: documents, author addresses (C1), categories (WC) of the plain form, with or without
byte-order mark, UTF-8 or UTF-16. The tab-delimited form has a module of its own (`wos_table`).

What the source tells: `DT` as written, several values joined ('Article; Early Access'); the year
(PY, else the year of early access EA); ISSNs (SN, EI); the index (WE) in new exports, from which
`is_science` is taken: true where SCIE is among them, false where only other indexes are; null in
exports without WE, where the scheme 'wos_category' can serve a rule. 'Retracted Publication' in DT
marks retracted items. A C1 line with `[authors]` is an address of each author named there; without
brackets, as before about 2008, is of nobody in particular (person_number null). Where there is no
C1, the corresponding authors have the addresses in RP. An author without address has an empty one.
`country` is the text behind the last comma with its final stop off, 'USA' where a state and ZIP
code stand before it.

What it cannot tell: coordinates, organisations' identifiers.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from pipelines.readers import wos_table
from pipelines.readers.collect import Document, Row, collect, first_year, utf8
from pipelines.readers.opening import beginning, decode
from pipelines.readers.records import Batch
from pipelines.readers.source import Head, Reader, SourceFiles
from pipelines.readers.tagged import split_wos, wos_fields

BRACKETED = re.compile(r"\[([^\]]*)\]\s*(.*)")
ALONE = re.compile(r"(?:\[([^\[\]]*)\])?([^\[\];]*)")
"""One address, as most lines have it."""
US_TAIL = re.compile(r"\b[A-Z]{2}(?: \d{5}(?:-\d{4})?)? USA$", re.IGNORECASE)
REPRINT = re.compile(wos_table.REPRINT, re.IGNORECASE | re.MULTILINE)
WANTED = ("UT", "DT", "PY", "EA", "SN", "EI", "WE", "WC", "AU", "AF", "C1", "RP")
A_LINE_EACH = {"C1", "AU", "AF", "RP"}
NOTHING = dict.fromkeys(WANTED, "")
FIELDS = wos_fields(WANTED)
CONTINUATION = b"   "


def read(source: SourceFiles) -> Iterator[Batch]:
    """Documents with their addresses and categories, whichever of the two forms a file has."""
    for unit in source.split():
        ((_, path),) = unit.all_files()
        if "\t" in decode(beginning(path)).partition("\n")[0]:
            yield from wos_table.read(unit)
        else:
            yield from collect(unit, split_wos, _parse)


def _parse(record: bytes) -> Document:
    values = _values(record)
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


def _values(record: bytes) -> dict[str, str]:
    """The value of each wanted field, empty where it has none."""
    found: dict[str, list[bytes]] = {}
    for tag, text in FIELDS.findall(record):
        first, *more = text.split(b"\n")
        values = found.setdefault(tag.decode(), [])
        values.append(first.strip())
        values += [line.strip() for line in more if line.startswith(CONTINUATION)]
    joined = {
        tag: (b"\n" if tag in A_LINE_EACH else b" ").join(found[tag])
        for tag in WANTED
        if tag in found
    }
    return NOTHING | {tag: utf8(value).strip().strip('"') for tag, value in joined.items()}


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
    last = max(numbers.values(), default=0)
    lines = _lines(values["C1"]) or _lines(REPRINT.sub(wos_table.AS_IN_C1, values["RP"]))
    placed: set[int] = set()
    for people, text in chain.from_iterable(map(_parted, lines)):
        place = _address(text)
        if people is None:
            placed.update(range(1, authors + 1))
            yield place
            continue
        for name in _parts(people.lower()):
            if name not in numbers:
                last += 1
                numbers[name] = last
            placed.add(numbers[name])
            yield place | {"person_number": numbers[name]}
    for number in range(1, authors + 1):
        if number not in placed:
            yield {"person_number": number}


def _parted(line: str) -> Iterator[tuple[str | None, str]]:
    """Of each address in a line the authors in its brackets, None where it has none, and the text."""
    if alone := ALONE.fullmatch(line):
        yield alone[1], alone[2]
        return
    for part in filter(None, _outside_brackets(line)):
        bracketed = BRACKETED.match(part)
        yield (bracketed[1], bracketed[2]) if bracketed else (None, part)


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


def _address(text: str) -> Row:
    address = text.strip().rstrip(".;").strip()
    institution, comma, rest = address.partition(",")
    country = rest.rpartition(",")[2].strip() if comma else None
    if address[-3:].upper() == "USA" and US_TAIL.search(address):
        country = "USA"
    return {
        "address": address or None,
        "country": country,
        "institution": institution.strip() if comma else None,
    }


def _recognises(head: Head) -> bool:
    first = head.text.split("\n", 1)[0].strip()
    if first.startswith("FN ") and ("Clarivate" in first or "Thomson" in first or "ISI" in first):
        return True
    tags = first.split("\t")
    return first.startswith("PT ") or ("UT" in tags and "PT" in tags)


READER = Reader(name="wos", kinds=frozenset({"publication"}), read=read, recognises=_recognises)
