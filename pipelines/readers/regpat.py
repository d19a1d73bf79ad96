"""OECD REGPAT's PCT files: inventors and applicants with regions, and IPC classes.

Here: `PCT_Inv_reg` (role inventors), `PCT_App_reg` (applicants) and `PCT_IPC` (ipc), of any
edition: separator `|`, tab, `;` or `,`, names in any case, `city` and `postal_code` where an
edition has them.

What the source tells: the WO number, whose year is the year of publication; the whole address in
one line; the country; the OECD region code, which goes to `region`; the weight of a row,
inv_share x reg_share, for an inventor has several rows when the address falls in several regions.
Persons are told apart by `person_id`, in editions before it by name (which is not taken over).

What it cannot tell: the kind of publication (only first publications are in it), titles, withdrawn
applications. The EPO files of the same delivery are no PCT applications and are refused.
"""

from collections.abc import Iterator

from pipelines.readers.delimited import RawTable, load, parse_header
from pipelines.readers.engine import connect, sort_out, stream
from pipelines.readers.pct_numbers import wo_year_sql
from pipelines.readers.records import YEARS, Batch
from pipelines.readers.source import Head, Reader, SourceFiles, group_as_one

AFTER = 1 << 60
"""Added to positions, so that documents of one role stand behind those of another."""


def _keyed(role: str) -> str:
    """SELECT of a role's rows with the year that their WO number states, or why there is none."""
    last = YEARS.stop - 1
    return f"""
    select
        *, {wo_year_sql("pct_nbr")} as stated,
        case when stated between {YEARS.start} and {last} then stated end as year,
        case when year is null then 'pct_nbr is no WO number' end as reject
    from {role}
    """


TABLES = (
    RawTable(
        "inventors",
        "addresses",
        required=("pct_nbr", "ctry_code"),
        optional=(
            *("person_id", "inv_name", "address", "city", "postal_code"),
            *("reg_code", "reg_share", "inv_share"),
        ),
    ),
    RawTable("applicants", "applicants", ("pct_nbr",), ("app_name", "ctry_code")),
    RawTable("ipc", "fields", ("pct_nbr", "ipc")),
)

DOCUMENTS = f"""
with named as (
    select pct_nbr, year, file, line, position from inventors_keyed
    union all
    select pct_nbr, year, file, line, position + {AFTER} from applicants_keyed
    union all
    select pct_nbr, year, file, line, position + 2 * {AFTER} from ipc_keyed
)

select
    pct_nbr as document_id, any_value(named.year) as year,
    false as is_retracted, false as is_paratext, true as is_science,
    arg_min(file, position) as file, arg_min(line, position) as line
from named
group by pct_nbr
having year is not null
order by min(position)
"""

ADDRESSES = """
with persons as (
    select
        position, pct_nbr,
        min(position) over (partition by pct_nbr, coalesce(person_id, inv_name, position::varchar))
            as first_position
    from inventors_keyed
),

numbered as (
    select
        position,
        row_number() over (partition by pct_nbr order by position)::integer as address_number,
        dense_rank() over (partition by pct_nbr order by first_position)::integer as person_number
    from persons
),

weighed as (
    select
        *, try_cast(inv_share as double) * coalesce(try_cast(reg_share as double), 1) as weight
    from inventors_keyed
)

select
    pct_nbr as document_id, year, person_number, address_number,
    address, city, reg_code as region, postal_code as postcode, ctry_code as country,
    case when weight between 0 and 1 then weight end as share,
    file, line, reject,
    case when reject is not null then to_json(weighed)::varchar end as raw_text,
    case when share is null and inv_share is not null then 'share: no number from 0 to 1' end
        as repaired
from weighed
inner join numbered using (position)
order by position
"""

APPLICANTS = """
with checked as (
    select * replace (coalesce(reject, case when app_name is null then 'no name' end) as reject)
    from applicants_keyed
)

select
    pct_nbr as document_id, year,
    row_number() over (partition by pct_nbr order by position)::integer as applicant_number,
    app_name as name, ctry_code as country, file, line, reject,
    case when reject is not null then to_json(checked)::varchar end as raw_text
from checked
order by position
"""

FIELDS = """
with checked as (
    select * replace (coalesce(reject, case when ipc is null then 'no class' end) as reject)
    from ipc_keyed
)

select
    pct_nbr as document_id, year, 'ipc' as scheme, ipc as code, file, line, reject,
    case when reject is not null then to_json(checked)::varchar end as raw_text
from checked
order by position
"""


def read(source: SourceFiles) -> Iterator[Batch]:
    """Documents are the distinct WO numbers of all files; addresses one a row of `PCT_Inv_reg`.

    Raises:
        UserError: a file lacks a column that it must have, is damaged, binary or not UTF-8.
    """
    with connect(source.limits) as connection:
        for table in TABLES:
            yield from load(connection, source, table)
            connection.execute(f"create view {table.role}_keyed as {_keyed(table.role)}")
        for name, sql in (
            ("documents", DOCUMENTS),
            ("addresses", ADDRESSES),
            ("applicants", APPLICANTS),
            ("fields", FIELDS),
        ):
            yield from sort_out(stream(connection, sql), name)


def _recognises(head: Head) -> bool:
    names = parse_header(head.text).names
    return "pct_nbr" in names and not {"lat", "lng"} & set(names)


READER = Reader(
    name="regpat",
    kinds=frozenset({"patent"}),
    read=read,
    recognises=_recognises,
    roles={"inventors": True, "applicants": False, "ipc": False},
    units=group_as_one,
)
