"""WIPO PATENTSCOPE XML: status files and published international applications.

Here: `wo-international-application-status` and `wo-published-application`, one or many a file.

What the source tells: the WO number, kind ('A1', 'A2', republications 'A3', 'A8', 'A9': a rule on
kinds counts an application once) and date of publication; inventors, and applicants who are
inventors too, with street, post code and town in one free line and the country; applicants with
their names (of natural persons only where they are not inventors); IPC symbols.

What it cannot tell: towns apart from the line. Names written in the original script beside the
Latin one are the same person twice; the first of each `sequence` counts.
"""

from collections.abc import Iterator

from pipelines.readers.collect import Document, MalformedError, Row, collect, first_year
from pipelines.readers.patent_xml import ipc_fields, parties, postal
from pipelines.readers.pct_numbers import wo_number
from pipelines.readers.records import Batch
from pipelines.readers.source import Head, Reader, SourceFiles
from pipelines.readers.xml_records import (
    Element,
    all_at,
    child_texts,
    children,
    first_at,
    parse_xml,
    xml_splitter,
)

ROOTS = ("wo-international-application-status", "wo-published-application")
SPLIT = xml_splitter(ROOTS)


def read(source: SourceFiles) -> Iterator[Batch]:
    """International publications with inventors, applicants and IPC symbols."""
    return collect(source, SPLIT, lambda raw: _parse(parse_xml(raw)))


def _parse(root: Element) -> Document:
    parts = children(root)
    bibliography = parts.get("wo-bibliographic-data", parts.get("bibliographic-data"))
    if bibliography is None:
        raise MalformedError("no bibliographic data")
    reference = child_texts(first_at(bibliography, "publication-reference/document-id"))
    written = reference.get("doc-number") or ""
    number = wo_number(written)
    if number is None:
        raise MalformedError(f"no WO number: {written}")
    applicants = all_at(bibliography, "parties/applicants/applicant")
    return Document(
        document_id=number[0],
        year=first_year(reference.get("date")) or number[1],
        document_type=reference.get("kind"),
        is_science=True,
        addresses=list(_inventors(bibliography, applicants)),
        applicants=list(
            parties([a for a in applicants if not _is_inventor(a)], ("orgname", "name"))
        ),
        fields=ipc_fields(bibliography),
    )


def _is_inventor(applicant: Element) -> bool:
    return applicant.get("app-type") == "applicant-inventor"


def _inventors(bibliography: Element, applicants: list[Element]) -> Iterator[Row]:
    people = [
        *all_at(bibliography, "parties/inventors/inventor"),
        *(applicant for applicant in applicants if _is_inventor(applicant)),
    ]
    seen: set[tuple[str, str]] = set()
    number = 0
    for person in people:
        sequence = person.get("sequence")
        if sequence is not None:
            if (person.tag, sequence) in seen:
                continue
            seen.add((person.tag, sequence))
        number += 1
        yield {"person_number": number} | postal(person)


def _recognises(head: Head) -> bool:
    return any(f"<{root}" in head.text for root in ROOTS)


READER = Reader(name="patentscope", kinds=frozenset({"patent"}), read=read, recognises=_recognises)
