"""OpenAlex works: JSON Lines of the snapshot or the API's lists, in both authorship schemas.

Here: works to documents, author addresses and fields, through DuckDB's JSON reader.

Reads one work a line (plain, gzip, zstd; the snapshot's `works/updated_date=*/part_*.gz`), a JSON
array of works, and the API's pages `{"meta": ..., "results": [...]}`.

What the source tells: `type` in the vocabulary of its day, kept as written ('journal-article'
until mid 2023, then 'article', 'review', 'letter' ...); retracted works; paratext; ISSNs of the
primary location. `is_science` follows the domain of the primary topic (Social Sciences, which hold
the humanities, are not science) or, in records before topics, the level-0 concept with the highest
score; null where a record has neither. An address is one affiliation string of one author; its
institution is the one that OpenAlex names for the string (`affiliations`), else the author's
institution whose name stands in the string, else the author's first where there is one string
only. An author without strings has one address per institution, which then gives its country. The
one string of the old schema can hold several addresses joined by ';': it is parted where there are
as many parts as institutions, which then pair in order (4 % of the strings in a real sample).

What it cannot tell: whether a journal is in SCIE or any other index (give the rule a list of
ISSNs); coordinates (join ROR or the institutions file).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import UserError
from pipelines.readers.engine import connect, faults_of, stream, text, to_schema, unnested, year
from pipelines.readers.numbering import numbers_within
from pipelines.readers.opening import (
    PlainFile,
    beginning,
    decode,
    for_duckdb,
    members,
    require_text,
    verify,
)
from pipelines.readers.records import RAW_TEXT_CHARACTERS, Batch, account, batch
from pipelines.readers.source import Head, Reader, SourceFiles

WORKS_PER_BATCH = 8_192
LONGEST_WORK_BYTES = 1 << 26

_SOURCE = "STRUCT(issn VARCHAR[], issn_l VARCHAR)"
_TOPIC = "STRUCT(display_name VARCHAR)"
COLUMNS = {
    "id": "VARCHAR",
    "publication_year": "VARCHAR",
    "type": "VARCHAR",
    "is_retracted": "BOOLEAN",
    "is_paratext": "BOOLEAN",
    "authorships": (
        "STRUCT(raw_affiliation_string VARCHAR, raw_affiliation_strings VARCHAR[],"
        " affiliations STRUCT(raw_affiliation_string VARCHAR, institution_ids VARCHAR[])[],"
        " institutions STRUCT(id VARCHAR, display_name VARCHAR, ror VARCHAR,"
        " country_code VARCHAR)[])[]"
    ),
    "concepts": "STRUCT(display_name VARCHAR, level INTEGER, score DOUBLE)[]",
    "primary_topic": f"STRUCT(field {_TOPIC}, domain {_TOPIC})",
    "primary_location": f"STRUCT(source {_SOURCE})",
    "host_venue": _SOURCE,
}
"""What is read of a work, and as what; everything else in the record is skipped."""

SCIENCE_DOMAINS = ("Physical Sciences", "Life Sciences", "Health Sciences")
SCIENCE_CONCEPTS = (
    "Biology",
    "Chemistry",
    "Computer science",
    "Engineering",
    "Environmental science",
    "Geology",
    "Materials science",
    "Mathematics",
    "Medicine",
    "Physics",
)
"""Of the 19 level-0 concepts; the others fall into the domain Social Sciences of the topics."""


def _listed(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{value}'" for value in values) + "]"


INSTITUTION_OF_STRING = """
coalesce(
    [i for i in author.institutions if contains(lower(string), lower(i.display_name))][1],
    case when len(author.raw_affiliation_strings) > 1 then null else author.institutions[1] end
)
"""

STRINGS_IN_ONE = """
[trim(s) for s in string_split(author.raw_affiliation_string, ';') if trim(s) <> '']
"""

UNPAIRED = """
[
    {'raw_affiliation_string': string, 'institution_ids': null::varchar[]}
    for string in author.raw_affiliation_strings
    if not list_contains([pair.raw_affiliation_string for pair in author.affiliations], string)
]
"""
"""The strings of an `author` that `affiliations` leave out."""

PARTS = f"""
case
    when len(author.affiliations) > 0 then list_transform(
        list_concat(author.affiliations, {UNPAIRED}), lambda pair: {{
            'person_number': number,
            'address': nullif(pair.raw_affiliation_string, ''),
            'institution':
                [i for i in author.institutions if list_contains(pair.institution_ids, i.id)][1]
        }}
    )
    when len(author.raw_affiliation_strings) > 0 then list_transform(
        author.raw_affiliation_strings, lambda string: {{
            'person_number': number,
            'address': nullif(string, ''),
            'institution': {INSTITUTION_OF_STRING}
        }}
    )
    when len(author.institutions) > 1 and len({STRINGS_IN_ONE}) = len(author.institutions)
        then list_transform({STRINGS_IN_ONE}, lambda string, position: {{
            'person_number': number,
            'address': string,
            'institution': author.institutions[position]
        }})
    when author.raw_affiliation_string <> '' then list_transform(
        [author.raw_affiliation_string], lambda string: {{
            'person_number': number,
            'address': string,
            'institution': {INSTITUTION_OF_STRING}
        }}
    )
    when len(author.institutions) > 0 then list_transform(author.institutions, lambda i: {{
        'person_number': number, 'address': null::varchar, 'institution': i
    }})
    else [{{'person_number': number, 'address': null::varchar, 'institution': null}}]
