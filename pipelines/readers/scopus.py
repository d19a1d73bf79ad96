"""Scopus CSV exports of every generation of the header.

Here: documents and author addresses. Needs the columns Year and EID (or DOI) and 'Authors with
affiliations', or else 'Affiliations'.

What the source tells: the document type as written ('Article', 'Conference Paper', 'Retracted'),
the year, the ISSN where it was exported. 'Authors with affiliations' names each author with all
the author's addresses in one text: those of 'Affiliations' that stand in it are the author's
addresses, in that order; where none does, the text behind the name is one address. The name is
dropped, in the older form 'Phillips, J.C., Beckman Institute, ...' as in the newer 'Liu F.,
Department ...'. `country` is the text behind the last comma.

What it cannot tell: subject areas (`is_science` is null: give the rule a list of ISSNs),
coordinates, identifiers of organisations.
"""

from collections.abc import Iterator

from pipelines.readers.delimited import RawTable, load, parse_header
from pipelines.readers.engine import connect, sort_out, stream, year
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

CHECKED = f"""
select
    file, line, position, coalesce(eid, doi) as document_id, {year('"year"')} as published,
    "document type" as document_type, issn,
    [a for a in string_split("affiliations", '; ') if a <> ''] as known,
    string_split("authors with affiliations", '; ') as authors,
    case
        when coalesce(eid, doi) is null then 'no EID and no DOI'
        when published is null then 'no believable year of publication'
    end as reject,
    case when reject is not null then to_json({SINGLE})::varchar end as raw_text
from {SINGLE}
"""

DOCUMENTS = """
select
    document_id, published as year, document_type,
    coalesce(document_type ilike 'retracted%', false) as is_retracted, false as is_paratext,
    issn as issns, file, line, reject, raw_text
from checked
order by position
"""

ADDRESSES = f"""
with persons as (
    select
        position, document_id, published as year, known,
        unnest(authors) as person, generate_subscripts(authors, 1)::integer as person_number
    from checked
    where reject is null and authors is not null
),

placed as (
    select * exclude (known, person), regexp_replace(person, '{NAME}', '') as rest,
        [a for a in known if contains(person, a)] as found
    from persons
    union all
    select position, document_id, published, null, '', known
    from checked
    where reject is null and authors is null
),

each as (
    select *, unnest(case when len(found) > 0 then found else [nullif(rest, '')] end) as address,
        unnest(case when len(found) > 0 then range(len(found)) else [0] end) as part
    from placed
)

select
    document_id, year, person_number,
    row_number() over (partition by position order by person_number, part)::integer
        as address_number,
    address,
    case when contains(address, ',') then trim(split_part(address, ',', -1)) end as country
from each
order by position, person_number, part
"""


def read(source: SourceFiles) -> Iterator[Batch]:
    """Documents and the addresses of their authors.

    Raises:
        UserError: a file has no column Year, is damaged, binary or not UTF-8.
    """
    with connect(source.limits) as connection:
        yield from load(connection, source, TABLE)
        connection.execute(f"create temp view checked as {CHECKED}")
        yield from sort_out(stream(connection, DOCUMENTS), "documents")
        yield from sort_out(stream(connection, ADDRESSES), "addresses")


def _recognises(head: Head) -> bool:
    return {"authors with affiliations", "affiliations", "source title"} & set(
        parse_header(head.text).names
    ) != set() and "year" in parse_header(head.text).names


READER = Reader(name="scopus", kinds=frozenset({"publication"}), read=read, recognises=_recognises)
