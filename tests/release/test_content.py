"""The content hash sees values and nothing but values."""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.release.content import content_hash

SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("whole", pa.int32()),
        ("cell", pa.uint64()),
        ("part", pa.float64()),
        ("flag", pa.bool_()),
        ("shape", pa.binary()),
        ("wide", pa.decimal128(38, 0)),
    ]
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.none() | st.text("aß東", max_size=3),
            "whole": st.none() | st.integers(-(2**31), 2**31 - 1),
            "cell": st.none() | st.integers(0, 2**64 - 1),
            "part": st.none() | st.floats(allow_nan=False),
            "flag": st.none() | st.booleans(),
            "shape": st.none() | st.binary(max_size=3),
            "wide": st.none() | st.integers(-(10**30), 10**30).map(Decimal),
        }
    ),
    max_size=6,
)


@given(ROWS)
def test_it_survives_every_encoding(rows: list[dict[str, object]]) -> None:
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    expected = content_hash(table)
    pieces = pa.concat_tables([table.slice(at, 1) for at in range(len(rows))] or [table])
    for options in (
        {"compression": "none", "use_dictionary": False, "row_group_size": 2},
        {"compression": "zstd", "use_dictionary": True, "data_page_version": "2.0"},
    ):
        sink = pa.BufferOutputStream()
        pq.write_table(pieces, sink, **options)
        assert content_hash(pq.read_table(pa.BufferReader(sink.getvalue()))) == expected


@given(ROWS, ROWS)
def test_it_is_the_same_only_for_the_same_rows(
    one: list[dict[str, object]], other: list[dict[str, object]]
) -> None:
    first, second = (pa.Table.from_pylist(rows, schema=SCHEMA) for rows in (one, other))
    negative_zero = any(str(row["part"]) == "-0.0" for row in (*one, *other))
    if not negative_zero:  # equal as numbers, different as values
        assert (content_hash(first) == content_hash(second)) == first.equals(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": ["x", "yz"]}, {"a": ["xy", "z"]}),
        ({"a": [None, "x"]}, {"a": ["", "x"]}),
        ({"a": [0]}, {"a": pa.array([None], pa.int64())}),
        ({"a": [1]}, {"b": [1]}),
        ({"a": [1]}, {"a": [1.0]}),
        ({"a": pa.array([1], pa.int32())}, {"a": pa.array([1], pa.int64())}),
        ({"a": [1], "b": [2]}, {"b": [2], "a": [1]}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": [{"x": 1}]}, {"a": [{"x": 2}]}),
    ],
)
def test_what_differs_has_another_hash(one: dict[str, object], other: dict[str, object]) -> None:
    assert content_hash(pa.table(one)) != content_hash(pa.table(other))


def test_descriptions_do_not_count(tmp_path: Path) -> None:
    plain = pa.table({"a": [1]})
    described = plain.replace_schema_metadata({"table": "a table"})
    assert content_hash(plain) == content_hash(described)


def test_the_definition_does_not_change() -> None:
    table = pa.table({"a": pa.array([1, None], pa.int32()), "b": ["x", None]})
    by_hand = (
        b'["a", "int32", 2]' + b"\x01\x00" + b"\x01\x00\x00\x00\x00\x00\x00\x00"
        b'["b", "string", 2]' + b"\x01\x00" + (1).to_bytes(8, "little") + bytes(8) + b"x"
    )
    import hashlib

    assert content_hash(table) == hashlib.sha256(by_hand).hexdigest()


def test_a_type_that_no_contract_has_is_refused() -> None:
    with pytest.raises(TypeError, match="list"):
        content_hash(pa.table({"a": [[1]]}))
