"""The content hash: SHA-256 of a table's values, whatever file or encoding holds them.

Here: its one definition. Two releases made with different versions of the Parquet writer have
different bytes and the same content hash. Not here: hashes of files (`storage.sha256_of`).
"""

import hashlib
import json
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc


def content_hash(table: pa.Table) -> str:
    """Hash a table's columns, types and values in the order of its rows.

    For each column, structures taken apart into their members: the JSON list of name, Arrow type
    and number of rows; one byte per row, 1 where there is a value; then texts and binaries as their
    lengths (int64) followed by all their bytes, booleans as bytes, decimals as texts, numbers as
    they are. Integers and floats are little-endian; an empty value counts as 0 or as no bytes.

    Raises:
        TypeError: for a type that no contract has.
    """
    digest = hashlib.sha256()
    flat = table.flatten()
    for name, column in zip(flat.column_names, flat.columns, strict=True):
        digest.update(json.dumps([name, str(column.type), len(column)]).encode())
        for part in _canonical(column):
            digest.update(part)
    return digest.hexdigest()


def _canonical(column: pa.ChunkedArray) -> Iterator[bytes]:
    yield _numbers(pc.is_valid(column).cast(pa.uint8()))
    kind = column.type
    if pa.types.is_decimal(kind):
        column, kind = column.cast(pa.string()), pa.string()
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        yield _numbers(pc.fill_null(pc.binary_length(column).cast(pa.int64()), 0))
        yield b"".join(column.drop_null().cast(pa.binary()).to_pylist())
    elif pa.types.is_boolean(kind):
        yield _numbers(pc.fill_null(column, False).cast(pa.uint8()))
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
        yield _numbers(pc.fill_null(column, 0))
    else:
        raise TypeError(f"no canonical form for {kind}")


def _numbers(column: pa.ChunkedArray) -> bytes:
    values = column.to_numpy()
    little: bytes = values.astype(values.dtype.newbyteorder("<")).tobytes()
    return little
