"""From a contract to a Great Expectations suite, run on DuckDB over the Parquet file.

Here: what each part of a contract is expected as, and the outcome in plain values. Not here: rules
across tables (`sql/checks/`, run by `rules.py`) and how Dagster shows an outcome (`table_asset.py`).
"""

import atexit
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from pipelines.contracts.model import Table
from pipelines.query import Limits, parquet, quoted

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

    from pipelines.validation.gx_duckdb import Session

SAMPLE_ROWS = 5
_ONE_TABLE_AT_A_TIME = Lock()
"""The session of GX has one batch."""


@dataclass(frozen=True)
class Outcome:
    """What an expectation or rule found."""

    name: str
    passed: bool
    expected: str
    actual: str
    samples: tuple[str, ...] = ()
    """Values or rows that break it, at most SAMPLE_ROWS."""
    account: dict[str, Any] = field(default_factory=dict)
    """What Great Expectations says of it, as it writes it in JSON; a rule across tables has none."""


def validate(
    table: Table,
    file: Path,
    partition: int | None,
    references: dict[str, list[Path]],
    limits: Limits,
) -> list[Outcome]:
    """Hold a Parquet file against its contract.

    Args:
        table: the contract.
        file: the Parquet file, perhaps not yet in its place.
        partition: year or edition that every row must have.
        references: files of the tables that the contract's foreign keys name.
        limits: what the checks may take of the machine.

    Returns:
        One outcome per expectation, in a fixed order.
    """
    with _ONE_TABLE_AT_A_TIME:
        session = _session()
        session.keep_to(limits)
        _offer(session, "batch", [file])
        named = {(column.references or "").partition(".")[0] for column in table.columns}
        for name in named & references.keys():
            _offer(session, name, references[name])
        suite = expectation_suite(table, partition, frozenset(references))
        result = session.batch().validate(suite)
        outcomes = (_outcome(session, found) for found in result.results)
        return sorted(outcomes, key=lambda outcome: outcome.name)


def without_samples(outcome: Outcome) -> Outcome:
    """The outcome without any value of the table, where names of persons may stand in it."""
    account = dict(outcome.account)
    if account:
        said = account["result"].items()
        account["result"] = {k: v for k, v in said if not k.startswith("partial_unexpected")}
    return replace(outcome, samples=(), account=account)


def expectation_suite(
    table: Table, partition: int | None, references: frozenset[str] = frozenset()
) -> "ExpectationSuite":
    """The suite of a contract: columns, key, values, foreign keys to `references`, rules."""
    import great_expectations as gx  # noqa: PLC0415 - seconds to import: only where it is used
    import great_expectations.expectations as gxe  # noqa: PLC0415

    from pipelines.validation.gx_expectations import ExpectNoRowToBreakRule  # noqa: PLC0415

    expectations: list[Any] = [
        gxe.ExpectTableColumnsToMatchOrderedList(column_list=table.column_names)
    ]
    if table.filled:
        expectations.append(gxe.ExpectTableRowCountToBeBetween(min_value=1))
    expectations += [
        ExpectNoRowToBreakRule(description=description, count=count, rows=rows)
        for description, count, rows in _rules(table, partition, references)
    ]
    return gx.ExpectationSuite(table.name, expectations=expectations)


