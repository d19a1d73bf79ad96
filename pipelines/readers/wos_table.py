"""Web of Science's tab-delimited export, read by DuckDB.

Here: the same records as from the plain form, out of one row each; what the tags mean stands in
`wos`. Cells are not quoted: a quotation mark is a letter. All addresses of an article stand in C1
between semicolons, which also part the names inside brackets. Rows may end with a tab that the
header lacks. Not here: the plain form, telling the two apart.
"""

from collections.abc import Iterator
from functools import partial

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.readers.delimited import RawTable, scan
from pipelines.readers.engine import connect, numbered, to_schema, year
from pipelines.readers.numbering import SPREAD, Hashes, Numbers, Values, numbers_within
from pipelines.readers.records import Batch
from pipelines.readers.source import SINGLE, SourceFiles

Rows = NDArray[np.int64]

TABLE = RawTable(
    SINGLE,
    "documents",
    required=("ut",),
    optional=("dt", "py", "ea", "sn", "ei", "we", "wc", "au", "af", "c1", "rp"),
    is_quoted=False,
)


def _names(cell: str) -> str:
    """SQL for the names in a cell, as hashes."""
    split = f"string_split(replace(lower({cell}), '; ', ';'), ';')"
    return f"list_transform(list_filter({split}, lambda name: name <> ''), lambda name: hash(name))"


EARLY_YEAR = r"regexp_extract(ea, '\d{4}')"
REPRINT = r"(^|;)\s*([^()]*?)\s*\((?:reprint|corresponding) author\),?\s*"
"""The names before an address in RP: 'Early, A; Late, B (corresponding author), Univ X'."""
AS_IN_C1 = r"\1[\2] "
WORKS = rf"""
select
    ut as document_id,
    coalesce({year("py")}, {year(EARLY_YEAR)}) as year,
    dt as document_type,
    coalesce(dt ilike '%retracted publication%', false) as is_retracted,
    false as is_paratext,
    regexp_matches(we, 'SCI-EXPANDED|SCIE') as is_science,
    nullif(concat_ws(';', sn, ei), '') as issns,
    string_split(wc, ';') as categories,
    {_names("au")} as short_names,
    {_names("af")} as full_names,
    -- Each piece but the first begins with the names that a bracket holds.
    list_transform(
        string_split(
            coalesce(c1, regexp_replace(rp, '{REPRINT}', '{AS_IN_C1}', 'gi')), '['
        ),
        lambda piece: {{
            'names': case when contains(piece, ']')
                then {_names("split_part(piece, ']', 1)")} end,
            'text': piece[strpos(piece, ']') + 1:]
        }}
    ) as pieces,
    case
        when not is_whole then 'not as many cells as columns'
        when ut is null then 'no identifier'
        when year is null then 'no believable year of publication'
    end as reject,
    case when reject is not null then to_json(raw)::varchar end as raw_text
from raw
"""

ADDRESSES = r"""
select
    work, person_number, nullif(text, '') as address,
    case
        when ends_with(upper(right(text, 3)), 'USA')
            and regexp_matches(text, '\b[A-Z]{2}(?: \d{5}(?:-\d{4})?)? USA$', 'i') then 'USA'
        when contains(text, ',') then trim(split_part(text, ',', -1))
    end as country,
    case when contains(text, ',') then trim(split_part(text, ',', 1)) end as institution
from parts
"""


def read(source: SourceFiles) -> Iterator[Batch]:
    """Documents with their addresses and categories.

    Raises:
        UserError: a file has no column UT, is damaged or binary.
    """
    with connect(source.limits) as connection:
        records = partial(_records, connection)
        yield from scan(connection, source, TABLE, WORKS, records=records)


def _records(connection: duckdb.DuckDBPyConnection, works: pa.Table) -> Iterator[Batch]:
    yield Batch("documents", to_schema(works, "documents"))
    parts = _parts(works)  # noqa: F841 - named in the SQL
    addresses = connection.cursor().sql(ADDRESSES).to_arrow_table()
    numbers = numbers_within(addresses["work"].to_numpy())
    yield numbered(_keyed(works, addresses), "addresses", address_number=numbers)
    of_work, categories = _items(works["categories"])
    fields = pa.table({"work": of_work, "code": pc.utf8_trim_whitespace(categories)})
    fields = _keyed(works, fields.filter(pc.not_equal(fields["code"], "")))
    scheme = pa.repeat("wos_category", len(fields))
    yield Batch("fields", to_schema(fields.append_column("scheme", scheme), "fields"))


