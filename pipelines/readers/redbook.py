"""USPTO Red Book XML, grants and published applications of all layouts since 2001.

Here: `us-patent-grant` and `us-patent-application` (v4.0 on), `patent-application-publication`
(v1.x, 2001-2004) and `PATDOC` (grants, v2.x, 2001-2004), one or many documents a file.

Two formats read them. `redbook`: documents are the US publications ('US08123456B2', year of
publication). `redbook_pct`: documents are the international applications whose national phase they
are ('WO2016191867', year of the WO publication); others are excluded by rule and counted.

What the source tells: inventors with town, state and country (no street); assignees and applicants
with an organisation's name; the kind as `document_type`; IPC symbols. In layouts before v4.3
inventors stand among the applicants.

What it cannot tell: PCT applications that never entered the US phase, which are the most. v1.x
states no PCT numbers in a form that is read here. Sequence listings are no documents and excluded.
"""

from collections.abc import Iterator

from pipelines.readers.collect import (
    Document,
    ExcludedError,
    MalformedError,
    Row,
    collect,
    first_year,
)
from pipelines.readers.patent_xml import as_pct, ipc_fields, parties, postal
from pipelines.readers.records import Batch
from pipelines.readers.source import Head, Reader, SourceFiles
from pipelines.readers.xml_records import (
    Element,
    all_at,
    child_texts,
    children,
    first_at,
    parse_xml,
    text_at,
    whole_text,
    xml_splitter,
)

CURRENT = ("us-patent-grant", "us-patent-application")
EARLY_APPLICATION, EARLY_GRANT = "patent-application-publication", "PATDOC"
SEQUENCES = ("sequence-cwu",)
SPLIT = xml_splitter((*CURRENT, EARLY_APPLICATION, EARLY_GRANT, *SEQUENCES))
BIBLIOGRAPHIES = ("us-bibliographic-data-grant", "us-bibliographic-data-application")
IN_PARTIES = (
    "us-parties/inventors/inventor",
    "parties/inventors/inventor",
    "parties/applicants/applicant[@app-type='applicant-inventor']",
    "us-parties/us-applicants/us-applicant[@app-type='applicant-inventor']",
)
OWNERS = ("assignees/assignee", "us-parties/us-applicants/us-applicant")


def read(source: SourceFiles) -> Iterator[Batch]:
    """US publications with their inventors, assignees and IPC symbols."""
    return collect(source, SPLIT, lambda raw: _parse(parse_xml(raw)))


def read_pct(source: SourceFiles) -> Iterator[Batch]:
    """International applications by way of their US national phase."""
    return collect(source, SPLIT, lambda raw: _parse_pct(parse_xml(raw)))


def _parse(root: Element) -> Document:
    if root.tag in SEQUENCES:
        raise ExcludedError("sequence listing")
    if root.tag == EARLY_GRANT:
        return _early_grant(root)
    if root.tag == EARLY_APPLICATION:
        return _early_application(root)
    return _current(root)


def _parse_pct(root: Element) -> Document:
    document = _parse(root)
    if root.tag == EARLY_GRANT:
        numbers = [
            text_at(root, f"SDOBI/B800/{path}")
            for path in ("B860/B861/DOC/DNUM", "B870/B871/DOC/DNUM", "B870/B871/DOC/DATE")
        ]
        return as_pct(document, *numbers)
    bibliography = _bibliography(root)
    published = "pct-or-regional-publishing-data/document-id"
    return as_pct(
        document,
        text_at(bibliography, "pct-or-regional-filing-data/document-id/doc-number"),
        text_at(bibliography, f"{published}/doc-number"),
        text_at(bibliography, f"{published}/date"),
    )


def _bibliography(root: Element) -> Element | None:
    parts = children(root)
    return next((parts[name] for name in BIBLIOGRAPHIES if name in parts), None)