end
"""
"""The addresses of one `author`, the `number`th of the work."""

IS_SCIENCE = f"""
coalesce(
    list_contains({_listed(SCIENCE_DOMAINS)}, primary_topic.domain.display_name),
    list_max([
        case when list_contains({_listed(SCIENCE_CONCEPTS)}, c.display_name) then c.score end
        for c in concepts if c.level = 0
    ]) = list_max([c.score for c in concepts if c.level = 0]),
    case when len([c for c in concepts if c.level = 0]) > 0 then false end
)
"""

WORKS = f"""
select
    {text("id")} as document_id, {year("publication_year")} as year, type as document_type,
    coalesce(is_retracted, false) as is_retracted, coalesce(is_paratext, false) as is_paratext,
    {IS_SCIENCE} as is_science,
    nullif(array_to_string(
        coalesce(
            nullif(primary_location.source.issn, []), nullif(host_venue.issn, []),
            [primary_location.source.issn_l, host_venue.issn_l]
        ), ';'
    ), '') as issns,
    flatten(list_transform(authorships, lambda author, number: {PARTS})) as parts,
    primary_topic.field.display_name as field,
    [c.display_name for c in concepts if c.level = 0 and c.score > 0] as concepts,
    case
        when id is null and publication_year is null and authorships is null then 'no JSON work'
        when {text("id")} is null then 'no id'
        when year is null then 'no believable publication_year'
    end as reject
"""
"""A SELECT without its FROM: one row per work, in the file's order. Numbering is left to Python: a
window in SQL would take the scan's threads away."""


def read(source: SourceFiles) -> Iterator[Batch]:
    """Documents, addresses and fields of each work, file by file.

    Raises:
        UserError: a file is damaged, binary, not JSON, or holds a work of more than 64 MB.
    """
    for _, path in source.all_files():
        with (
            connect(source.limits) as connection,
            for_duckdb(path, source.label(path), source.limits.scratch) as plain_files,
        ):
            for plain in plain_files:
                with faults_of(plain.label):
                    yield from _read_file(connection, plain)


def _read_file(connection: duckdb.DuckDBPyConnection, plain: PlainFile) -> Iterator[Batch]:
    start = _start(plain)
    read, lost, no_authors = 0, dict[int, str](), 0
    for rows in stream(connection, f"{WORKS} from {_scan(plain, start)}", WORKS_PER_BATCH):
        lines = pa.array(range(read + 1, read + rows.num_rows + 1), pa.int64())
        works = pa.Table.from_batches([rows]).append_column("line", lines)
        read += rows.num_rows
        bad = works.filter(pc.is_valid(works["reject"]))
        lost |= zip(bad["line"].to_pylist(), bad["reject"].to_pylist(), strict=True)
        good = works.filter(pc.is_null(works["reject"])) if bad.num_rows else works
        no_authors += good["parts"].null_count
        yield from _tables(good.combine_chunks(), plain.label)
    yield account("documents", "read", read)
    if no_authors:
        yield account("documents", "repaired", no_authors, "authorships: not a list of authors")
    if lost:
        verify(plain.path)
        yield from _rejects(plain, lost, by_line=_is_by_line(start))


