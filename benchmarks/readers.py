"""How fast the readers are, beside DuckDB's or lxml's bare read of the same file in the same run.

    python -m benchmarks.readers [--megabytes 200] [--formats openalex,regpat,...] [--folder DIR]

Makes one file per format of at least so many megabytes (kept in the folder for the next run), then
reads each twice in processes of their own: bare, by the library alone with the same columns, and by
our reader with all records consumed. Prints a Markdown table with rows per second and peak memory.
Here: the made files and the two reads. Not here: the chain's benchmark; nothing is asserted.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import gettempdir

import duckdb
import orjson
from lxml import etree

from pipelines.readers import FORMATS
from pipelines.readers.openalex import COLUMNS
from pipelines.readers.source import SINGLE, SourceFiles

CITIES = ("Lyon, France", "Tokyo 113-8654, Japan", "Cambridge, MA 02139 USA", "Shenzhen, China")
BATCH_ROWS = 1 << 16


@dataclass(frozen=True)
class Case:
    """A format to measure.

    Attributes:
        header: beginning of the file.
        record: the nth record as text.
        footer: end of the file.
        bare: the library's own read of a file; returns its rows.
        role: role of the file.
        columns: mapping, for the tabular format.
        format: name of the format.
        kind: kind of its documents.
    """

    record: Callable[[int], str]
    bare: Callable[[Path], int]
    format: str
    header: str = ""
    footer: str = ""
    role: str = SINGLE
    kind: str = "publication"


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


def _documents(path: Path) -> int:
    ends = b"</us-patent-grant>"
    documents = path.read_bytes().split(ends)[:-1]
    return sum(etree.fromstring(document + ends) is not None for document in documents)


def _objects(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for line in file if orjson.loads(line))


OPENALEX_COLUMNS = ", ".join(f"'{name}': '{type_}'" for name, type_ in COLUMNS.items())
JSON_SQL = (
    f"from read_json('{{path}}', format='newline_delimited', columns={{{{{OPENALEX_COLUMNS}}}}})"
)
REGPAT_HEADER = "PCT_Nbr|PCT_App|Appln_id|Inv_name|Address|Reg_code|Ctry_code|Reg_share|Inv_share\n"
SCOPUS_HEADER = "Title,Year,Affiliations,Authors with affiliations,Abstract,Document Type,EID\n"
TABLE_HEADER = "document_id,year,person_number,address,country\n"
CSV_SQL = "from read_csv('{path}', all_varchar=true)"

CASES = {
    "openalex": Case(_work, _sql(JSON_SQL), "openalex"),
    "tabular CSV": Case(
        lambda n: f'P{n // 4},{2010 + n // 4 % 14},{n % 4 + 1},"{_address(n)}",FR\n',
        _sql(CSV_SQL),
        "tabular",
        header=TABLE_HEADER,
        role="addresses",
    ),
    "tabular Parquet": Case(
        lambda n: f'P{n // 4},{2010 + n // 4 % 14},{n % 4 + 1},"{_address(n)}",FR\n',
        _sql("from read_parquet('{path}')"),
        "tabular",
        header=TABLE_HEADER,
        role="addresses",
    ),
    "regpat": Case(
        _inventor, _sql(CSV_SQL), "regpat", header=REGPAT_HEADER, role="inventors", kind="patent"
    ),
    "scopus": Case(_scopus, _sql(CSV_SQL), "scopus", header=SCOPUS_HEADER),
    "medline": Case(
        _article,
        _elements("PubmedArticle"),
        "medline",
        header="<PubmedArticleSet>\n",
        footer="</PubmedArticleSet>\n",
    ),
    "redbook": Case(_grant, _documents, "redbook", kind="patent"),
    "wos": Case(_wos, _lines, "wos", header="FN Clarivate Analytics Web of Science\nVR 1.0\n"),
    "crossref": Case(_crossref, _objects, "crossref"),
}


def make(name: str, folder: Path, megabytes: int) -> Path:
    """The made file of a case, at least so large; made once."""
    case = CASES[name]
    path = folder / f"{name.replace(' ', '_')}_{megabytes}"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".partial")
    with aside.open("w", encoding="utf-8") as file:
        file.write(case.header)
        for text in _enough(case.record, megabytes << 20):
            file.write(text)
        file.write(case.footer)
    if name.endswith("Parquet"):
        duckdb.sql(f"copy (from read_csv('{aside}')) to '{path}' (format parquet)")
        aside.unlink()
    else:
        aside.rename(path)
    return path


def _enough(record: Callable[[int], str], size: int) -> Iterator[str]:
    made = 0
    for n in count():
        if made >= size:
            return
        text = record(n)
        made += len(text)
        yield text


def read(name: str, path: Path) -> int:
    """Read all records of a case's file with our reader; the rows of the table it is read for."""
    case = CASES[name]
    reader = FORMATS[case.format]
    source = SourceFiles("benchmark", case.kind, path.parent, {case.role: (path,)})
    rows = 0
    for unit in reader.units(source):
        for batch in reader.read(unit):
            if batch.table == "accounts":
                rows += sum(
                    row["records"] for row in batch.data.to_pylist() if row["outcome"] == "read"
                )
    return rows


def measured(name: str, path: Path, way: str) -> dict[str, float]:
    """Rows, seconds and peak megabytes of one read in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.readers", "--one", name, way, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _one(name: str, way: str, path: Path) -> None:
    begin = time.perf_counter()
    rows = CASES[name].bare(path) if way == "bare" else read(name, path)
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "peak_mb": peak}))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--formats", default=",".join(CASES))
    parser.add_argument("--folder", type=Path, default=Path(gettempdir()) / "benchmark_readers")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        name, way, path = arguments.one
        _one(name, way, Path(path))
        return
    print("| format | MB | records | records/s | peak MB | bare read, s | reader, s | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name in arguments.formats.split(","):
        path = make(name, arguments.folder, arguments.megabytes)
        bare, ours = (measured(name, path, way) for way in ("bare", "ours"))
        print(
            f"| {name} | {path.stat().st_size / 1e6:.0f} | {ours['rows']:,.0f} |"
            f" {ours['rows'] / ours['seconds']:,.0f} | {ours['peak_mb']:.0f} |"
            f" {bare['seconds']:.2f} | {ours['seconds']:.2f} |"
            f" {bare['seconds'] / ours['seconds']:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