def _current(root: Element) -> Document:
    bibliography = _bibliography(root)
    if bibliography is None:
        raise MalformedError("no bibliographic data")
    reference = child_texts(first_at(bibliography, "publication-reference/document-id"))
    number, kind, country, date = (
        reference.get(name) for name in ("doc-number", "kind", "country", "date")
    )
    return Document(
        document_id=f"{country or 'US'}{number}{kind or ''}" if number else None,
        year=first_year(date),
        document_type=kind,
        is_science=True,
        addresses=list(_inventors(bibliography)),
        applicants=next(filter(None, (_owners(bibliography, path) for path in OWNERS)), []),
        fields=ipc_fields(bibliography),
    )


def _inventors(bibliography: Element) -> Iterator[Row]:
    people = next(filter(None, (all_at(bibliography, path) for path in IN_PARTIES)), [])
    for number, person in enumerate(people, start=1):
        yield {"person_number": number} | postal(person)


def _owners(bibliography: Element, path: str) -> list[Row]:
    return list(parties(all_at(bibliography, path), ("orgname",)))


def _early_application(root: Element) -> Document:
    bibliography = first_at(root, "subdoc-bibliographic-information")
    number = text_at(bibliography, "document-id/doc-number")
    kind = text_at(bibliography, "document-id/kind-code")
    symbols = all_at(bibliography, ".//classification-ipc//ipc")
    return Document(
        document_id=f"US{number}{kind or ''}" if number else None,
        year=first_year(text_at(bibliography, "document-id/document-date")),
        document_type=kind,
        is_science=True,
        addresses=list(_residences(bibliography)),
        applicants=[
            {"name": name, "country": text_at(owner, "address/country/country-code")}
            for owner in all_at(bibliography, "assignee")
            if (name := text_at(owner, "organization-name"))
        ],
        fields=[("ipc", symbol.text) for symbol in symbols if symbol.text],
    )


def _residences(bibliography: Element | None) -> Iterator[Row]:
    inventors = first_at(bibliography, "inventors")
    for number, person in enumerate(inventors if inventors is not None else (), start=1):
        residence = first_at(person, "residence/*")
        is_us = residence is not None and residence.tag == "residence-us"
        yield {
            "person_number": number,
            "city": text_at(residence, "city"),
            "region": text_at(residence, "state"),
            "country": text_at(residence, "country-code") or ("US" if is_us else None),
        }


def _early_grant(root: Element) -> Document:
    number, kind = text_at(root, "SDOBI/B100/B110/DNUM"), text_at(root, "SDOBI/B100/B130")
    return Document(
        document_id=f"US{number}{kind or ''}" if number else None,
        year=first_year(text_at(root, "SDOBI/B100/B140/DATE")),
        document_type=kind,
        is_science=True,
        addresses=[
            {"person_number": position} | _early_address(person)
            for position, person in enumerate(all_at(root, "SDOBI/B700/B720/B721/PARTY-US"), 1)
        ],
        applicants=[
            {"name": name, "country": text_at(owner, "ADR/CTRY") or "US"}
            for owner in all_at(root, "SDOBI/B700/B730/B731/PARTY-US")
            if (name := text_at(owner, "NAM/ONM"))
        ],
        fields=[
            ("ipc", symbol)
            for path in ("SDOBI/B500/B510/B511", "SDOBI/B500/B510/B512")
            for found in all_at(root, path)
            if (symbol := whole_text(found))
        ],
    )


def _early_address(person: Element) -> Row:
    return {
        "address": text_at(person, "ADR/STR"),
        "city": text_at(person, "ADR/CITY"),
        "region": text_at(person, "ADR/STATE"),
        "postcode": text_at(person, "ADR/PCODE"),
        # v2.x leaves the country out for the United States.
        "country": text_at(person, "ADR/CTRY") or "US",
    }


def _recognises(head: Head) -> bool:
    return any(f"<{tag}" in head.text for tag in (*CURRENT, EARLY_APPLICATION, EARLY_GRANT))


READER = Reader(name="redbook", kinds=frozenset({"patent"}), read=read, recognises=_recognises)
PCT_READER = Reader(
    name="redbook_pct", kinds=frozenset({"patent"}), read=read_pct, recognises=_recognises
)
