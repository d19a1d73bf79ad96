"""Scopus CSV exports of every generation of the header.

Here: documents and author addresses. Needs the columns Year and EID (or DOI) and 'Authors with
affiliations', or else 'Affiliations'.

What the source tells: the document type as written ('Article', 'Conference Paper', 'Retracted'),
the year, the ISSN where it was exported. 'Authors with affiliations' names each author with all
the author's addresses in one text: those of 'Affiliations' that stand in it are the author's
addresses, in that order. One that is a part of a longer one, as a university of its department's
address, is so only where it stands once more. Where none does, the text behind the name is one
address. The name is dropped, in the older form 'Phillips, J.C., Beckman Institute, ...' as in the
newer 'Liu F., Department ...'. `country` is the text behind the last comma.

What it cannot tell: subject areas (`is_science` is null: give the rule a list of ISSNs),
coordinates, identifiers of organisations.
"""

from collections.abc import Iterator

import pyarrow as pa

from pipelines.readers.delimited import RawTable, parse_header, scan
from pipelines.readers.engine import connect, numbered, to_schema, unnested, year
from pipelines.readers.numbering import numbers_within
from pipelines.readers.records import Batch
from pipelines.readers.source import SINGLE, Head, Reader, SourceFiles

NAME = r"^(?:[^,;]+, (?:\p{Lu}[\p{L}''’]*\.[ -]?)+|[^,;]+ (?:\p{Lu}[\p{L}''’]*\.[ -]?)+)(?:, |$)"
"""An author's name before the address, both forms; the apostrophe is doubled for SQL."""

TABLE = RawTable(
    SINGLE,
    "documents",
    required=("year",),
    optional=(
        *("eid", "doi", "document type", "issn"),
        *("affiliations", "authors with affiliations"),
    ),
)


def _placed(addresses: str, number: str) -> str:
    """SQL for a list of addresses with the number of their person."""
    return f"""list_transform({addresses}, lambda a: {{
        'person_number': {number},
        'address': a,
        'country': case when contains(a, ',') then trim(split_part(a, ',', -1)) end
    }})"""


IS_NESTED = """
len(list_filter(known, lambda a: len(list_filter(known, lambda b: contains(b, a))) > 1)) > 0
"""
"""SQL for whether an address of the work stands in another one."""

STANDS_ALONE = """
len(string_split(person, a)) - 1
    > len(list_filter(known, lambda b: b <> a and contains(b, a) and contains(person, b)))
"""
"""SQL for whether an address stands with a person outside of all longer ones."""

NAMED = f"""
list_transform(found, lambda addresses, number: case when addresses = [] then
    [nullif(regexp_replace(persons[number], '{NAME}', ''), '')] else addresses end)
"""
"""SQL for the addresses of each person, where some have none among the known ones."""

WORKS = f"""
select
    trim(coalesce(eid, doi)) as document_id, {year('raw."year"')} as year,
    "document type" as document_type,
    coalesce(document_type ilike 'retracted%', false) as is_retracted, false as is_paratext,
    issn as issns,
    case
        when document_id is null then 'no EID and no DOI'
        -- the alias would be the raw column
        when {year('raw."year"')} is null then 'no believable year of publication'
    end as reject,
    case when reject is not null then to_json(raw)::varchar end as raw_text,
    case
        when "authors with affiliations" is null
            then {_placed("coalesce(nullif(known, []), [null])", "null::integer")}
        else flatten(list_transform(
            -- Taking names off is slow, and most works do without.
            case when contains(list_transform(found, lambda a: len(a)), 0) then {NAMED}
                else found end,
            lambda addresses, number: {_placed("addresses", "number::integer")}
        ))
    end as parts
from (
    select *, list_transform(
        persons,
        lambda person: case
            when is_nested then list_filter(known, lambda a: {STANDS_ALONE})
            else list_filter(coalesce(known, []), lambda a: contains(person, a))
        end
    ) as found
    from (
        select
            *,
            list_filter(string_split(affiliations, '; '), lambda a: a <> '') as known,
            coalesce({IS_NESTED}, false) as is_nested,
            string_split("authors with affiliations", '; ') as persons
        from raw
    )
) as raw
"""


def read(source: SourceFiles) -> Iterator[Batch]:
    """Documents and the addresses of their authors.

    Raises:
        UserError: a file has no column Year, is damaged, binary or not UTF-8.
    """
    with connect(source.limits) as connection:
        yield from scan(connection, source, TABLE, WORKS, records=_records)


def _records(works: pa.Table) -> Iterator[Batch]:
    yield Batch("documents", to_schema(works, "documents"))
    of_work, parts = unnested(works, "parts")
    addresses = pa.Table.from_struct_array(parts)
    for name in ("document_id", "year"):
        addresses = addresses.append_column(name, works[name].take(of_work))
    yield numbered(addresses, "addresses", address_number=numbers_within(of_work.to_numpy()))


def _recognises(head: Head) -> bool:
    return {"authors with affiliations", "affiliations", "source title"} & set(
        parse_header(head.text).names
    ) != set() and "year" in parse_header(head.text).names


READER = Reader(name="scopus", kinds=frozenset({"publication"}), read=read, recognises=_recognises)
