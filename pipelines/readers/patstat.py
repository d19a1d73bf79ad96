"""EPO PATSTAT Global: international applications with inventors, applicants and IPC classes.

Here: roles `tls211` (publications), `tls207` (who belongs to what) and `tls206` (persons), and
where delivered `tls226` (addresses as the sources have them) and `tls209` (IPC), as CSV or in
their zips. `tls201` is not needed: a PCT publication is one of the authority WO.

What the source tells: the WO number, kind and date of publication; an application counts once,
with its earliest publication (republications such as A3, A8, A9 are excluded and counted); the
address of a person in one line, in tls226 also by parts; the country. Blank-padded codes are
stripped, the date 9999-12-31 is no date.

What it cannot tell: most persons taken from DOCDB have no address at all. Documents in an edition
are as of its date: the newest year is never complete.
"""

from collections.abc import Iterator

import duckdb

from pipelines.readers.delimited import RawTable, load, parse_header
from pipelines.readers.engine import connect, scalar, sort_out, stream
from pipelines.readers.records import LOOKUPS, OF_NO_DOCUMENT, YEARS, Batch, account
from pipelines.readers.source import Head, Reader, SourceFiles, group_as_one

ADDRESS_PARTS = ("street", *(f"address_{number}" for number in range(1, 6)))
IS_PCT = "appln_id in (select appln_id from tls211)"
NO_PCT = "no publication of the authority WO"

IS_INVOLVED = "person_id in (select person_id from tls207)"

PUBLICATIONS = RawTable(
    "tls211",
    "documents",
    required=(
        *("pat_publn_id", "publn_auth", "publn_nr"),
        *("publn_kind", "appln_id", "publn_date"),
    ),
)
INVOLVED = RawTable("tls207", "addresses", ("person_id", "appln_id", "applt_seq_nr", "invt_seq_nr"))
PEOPLE_NAMED = RawTable(
    "tls206",
    LOOKUPS,
    required=("person_id", "person_ctry_code"),
    optional=("person_name", "person_address"),
)
ADDRESSES_AS_WRITTEN = RawTable(
    "tls226",
    LOOKUPS,
    required=("person_id",),
    optional=(
        *("person_orig_id", "address_freeform", *ADDRESS_PARTS),
        *("city", "zip_code", "state", "person_ctry_code", "residence_ctry_code"),
    ),
)
CLASSES = RawTable("tls209", "fields", ("appln_id", "ipc_class_symbol"))

NO_NUMBER = """
case when try_cast(invt_seq_nr as integer) is null then 'invt_seq_nr: no whole number' end
"""
NO_PERSON_OF_PCT = "person of no international application"

TABLES = (
    (PUBLICATIONS, "publn_auth = 'WO'", NO_PCT, None),
    (INVOLVED, IS_PCT, NO_PCT, NO_NUMBER),
    (PEOPLE_NAMED, IS_INVOLVED, NO_PERSON_OF_PCT, None),
    (ADDRESSES_AS_WRITTEN, IS_INVOLVED, NO_PERSON_OF_PCT, None),
    (CLASSES, IS_PCT, NO_PCT, None),
)
"""Each raw table, the condition on which its rows are kept, why others are excluded, and SQL for why
those that would be kept are rejects."""

IS_READ = """
coalesce(
    appln_id in (select appln_id from publications where place = 1 and reject is null), false
)
"""

FIRST_PUBLICATIONS = f"""
with dated as (
    select
        *, rowid as position, nullif(try_cast(publn_date as date), '9999-12-31'::date) as published,
        try_cast(pat_publn_id as bigint) as publication
    from tls211
),

ranked as (
    select
        *, row_number() over (
            partition by coalesce(appln_id, position::varchar)
            order by published nulls last, publication nulls last, position
        ) as place
    from dated
)

select
    file, line, position, appln_id, publn_kind, place,
    'WO' || replace(publn_nr, '/', '') as document_id,
    case when year(published) between {YEARS.start} and {YEARS.stop - 1}
        then year(published)::integer end as year,
    case
        when publn_nr is null then 'no publn_nr'
        when appln_id is null then 'no appln_id'
        when year is null then 'no believable publn_date'
    end as reject,
    case when reject is not null then to_json(ranked)::varchar end as raw_text
from ranked
"""

DOCUMENTS = """
select
    document_id, year, publn_kind as document_type,
    false as is_retracted, false as is_paratext, true as is_science, file, line, reject, raw_text
from publications
where place = 1
order by position
"""

PERSONS = """
from tls206
qualify row_number() over (partition by person_id order by rowid) = 1
"""

