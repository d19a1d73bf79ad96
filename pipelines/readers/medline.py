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
from pipelines.readers.tagged import Tagged, split_medline
from pipelines.readers.xml_records import Element, parse_xml, text_at, whole_text, xml_splitter

SPLIT_XML = xml_splitter(
    ["PubmedArticle", "PubmedBookArticle"],
    ["PubmedArticleSet", "DeleteCitation", "DeleteDocument", "PMID"],
)
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
    return _parse_tagged(data) if isinstance(data, list) else _parse_article(parse_xml(data))


def _parse_tagged(fields: Tagged) -> Document:
    values: dict[str, list[str]] = {}
    addresses: list[Row] = []
    person, is_open = 0, False
    for tag, raw in fields:
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
    if root.tag == "PubmedBookArticle":
        article, citation = root.find("BookDocument"), root.find("BookDocument")
    else:
        citation = root.find("MedlineCitation")
        article = citation.find("Article") if citation is not None else None
    if article is None:
        raise MalformedError("no article in it")
    types = [
        whole_text(found) or "" for found in article.iterfind("PublicationTypeList/PublicationType")
    ]
    types += [whole_text(found) or "" for found in article.iterfind("PublicationType")]
    issns = [whole_text(found) or "" for found in article.iterfind("Journal/ISSN")]
    return Document(
        document_id=text_at(citation, "PMID"),
        year=_year(article),
        document_type="; ".join(filter(None, types)) or None,
        is_retracted="Retracted Publication" in types,
        issns=";".join(filter(None, issns)) or None,
        addresses=list(_addresses(article)),
    )


def _year(article: Element) -> int | None:
    paths = (
        *("Journal/JournalIssue/PubDate/Year", "Journal/JournalIssue/PubDate/MedlineDate"),
        *("Book/PubDate/Year", "ArticleDate/Year"),
    )
    return next((year for path in paths if (year := first_year(text_at(article, path)))), None)


def _addresses(article: Element) -> Iterator[Row]:
    persons = (
        author
        for author in article.iterfind("AuthorList/Author")
        if author.find("CollectiveName") is None
    )
    for number, author in enumerate(persons, start=1):
        found = author.findall("AffiliationInfo") or author.findall("Affiliation")
        for place in found:
            yield {"person_number": number} | _address(place)
        if not found:
            yield {"person_number": number}


def _address(place: Element) -> Row:
    text = whole_text(place if place.tag == "Affiliation" else place.find("Affiliation"))
    identifiers = (whole_text(found) or "" for found in place.iterfind("Identifier[@Source='ROR']"))
    ror = next(identifiers, "")
    return {"address": text, "institution_id": ROR + ror.rpartition("/")[2] if ror else None}


def _recognises(head: Head) -> bool:
    return "<PubmedArticle" in head.text or head.text.lstrip().startswith("PMID- ")


READER = Reader(name="medline", kinds=frozenset({"publication"}), read=read, recognises=_recognises)
