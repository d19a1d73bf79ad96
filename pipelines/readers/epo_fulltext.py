"""EPO full-text XML of European patent documents.

Here: `ep-patent-document`, one or many a file. Two formats read it. `epo_fulltext`: documents are
the European publications ('EP1234567A1'). `epo_fulltext_pct`: documents are the international
applications that entered the European phase ('WO2004041716', year of the WO publication); others
are excluded by rule and counted.

What the source tells: inventors with street, town - often with the post code behind it - and
country; applicants with names; kind and date; IPC symbols.

What it cannot tell: PCT applications that never came to Europe. The EPO's DOCDB XML and MAREC
state no towns and are not read.
"""

from collections.abc import Iterator

from pipelines.readers.collect import Document, MalformedError, Row, collect, first_year
from pipelines.readers.patent_xml import as_pct
from pipelines.readers.records import Batch
from pipelines.readers.source import Head, Reader, SourceFiles
from pipelines.readers.xml_records import (
    Element,
    all_at,
    first_at,
    parse_xml,
    text_at,
    xml_splitter,
)

ROOT = "ep-patent-document"
SPLIT = xml_splitter([ROOT], ["ep-patent-documents"])


def read(source: SourceFiles) -> Iterator[Batch]:
    """European publications with inventors, applicants and IPC symbols."""
    return collect(source, SPLIT, lambda raw: _parse(parse_xml(raw)))


def read_pct(source: SourceFiles) -> Iterator[Batch]:
    """International applications by way of their European phase."""
    return collect(source, SPLIT, lambda raw: _parse_pct(parse_xml(raw)))


def _parse(root: Element) -> Document:
    bibliography = first_at(root, "SDOBI")
    if bibliography is None:
        raise MalformedError("no bibliographic data")
    number = text_at(bibliography, "B100/B110") or root.get("doc-number")
    kind = text_at(bibliography, "B100/B130") or root.get("kind")
    authority = text_at(bibliography, "B100/B190") or root.get("country") or "EP"
    return Document(
        document_id=f"{authority}{number}{kind or ''}" if number else None,
        year=first_year(text_at(bibliography, "B100/B140/date") or root.get("date-publ")),
        document_type=kind,
        is_science=True,
        addresses=[
            {"person_number": position} | _address(person)
            for position, person in enumerate(all_at(bibliography, "B700/B720/B721"), start=1)
        ],
        applicants=[
            {"name": name, "country": text_at(party, "adr/ctry")}
            for path in ("B700/B710/B711", "B700/B730/B731")
            for party in all_at(bibliography, path)
            if (name := text_at(party, "snm"))
        ],
        fields=[
            ("ipc", " ".join(symbol.split()[:2]))
            for found in all_at(bibliography, "B500/B510EP/classification-ipcr")
            if (symbol := text_at(found, "text"))
        ],
    )


def _address(person: Element) -> Row:
    return {
        "address": text_at(person, "adr/str"),
        "city": text_at(person, "adr/city"),
        "country": text_at(person, "adr/ctry"),
    }


def _parse_pct(root: Element) -> Document:
    document = _parse(root)
    return as_pct(
        document,
        text_at(root, "SDOBI/B800/B860/B861/dnum/anum"),
        text_at(root, "SDOBI/B800/B870/B871/dnum/pnum"),
        text_at(root, "SDOBI/B800/B870/B871/date"),
    )


def _recognises(head: Head) -> bool:
    return f"<{ROOT}" in head.text


READER = Reader(name="epo_fulltext", kinds=frozenset({"patent"}), read=read, recognises=_recognises)
PCT_READER = Reader(
    name="epo_fulltext_pct", kinds=frozenset({"patent"}), read=read_pct, recognises=_recognises
)
