"""What a contract asks beyond GX's own expectations, in GX's terms, so that a table is read once.

Here: the expectation that no row breaks a rule, and the two metrics that it and GX's own need of a table.
GX computes what is an aggregate of a batch in one query, so the rules of a contract cost one scan
together, where GX's own expectation for a query runs each twice and those for a column several. Like
`gx_duckdb.py` it imports GX and is imported where it is needed.
"""

from typing import Any, ClassVar

import sqlalchemy
from great_expectations.compatibility.pydantic import PrivateAttr
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.metrics.metric_provider import metric_partial, metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

from pipelines.validation.gx_duckdb import DuckDBExecutionEngine

_COUNT = "table.rows_breaking_rule"


class RowsBreakingRule(TableMetricProvider):
    """How many rows break a rule: an aggregate of the batch."""

    metric_name = _COUNT
    value_keys = ("count",)

    @metric_partial(
        engine=SqlAlchemyExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _count(
        cls,  # noqa: N805 - GX calls it on the class
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        return sqlalchemy.literal_column(metric_value_kwargs["count"]), metric_domain_kwargs, {}


class ColumnTypes(TableMetricProvider):
    """Columns of the batch, without asking for keys and constraints that a view cannot have."""

    metric_name = "table.column_types"
    value_keys = ("include_nested",)
    default_kwarg_values = {"include_nested": True}  # noqa: RUF012 - as GX declares it

    @metric_value(engine=DuckDBExecutionEngine)
    def _duckdb(
        cls,  # noqa: N805 - GX calls it on the class
        execution_engine: DuckDBExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> list[dict[str, str]]:
        described = execution_engine.execute_query(sqlalchemy.text("DESCRIBE batch"))
        return [{"name": row[0], "type": row[1]} for row in described]


class ExpectNoRowToBreakRule(BatchExpectation):
    """No row breaks a rule that is said in SQL on the view `batch`."""

    count: str
    """Aggregate of the batch that counts the rows that break it."""
    rows: str
    """SELECT of these rows, for samples."""

    metric_dependencies: ClassVar[tuple[str, ...]] = (_COUNT,)
    success_keys: ClassVar[tuple[str, ...]] = ("count", "rows")
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    _written: ExpectationConfiguration | None = PrivateAttr(None)

    @property
    def configuration(self) -> ExpectationConfiguration:
        """The expectation as GX writes it down; kept, since GX asks for it all the time."""
        if self._written is None:
            self._written = super().configuration
        return self._written

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        found = metrics[_COUNT]
        return {"success": found == 0, "result": {"observed_value": found}}
