"""PatentsView bulk tables: US patents, or the international applications behind them.

Here: roles `patents` (g_patent), `inventors` (g_inventor_disambiguated), `locations`
(g_location_disambiguated) and, where given, `assignees` (g_assignee_disambiguated), `ipc`
(g_ipc_at_issue), `wipo` (g_wipo_technology) and `pct` (g_pct_data), as TSV or in their zips.

Without `pct` documents are US patents by year of grant, withdrawn ones excluded. With it they are
the WO publications whose national phase the patents are (rows `wo_grant`), by year of the WO
publication; patents without one are excluded and counted, as is a second patent of the same
publication.

What the source tells: town, state, country and coordinates of each inventor, disambiguated. The
coordinates are the town's, and some are wrong (Waterloo, Canada lies in Belgium): they are handed
on as they are, and only those inside their country's box may be used as points, which the geocoder
sees to. Dates can be absurd ('1074-08-14'): where a WO publication's is, the year in its number
counts.

A location that is not among the locations, whose identifiers differ between releases, is counted.

What it cannot tell: streets, post codes, PCT applications that were never granted in the US.
"""

from collections.abc import Iterator
from functools import partial

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.readers.delimited import RawTable, load, parse_header, scan
from pipelines.readers.engine import (
    Lookup,
    connect,
    degrees,
    keys_of,
    numbered,
    sort_out,
    stream,
    to_schema,
    year,
)
from pipelines.readers.numbering import Numbering
from pipelines.readers.pct_numbers import publication_year_sql, wo_number
from pipelines.readers.records import LOOKUPS, OF_NO_DOCUMENT, YEARS, Batch, account
from pipelines.readers.source import Head, Reader, SourceFiles, group_as_one

US_PATENTS = f"""
select
    hash(patent_id) as key, patent_id as document_id, {year("patent_date")} as year,
    wipo_kind as document_type, false as is_retracted, false as is_paratext, true as is_science,
    case when withdrawn = '1' then 'withdrawn' end as excluded,
    case
        when patent_id is null then 'no patent_id'
        when year is null then 'no believable patent_date'
    end as reject,
    case when reject is not null then to_json(raw)::varchar end as raw_text
from raw
"""

WO_PUBLICATIONS = f"""
with phases as (
    select
        patents.patent_id, patents.file, patents.line, patents.rowid as position,
        wo.number as document_id, pct.pct_doc_number as written,
        {year("pct.published_or_filed_date")} as dated,
        {publication_year_sql("dated", "wo.year")} as published,
        to_json(patents)::varchar as raw,
        row_number() over (
            partition by patents.patent_id order by wo.number nulls last, pct.rowid
        ) as phase
    from patents
    left join pct on pct.patent_id = patents.patent_id and pct.pct_doc_type = 'wo_grant'
    left join wo_numbers as wo on wo.written = pct.pct_doc_number
),

chosen as (
    select
        *, row_number() over (partition by document_id order by position) as place
    from phases
    where phase = 1
)

select
    hash(patent_id) as key, document_id, null::varchar as document_type,
    false as is_retracted, false as is_paratext, true as is_science, file, line,
    case when published between {YEARS.start} and {YEARS.stop - 1} then published end as year,
    case
        when patent_id is null then 'no patent_id'
        when written is not null and document_id is null then 'no WO number: ' || written
        when document_id is not null and year is null then 'no believable year of publication'
    end as reject,
    case
        when reject is not null then null
        when document_id is null then 'no national phase of an international application'
        when place > 1 then 'further patent of the same international application'
    end as excluded,
    case when reject is not null then raw end as raw_text
from chosen
order by position
"""

PLACES = f"""
select
    hash(location_id) as location,
    disambig_city as city, disambig_state as region, disambig_country as country,
    {degrees("latitude", 90)} as lat, {degrees("longitude", 180)} as lng
from locations
where location_id is not null
order by rowid
"""

INVENTORS = """
select
    hash(patent_id) as key, hash(location_id) as location, location_id is not null as has_location,
    try_cast(inventor_sequence as integer) as sequence,
    case when sequence >= 0 then sequence + 1 end as person_number,
    case
        when person_number is null and inventor_sequence is not null
            then 'inventor_sequence: no whole number'
    end as repaired
from raw
"""

ASSIGNEES = """
select
    hash(patent_id) as key, hash(location_id) as location, location_id is not null as has_location,
    disambig_assignee_organization as name,
    case when name is null then 'natural person' end as excluded
from raw
"""

IPC = """
select
    hash(patent_id) as key, 'ipc' as scheme,
    section || lpad(ipc_class, 2, '0') || subclass
        || coalesce(' ' || main_group || '/' || subgroup, '') as code,
    case when code is null then 'no class' end as excluded
from raw
"""

WIPO = """
select
    hash(patent_id) as key, 'wipo35' as scheme, wipo_field_id as code,
    case when code is null then 'no class' end as excluded
from raw
"""

# a schema, since pyarrow imports pandas to make an array, and each command would wait for that
NOTHING = pa.schema({"document_id": pa.string(), "year": pa.int32(), "key": pa.uint64()})
"""Of documents: where none is kept, the rows of patents find none."""

