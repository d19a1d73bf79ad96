"""Contract tables in the form in which they are released.

Here: which tables leave the house and under which name, what a released Parquet file holds besides
its rows, the table `validation`. The list follows from `Table.released`: a new table needs no line
here. Not here: how tables are made and checked; what is special about outlines (`geo.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.contracts import TABLES, Column, Table
from pipelines.contracts.common import EDITION, text
from pipelines.errors import UserError
from pipelines.release import geo
from pipelines.release.content import content_hash
from pipelines.storage import ROW_GROUP_ROWS

VALIDATION = Table(
    "validation",
    "releases",
    "a check that a table of the release or one of the tables it was made from had to pass",
    key=("table", "partition", "check"),
    columns=(
        EDITION,
        text("table", "Table that was checked", nullable=False),
        Column(
            "partition",
            "int32",
            "Year or edition of the table; empty for tables that are not divided",
            unit="year",
            nullable=True,
        ),
        text("check", "The expectation or rule", nullable=False),
        Column("passed", "bool", "Whether it held; nothing is released where one did not"),
        text("expected", "What was expected", nullable=False),
        text("actual", "What was found", nullable=False),
    ),
)


@dataclass(frozen=True)
class Check:
    """What a check found, as it is released in the table `validation`."""

    table: str
    check: str
    passed: bool
    expected: str
    actual: str
    partition: int | None = None


@dataclass(frozen=True)
class Released:
    """A table as it is released."""

    contract: Table
    rows: pa.Table

    @property
    def name(self) -> str:
        """The name under which it is released."""
        return released_name(self.contract)

    @property
    def file(self) -> str:
        """Its file in the release's folder."""
        return f"{self.name}.parquet"

    @cached_property
    def content_hash(self) -> str:
        """Hash of its values, independent of Parquet's encoding."""
        return content_hash(self.rows)

    def write(self, folder: Path) -> None:
        """Write the Parquet file: equal rows give equal bytes."""
        pq.write_table(
            self.rows,
            folder / self.file,
            compression="zstd",
            compression_level=3,
            row_group_size=ROW_GROUP_ROWS,
        )


def released_name(contract: Table) -> str:
    """A table's name in releases, where every table is one of an edition."""
    return contract.name.removeprefix("edition_")


def released_tables() -> list[Table]:
    """Contracts of the tables that leave the house, by name: those marked so, and outlines."""
    return sorted(
        (table for table in TABLES.values() if table.released or geo.has_outlines(table)),
        key=released_name,
    )


def load(contract: Table, file: Path, *, edition: int, simulated: bool) -> Released:
    """Read a validated stage table and bring it into its released form.

    Args:
        contract: the table's contract.
        file: its Parquet file, as `storage.write_parquet` made it.
        edition: the edition, which the file's metadata name.
        simulated: whether the numbers come from a made world, which the metadata say too.

    Raises:
        UserError: where the file is missing or damaged.
    """
    try:
        rows = pq.ParquetFile(file).read()
        rows.validate(full=True)
    except (OSError, pa.ArrowException) as error:
        raise UserError(
            f"The table {contract.name} cannot be read ({file}: {error}). Remove the file and run "
            f"`stclusters run --edition {edition}`: missing tables are made again."
        ) from None
    return _released(contract, rows, edition, simulated)


def validation_table(checks: Iterable[Check], *, edition: int, simulated: bool) -> Released:
    """The outcomes of all checks as a table."""
    rows = sorted(
        ({"edition": edition, **vars(check)} for check in checks),
        key=lambda row: (row["table"], row["partition"] or 0, row["check"]),
    )
    made = pa.Table.from_pylist(rows, schema=VALIDATION.schema)
    return _released(VALIDATION, made, edition, simulated)


def _released(contract: Table, rows: pa.Table, edition: int, simulated: bool) -> Released:
    schema = contract.schema
    if not rows.schema.equals(schema):
        raise ValueError(f"{contract.name}: the file's columns are not the contract's")
    metadata = {
        **schema.metadata,
        b"table": released_name(contract).encode(),
        b"edition": str(edition).encode(),
        b"simulated": str(simulated).lower().encode(),
    }
    rows = rows.cast(schema.with_metadata(metadata))
    return Released(contract, geo.with_outlines(rows) if geo.has_outlines(contract) else rows)
