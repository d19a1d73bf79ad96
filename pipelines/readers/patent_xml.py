"""What the XML formats of patent offices share: WIPO ST.36 addresses, classes, PCT numbers.

Here: postal addresses and IPC symbols as ST.36 and its relatives write them, and the step from a
national document to the international application that it goes back to. Not here: one office's
layout.
"""

import re
from collections.abc import Iterator

from pipelines.readers.collect import Document, ExcludedError, MalformedError, Row, first_year
from pipelines.readers.pct_numbers import wo_number
from pipelines.readers.xml_records import Element, text_at, whole_text

FREE_LINES = ("street", *(f"address-{number}" for number in range(1, 6)), "address-floor", "text")
NOT_PCT = "no national phase of an international application"
NO_WO_NUMBER = "international application without a WO publication number"


def postal(holder: Element | None) -> Row:
    """The address columns of an element with `address` under it; empty where it has none."""
    address = holder.find("address") if holder is not None else None
    if address is None:
        return {}
    lines = [text for name in FREE_LINES if (text := text_at(address, name))]
    return {
        "address": ", ".join(lines) or None,
        "city": text_at(address, "city"),
        "region": text_at(address, "state") or text_at(address, "county"),
        "postcode": text_at(address, "postcode"),
        "country": text_at(address, "country"),
    }


def parties(people: list[Element], name_paths: tuple[str, ...]) -> Iterator[Row]:
    """Applicants' rows of parties with an organisation's name; natural persons are left out."""
    for person in people:
        book = person.find("addressbook")
        name = next((found for path in name_paths if (found := text_at(book, path))), None)
        if name:
            yield {"name": name, "country": postal(book).get("country")}


def ipc_fields(bibliography: Element) -> list[tuple[str, str]]:
    """('ipc', symbol) of each class, in the structured, the one-line and the pre-2006 layout."""
    symbols = [_symbol(found) for found in bibliography.iterfind(".//classification-ipcr")]
    if not any(symbols):
        paths = ("main-classification", "further-classification")
        symbols = [
            whole_text(found)
            for old in bibliography.iterfind("classification-ipc")
            for path in paths
            for found in old.iterfind(path)
        ]
    return [("ipc", symbol) for symbol in symbols if symbol]


def _symbol(element: Element) -> str | None:
    parts = [text_at(element, name) or "" for name in ("section", "class", "subclass")]
    groups = [text_at(element, name) or "" for name in ("main-group", "subgroup")]
    if all(parts) and all(groups):
        return f"{''.join(parts)} {groups[0]}/{groups[1]}"
    line = text_at(element, "text")
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
    document.year = first_year(wo_date) or stated_year
    return document
