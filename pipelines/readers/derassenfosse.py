"""De Rassenfosse, Kozak and Seliger's geocoded inventors (Harvard Dataverse, OTTBDX).

Here: `geoc_inv.txt`, plain or in its zip: one row per inventor's place of a first filing.

What the source tells: coordinates and the town of inventors of first filings worldwide by
PATSTAT's `appln_id`; `source` 1 from the patent itself, 2 and up imputed from equivalents or
applicants.

What it cannot tell: publications. These are first filings by filing date, not international
applications, and the year is the year of filing: good for comparison and for tuning, not for an
edition's counts. Inventors of a filing are not told apart (person_number is null).
"""

from collections.abc import Iterator

from pipelines.readers.delimited import RawTable, load, parse_header
from pipelines.readers.engine import connect, sort_out, stream, year
from pipelines.readers.records import Batch
from pipelines.readers.source import SINGLE, Head, Reader, SourceFiles

TABLE = RawTable(
    SINGLE,
    "addresses",
    required=("appln_id", "lat", "lng"),
    optional=(
        *("filing_date", "priority", "priority_date", "patent_office"),
        *("city", "name_1", "ctry_code"),
    ),
)

CHECKED = f"""
select
    * exclude (lat, lng), lat as written_lat, lng as written_lng,
    {year("coalesce(filing_date, priority, priority_date)")} as filed,
    case
        when appln_id is null then 'no appln_id'
        when filed is null then 'no believable filing date'
    end as reject,
    case when reject is not null then to_json({SINGLE})::varchar end as raw_text
from {SINGLE}
"""

DOCUMENTS = """
select
    appln_id as document_id, filed as year, patent_office as document_type,
    false as is_retracted, false as is_paratext, true as is_science, file, line
from checked
where reject is null
qualify row_number() over (partition by file, appln_id, filed order by position) = 1
order by position
"""

ADDRESSES = """
select
    appln_id as document_id, filed as year,
    row_number() over (partition by appln_id, filed order by position)::integer as address_number,
    city, name_1 as region, ctry_code as country,
    case when abs(try_cast(written_lat as double)) <= 90 then written_lat::double end as lat,
    case when abs(try_cast(written_lng as double)) <= 180 then written_lng::double end as lng,
    file, line, reject, raw_text,
    case
        when lat is null and written_lat is not null then 'lat: no latitude'
        when lng is null and written_lng is not null then 'lng: no longitude'
    end as repaired
from checked
order by position
"""


def read(source: SourceFiles) -> Iterator[Batch]:
    """First filings and the places of their inventors.

    Raises:
        UserError: a file lacks a column, is damaged, binary or not UTF-8.
    """
    with connect(source.limits) as connection:
        yield from load(connection, source, TABLE)
        connection.execute(f"create temp view checked as {CHECKED}")
        yield from sort_out(stream(connection, DOCUMENTS), "documents")
        yield from sort_out(stream(connection, ADDRESSES), "addresses")


def _recognises(head: Head) -> bool:
    return {"appln_id", "lat", "lng"} <= set(parse_header(head.text).names)


READER = Reader(
    name="derassenfosse", kinds=frozenset({"patent"}), read=read, recognises=_recognises
)
