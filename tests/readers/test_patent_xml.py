"""Red Book, PATENTSCOPE and EPO full text: documents written by hand after the descriptions."""

from pathlib import Path

import pytest

from pipelines.errors import UserError
from tests.readers.helpers import read, source_of, write

GRANT = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE us-patent-grant SYSTEM "us-patent-grant-v45-2014-04-03.dtd" [ ]>
<us-patent-grant lang="EN" country="US"><us-bibliographic-data-grant>
<publication-reference><document-id><country>US</country><doc-number>11111111</doc-number>
<kind>B2</kind><date>20210907</date></document-id></publication-reference>
<pct-or-regional-filing-data><document-id><country>WO</country>
<doc-number>PCT/CA2016/050609</doc-number><date>20160530</date></document-id>
</pct-or-regional-filing-data>
<pct-or-regional-publishing-data><document-id><country>WO</country>
<doc-number>WO2016/191867</doc-number><kind>A </kind><date>20161208</date></document-id>
</pct-or-regional-publishing-data>
<classifications-ipcr><classification-ipcr><section>A</section><class>63</class>
<subclass>B</subclass><main-group>21</main-group><subgroup>072</subgroup></classification-ipcr>
</classifications-ipcr>
<us-parties><inventors>
<inventor sequence="001"><addressbook><last-name>Spillane</last-name><address>
<city>Worcestershire</city><country>GB</country></address></addressbook></inventor>
<inventor sequence="002"><addressbook><last-name>Doe</last-name><address>
<city>K&ouml;ln &amp; Umland</city><state>NW</state><country>DE</country></address></addressbook>
</inventor></inventors></us-parties>
<assignees><assignee><addressbook><orgname>ACME</orgname><address><country>CA</country></address>
</addressbook></assignee></assignees>
</us-bibliographic-data-grant></us-patent-grant>
"""
SEQUENCES = """<?xml version="1.0"?>
<!DOCTYPE sequence-cwu SYSTEM "us-sequence-listing-2004-03-09.dtd" [ ]>
<sequence-cwu id="SEQLST-1"><number>1</number></sequence-cwu>
"""
OLDER = """<?xml version="1.0" encoding="UTF-8"?>
<us-patent-application><us-bibliographic-data-application>
<publication-reference><document-id><country>US</country><doc-number>20070000001</doc-number>
<kind>A1</kind><date>20070104</date></document-id></publication-reference>
<classification-ipc><main-classification>G06F015/00</main-classification></classification-ipc>
<parties><applicants><applicant sequence="00" app-type="applicant-inventor"><addressbook>
<address><city>Perinton</city><state>NY</state><country>US</country></address></addressbook>
</applicant></applicants></parties>
</us-bibliographic-data-application></us-patent-application>
"""
PAP = """<patent-application-publication><subdoc-bibliographic-information>
<document-id><doc-number>20040000002</doc-number><kind-code>A1</kind-code>
<document-date>20040101</document-date></document-id>
<inventors><first-named-inventor><residence><residence-us><city>Tarzana</city><state>CA</state>
</residence-us></residence></first-named-inventor>
<inventor><residence><residence-non-us><city>Lyon</city><country-code>FR</country-code>
</residence-non-us></residence></inventor></inventors>
<assignee><organization-name>Hill-Rom</organization-name></assignee>
</subdoc-bibliographic-information></patent-application-publication>
"""
PATDOC = """<PATDOC DTD="2.4"><SDOBI><B100><B110><DNUM><PDAT>06500000</PDAT></DNUM></B110>
<B130><PDAT>B1</PDAT></B130><B140><DATE><PDAT>20021231</PDAT></DATE></B140></B100>
<B700><B720><B721><PARTY-US><NAM><SNM><STEXT><PDAT>Doe</PDAT></STEXT></SNM></NAM>
<ADR><CITY><PDAT>Boise</PDAT></CITY><STATE><PDAT>ID</PDAT></STATE></ADR></PARTY-US></B721>
<B721><PARTY-US><ADR><CITY><PDAT>Delft</PDAT></CITY><CTRY><PDAT>NL</PDAT></CTRY></ADR></PARTY-US>
</B721></B720></B700>
<B800><B860><B861><DOC><DNUM><PDAT>PCTNL00/00518</PDAT></DNUM></DOC></B861></B860>
<B870><B871><DOC><DNUM><PDAT>WO0107345</PDAT></DNUM><DATE><PDAT>20010201</PDAT></DATE></DOC></B871>
</B870></B800></SDOBI></PATDOC>
"""


def test_redbook_of_every_layout_in_one_file(tmp_path: Path) -> None:
    path = write(tmp_path / "ipg.xml", GRANT + SEQUENCES + OLDER + PAP + PATDOC)
    found = read("redbook", source_of(tmp_path, path))

    assert [(d["document_id"], d["year"], d["document_type"]) for d in found.documents] == [
        ("US11111111B2", 2021, "B2"),
        ("US20070000001A1", 2007, "A1"),
        ("US20040000002A1", 2004, "A1"),
        ("US06500000B1", 2002, "B1"),
    ]
    assert found.places("person_number", "city", "region", "country") == [
        (1, "Worcestershire", None, "GB"),
        (2, "Köln & Umland", "NW", "DE"),
        (1, "Perinton", "NY", "US"),
        (1, "Tarzana", "CA", "US"),
        (2, "Lyon", None, "FR"),
        (1, "Boise", "ID", "US"),
        (2, "Delft", None, "NL"),
    ]
    assert [f["code"] for f in found.fields] == ["A63B 21/072", "G06F015/00"]
    assert [a["name"] for a in found.applicants] == ["ACME", "Hill-Rom"]
    assert found.counts.excluded["documents"] == {"sequence listing": 1}
    assert found.documents[0]["line"] == 3


def test_redbook_pct_by_way_of_the_national_phase(tmp_path: Path) -> None:
    unpublished = GRANT.replace("pct-or-regional-publishing-data", "other")
    path = write(tmp_path / "ipg.xml", GRANT + OLDER + PATDOC + unpublished)
    found = read("redbook_pct", source_of(tmp_path, path))

    assert [(d["document_id"], d["year"]) for d in found.documents] == [
        ("WO2016191867", 2016),
        ("WO2001007345", 2001),
    ]
    assert "document_type" not in found.documents[0]
    assert found.counts.excluded["documents"] == {
        "no national phase of an international application": 1,
        "international application without a WO publication number": 1,
    }


def test_broken_documents_are_rejects_of_their_own(tmp_path: Path) -> None:
    broken = GRANT.replace("</inventors>", "")
    stray = GRANT.replace("<us-patent-grant ", "<us-patent-grunt ")
    path = write(tmp_path / "ipg.xml", GRANT + broken + stray + OLDER + GRANT[:-30])
    found = read("redbook", source_of(tmp_path, path))
    assert len(found.documents) == 2
    assert [r["reason"].partition(":")[0] for r in found.rejects] == [
        "not well-formed XML",
        "text outside of any document",
        "cut off",
    ]


def test_what_is_empty_or_begins_with_a_comment_is_no_fault_of_ours(tmp_path: Path) -> None:
    empty = "<patent-application-publication></patent-application-publication>\n"
    commented = GRANT.replace("<us-bibliographic", "<!-- made --><us-bibliographic", 1)
    path = write(tmp_path / "ipg.xml", empty + commented)
    found = read("redbook_pct", source_of(tmp_path, path))
    assert [d["document_id"] for d in found.documents] == ["WO2016191867"]
    assert sum(found.counts.excluded["documents"].values()) + len(found.rejects) == 1


def test_an_entity_bomb_is_read_without_expanding_it(tmp_path: Path) -> None:
    levels = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">\n' if n else '<!ENTITY l0 "lol">\n'
        for n in range(10)
    )
    bomb = GRANT.replace("[ ]", f"[{levels}]").replace("Worcestershire", "&l9;")
    found = read("redbook", source_of(tmp_path, write(tmp_path / "bomb.xml", bomb)))
    assert found.places("city")[0] == ("&l9;",)
    assert len(str(found.addresses)) < 1_000


def test_an_external_entity_is_not_fetched(tmp_path: Path) -> None:
    write(tmp_path / "secret.txt", "secret")
    entity = f'[<!ENTITY x SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]'
    text = GRANT.replace("[ ]", entity).replace("Worcestershire", "&x;")
    found = read("redbook", source_of(tmp_path, write(tmp_path / "x.xml", text)))
    assert "secret" not in str(found.addresses)


def test_another_declared_encoding(tmp_path: Path) -> None:
    text = GRANT.replace("UTF-8", "ISO-8859-1").replace("Worcestershire", "Málaga")
    path = write(tmp_path / "x.xml", text.encode("latin-1"))
    found = read("redbook", source_of(tmp_path, path))
    assert found.places("city")[0] == ("Málaga",)


WO_STATUS = """<?xml version="1.0" encoding="UTF-8"?>
<wo-international-application-status>
<wo-bibliographic-data produced-by="RO" dtd-version="0.2" lang="en" date-produced="20090902">
<publication-reference><document-id><country>WO</country><doc-number>2009/105044</doc-number>
<kind>A1</kind><date>20090827</date></document-id></publication-reference>
<classifications-ipcr><classification-ipcr><text>A61K 31/00 (2006.01)</text></classification-ipcr>
</classifications-ipcr>
<parties><applicants>
<applicant sequence="1" app-type="applicant"><addressbook><name>ACME</name><address>
<address-1>1 High St, London</address-1><country>GB</country></address></addressbook></applicant>
<applicant sequence="2" app-type="applicant-inventor"><addressbook><name>DOE</name><address>
<address-1>2-3-4 Nishi, Minato-ku, Tokyo 1050001</address-1><country>JP</country></address>
</addressbook></applicant>
<applicant sequence="2" app-type="applicant-inventor"><addressbook lang="ja"><name>東</name>
</addressbook></applicant></applicants>
<inventors><inventor sequence="1"><addressbook><name>ROE</name></addressbook></inventor></inventors>
</parties></wo-bibliographic-data></wo-international-application-status>
"""


def test_patentscope(tmp_path: Path) -> None:
    published = WO_STATUS.replace("wo-international-application-status", "wo-published-application")
    bad = WO_STATUS.replace("2009/105044", "n/a")
    path = write(tmp_path / "wo.xml", WO_STATUS + published.replace("105044", "105045") + bad)
    found = read("patentscope", source_of(tmp_path, path))

    assert [(d["document_id"], d["year"], d["document_type"]) for d in found.documents] == [
        ("WO2009105044", 2009, "A1"),
        ("WO2009105045", 2009, "A1"),
    ]
    assert found.places("person_number", "address", "country")[:2] == [
        (1, None, None),
        (2, "2-3-4 Nishi, Minato-ku, Tokyo 1050001", "JP"),
    ]
    assert found.applicants[0] == {
        "document_id": "WO2009105044",
        "year": 2009,
        "applicant_number": 1,
        "name": "ACME",
        "country": "GB",
    }
    assert [f["code"] for f in found.fields] == ["A61K 31/00"] * 2
    assert [r["reason"] for r in found.rejects] == ["no WO number: n/a"]


def test_patentscope_dates_give_way_to_the_year_in_the_number(tmp_path: Path) -> None:
    dates = {"105041": "090827", "105042": "20100107", "105043": "19120827", "105044": "27.08.2009"}
    text = "".join(
        WO_STATUS.replace("105044", number).replace("20090827", date)
        for number, date in dates.items()
    )
    found = read("patentscope", source_of(tmp_path, write(tmp_path / "wo.xml", text)))
    assert [d["year"] for d in found.documents] == [2009, 2010, 2009, 2009]
    assert found.rejects == []


def test_patentscope_applicant_in_two_scripts_is_one(tmp_path: Path) -> None:
    again = (
        '<applicant sequence="1" app-type="applicant"><addressbook lang="ja"><name>アクメ</name>'
        "</addressbook></applicant></applicants>"
    )
    text = WO_STATUS.replace("</applicants>", again)
    found = read("patentscope", source_of(tmp_path, write(tmp_path / "wo.xml", text)))
    assert [a["name"] for a in found.applicants] == ["ACME"]
    assert [a["person_number"] for a in found.addresses] == [1, 2]


def test_patentscope_as_its_web_service_wraps_it(tmp_path: Path) -> None:
    text = (
        '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>'
        f'<getIASRResponse xmlns="http://www.wipo.org/wsdl/ps">{WO_STATUS}</getIASRResponse>'
        "</S:Body></S:Envelope>"
    )
    found = read("patentscope", source_of(tmp_path, write(tmp_path / "wo.xml", text)))
    assert len(found.documents) == 1
    assert found.rejects == []


EP = """<?xml version="1.0" encoding="UTF-8"?>
<ep-patent-document id="EP06000001A1" country="EP" doc-number="1234567" kind="A1"
 date-publ="20070103"><SDOBI lang="en">
