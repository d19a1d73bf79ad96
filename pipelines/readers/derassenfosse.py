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

import pyarrow as pa

from pipelines.readers.delimited import RawTable, parse_header, scan
from pipelines.readers.engine import (
    connect,
    degrees,
    first_rows_as_documents,
    keys_of,
    numbered,
    year,
)
from pipelines.readers.numbering import Numbering
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

LATITUDE, LONGITUDE = degrees("raw.lat", 90), degrees("raw.lng", 180)

ADDRESSES = f"""
select
    appln_id as document_id,
    {year("coalesce(filing_date, priority, priority_date)")} as year,
    hash(appln_id, year) as key,
    patent_office as document_type,
    city, name_1 as region, ctry_code as country,
    {LATITUDE} as lat, {LONGITUDE} as lng,
    case
        when appln_id is null then 'no appln_id'
        when year is null then 'no believable filing date'
    end as reject,
    case when reject is not null then to_json(raw)::varchar end as raw_text,
    case
        when {LATITUDE} is null and raw.lat is not null then 'lat: no latitude'
        when {LONGITUDE} is null and raw.lng is not null then 'lng: no longitude'
    end as repaired
from raw
"""


def read(source: SourceFiles) -> Iterator[Batch]:
    """First filings and the places of their inventors.

    Raises:
        UserError: a file lacks a column, is damaged, binary or not UTF-8.
    """
    filings = Numbering()

    def places(rows: pa.Table) -> Iterator[Batch]:
        numbers = filings.number(keys_of(rows))
        yield first_rows_as_documents(rows, numbers, is_science=True)
        yield numbered(rows, "addresses", address_number=numbers)

    with connect(source.limits) as connection:
        yield from scan(connection, source, TABLE, ADDRESSES, records=places)


def _recognises(head: Head) -> bool:
    return {"appln_id", "lat", "lng"} <= set(parse_header(head.text).names)


READER = Reader(
    name="derassenfosse", kinds=frozenset({"patent"}), read=read, recognises=_recognises
)
