"""What the XML formats of patent offices share: WIPO ST.36 addresses, classes, PCT numbers.

Here: postal addresses and IPC symbols as ST.36 and its relatives write them, and the step from a
national document to the international application that it goes back to. Not here: one office's
layout.
"""

import re
from collections.abc import Iterator

from pipelines.readers.collect import Document, ExcludedError, MalformedError, Row, first_year
from pipelines.readers.pct_numbers import publication_year, wo_number
from pipelines.readers.xml_records import (
    Element,
    all_at,
    child_texts,
    first_at,
    text_at,
    whole_text,
)

FREE_LINES = ("street", *(f"address-{number}" for number in range(1, 6)), "address-floor", "text")
NOT_PCT = "no national phase of an international application"
NO_WO_NUMBER = "international application without a WO publication number"


def postal(party: Element) -> Row:
    """The address columns of a party: of the first `address` in its first `addressbook`."""
    address = first_at(party, "addressbook[1]/address[1]")
    if address is None:
        return {}
    parts = child_texts(address)
    lines = [text for name in FREE_LINES if (text := parts.get(name))]
    return {
        "address": ", ".join(lines) or None,
        "city": parts.get("city"),
        "region": parts.get("state") or parts.get("county"),
        "postcode": parts.get("postcode"),
        "country": parts.get("country"),
    }


def parties(people: list[Element], names: tuple[str, ...]) -> Iterator[Row]:
    """Applicants' rows of parties with an organisation's name; natural persons are left out."""
    for person in people:
        found = (text_at(person, f"addressbook[1]/{name}") for name in names)
        if name := next(filter(None, found), None):
            yield {"name": name, "country": postal(person).get("country")}


def ipc_fields(bibliography: Element) -> list[tuple[str, str]]:
    """('ipc', symbol) of each class, in the structured, the one-line and the pre-2006 layout."""
    symbols = [_symbol(found) for found in bibliography.iter("classification-ipcr")]
    if not any(symbols):
        paths = ("main-classification", "further-classification")
        symbols = [
            whole_text(found)
            for old in all_at(bibliography, "classification-ipc")
            for path in paths
            for found in all_at(old, path)
        ]
    return [("ipc", symbol) for symbol in symbols if symbol]


def _symbol(element: Element) -> str | None:
    texts = child_texts(element)
    parts = [texts.get(name) or "" for name in ("section", "class", "subclass")]
    groups = [texts.get(name) or "" for name in ("main-group", "subgroup")]
    if all(parts) and all(groups):
        return f"{''.join(parts)} {groups[0]}/{groups[1]}"
    line = texts.get("text")
    found = re.match(r"[A-H]\d\d[A-Z]\s*\d+/\d+", line or "")
    return found[0] if found else line


def as_pct(document: Document, pct: str | None, wo: str | None, wo_date: str | None) -> Document:
    """The international application behind a national document, with that document's people.

    Args:
        document: the national document; changed in place.
        pct: number of the PCT application as written.
        wo: number of the WO publication as written.
        wo_date: its date as YYYYMMDD.

    Raises:
        ExcludedError: the document does not go back to a PCT application, or does not say to which
            publication.
        MalformedError: what stands as WO number is none.
    """
    if not pct and not wo:
        raise ExcludedError(NOT_PCT)
    if not wo:
        raise ExcludedError(NO_WO_NUMBER)
    number = wo_number(wo)
    if number is None:
        raise MalformedError(f"no WO number: {wo}")
    document.document_id, stated_year = number
    document.document_type = None  # the kind was the national document's
    document.year = publication_year(first_year(wo_date), stated_year)
    return document