PATENTS = RawTable(
    "patents", "documents", ("patent_id",), ("patent_date", "wipo_kind", "withdrawn")
)
PCT = RawTable(
    "pct", LOOKUPS, ("patent_id", "published_or_filed_date", "pct_doc_number", "pct_doc_type")
)
LOCATIONS = RawTable(
    "locations",
    LOOKUPS,
    required=("location_id", "disambig_city", "disambig_country"),
    optional=("disambig_state", "latitude", "longitude"),
)
OF_PATENTS = (
    (
        RawTable("inventors", "addresses", ("patent_id", "inventor_sequence", "location_id")),
        INVENTORS,
        "address_number",
    ),
    (
        RawTable(
            "assignees",
            "applicants",
            required=("patent_id", "assignee_sequence", "disambig_assignee_organization"),
            optional=("location_id",),
        ),
        ASSIGNEES,
        "applicant_number",
    ),
    (
        RawTable(
            "ipc",
            "fields",
            required=("patent_id", "section", "ipc_class", "subclass"),
            optional=("main_group", "subgroup"),
        ),
        IPC,
        None,
    ),
    (RawTable("wipo", "fields", ("patent_id", "wipo_field_id")), WIPO, None),
)
"""Each table whose rows belong to patents, its SELECT, and the column that numbers its rows."""


def read(source: SourceFiles) -> Iterator[Batch]:
    """US patents or, where there is a `pct` file, the WO publications behind them.

    Raises:
        UserError: a table is missing or lacks a column, is damaged, binary or not UTF-8.
    """
    with connect(source.limits) as connection:
        yield from load(connection, source, LOCATIONS)
        documents: list[pa.Table] = []

        def keep(rows: pa.RecordBatch | pa.Table) -> Iterator[Batch]:
            batch = Batch("documents", to_schema(rows, "documents"))
            keys = batch.data.select(["document_id", "year"]).append_column("key", rows["key"])
            documents.append(keys)
            yield batch

        if source.files.get("pct"):
            for table in (PATENTS, PCT):
                yield from load(connection, source, table)
            _name_wo_numbers(connection)
            yield from sort_out(stream(connection, WO_PUBLICATIONS), "documents", keep)
        else:
            yield from scan(connection, source, PATENTS, US_PATENTS, records=keep)
        kept = Lookup(pa.concat_tables([NOTHING.empty_table(), *documents]), "key")
        places = Lookup(connection.sql(PLACES).to_arrow_table(), "location")
        for table, select, number in OF_PATENTS:
            yield from scan(
                connection,
                source,
                table,
                select,
                look_up=partial(_with_document, kept),
                records=partial(_records, table.intended_table, places, number, Numbering()),
            )


def _with_document(kept: Lookup, rows: pa.Table) -> pa.Table:
    """Rows of patents with their documents; excluded where there is none."""
    found = kept.find(rows)
    excluded = pc.if_else(
        pc.is_null(found["document_id"]), OF_NO_DOCUMENT, pa.scalar(None, pa.string())
    )
    if "excluded" in rows.column_names:
        excluded = pc.coalesce(excluded, rows["excluded"])
        rows = rows.drop_columns("excluded")
    for name in ("document_id", "year"):
        rows = rows.append_column(name, found[name])
    return rows.append_column("excluded", excluded)


def _records(
    table: str, places: Lookup, number: str | None, numbering: Numbering, rows: pa.Table
) -> Iterator[Batch]:
    if "location" in rows.column_names:
        found = places.find(rows)
        lost = pc.and_(rows["has_location"], pc.is_null(found["location"]))
        yield account(
            table, "repaired", pc.sum(lost).as_py(), "location_id: not among the locations"
        )
        for name in found.column_names:
            if name != "location":
                rows = rows.append_column(name, found[name])
    numbers = {number: numbering.number(keys_of(rows))} if number else {}
    yield numbered(rows, table, **numbers)


def _name_wo_numbers(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `wo_numbers`: each WO number as written, its one form and its year."""
    written = connection.execute(
        "select distinct pct_doc_number from pct where pct_doc_type = 'wo_grant' order by all"
    ).fetchall()
    found = [(text, wo_number(text)) for (text,) in written if text]
    known = [(text, *number) for text, number in found if number is not None]
    columns = list(zip(*known, strict=True)) or [(), (), ()]
    arrays = [
        pa.array(values, type_)
        for values, type_ in zip(columns, (pa.string(), pa.string(), pa.int32()), strict=True)
    ]
    connection.register("wo_numbers", pa.table(arrays, names=["written", "number", "year"]))


TELLING = {
    *("patent_type", "wipo_kind", "inventor_sequence", "assignee_sequence"),
    *("disambig_city", "pct_doc_number", "wipo_field_id", "ipc_sequence"),
}
"""Columns that the tables of no other format have; each table has one of them."""


def _recognises(head: Head) -> bool:
    return not TELLING.isdisjoint(parse_header(head.text).names)


READER = Reader(
    name="patentsview",
    kinds=frozenset({"patent"}),
    read=read,
    recognises=_recognises,
    roles={
        "patents": True,
        "inventors": True,
        "locations": True,
        "assignees": False,
        "ipc": False,
        "wipo": False,
        "pct": False,
    },
    units=group_as_one,
)
