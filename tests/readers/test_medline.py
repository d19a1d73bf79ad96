from pathlib import Path

from tests.readers.helpers import Records, read, source_of, write

TAGGED = """PMID- 11565961
OWN - NLM
IS  - 0021-9924 (Print)
IS  - 1873-7994 (Electronic)
DP  - 2001 Sep-Oct
TI  - The effect of a thing on
      another thing.
FAU - McHenry, Monica A
AU  - McHenry MA
AD  - Department of Communication Disorders, University of Houston,
      TX 77204-6018, USA.
AD  - Second Place, Lyon, France.
FAU - Nobody, X
AU  - Nobody X
PT  - Journal Article
PT  - Review

PMID- 2
DP  - 1975
AD  - Dept. X, Bonn.
AU  - Old AB
PT  - Retracted Publication

PMID- 3
DP  - Winter

"""

XML = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE PubmedArticleSet SYSTEM "http://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_190101.dtd">
<PubmedArticleSet>
<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">10</PMID><Article>
 <Journal><ISSN IssnType="Print">1111-2222</ISSN><JournalIssue><PubDate>
  <MedlineDate>1998 Dec-1999 Jan</MedlineDate></PubDate></JournalIssue></Journal>
 <AuthorList>
  <Author><LastName>A</LastName><AffiliationInfo><Affiliation>Univ. of <i>X</i>, Paris &amp; Lyon
   </Affiliation><Identifier Source="ROR">https://ror.org/05a28rw58</Identifier></AffiliationInfo>
   <AffiliationInfo><Affiliation>Rome</Affiliation></AffiliationInfo></Author>
  <Author><CollectiveName>The Group</CollectiveName>
   <AffiliationInfo><Affiliation>Nowhere</Affiliation></AffiliationInfo></Author>
  <Author><LastName>B</LastName><Affiliation>M&uuml;nchen</Affiliation></Author>
  <Author><LastName>C</LastName></Author>
 </AuthorList>
 <PublicationTypeList><PublicationType>Journal Article</PublicationType></PublicationTypeList>
</Article></MedlineCitation></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID>11</PMID></MedlineCitation></PubmedArticle>
<PubmedBookArticle><BookDocument><PMID>12</PMID><Book><PubDate><Year>2012</Year></PubDate></Book>
 <AuthorList><Author><AffiliationInfo><Affiliation>Oslo</Affiliation></AffiliationInfo></Author>
 </AuthorList><PublicationType>Review</PublicationType></BookDocument></PubmedBookArticle>
<PubmedArticle><MedlineCitation><PMID>13</PMID><Article><AuthorList></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID>14</PMID>
<DeleteCitation><PMID>99</PMID></DeleteCitation>
</PubmedArticleSet>
"""


def read_text(tmp_path: Path, text: str) -> Records:
    return read("medline", source_of(tmp_path, write(tmp_path / "p", text), kind="publication"))


def test_tagged(tmp_path: Path) -> None:
    found = read_text(tmp_path, TAGGED)
    assert [(d["document_id"], d["year"], d["document_type"]) for d in found.documents] == [
        ("11565961", 2001, "Journal Article; Review"),
        ("2", 1975, "Retracted Publication"),
    ]
    assert [d["is_retracted"] for d in found.documents] == [False, True]
    assert found.documents[0]["issns"] == "0021-9924;1873-7994"
    assert found.places("document_id", "person_number", "address") == [
        (
            *("11565961", 1),
            "Department of Communication Disorders, University of Houston, TX 77204-6018, USA.",
        ),
        ("11565961", 1, "Second Place, Lyon, France."),
        ("11565961", 2, None),
        ("2", None, "Dept. X, Bonn."),
        ("2", 1, None),
    ]
    assert [(r["line"], r["reason"]) for r in found.rejects] == [
        (24, "no believable year of publication: None")
    ]


def test_xml(tmp_path: Path) -> None:
    found = read_text(tmp_path, XML)
    assert [(d["document_id"], d["year"]) for d in found.documents] == [("10", 1998), ("12", 2012)]
    assert found.places("person_number", "address", "institution_id")[:4] == [
        (1, "Univ. of X, Paris & Lyon", "https://ror.org/05a28rw58"),
        (1, "Rome", None),
        (2, "München", None),
        (3, None, None),
    ]
    assert found.documents[0]["issns"] == "1111-2222"
    assert [r["reason"].partition(":")[0] for r in found.rejects] == [
        "no article in it",
        "not well-formed XML",
        "cut off",
    ]
    assert found.counts.read == {"documents": 5}
