"""Rules across tables: each file of `sql/checks/<table>/` is a SELECT of the rows that break it.

The first comment lines of a file say the rule in words and become the check's description. A rule may
read the table it belongs to and that table's inputs.
"""

from dataclasses import dataclass
from functools import cache

import duckdb

from pipelines.contracts.model import Table
from pipelines.query import SQL
from pipelines.validation.suite import SAMPLE_ROWS, Outcome


@dataclass(frozen=True)
class CrossRule:
    """A rule across tables."""

    name: str
    description: str
    sql: str


@cache
def rules_of(table: Table) -> tuple[CrossRule, ...]:
    """The rules that belong to a table, by name."""
    rules = []
    for path in sorted((SQL / "checks" / table.name).glob("*.sql")):
        text = path.read_text(encoding="utf-8").strip().removesuffix(";")
        comments = [line[2:].strip() for line in text.splitlines() if line.startswith("--")]
        rules.append(CrossRule(path.stem, " ".join(comments), text))
    return tuple(rules)


def run_rule(connection: duckdb.DuckDBPyConnection, rule: CrossRule) -> Outcome:
    """Run a rule on the tables that the connection offers."""
    [(count,)] = connection.execute(f"SELECT count(*) FROM ({rule.sql})").fetchall()
    samples: list[str] = []
    if count:
        broken = connection.sql(rule.sql)
        rows = broken.limit(SAMPLE_ROWS).fetchall()
        samples = [str(dict(zip(broken.columns, row, strict=True))) for row in rows]
    return Outcome(
        rule.name, count == 0, rule.description, f"{count:,} rows break it", tuple(samples)
    )