ORIGINALS = f"""
select
    person_id,
    min_by(
        {{
            'address': coalesce(
                address_freeform, nullif(concat_ws(', ', {", ".join(ADDRESS_PARTS)}), '')
            ),
            'city': city, 'state': state, 'zip_code': zip_code,
            'country': coalesce(person_ctry_code, residence_ctry_code)
        }},
        (try_cast(person_orig_id as bigint), rowid)
    ) as original
from tls226
where coalesce(address_freeform, city, zip_code, state, {", ".join(ADDRESS_PARTS)}) is not null
group by person_id
"""

PEOPLE = """
with involved as (
    select
        person_id, appln_id, applt_seq_nr, invt_seq_nr, min(rowid) as position, count(*) as times
    from tls207
    group by all
)

select
    involved.position, times, document_id, year, persons.person_id is null as is_stranger, person_name,
    try_cast(invt_seq_nr as integer) as inventor, try_cast(applt_seq_nr as integer) as applicant,
    coalesce(person_address, original.address) as address,
    original.city as city, original.state as region, original.zip_code as postcode,
    coalesce(person_ctry_code, original.country) as country
from involved
inner join publications
    on publications.appln_id = involved.appln_id
        and publications.place = 1 and publications.reject is null
left join persons using (person_id)
left join originals using (person_id)
"""
"""The four columns are the key of tls207, so rows that have all of them in common are one. Whom no part of
tls206 has is a stranger, who counts without a name and an address."""

ADDRESSES = """
select
    document_id, year, inventor as person_number,
    row_number() over (partition by document_id order by inventor, position)::integer
        as address_number,
    address, city, region, postcode, country
from people
where inventor > 0
order by document_id, address_number
"""

APPLICANTS = """
select
    document_id, year,
    row_number() over (partition by document_id order by applicant, position)::integer
        as applicant_number,
    person_name as name, country
from people
where applicant > 0 and person_name is not null
order by document_id, applicant_number
"""

FIELDS = """
select document_id, publications.year, 'ipc' as scheme, ipc_class_symbol as code
from tls209
inner join publications
    on publications.appln_id = tls209.appln_id
        and publications.place = 1 and publications.reject is null
where ipc_class_symbol is not null
order by tls209.rowid
"""


def read(source: SourceFiles) -> Iterator[Batch]:
    """International applications, each with its first publication.

    Raises:
        UserError: a table is missing or lacks a column, is damaged, binary or not UTF-8.
    """
    with connect(source.limits) as connection:
        for table, keep, otherwise, reject in TABLES:
            yield from load(
                connection, source, table, keep=keep, otherwise=otherwise, reject=reject
            )
        for name, sql in (
            ("publications", FIRST_PUBLICATIONS),
            ("persons", PERSONS),
            ("originals", ORIGINALS),
            ("people", PEOPLE),
        ):
            connection.execute(f"create temp table {name} as {sql}")
        for name, sql in (
            ("documents", DOCUMENTS),
            ("addresses", ADDRESSES),
            ("applicants", APPLICANTS),
            ("fields", FIELDS),
        ):
            yield from sort_out(stream(connection, sql), name)
        yield from _left_out(connection)


def _left_out(connection: duckdb.DuckDBPyConnection) -> Iterator[Batch]:
    """The books of the rows that were loaded but are no record."""
    for table, reason, sql in (
        ("documents", "later publication of an application", "from publications where place > 1"),
        (
            "addresses",
            "applicant, not inventor",
            "from people where inventor <= 0",
        ),
        ("addresses", OF_NO_DOCUMENT, f"from tls207 where not {IS_READ}"),
        ("fields", OF_NO_DOCUMENT, f"from tls209 where not {IS_READ}"),
        ("fields", "no class", f"from tls209 where ipc_class_symbol is null and {IS_READ}"),
    ):
        yield account(table, "excluded", scalar(connection, f"select count(*) {sql}"), reason)
    copies = scalar(connection, "select coalesce(sum(times - 1), 0) from people")
    yield account("addresses", "excluded", copies, "the same row of tls207 again")
    strangers = scalar(connection, "select count(*) from people where inventor > 0 and is_stranger")
    yield account("addresses", "repaired", strangers, "person_id: not among tls206")


def _recognises(head: Head) -> bool:
    names = set(parse_header(head.text).names)
    return bool(names & {"pat_publn_id", "invt_seq_nr", "person_ctry_code", "ipc_class_symbol"})


READER = Reader(
    name="patstat",
    kinds=frozenset({"patent"}),
    read=read,
    recognises=_recognises,
    roles={"tls211": True, "tls207": True, "tls206": True, "tls226": False, "tls209": False},
    units=group_as_one,
)
