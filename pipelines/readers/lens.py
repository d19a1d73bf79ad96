"""Lens patents: JSON Lines of the API or of an export, with or without a byte-order mark.

Here: the full form of the API (`biblio.parties...`), its answers `{"data": [...]}`, one or one a
line, and the flat form of the public collections (`publicationKey`, `inventors`).

What the source tells: jurisdiction, kind and date of publication; inventors with residence and
address as extracted ('TORONTO, ONTARIO, CA'); applicants; IPC classes. Document identifiers are
'WO2008080153A2'. Inventors' names are not taken over. A search brings a family's documents of every
authority: those of another than WO are excluded and counted, or an application would count as often
as it was published.

What it cannot tell: the flat form has no places at all, so each of its inventors has an empty
address. The CSV export has no places: use the JSON export.
"""

from collections.abc import Iterator
from typing import Any

from pipelines.readers.collect import Document, ExcludedError, Row, collect, first_year
from pipelines.readers.json_records import a_dict, a_text, dicts, json_splitter
from pipelines.readers.records import Batch
from pipelines.readers.source import Head, Reader, SourceFiles

SPLIT = json_splitter("data")


def read(source: SourceFiles) -> Iterator[Batch]:
    """Documents with inventors' addresses, applicants and IPC classes."""
    return collect(source, SPLIT, _parse)


def _parse(record: dict[str, Any]) -> Document:
    biblio = a_dict(record.get("biblio"))
    reference = a_dict(biblio.get("publication_reference"))
    authority = a_text(record.get("jurisdiction") or reference.get("jurisdiction"))
    if authority not in (None, "WO"):
        raise ExcludedError("no publication of the authority WO")
    published = (
        record.get("date_published") or reference.get("date") or record.get("publicationDate")
    )
    parties = a_dict(biblio.get("parties"))
    classes = a_dict(biblio.get("classifications_ipcr") or biblio.get("classifications_ipc"))
    return Document(
        document_id=_identifier(record, reference),
        year=first_year((a_text(published) or "").replace("-", "")),
        document_type=a_text(record.get("kind") or reference.get("kind") or record.get("kindCode")),
        is_science=True,
        addresses=list(_addresses(parties.get("inventors") or record.get("inventors"))),
        applicants=list(_applicants(parties.get("applicants") or record.get("applicants"))),
        fields=[
            ("ipc", symbol)
            for each in dicts(classes.get("classifications"))
            if (symbol := a_text(each.get("symbol")))
        ],
    )


def _identifier(record: dict[str, Any], reference: dict[str, Any]) -> str | None:
    key = a_text(record.get("publicationKey"))
    if key:
        return key.replace("_", "")
    parts = [
        a_text(record.get(name) or reference.get(name))
        for name in ("jurisdiction", "doc_number", "kind")
    ]
    if parts[0] and parts[1]:
        return "".join(part.replace("/", "") for part in parts if part)
    return a_text(record.get("lens_id") or record.get("lensId"))


def _people(value: Any) -> Iterator[dict[str, Any]]:
    """Persons of a list that holds objects in the full form and bare names in the flat one."""
    return (item if isinstance(item, dict) else {} for item in value or [])


def _addresses(inventors: Any) -> Iterator[Row]:
    people = _people(inventors) if isinstance(inventors, list) else iter(())
    for number, person in enumerate(people, start=1):
        yield {
            "person_number": number,
            "address": a_text(person.get("extracted_address")),
            "country": a_text(person.get("residence")),
        }


def _applicants(applicants: Any) -> Iterator[Row]:
    for item in applicants if isinstance(applicants, list) else []:
        person = a_dict(item)
        name = a_text(a_dict(person.get("extracted_name")).get("value")) or a_text(item)
        if name:
            yield {"name": name, "country": a_text(person.get("residence"))}


def _recognises(head: Head) -> bool:
    return '"lens_id"' in head.text or '"lensId"' in head.text or '"publicationKey"' in head.text


READER = Reader(name="lens", kinds=frozenset({"patent"}), read=read, recognises=_recognises)
