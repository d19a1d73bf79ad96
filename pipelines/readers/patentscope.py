"""WIPO PATENTSCOPE XML: status files and published international applications.

Here: `wo-international-application-status` and `wo-published-application`, one or many a file.

What the source tells: the WO number, kind ('A1', 'A2', republications 'A3', 'A8', 'A9': a rule on
kinds counts an application once) and date of publication (the year in the number counts where the
date is more than a year away from it); inventors, and applicants who are inventors too, with street,
post code and town in one free line and the country; applicants with their names (of natural persons
only where they are not inventors); IPC symbols.

What it cannot tell: towns apart from the line. Names written in the original script beside the
Latin one are the same person or applicant twice; the first of each `sequence` counts.
"""

from collections.abc import Iterator

from pipelines.readers.collect import Document, MalformedError, Row, collect, first_year
from pipelines.readers.patent_xml import ipc_fields, parties, postal
from pipelines.readers.pct_numbers import publication_year, wo_number
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
AROUND = ("S:Envelope", "S:Body", "getIASRResponse")
"""What the web service wraps a status file in."""
SPLIT = xml_splitter(ROOTS, AROUND)


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
    applicants = _once(all_at(bibliography, "parties/applicants/applicant"))
    return Document(
        document_id=number[0],
        year=publication_year(first_year(reference.get("date")), number[1]),
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
        *_once(all_at(bibliography, "parties/inventors/inventor")),
        *(applicant for applicant in applicants if _is_inventor(applicant)),
    ]
    for number, person in enumerate(people, start=1):
        yield {"person_number": number} | postal(person)


def _once(people: list[Element]) -> list[Element]:
    """The first of each `sequence` and role, and all without a sequence."""
    firsts: dict[tuple[str | None, str | int], Element] = {}
    for position, person in enumerate(people):
        firsts.setdefault((person.get("app-type"), person.get("sequence", position)), person)
    return list(firsts.values())


def _recognises(head: Head) -> bool:
    return any(f"<{root}" in head.text for root in ROOTS)


READER = Reader(name="patentscope", kinds=frozenset({"patent"}), read=read, recognises=_recognises)
