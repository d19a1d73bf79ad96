"""From a contract to a Great Expectations suite, run on DuckDB over the Parquet file.

Here: what each part of a contract is expected as, and the outcome in plain values. Not here: rules
across tables (`sql/checks/`, run by `rules.py`) and how Dagster shows an outcome (`assets/step.py`).
"""

import atexit
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.contracts.model import Column, Table
from pipelines.query import Limits

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

    from pipelines.validation.gx_duckdb import Session

SAMPLE_ROWS = 5


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
    session = _session()
    session.keep_to(limits)
    _offer(session, "batch", [file])
    for name, files in references.items():
        _offer(session, name, files)
    suite = expectation_suite(table, partition, frozenset(references))
    result = session.batch().validate(suite)
    outcomes = (_accounted(_outcome(session, found), found) for found in result.results)
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

    suite = gx.ExpectationSuite(table.name)
    add = suite.add_expectation
    add(gxe.ExpectTableColumnsToMatchOrderedList(column_list=table.column_names))
    if table.filled:
        add(gxe.ExpectTableRowCountToBeBetween(min_value=1))
    key = ", ".join(f'"{name}"' for name in table.key)
    add(
        _rows(
            f"key: one row per {key}",
            f"SELECT {key}, count(*) AS rows FROM {{batch}} GROUP BY ALL HAVING count(*) > 1",
        )
    )
    # one scan for all required columns: GX spends more on an expectation than DuckDB on a table
    required = [column.name for column in table.columns if not column.nullable]
    if required:
        any_empty = " OR ".join(f'"{name}" IS NULL' for name in required)
        add(
            _rows(
                f"required: no empty value in {', '.join(required)}",
                f"SELECT * FROM {{batch}} WHERE {any_empty}",
            )
        )
    if table.partition and partition is not None:
        add(
            _rows(
                f"partition: every {table.partition} is {partition}",
                f'SELECT * FROM {{batch}} WHERE "{table.partition}" <> {int(partition)}',
            )
        )
    counted = [column for column in table.columns if _is_counted(column)]
    if counted:
        below = " OR ".join(f'"{column.name}" < {column.minimum:.0f}' for column in counted)
        said = ", ".join(f"{column.name} from {column.minimum:.0f}" for column in counted)
        add(_rows(f"lowest: {said}", f"SELECT * FROM {{batch}} WHERE {below}"))
    for column in table.columns:
        # the partition's rule says more than a range, and lowest numbers are checked together
        if column.name != table.partition and column not in counted:
            for expectation in _column(gxe, column):
                add(expectation)
        other, _, other_column = (column.references or "").partition(".")
        if other in references:
            add(
                _rows(
                    f"foreign key: {column.name} is in {column.references}",
                    f'SELECT * FROM {{batch}} WHERE "{column.name}" NOT IN '
                    f'(SELECT "{other_column}" FROM "{other}")',
                )
            )
    for rule in table.rules:
        add(
            _rows(
                f"rule {rule.name}: {rule.meaning}",
                f"SELECT * FROM {{batch}} WHERE NOT coalesce({_escaped(rule.condition)}, FALSE)",
            )
        )
    return suite


def _is_counted(column: Column) -> bool:
    """Whether all that is asked of a whole number is where it begins."""
    whole = column.type in ("int8", "int32", "int64", "uint64", "integer38")
    return whole and column.minimum is not None and column.maximum is None


def _column(gxe: Any, column: Column) -> list[Any]:
    expectations = []
    if column.allowed:
        expectations.append(
            gxe.ExpectColumnValuesToBeInSet(column=column.name, value_set=list(column.allowed))
        )
    if column.minimum is not None or column.maximum is not None:
        expectations.append(
            gxe.ExpectColumnValuesToBeBetween(
                column=column.name, min_value=column.minimum, max_value=column.maximum
            )
        )
    return expectations


def _rows(description: str, query: str) -> Any:
    import great_expectations.expectations as gxe  # noqa: PLC0415

    return gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, description=description)


def _escaped(condition: str) -> str:
    """GX formats queries, so a literal brace is written twice."""
    return condition.replace("{", "{{").replace("}", "}}")


def _outcome(session: "Session", found: Any) -> Outcome:
    config, result = found.expectation_config, found.result or {}
    column = config.kwargs.get("column")
    error = _error(found.exception_info or {})
    if error:
        name = config.description or f"{config.type} {column or ''}"
        return Outcome(name, False, "a check that can be run", error)
    if config.type == "unexpected_rows_expectation":
        # GX keeps no rows of these in its ordinary results
        query = str(config.kwargs["unexpected_rows_query"]).format(batch="batch")
        rows = [] if found.success else session.rows(query, SAMPLE_ROWS)
        return Outcome(
            config.description,
            found.success,
            "no row that breaks it",
            f"{result.get('observed_value') or 0:,} rows",
            tuple(str(row) for row in rows),
        )
    if config.type.startswith("expect_table"):
        expected = config.kwargs.get("column_list") or "at least one row"
        return Outcome(config.type, found.success, str(expected), str(result.get("observed_value")))
    expected = {
        "expect_column_values_to_be_in_set": f"one of {config.kwargs.get('value_set')}",
    }.get(config.type, f"{config.kwargs.get('min_value')} to {config.kwargs.get('max_value')}")
    return Outcome(
        f"{column}: {config.type.removeprefix('expect_column_values_to_').replace('_', ' ')}",
        found.success,
        expected,
        f"{result.get('unexpected_count') or 0:,} of {result.get('element_count') or 0:,} break it",
        tuple(str(value) for value in result.get("partial_unexpected_list", [])[:SAMPLE_ROWS]),
    )


def _accounted(outcome: Outcome, found: Any) -> Outcome:
    """The outcome with GX's own account of it, which then names samples too."""
    account = found.to_json_dict()
    if outcome.samples:
        result = account["result"]
        result["partial_unexpected_list"] = list(outcome.samples)
        result.setdefault("unexpected_count", None)  # GX's page asks for it beside a sample
    return replace(outcome, account=account)


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
    listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    session.execute(f'CREATE OR REPLACE VIEW "{name}" AS SELECT * FROM read_parquet([{listed}])')
