"""Made raw files of every format for the benchmark of the readers, and the bare read of each.

Here: `CASES` (a record of each format as text, written again and again with other numbers) and `make`,
which writes the files. A format to measure is one more case. Not here: measuring (`readers`).
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from pathlib import Path

import duckdb
import orjson
from lxml import etree

from pipelines.readers.openalex import COLUMNS
from pipelines.readers.source import SINGLE

CITIES = ("Lyon, France", "Tokyo 113-8654, Japan", "Cambridge, MA 02139 USA", "Shenzhen, China")
BATCH_ROWS = 1 << 16
PARQUET_PACKS = 4
"""How many bytes of text give one of Parquet, at least."""


@dataclass(frozen=True)
class Case:
    """A format to measure.

    Attributes:
        format: name of the format.
        record: the nth record as text, by role of the file that it goes to.
        bare: the library's own read of a file; returns its rows.
        headers: beginnings of the files by role.
        footer: end of the file.
        kind: kind of its documents.
    """

    format: str
    record: Callable[[int], Mapping[str, str]]
    bare: Callable[[Path], int]
    headers: Mapping[str, str] = field(default_factory=lambda: {SINGLE: ""})
    footer: str = ""
    kind: str = "publication"


def _single(record: Callable[[int], str], role: str = SINGLE) -> Callable[[int], Mapping[str, str]]:
    return lambda n: {role: record(n)}


def _address(n: int) -> str:
    return f"Dept of Things {n % 977}, University {n % 4999}, {CITIES[n % 4]}"


def _work(n: int) -> str:
    institution = {
        "id": f"https://openalex.org/I{n % 999}",
        "display_name": f"University {n % 4999}",
        "ror": "https://ror.org/05a28rw58",
        "country_code": "FR",
    }
    authors = [
        {
            "author_position": "middle",
            "author": {"id": f"https://openalex.org/A{n + k}", "display_name": "A. Name"},
            "institutions": [institution],
            "raw_affiliation_strings": [_address(n + k)],
            "affiliations": [
                {"raw_affiliation_string": _address(n + k), "institution_ids": [institution["id"]]}
            ],
        }
        for k in range(4)
    ]
    work = {
        "id": f"https://openalex.org/W{n}",
        "title": "A title of the usual length for a paper of this kind " * 2,
        "publication_year": 2010 + n % 14,
        "type": "article",
        "is_retracted": False,
        "is_paratext": False,
        "authorships": authors,
        "primary_topic": {
            "field": {"display_name": "Chemistry"},
            "domain": {"display_name": "Physical Sciences"},
        },
        "referenced_works": [f"https://openalex.org/W{n + k}" for k in range(30)],
    }
    return orjson.dumps(work).decode() + "\n"


def _inventor(n: int) -> str:
    return (
        f"WO{2010 + n // 3 % 14}{n // 3 % 1_000_000:06d}|PCT/FR2010/1|{n}|NAME, {n}|"
        f"{_address(n)}|FR101|FR|1|0.333\n"
    )


def _article(n: int) -> str:
    authors = "".join(
        f"<Author><LastName>N</LastName><AffiliationInfo><Affiliation>{_address(n + k)}"
        "</Affiliation></AffiliationInfo></Author>"
        for k in range(4)
    )
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{n}</PMID><Article><Journal>'
        f"<JournalIssue><PubDate><Year>{2010 + n % 14}</Year></PubDate></JournalIssue></Journal>"
        f"<Abstract><AbstractText>{'Words of an abstract. ' * 60}</AbstractText></Abstract>"
        f"<AuthorList>{authors}</AuthorList></Article></MedlineCitation></PubmedArticle>\n"
    )


def _grant(n: int) -> str:
    inventors = "".join(
        f"<inventor><addressbook><address><city>City {n + k}</city><country>FR</country></address>"
        "</addressbook></inventor>"
        for k in range(3)
    )
    return (
        "<us-patent-grant><us-bibliographic-data-grant><publication-reference><document-id>"
        f"<country>US</country><doc-number>{n:08d}</doc-number><kind>B2</kind>"
        f"<date>{2010 + n % 14}0101</date></document-id></publication-reference>"
        f"<us-parties><inventors>{inventors}</inventors></us-parties>"
        "</us-bibliographic-data-grant>"
        f"<description>{'<p>Words of a description.</p>' * 400}</description></us-patent-grant>\n"
    )


def _wos(n: int) -> str:
    authors = [f"Name{n + k}, A" for k in range(4)]
    c1 = "\n   ".join(f"[{name}] {_address(n + k)}." for k, name in enumerate(authors))
    return (
        "PT J\nAU " + "\n   ".join(authors) + f"\nTI A title\nDT Article\nC1 {c1}\n"
        f"AB {'Words of an abstract. ' * 60}\nPY {2010 + n % 14}\nUT WOS:{n:015d}\nER\n\n"
    )


def _scopus(n: int) -> str:
    with_authors = "; ".join(f"Name{k} A., {_address(n + k)}" for k in range(4))
    affiliations = "; ".join(_address(n + k) for k in range(4))
    return (
        f'"T",{2010 + n % 14},"{affiliations}","{with_authors}","{"Words. " * 100}",Article,{n}\n'
    )


def _crossref(n: int) -> str:
    authors = [{"family": "N", "affiliation": [{"name": _address(n + k)}]} for k in range(4)]
    work = {
        "DOI": f"10.1/{n}",
        "type": "journal-article",
        "issued": {"date-parts": [[2010 + n % 14, 1, 1]]},
        "author": authors,
        "reference": [{"key": str(k), "unstructured": "Words of a reference"} for k in range(30)],
    }
    return orjson.dumps(work).decode() + "\n"


def _wos_row(n: int) -> str:
    authors = [f"Name{n + k}, A" for k in range(4)]
    c1 = "; ".join(f"[{name}] {_address(n + k)}." for k, name in enumerate(authors))
    return (
        f"J\t{'; '.join(authors)}\tA title\tArticle\t{c1}\t{'Words of an abstract. ' * 60}\t"
        f"{2010 + n % 14}\tWOS:{n:015d}\n"
    )


def _lens(n: int) -> str:
    people = [
        {"residence": "FR", "sequence": k, "extracted_address": _address(n + k).upper()}
        for k in range(3)
    ]
    patent = {
        "lens_id": f"{n:015d}",
        "jurisdiction": "WO",
        "doc_number": f"{2010 + n % 14}{n:06d}",
        "kind": "A1",
        "date_published": f"{2010 + n % 14}-01-02",
        "biblio": {"parties": {"inventors": people}},
        "description": {"text": "Words of a description. " * 100},
    }
    return orjson.dumps(patent).decode() + "\n"


def _status(n: int) -> str:
    inventors = "".join(
        f"<inventor><addressbook><name>N</name><address><address-1>{_address(n + k)}</address-1>"
        "<country>FR</country></address></addressbook></inventor>"
        for k in range(3)
    )
    return (
        '<wo-international-application-status><wo-bibliographic-data lang="en">'
        f"<publication-reference><document-id><country>WO</country><doc-number>{2010 + n % 14}/"
        f"{n % 1_000_000:06d}</doc-number><kind>A1</kind><date>{2010 + n % 14}0102</date>"
        f"</document-id></publication-reference><parties><inventors>{inventors}</inventors>"
        f"</parties><notes>{'Words of a status. ' * 40}</notes></wo-bibliographic-data>"
        "</wo-international-application-status>\n"
    )


def _ep(n: int) -> str:
    inventors = "".join(
        f"<B721><snm>N</snm><adr><str>1 Rue X</str><city>{_address(n + k)}</city><ctry>FR</ctry>"
        "</adr></B721>"
        for k in range(3)
    )
    return (
        f'<ep-patent-document id="EP{n}" country="EP" doc-number="{n:07d}" kind="A1"'
        f' date-publ="{2010 + n % 14}0102"><SDOBI lang="en"><B100><B110>{n:07d}</B110><B130>A1'
        f"</B130><B140><date>{2010 + n % 14}0102</date></B140><B190>EP</B190></B100><B700><B720>"
        f"{inventors}</B720></B700></SDOBI>"
        f"<description>{'<p>Words of a description.</p>' * 100}</description></ep-patent-document>\n"
    )


def _patstat(n: int) -> Mapping[str, str]:
    """An application with three persons; one in eight is international, about as in the real one."""
    authority, persons = (
        ("WO", "EP", "US", "CN", "JP", "KR", "DE", "FR")[n % 8],
        range(3 * n, 3 * n + 3),
    )
    return {
        "tls211": f'{n},"{authority}","{2010 + n // 8 % 14}{n:06d}","","A1",{n},'
        f'"{2010 + n // 8 % 14}-01-02","en","N",0\n',
        "tls207": "".join(f"{p},{n},{int(p % 3 == 0)},{p % 3}\n" for p in persons),
        "tls206": "".join(
            f'{p},"NAME, N{p}","","{_address(p)}","FR","FR101",3,{p},"NAME N",{p},"NAME N",0,"",'
            f'{p},"NAME N",0\n'
            for p in persons
        ),
    }


def _patent(n: int) -> Mapping[str, str]:
    """A US patent with three inventors, in the columns of PatentsView."""
    place = {"locations": f'"loc{n}"\t"Town {n}"\t"PA"\t"US"\t41.9\t-77.5\t"Tioga"\t"42"\t"117"\n'}
    return {
        "patents": f'"{10_000_000 + n}"\t"utility"\t"{2010 + n % 14}-06-19"\t"A title of a patent"'
        f'\t"B2"\t20\t0\t"ipg180619.xml"\n',
        "inventors": "".join(
            f'"{10_000_000 + n}"\t{k}\t"fl:we_ln:jiang-{n + k}"\t"Wenjing"\t"Jiang"\t"F"'
            f'\t"loc{(n + k) % 50_000}"\n'
            for k in range(3)
        ),
    } | (place if n < 50_000 else {})


def _place(n: int) -> str:
    return (
        f"{n // 3},FR,{2010 + n // 3 % 14}-01-02,Lyon {n % 999},Auvergne,Rhone,,,,FR,45.{n % 97},"
        f"4.{n % 89},GN,{1 + n % 5}\n"
    )


def _sql(select: str) -> Callable[[Path], int]:
    def read(path: Path) -> int:
        with duckdb.connect() as connection:
            batches = connection.sql(select.format(path=path)).to_arrow_reader(BATCH_ROWS)
            return sum(batch.num_rows for batch in batches)

    return read


def _elements(tag: str) -> Callable[[Path], int]:
    def read(path: Path) -> int:
        rows = 0
        for _, element in etree.iterparse(path, tag=tag, huge_tree=True):
            rows += 1
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        return rows

    return read


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _documents(root: str) -> Callable[[Path], int]:
    """Parse each of the documents that stand one behind the other in a file, with lxml."""
    end = f"</{root}>".encode()

    def read(path: Path) -> int:
        documents = path.read_bytes().split(end)[:-1]
        return sum(etree.fromstring(document + end) is not None for document in documents)

    return read


def _objects(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for line in file if orjson.loads(line))


OPENALEX_COLUMNS = ", ".join(f"'{name}': '{type_}'" for name, type_ in COLUMNS.items())
JSON_SQL = (
    f"from read_json('{{path}}', format='newline_delimited', columns={{{{{OPENALEX_COLUMNS}}}}})"
)
CSV_SQL = "from read_csv('{path}', all_varchar=true)"
TABLE_HEADER = "document_id,year,person_number,address,country\n"


def _row(n: int) -> str:
    text = blake2b(n.to_bytes(8), digest_size=12).hexdigest()
    return f'P{n // 4},{2010 + n // 4 % 14},{n % 4 + 1},"{text} {_address(n)}",FR\n'


CASES = {
    "openalex": Case("openalex", _single(_work), _sql(JSON_SQL)),
    "tabular CSV": Case(
        "tabular", _single(_row, "addresses"), _sql(CSV_SQL), {"addresses": TABLE_HEADER}
    ),
    "tabular Parquet": Case(
        "tabular",
        _single(_row, "addresses"),
        _sql("from read_parquet('{path}')"),
        {"addresses": TABLE_HEADER},
    ),
    "regpat": Case(
        "regpat",
        _single(_inventor, "inventors"),
        _sql(CSV_SQL),
        {
            "inventors": "PCT_Nbr|PCT_App|Appln_id|Inv_name|Address|Reg_code|Ctry_code|Reg_share|"
            "Inv_share\n"
        },
        kind="patent",
    ),
    "patstat": Case(
        "patstat",
        _patstat,
        _sql(CSV_SQL),
        {
            "tls211": "pat_publn_id,publn_auth,publn_nr,publn_nr_original,publn_kind,appln_id,"
            "publn_date,publn_lg,publn_first_grant,publn_claims\n",
            "tls207": "person_id,appln_id,applt_seq_nr,invt_seq_nr\n",
            "tls206": "person_id,person_name,person_name_orig_lg,person_address,person_ctry_code,"
            "nuts,nuts_level,doc_std_name_id,doc_std_name,psn_id,psn_name,psn_level,psn_sector,"
            "han_id,han_name,han_harmonized\n",
        },
        kind="patent",
    ),
    "patentsview": Case(
        "patentsview",
        _patent,
        _sql(CSV_SQL),
        {
            "patents": "patent_id\tpatent_type\tpatent_date\tpatent_title\twipo_kind\tnum_claims\t"
            "withdrawn\tfilename\n",
            "inventors": "patent_id\tinventor_sequence\tinventor_id\tdisambig_inventor_name_first\t"
            "disambig_inventor_name_last\tgender_code\tlocation_id\n",
            "locations": "location_id\tdisambig_city\tdisambig_state\tdisambig_country\tlatitude\t"
            "longitude\tcounty\tstate_fips\tcounty_fips\n",
        },
        kind="patent",
    ),
    "derassenfosse": Case(
        "derassenfosse",
        _single(_place),
        _sql(CSV_SQL),
        {
            SINGLE: "appln_id,patent_office,filing_date,city,name_1,name_2,name_3,name_4,name_5,"
            "ctry_code,lat,lng,coord_source,source\n"
        },
        kind="patent",
    ),
    "scopus": Case(
        "scopus",
        _single(_scopus),
        _sql(CSV_SQL),
        {SINGLE: "Title,Year,Affiliations,Authors with affiliations,Abstract,Document Type,EID\n"},
    ),
    "wos tab-delimited": Case(
        "wos", _single(_wos_row), _sql(CSV_SQL), {SINGLE: "PT\tAU\tTI\tDT\tC1\tAB\tPY\tUT\n"}
    ),
    "wos plain text": Case(
        "wos", _single(_wos), _lines, {SINGLE: "FN Clarivate Analytics Web of Science\nVR 1.0\n"}
    ),
    "medline": Case(
        "medline",
        _single(_article),
        _elements("PubmedArticle"),
        {SINGLE: "<PubmedArticleSet>\n"},
        footer="</PubmedArticleSet>\n",
    ),
    "crossref": Case("crossref", _single(_crossref), _objects),
    "lens": Case("lens", _single(_lens), _objects, kind="patent"),
    "redbook": Case("redbook", _single(_grant), _documents("us-patent-grant"), kind="patent"),
    "patentscope": Case(
        "patentscope",
        _single(_status),
        _documents("wo-international-application-status"),
        kind="patent",
    ),
    "epo_fulltext": Case(
        "epo_fulltext", _single(_ep), _documents("ep-patent-document"), kind="patent"
    ),
}


def make(name: str, folder: Path, megabytes: int) -> dict[str, Path]:
    """The made files of a case by role, together at least so large; made once."""
    case = CASES[name]
    is_parquet = name.endswith("Parquet")
    place = folder / f"{name.replace(' ', '_')}_{megabytes}"
    files = {role: place / f"{role}{'.parquet' * is_parquet}" for role in case.headers}
    if place.exists():
        return files
    aside = place.with_suffix(".partial")
    aside.mkdir(parents=True, exist_ok=True)
    missing = (megabytes << 20) * (PARQUET_PACKS if is_parquet else 1)
    with ExitStack() as stack:
        texts = {
            role: stack.enter_context((aside / role).open("w", encoding="utf-8"))
            for role in case.headers
        }
        for role, header in case.headers.items():
            texts[role].write(header)
        for n in count():
            for role, text in case.record(n).items():
                missing -= texts[role].write(text)
            if missing <= 0:
                break
        for text in texts.values():
            text.write(case.footer)
    if is_parquet:
        for role, path in files.items():
            to = aside / path.name
            duckdb.sql(f"copy (from read_csv('{aside / role}')) to '{to}' (format parquet)")
            (aside / role).unlink()
    aside.rename(place)
    return files
