"""PubMed: MEDLINE's field-tagged text and PubMed XML.

Here: documents and author addresses (AD, AffiliationInfo) of both forms; the baseline's and
updates' `pubmed*.xml.gz` as well as exports from the web site.

What the source tells: publication types, all of them joined with '; ' ('Journal Article; Review');
the year of the issue (DP, PubDate, MedlineDate), else that of electronic publication; ISSNs; the
ROR of an affiliation where the publisher gave it. Collective authors are no persons.

What it cannot tell: fields (`is_science` is null; MEDLINE is life sciences throughout), cities and
countries apart from the text. An affiliation text may hold the addresses of the whole group, which
stay one address. Until 2013 PubMed took down the first author's address only: the other authors
then have an empty one. Deleted citations carry no record.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from pipelines.readers.collect import (
    Document,
    MalformedError,
    RawRecord,
    Row,
    collect,
    first_year,
    utf8,
)
from pipelines.readers.records import Batch
from pipelines.readers.source import Head, Reader, SourceFiles
from pipelines.readers.tagged import medline_fields, split_medline
from pipelines.readers.xml_records import (
    Element,
    all_at,
    children,
    parse_xml,
    text_at,
    whole_text,
    xml_splitter,
)

SPLIT_XML = xml_splitter(
    ["PubmedArticle", "PubmedBookArticle"],
    ["PubmedArticleSet", "DeleteCitation", "DeleteDocument", "PMID"],
)
YEARS = (
    *("Journal/JournalIssue/PubDate/Year", "Journal/JournalIssue/PubDate/MedlineDate"),
    *("Book/PubDate/Year", "ArticleDate/Year"),
)
COLLECTIVE = "CollectiveName"
PLACES = ("AffiliationInfo", "Affiliation")
"""Elements of an author's addresses: of the one kind or else of the other, as until 2013."""
ROR = "https://ror.org/"


def read(source: SourceFiles) -> Iterator[Batch]:
    """Documents with their author addresses, whichever of the two forms a file has."""
    return collect(source, _split, _parse)


def _split(stream: BinaryIO, label: str) -> Iterator[RawRecord]:
    start = stream.peek(64) if hasattr(stream, "peek") else b""
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return SPLIT_XML(stream, label)
    return split_medline(stream, label)


def _parse(data: Any) -> Document:
    return _parse_tagged(data) if isinstance(data, bytes) else _parse_article(parse_xml(data))


def _parse_tagged(record: bytes) -> Document:
    values: dict[str, list[str]] = {}
    addresses: list[Row] = []
    person, is_open = 0, False
    for tag, raw in medline_fields(record):
        value = utf8(raw)
        values.setdefault(tag, []).append(value)
        # FAU and AU name the same author; old records have AU alone.
        if tag == "FAU" or (tag == "AU" and "FAU" not in values):
            person += 1
            is_open = True
            addresses.append({"person_number": person})
        elif tag == "AD" and person:
            if is_open:
                addresses.pop()
                is_open = False
            addresses.append({"person_number": person, "address": value})
        elif tag == "AD":
            addresses.append({"address": value})
    types = values.get("PT", [])
    return Document(
        document_id=next(iter(values.get("PMID", [])), None),
        year=first_year(" ".join(values.get("DP", [])))
        or first_year(" ".join(values.get("DEP", []))),
        document_type="; ".join(types) or None,
        is_retracted="Retracted Publication" in types,
        issns=";".join(issn.split(" ")[0] for issn in values.get("IS", [])) or None,
        addresses=addresses,
    )


def _parse_article(root: Element) -> Document:
    is_book = root.tag == "PubmedBookArticle"
    citation = children(root).get("BookDocument" if is_book else "MedlineCitation")
    article = citation if is_book else children(citation).get("Article")
    if article is None:
        raise MalformedError("no article in it")
    types = _texts(article, "PublicationTypeList/PublicationType")
    types += _texts(article, "PublicationType")
    return Document(
        document_id=text_at(citation, "PMID"),
        year=next((year for path in YEARS if (year := first_year(text_at(article, path)))), None),
        document_type="; ".join(types) or None,
        is_retracted="Retracted Publication" in types,
        issns=";".join(_texts(article, "Journal/ISSN")) or None,
        addresses=list(_addresses(article)),
    )


def _texts(article: Element, path: str) -> list[str]:
    return [text for found in all_at(article, path) if (text := whole_text(found))]


def _addresses(article: Element) -> Iterator[Row]:
    number = 0
    for author in all_at(article, "AuthorList/Author"):
        parts: dict[str, list[Element]] = {}
        for part in author.iterchildren(COLLECTIVE, *PLACES):
            parts.setdefault(part.tag, []).append(part)
        if COLLECTIVE in parts:
            continue
        number += 1
        places = next((parts[name] for name in PLACES if name in parts), [])
        for place in places:
            yield {"person_number": number} | _address(place)
        if not places:
            yield {"person_number": number}


def _address(place: Element) -> Row:
    is_text = place.tag == "Affiliation"
    text = whole_text(place if is_text else next(place.iterchildren("Affiliation"), None))
    identifiers = (part for part in place.iterchildren("Identifier") if part.get("Source") == "ROR")
    ror = whole_text(next(identifiers, None))
    return {"address": text, "institution_id": ROR + ror.rpartition("/")[2] if ror else None}


def _recognises(head: Head) -> bool:
    return "<PubmedArticle" in head.text or head.text.lstrip().startswith("PMID- ")


READER = Reader(name="medline", kinds=frozenset({"publication"}), read=read, recognises=_recognises)