def _rules(
    table: Table, partition: int | None, references: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    """What no row may break: in words, the aggregate that counts what does, SELECT of the rows that do."""
    unordered = _rows_out_of_order(table.key)
    yield (
        f"key: one row per {', '.join(table.key)}, in this order",
        # an aggregate around it, as for the other rules: one row, also where GX asks for it alone
        f"coalesce(any_value((SELECT count(*) FROM ({unordered}))), 0)",
        unordered,
    )
    required = [column.name for column in table.columns if not column.nullable]
    if required:
        any_empty = " OR ".join(f'"{name}" IS NULL' for name in required)
        filled = "".join(f' - count("{name}")' for name in required)
        yield (
            f"required: no empty value in {', '.join(required)}",
            f"{len(required)} * count(*){filled}",  # quicker than to ask row by row
            f"SELECT * FROM batch WHERE {any_empty}",
        )
    for description, broken in _conditions(table, partition, references):
        yield (
            description,
            f"count(*) FILTER (WHERE {broken})",
            # a plain condition goes to the scan, which looks at statistics, where no NaN is told of
            f"SELECT * FROM batch WHERE coalesce({broken}, FALSE)",
        )


def _rows_out_of_order(key: tuple[str, ...]) -> str:
    """SELECT of the rows whose key is not greater than that of the row before, nulls first.

    Tables are written in the order of their key. So a key that is there twice is found by looking at
    neighbours, in a tenth of the time that counting the rows of each key takes, and without memory.
    A window without an order runs over the rows as they lie in the file.
    """
    is_after = "FALSE"
    for name in reversed(key):
        is_greater = (
            f'"{name}" > "before_{name}" OR ("{name}" IS NOT NULL AND "before_{name}" IS NULL)'
        )
        is_same = f'"{name}" IS NOT DISTINCT FROM "before_{name}"'
        is_after = f"({is_greater} OR ({is_same} AND {is_after}))"
    before = ", ".join(f'lag("{name}") OVER () AS "before_{name}"' for name in key)
    return (
        f"SELECT * FROM (SELECT *, row_number() OVER () AS row, {before} FROM batch) "
        f"WHERE row > 1 AND NOT coalesce({is_after}, FALSE)"
    )


def _conditions(
    table: Table, partition: int | None, references: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """What is asked of single rows: in words, and the condition of a row that breaks it."""
    if table.partition and partition is not None:
        yield (
            f"partition: every {table.partition} is {partition}",
            f'"{table.partition}" <> {int(partition)}',
        )
    for column in table.columns:
        name = f'"{column.name}"'
        if column.allowed:
            yield (
                f"allowed: {column.name} is one of {', '.join(column.allowed)}",
                f"{name} NOT IN ({', '.join(map(quoted, column.allowed))})",
            )
        # of the column of the partition its own rule says more
        if column.name != table.partition:
            limits = [(" from ", "<", column.minimum), (" to ", ">", column.maximum)]
            given = [(word, sign, value) for word, sign, value in limits if value is not None]
            if given:
                yield (
                    f"range: {column.name}" + "".join(f"{word}{v:.12g}" for word, _, v in given),
                    " OR ".join(f"{name} {sign} {v:.12g}" for _, sign, v in given),
                )
        if column.type == "float64":
            yield (
                f"finite: {column.name} is a number, not NaN and not infinite",
                f"NOT isfinite({name})",
            )
        other, _, other_column = (column.references or "").partition(".")
        if other in references:
            yield (
                f"foreign key: {column.name} is in {column.references}",
                f'{name} NOT IN (SELECT "{other_column}" FROM "{other}")',
            )
    for rule in table.rules:
        yield (
            f"rule {rule.name}: {rule.meaning}",
            f"NOT coalesce({rule.condition}, FALSE)",
        )


def _outcome(session: "Session", found: Any) -> Outcome:
    """What GX found, with its own account of it, which then names samples too."""
    config, result = found.expectation_config, found.result or {}
    account = found.to_json_dict()
    error = _error(found.exception_info or {})
    if error:
        name = config.description or config.type
        return Outcome(name, False, "a check that can be run", error, account=account)
    observed = result.get("observed_value")
    if "rows" not in config.kwargs:  # one of GX's own, on the table as a whole
        expected = config.kwargs.get("column_list") or "at least one row"
        return Outcome(config.type, found.success, str(expected), str(observed), account=account)
    rows = [] if found.success else session.rows(config.kwargs["rows"], SAMPLE_ROWS)
    samples = tuple(str(row) for row in rows)
    if samples:
        # GX's page asks for a count beside a sample
        account["result"] |= {"partial_unexpected_list": list(samples), "unexpected_count": None}
    return Outcome(
        config.description,
        found.success,
        "no row that breaks it",
        f"{observed or 0:,} rows",
        samples,
        account,
    )


def _error(exception_info: dict[str, Any]) -> str | None:
    """What GX raised while it checked: it nests the account by metric where several failed."""
    accounts = [exception_info, *(v for v in exception_info.values() if isinstance(v, dict))]
    raised = [account for account in accounts if account.get("raised_exception") is True]
    return str(raised[0].get("exception_message")) if raised else None


@cache
def _session() -> "Session":
    from pipelines.validation.gx_duckdb import Session  # noqa: PLC0415

    session = Session()
    atexit.register(session.close)
    return session


def _offer(session: "Session", name: str, files: list[Path]) -> None:
    session.execute(f'CREATE OR REPLACE VIEW "{name}" AS SELECT * FROM {parquet(files)}')
