"""Crossref works: the API's answers and lists, the public data file, JSON Lines.

Here: documents and author addresses out of `{"message": {"items": [...]}}`, `{"items": [...]}`,
lists and lines.

What the source tells: `type` ('journal-article', 'posted-content', ...); the year of `issued`,
else of print or online publication; ISSNs; subjects where present; the ROR of an affiliation where
the publisher deposited it. Retracted where an update of the type 'retraction' points to the work.

What it cannot tell: science from the humanities (`is_science` is null; give the rule a list of
ISSNs), places apart from the text. Most authors of many publishers have no affiliation at all.
Group authors (`name` without `family`) are no persons.
"""

from collections.abc import Iterator
from typing import Any

from pipelines.readers.collect import Document, Row, collect
from pipelines.readers.json_records import a_dict, a_text, dicts, json_splitter, texts
from pipelines.readers.records import Batch
from pipelines.readers.source import Head, Reader, SourceFiles

DATES = ("issued", "published", "published-print", "published-online")
SPLIT = json_splitter("message.items", "items")


def read(source: SourceFiles) -> Iterator[Batch]:
    """Documents with their authors' addresses and subjects."""
    return collect(source, SPLIT, _parse)


def _parse(item: dict[str, Any]) -> Document:
    work = a_dict(item["message"]) if "message" in item and "DOI" not in item else item
    updates = [a_text(update.get("type")) for update in dicts(work.get("updated-by"))]
    return Document(
        document_id=a_text(work.get("DOI")),
        year=next((year for name in DATES if (year := _year(work.get(name)))), None),
        document_type=a_text(work.get("type")),
        is_retracted="retraction" in updates,
        issns=";".join(texts(work.get("ISSN"))) or None,
        addresses=list(_addresses(dicts(work.get("author")))),
        fields=[("crossref_subject", subject) for subject in texts(work.get("subject"))],
    )


def _year(date: Any) -> int | None:
    parts = a_dict(date).get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    year = first[0] if isinstance(first, list) and first else None
    return (
        int(year) if isinstance(year, int) or (isinstance(year, str) and year.isdigit()) else None
    )


def _addresses(authors: list[dict[str, Any]]) -> Iterator[Row]:
    persons = (author for author in authors if author.get("family") or author.get("given"))
    for number, author in enumerate(persons, start=1):
        found = [_address(affiliation) for affiliation in dicts(author.get("affiliation"))]
        # an empty one beside another would take half of the author's part
        for address in [each for each in found if any(each.values())] or [{}]:
            yield {"person_number": number} | address


def _address(affiliation: dict[str, Any]) -> Row:
    identifiers = [
        a_text(identifier.get("id"))
        for identifier in dicts(affiliation.get("id"))
        if identifier.get("id-type") == "ROR"
    ]
    places = texts(affiliation.get("place"))
    name = a_text(affiliation.get("name"))
    return {
        "address": ", ".join(filter(None, [name, *places])) or None,
        "institution_id": next(filter(None, identifiers), None),
    }


def _recognises(head: Head) -> bool:
    return '"DOI"' in head.text and ('"date-parts"' in head.text or '"issued"' in head.text)


READER = Reader(
    name="crossref", kinds=frozenset({"publication"}), read=read, recognises=_recognises
)