def _keyed(works: pa.Table, rows: pa.Table) -> pa.Table:
    """Rows with the identifier and year of the work that each is of."""
    for name in ("document_id", "year"):
        rows = rows.append_column(name, works[name].take(rows["work"]))
    return rows


def _parts(works: pa.Table) -> pa.Table:
    """Addresses of works in their order: `work` (its row), `person_number`, `text`.

    One for each name in the bracket before it; where there is no bracket one, of nobody in
    particular. An author without any has an empty one, unless the work's are of nobody.
    """
    of_work, pieces = _items(works["pieces"])
    of_piece, texts = _items(pc.split_pattern(pc.struct_field(pieces, "text"), ";"))
    names = pc.struct_field(pieces, "names")
    is_first = np.diff(of_piece, prepend=-1) > 0
    is_bracketed = (
        is_first & (pc.fill_null(pc.list_value_length(names), 0).to_numpy() > 0)[of_piece]
    )
    texts = pc.ascii_rtrim(pc.ascii_trim_whitespace(texts), characters=" .;")
    is_kept = is_bracketed | pc.not_equal(texts, "").to_numpy(False)
    of_piece, texts, is_bracketed = of_piece[is_kept], texts.filter(is_kept), is_bracketed[is_kept]

    piece_of_name, hashes = _items(names)
    people = _People(works)
    persons = people.numbers(of_work[piece_of_name], hashes.to_numpy())
    times = np.where(is_bracketed, np.bincount(piece_of_name, minlength=len(pieces))[of_piece], 1)
    work = np.repeat(of_work[of_piece], times)
    person = np.zeros(len(work), np.int32)
    person[np.repeat(is_bracketed, times)] = persons
    lost_work, lost_person = people.without_address(work, person)

    table = pa.table(
        {
            "work": np.append(work, lost_work),
            "person_number": pa.array(numbers := np.append(person, lost_person), mask=numbers == 0),
            "text": pa.concat_arrays(
                [texts.take(np.repeat(np.arange(len(texts)), times)), _nothing(len(lost_work))]
            ),
        }
    )
    return table.take(np.argsort(table["work"].to_numpy(), kind="stable"))


class _People:
    """The authors of works, numbered in the order in which each work names them.

    Brackets name authors in the long form, RP in the short one. A name that is neither's gets a
    number behind the authors'.
    """

    def __init__(self, works: pa.Table) -> None:
        self._numbers = Values()
        self._authors = np.zeros(len(works), np.int32)
        for column in ("full_names", "short_names"):
            of_work, hashes = _items(works[column])
            self._numbers.add(_keys(of_work, hashes.to_numpy()), numbers_within(of_work))
            counts = np.bincount(of_work, minlength=len(works)).astype(np.int32)
            self._authors = np.maximum(self._authors, counts)

    def numbers(self, works: Rows, hashes: Hashes) -> Numbers:
        """The number of each name in its work; shape (n,)."""
        keys = _keys(works, hashes)
        is_new = self._numbers.get(keys) == 0
        _, first = np.unique(keys[is_new], return_index=True)
        first.sort()
        rows = works[is_new][first]
        self._numbers.put(keys[is_new][first], self._authors[rows] + numbers_within(rows))
        return self._numbers.get(keys)

    def without_address(self, works: Rows, persons: Numbers) -> tuple[Rows, Numbers]:
        """Work and number of each author that has no address, given those of all addresses."""
        of_work = np.repeat(np.arange(len(self._authors)), self._authors)
        begins = np.cumsum(self._authors) - self._authors
        is_lost = np.ones(len(of_work), bool)
        is_author = (persons > 0) & (persons <= self._authors[works])
        is_lost[(begins[works] + persons - 1)[is_author]] = False
        is_of_nobody = np.zeros(len(self._authors), bool)
        is_of_nobody[works[persons == 0]] = True
        is_lost &= ~is_of_nobody[of_work]
        return of_work[is_lost], numbers_within(of_work)[is_lost]


def _items(lists: pa.Array | pa.ChunkedArray) -> tuple[Rows, pa.Array]:
    """The items of lists, and for each the list that it is of."""
    lists = lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
    return pc.list_parent_indices(lists).to_numpy(), pc.list_flatten(lists)


def _keys(works: Rows, hashes: Hashes) -> Hashes:
    return hashes ^ (works.astype(np.uint64) * SPREAD)


def _nothing(length: int) -> pa.Array:
    return pa.nulls(length, pa.string())