def _tables(works: pa.Table, label: str) -> Iterator[Batch]:
    """The three tables of some works."""
    documents = works.append_column("file", pa.repeat(label, works.num_rows))
    yield Batch("documents", to_schema(documents, "documents"))
    of_work, parts = unnested(works, "parts")
    institution = pc.struct_field(parts, "institution")
    has_string = pc.is_valid(pc.struct_field(parts, "address"))
    country = pc.struct_field(institution, "country_code")
    identifiers = [pc.struct_field(institution, name) for name in ("ror", "id")]
    yield from _batch(
        "addresses",
        works,
        of_work,
        person_number=pc.struct_field(parts, "person_number"),
        address_number=pa.array(numbers_within(of_work.to_numpy())),
        address=pc.struct_field(parts, "address"),
        country=pc.if_else(has_string, None, country),
        institution=pc.struct_field(institution, "display_name"),
        institution_id=pc.coalesce(*identifiers),
    )
    of_work, concepts = unnested(works, "concepts")
    yield from _batch("fields", works, of_work, scheme="openalex_concept", code=concepts)
    of_work = pc.indices_nonzero(pc.is_valid(works["field"]))
    fields = works["field"].drop_null()
    yield from _batch("fields", works, of_work, scheme="openalex_field", code=fields)


def _batch(table: str, works: pa.Table, of_work: pa.Array, **columns: object) -> Iterator[Batch]:
    """Rows of a table that belong to works; columns not given are null."""
    if len(of_work) == 0:
        return
    keys = works.select(["document_id", "year"]).take(of_work)
    given = {name: keys[name] for name in keys.column_names} | {
        name: pa.repeat(value, len(of_work)) if isinstance(value, str) else value
        for name, value in columns.items()
    }
    yield Batch(table, to_schema(pa.table(given), table))


def _start(plain: PlainFile) -> str:
    start = beginning(plain.path)
    require_text(start, plain.label)
    beginning_ = decode(start).lstrip()
    if beginning_[:1] not in ("{", "["):
        raise UserError(
            f"{plain.label}: expected OpenAlex works as JSON, one a line; it begins with "
            f"{beginning_[:60]!r}. Check the source's format."
        )
    return beginning_


def _is_page(start: str) -> bool:
    return re.match(r'\{\s*"(meta|results)"', start) is not None


def _is_by_line(start: str) -> bool:
    return start.startswith("{") and not _is_page(start)


def _scan(plain: PlainFile, start: str) -> str:
    """SQL of the file's works, one a row; a line that is no work gives a row of nulls."""
    columns = "{" + ", ".join(f"'{name}': '{type_}'" for name, type_ in COLUMNS.items()) + "}"
    path = str(plain.path).replace("'", "''")
    settings = (
        f"compression='{plain.compression}', maximum_object_size={LONGEST_WORK_BYTES}, columns="
    )
    if _is_by_line(start):
        return (
            f"read_json('{path}', {settings}{columns},"
            " format='newline_delimited', ignore_errors=true)"
        )
    if start.startswith("["):
        return f"read_json('{path}', {settings}{columns}, format='array')"
    work = ", ".join(f"{name} {type_}" for name, type_ in COLUMNS.items())
    pages = f"read_json('{path}', {settings}{{'results': 'STRUCT({work})[]'}}, format='auto')"
    return f"(select unnest(results, max_depth := 2) from {pages})"


def _rejects(plain: PlainFile, lost: Mapping[int, str], *, by_line: bool) -> Iterator[Batch]:
    """The lost records with their raw text, which a second pass over the file fetches."""
    raw = _raw_lines(plain.path, lost.keys()) if by_line else dict.fromkeys(lost, "").items()
    rows = (
        {
            "file": plain.label,
            "line": line,
            "reason": lost[line],
            "raw_text": text or None,
            "intended_table": "documents",
        }
        for line, text in raw
    )
    while some := list(islice(rows, WORKS_PER_BATCH)):
        yield batch("rejects", some)


def _raw_lines(path: Path, wanted: Collection[int]) -> Iterator[tuple[int, str]]:
    """Number and beginning of the wanted lines; empty lines are not counted, as in DuckDB."""
    for member in members(path):
        filled = (line for line in member.stream if line.strip())
        for number, line in enumerate(filled, start=1):
            if number in wanted:
                text = line[: 4 * RAW_TEXT_CHARACTERS].decode("utf-8", "replace").strip()
                yield number, text[:RAW_TEXT_CHARACTERS]


def _recognises(head: Head) -> bool:
    return "https://openalex.org/W" in head.text or '"authorships"' in head.text


READER = Reader(
    name="openalex", kinds=frozenset({"publication"}), read=read, recognises=_recognises
)
