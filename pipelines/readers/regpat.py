"""OECD REGPAT's PCT files: inventors and applicants with regions, and IPC classes.

Here: `PCT_Inv_reg` (role inventors), `PCT_App_reg` (applicants) and `PCT_IPC` (ipc), of any
edition: separator `|`, tab, `;` or `,`, names in any case, `city` and `postal_code` where an
edition has them, classes as `ipc` or `ipc4`.

What the source tells: the WO number, whose year is the year of publication; the whole address in
one line; the country; the OECD region code, which goes to `region`; the weight of a row,
inv_share x reg_share, for an inventor has several rows when the address falls in several regions. Such an
address counts as several in the density, since its rows differ in the region.
Persons are told apart by `person_id`, in editions before it by name (which is not taken over).

What it cannot tell: the kind of publication (only first publications are in it), titles, withdrawn
applications. The EPO files of the same delivery are no PCT applications and are refused.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from pipelines.errors import UserError
from pipelines.readers.delimited import RawTable, parse_header, scan
from pipelines.readers.engine import connect, first_rows_as_documents, keys_of, numbered
from pipelines.readers.numbering import FirstNumbers, Numbering, Numbers
from pipelines.readers.opening import head
from pipelines.readers.pct_numbers import wo_year_sql
from pipelines.readers.records import YEARS, Batch
from pipelines.readers.source import Head, Reader, SourceFiles, group_as_one

INVENTORS = RawTable(
    "inventors",
    "addresses",
    required=("pct_nbr", "ctry_code"),
    optional=(
        *("person_id", "inv_name", "address", "city", "postal_code"),
        *("reg_code", "reg_share", "inv_share"),
    ),
)
APPLICANTS = RawTable("applicants", "applicants", ("pct_nbr",), ("app_name", "ctry_code"))
IPC = RawTable("ipc", "fields", ("pct_nbr", "ipc"), renamed={"ipc4": "ipc"})


def _select(columns: str, reject: str = "") -> str:
    """SELECT of a file's rows with the year that their WO number states.

    Args:
        columns: SQL of the columns that one role has.
        reject: WHEN clauses for the reasons that one role has beside a number that is none.
    """
    first, last = YEARS.start, YEARS.stop - 1
    return f"""
    select
        pct_nbr as document_id, hash(pct_nbr) as key,
        case when stated between {first} and {last} then stated end as year, {columns},
        case when year is null then 'pct_nbr is no WO number' {reject} end as reject,
        case when reject is not null then to_json(raw)::varchar end as raw_text
    from ({wo_year_sql("pct_nbr")}) as raw
    """


WEIGHT = "try_cast(inv_share as double) * coalesce(try_cast(reg_share as double), 1)"
ADDRESSES = _select(f"""
    hash(pct_nbr, coalesce(person_id, inv_name)) as person,
    coalesce(person_id, inv_name) is not null as is_named,
    address, city, reg_code as region, postal_code as postcode, ctry_code as country,
    case when {WEIGHT} between 0 and 1 then {WEIGHT} end as share,
    case when share is null and inv_share is not null then 'share: no number from 0 to 1' end
        as repaired
""")
NAMES = _select("app_name as name, ctry_code as country", "when app_name is null then 'no name'")
CLASSES = _select("'ipc' as scheme, ipc as code", "when ipc is null then 'no class'")


def read(source: SourceFiles) -> Iterator[Batch]:
    """Documents are the distinct WO numbers of all files; addresses one a row of `PCT_Inv_reg`.

    Raises:
        UserError: a file lacks a column that it must have, is damaged, binary or not UTF-8, or the
            applicants' file stands where the inventors' should.
    """
    for path in source.files["inventors"]:
        # all that the one must have the other has too: applicants would be counted where they sit
        if "app_name" in parse_header(head(path).text).names:
            raise UserError(
                f"{source.label(path)}: this is a file of applicants. Give the key `inventors` of "
                f"source {source.name} the inventors' file, PCT_Inv_reg."
            )
    mentions, of_applicants, persons = Numbering(), Numbering(), FirstNumbers()

    def documents(rows: pa.Table, mention: Numbers) -> Batch:
        return first_rows_as_documents(rows, mention, is_science=True)

    def inventors(rows: pa.Table) -> Iterator[Batch]:
        keys = keys_of(rows)
        # These files come first, so that mentions of an application in them are its addresses.
        numbers = mentions.number(keys)
        yield documents(rows, numbers)
        nameless = keys ^ numbers.astype(np.uint64)
        members = np.where(rows["is_named"].to_numpy(), keys_of(rows, "person"), nameless)
        yield numbered(
            rows,
            "addresses",
            address_number=numbers,
            person_number=persons.of(keys, members, numbers),
        )

    def applicants(rows: pa.Table) -> Iterator[Batch]:
        keys = keys_of(rows)
        yield documents(rows, mentions.number(keys))
        yield numbered(rows, "applicants", applicant_number=of_applicants.number(keys))

    def classes(rows: pa.Table) -> Iterator[Batch]:
        yield documents(rows, mentions.number(keys_of(rows)))
        yield numbered(rows, "fields")

    with connect(source.limits) as connection:
        for table, select, records in (
            (INVENTORS, ADDRESSES, inventors),
            (APPLICANTS, NAMES, applicants),
            (IPC, CLASSES, classes),
        ):
            yield from scan(connection, source, table, select, is_grouped=True, records=records)


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