<B100><B110>1234567</B110><B130>A1</B130><B140><date>20070103</date></B140><B190>EP</B190></B100>
<B500><B510EP><classification-ipcr sequence="1"><text>A01D  57/24        20060101AFI</text>
</classification-ipcr></B510EP></B500>
<B700><B710><B711><snm>ACME K.K.</snm><adr><ctry>JP</ctry></adr></B711></B710>
<B720><B721><snm>KAMITANI Hirotaka</snm><adr><str>101 La Vie</str>
<city>Kamakura-shi, Kanagawa 247-0056</city><ctry>JP</ctry></adr></B721>
<B721><snm>DOE</snm></B721></B720></B700>
<B800><B860><B861><dnum><anum>JP2005000001</anum></dnum></B861></B860><B870><B871><dnum>
<pnum>WO2005123456</pnum></dnum><date>20051229</date></B871></B870></B800>
</SDOBI></ep-patent-document>
"""


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("epo_fulltext", ("EP1234567A1", 2007, "A1")),
        ("epo_fulltext_pct", ("WO2005123456", 2005, None)),
    ],
)
def test_epo_full_text(tmp_path: Path, name: str, document: tuple[str, int, str | None]) -> None:
    found = read(name, source_of(tmp_path, write(tmp_path / "ep.xml", EP)))
    row = found.documents[0]
    assert (row["document_id"], row["year"], row.get("document_type")) == document
    assert found.places("person_number", "address", "city", "country") == [
        (1, "101 La Vie", "Kamakura-shi, Kanagawa 247-0056", "JP"),
        (2, None, None, None),
    ]
    assert [f["code"] for f in found.fields] == ["A01D 57/24"]
    assert [a["name"] for a in found.applicants] == ["ACME K.K."]


@pytest.mark.parametrize("data", [b"", b"\x00\x00\x00" * 500, EP.encode("utf-16")])
def test_no_xml_text_is_an_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UserError, match=r"x\.xml"):
        read("epo_fulltext", source_of(tmp_path, write(tmp_path / "x.xml", data)))
