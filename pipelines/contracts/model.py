"""How a table is described: `Column`, `Rule`, `Table`. Everything else about a table follows from it.

From one record per table come the Parquet schema with its descriptions, the Great Expectations suite,
Dagster's column schema, the data package, the codebook and the documentation page. Add here only what
every table can have; what one table has belongs to its stage's module. Rules across tables are SQL
files in `sql/checks/`.
"""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

SCHEMA_VERSION = "4.0.0"
"""Semantic version of all contracts together: major for a column removed or changed in meaning,
minor for one added, patch for wording."""

ColumnType = Literal[
    "string", "int8", "int32", "int64", "uint64", "float64", "bool", "binary", "integer38"
]
Stage = Literal["extracts", "geocoding", "clusters", "indicators", "releases"]
Partition = Literal["year", "edition"]

_ARROW: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int8": pa.int8(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "uint64": pa.uint64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "binary": pa.binary(),
    # sums of products of parts pass 2^63; decimal(38, 0) is Parquet's exact wide integer
    "integer38": pa.decimal128(38, 0),
}


@dataclass(frozen=True)
class Column:
    """One column: what it means and what its values may be."""

    name: str
    type: ColumnType
    meaning: str
    unit: str | None = None
    nullable: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    references: str | None = None
    """`table.column` that holds every non-null value of this one."""


@dataclass(frozen=True)
class Rule:
    """A rule across a table's own columns: an SQL condition that every row fulfils."""

    name: str
    meaning: str
    condition: str


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its key, its columns and what must hold."""

    name: str
    stage: Stage
    row: str
    """Completes the sentence "each row is ..."."""
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition: Partition | None = None
    rules: tuple[Rule, ...] = ()
    filled: bool = False
    """True where an empty table is a fault."""
    released: bool = False
    """True where the table is part of a release."""
    personal: bool = False
    """True where names of persons may stand in it as written: it is not shown and not released."""

    def __post_init__(self) -> None:
        """Refuse a contract whose key or partition is not among its columns."""
        names = [column.name for column in self.columns]
        wanted = [*self.key, *([self.partition] if self.partition else [])]
        missing = [name for name in wanted if name not in names]
        if missing or len(set(names)) != len(names):
            raise ValueError(f"contract {self.name}: key or partition not a column: {missing}")

    @property
    def column_names(self) -> list[str]:
        """Names in the order of the contract."""
        return [column.name for column in self.columns]

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema with meanings and units in the field metadata."""
        return pa.schema(
            [
                pa.field(
                    column.name,
                    _ARROW[column.type],
                    nullable=column.nullable,
                    metadata={
                        "description": column.meaning,
                        **({"unit": column.unit} if column.unit else {}),
                    },
                )
                for column in self.columns
            ],
            metadata={
                "table": self.name,
                "row": f"each row is {self.row}",
                "key": ", ".join(self.key),
                "schema_version": SCHEMA_VERSION,
            },
        )
