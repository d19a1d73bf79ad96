"""Parts of documents: SQL and `pipelines/parts.py` against the rule in plain Python, on any documents."""

import random
from collections import defaultdict

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines import query
from pipelines.contracts import extracts
from pipelines.contracts.model import Table
from tests.sql.conftest import PARTS, RunSql, key_of, offered, staged
from tests.sql.extracts.fractions import (
    DOCUMENT,
    parts_by_address,
    parts_by_person,
    parts_by_share,
)

Address = tuple[int | None, float | None]
"""Person's number and share of one address."""


def staged_addresses(kind: str, documents: list[list[Address]], order: list[int]) -> pl.DataFrame:
    """Address records of documents D0, D1 ... in a given order of rows."""
    rows = [
        {
            "document_id": f"D{document}",
            "person_number": person,
            "address_number": number,
            "address_key": number,
            "share": share,
            "kind": kind,
        }
        for document, addresses in enumerate(documents)
        for number, (person, share) in enumerate(addresses, start=1)
    ]
    return staged("addresses", [rows[i] for i in order])


def parts_of(table: Table, documents: list[list[Address]], *, seed: int = 0) -> list[list[int]]:
    """Parts that a table gives each document's addresses, in the order of the file."""
    rows = sum(len(addresses) for addresses in documents)
    order = random.Random(seed).sample(range(rows), rows)  # noqa: S311 - a fixed shuffle
    is_patent = table is extracts.INVENTORS
    kind = "patent" if is_patent else "publication"
    parent = extracts.APPLICATIONS if is_patent else extracts.ARTICLES
    parents = [
        {
            "year": 2015,
            "document_number": number + 1,
            "document_id": f"D{number}",
            "document_key": key_of(f"D{number}"),
            "source": "made",
            "unit_number": 1,
        }
        for number in range(len(documents))
    ]
    with query.connect(query.Limits("1GB", 2)) as connection:
        connection.register(parent.name, offered(parents, parent))
        connection.register("staged_addresses", staged_addresses(kind, documents, order))
        query.set_variables(connection, {"year": 2015})
        made = connection.sql(query.sql_text("extracts", table.name)).pl()
    if table in PARTS:
        made = PARTS[table](made)
    found: dict[int, list[int]] = defaultdict(list)
    for number, part in (
        made.sort("document_number", "address_number").select("document_number", "part").iter_rows()
    ):
        found[number].append(part)
    return [found[number + 1] for number in range(len(documents))]


persons = st.one_of(st.none(), st.integers(0, 4))
shares = st.one_of(st.just(0.0), st.sampled_from([1 / 3, 0.5, 1.0, 1e-9, 0.1]), st.floats(0, 1))


def addresses_of(*, share: st.SearchStrategy[float | None]) -> st.SearchStrategy[list[Address]]:
    return st.lists(st.tuples(persons, share), min_size=1, max_size=9)


documents_of = st.lists(
    st.one_of(
        addresses_of(share=shares),
        addresses_of(share=st.none()),
        addresses_of(share=st.one_of(st.none(), shares)),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(documents_of, st.integers(0, 5))
def test_author_parts_are_the_rule(documents: list[list[Address]], seed: int) -> None:
    # within a document an extract tells all authors apart or none
    told = [
        [(None if addresses[0][0] is None else person or 0, share) for person, share in addresses]
        for addresses in documents
    ]
    expected = [
        parts_by_address(len(addresses))
        if addresses[0][0] is None
        else parts_by_person([person or 0 for person, _ in addresses])
        for addresses in told
    ]
    assert parts_of(extracts.AUTHOR_ADDRESSES, told, seed=seed) == expected


@settings(max_examples=40, deadline=None)
@given(documents_of, st.integers(0, 5))
@example([[(None, 0.333333333), (None, 0.5 * 0.333333333), (None, 0.5 * 0.333333333)]], 0)
def test_inventor_parts_are_the_rule(documents: list[list[Address]], seed: int) -> None:
    expected = []
    for addresses in documents:
        given_shares = [share for _, share in addresses if share is not None]
        whole = len(given_shares) == len(addresses)
        expected.append(parts_by_share(given_shares) if whole else parts_by_address(len(addresses)))
    assert parts_of(extracts.INVENTORS, documents, seed=seed) == expected


@settings(max_examples=25, deadline=None)
@given(documents_of)
@pytest.mark.parametrize("table", [extracts.INVENTORS, extracts.AUTHOR_ADDRESSES])
def test_parts_of_every_document_are_one_document(
    table: Table, documents: list[list[Address]]
) -> None:
    for parts in parts_of(table, documents):
        assert sum(parts) == DOCUMENT
        assert min(parts) >= 0


def test_thirds_by_hand() -> None:
    document: list[Address] = [(None, None)] * 3
    by_hand = [[333_333_334, 333_333_333, 333_333_333]]
    assert parts_of(extracts.INVENTORS, [document]) == by_hand
    assert parts_of(extracts.AUTHOR_ADDRESSES, [document]) == by_hand


def test_author_with_two_affiliations_by_hand() -> None:
    document: list[Address] = [(1, None), (1, None), (2, None)]
    assert parts_of(extracts.AUTHOR_ADDRESSES, [document]) == [
        [250_000_000, 250_000_000, 500_000_000]
    ]


def test_an_address_without_share_gets_no_remainder() -> None:
    document: list[Address] = [(1, 0.0), (2, 1 / 3), (3, 1 / 3), (4, 1 / 3)]
    assert parts_of(extracts.INVENTORS, [document]) == [[0, 333_333_334, 333_333_333, 333_333_333]]


def test_shares_of_regions_by_hand() -> None:
    document: list[Address] = [(1, 0.25), (1, 0.25), (2, 0.5)]
    assert parts_of(extracts.INVENTORS, [document]) == [[250_000_000, 250_000_000, 500_000_000]]


@pytest.mark.parametrize(
    ("table", "parent", "kind"),
    [
        (extracts.INVENTORS, extracts.APPLICATIONS, "patent"),
        (extracts.AUTHOR_ADDRESSES, extracts.ARTICLES, "publication"),
    ],
)
def test_of_a_document_that_its_unit_has_twice_an_address_counts_once(
    run_sql: RunSql, table: Table, parent: Table, kind: str
) -> None:
    """The first person's first text counts; the second record brings a third address."""
    rows = [
        (1, 2, 30, 0.5),
        (1, 1, 40, 0.5),
        (1, 1, 20, 0.25),
        (2, 2, 10, 0.25),
        (3, None, 50, 0.25),
    ]
    names = ("address_number", "person_number", "address_key", "share")
    addresses = staged(
        "addresses",
        [{"document_id": "a", "kind": kind, **dict(zip(names, row, strict=True))} for row in rows],
    )
    document = {"document_number": 1, "document_id": "a", "document_key": key_of("a")}
    inputs = {parent: [{**document, "source": "made", "unit_number": 1}]}
    made = run_sql(table, inputs, frames={"staged_addresses": addresses}, year=2015)
    assert made.select("address_number", "person_number", "address_key").rows() == [
        (1, 1, 20),
        (2, 2, 10),
        (3, None, 50),
    ]
    assert made["part"].to_list() == parts_by_address(3)
