"""A difference between two releases, shown: as Markdown and as plain rows.

Here: words, order and digits, for `CHANGES.md` and for `stclusters diff`. Not here: the comparison
(`diff.py`).
"""

from collections.abc import Callable

from pipelines.markdown import markdown_table
from pipelines.release.diff import FACTS, ClusterChange, Difference, TableChange, Value

_FORMS: dict[str, Callable[[float], str]] = {
    "patents": lambda value: f"{value:,.2f}",
    "publications": lambda value: f"{value:,.2f}",
    "patent_share": lambda value: f"{100 * value:.4f} %",
    "publication_share": lambda value: f"{100 * value:.4f} %",
    "total_share": lambda value: f"{100 * value:.4f} %",
}


def first_revision(edition: str) -> str:
    """`CHANGES.md` of an edition's first revision, which has nothing to be compared with."""
    return f"# Changes\n\nThe first revision of {edition}.\n"


def markdown(difference: Difference) -> str:
    """A difference as a Markdown page."""
    lines = ["# Changes", "", f"From {difference.before}, to {difference.after}.", ""]
    if difference.is_empty:
        return "\n".join([*lines, "Nothing differs."]) + "\n"
    if difference.statements:
        lines += ["## Sources, parameters, code", ""]
        lines += markdown_table(
            ("what", "before", "after"),
            ((change.statement, change.before, change.after) for change in difference.statements),
        )
    lines += ["## Tables", ""]
    lines += markdown_table(
        ("table", "rows before", "rows after", "added", "removed", "changed", "where"),
        (_table_cells(change) for change in difference.tables),
    )
    lines += [
        "## Clusters",
        "",
        f"{len(difference.clusters):,} differ, {difference.clusters_unchanged:,} do not.",
        "",
    ]
    if difference.clusters:
        lines += markdown_table(
            ("cluster", "name", "what changed"),
            (
                (change.cluster_id, str((change.after or change.before)["name"]), _story(change))
                for change in difference.clusters
            ),
        )
    return "\n".join(lines).rstrip("\n") + "\n"


def table_rows(difference: Difference) -> list[dict[str, Value]]:
    """One plain row per table."""
    return [
        {
            "table": change.table,
            "rows_before": change.rows_before,
            "rows_after": change.rows_after,
            "added": change.added,
            "removed": change.removed,
            "changed": change.changed,
            "where": _where(change),
        }
        for change in difference.tables
    ]


def _table_cells(change: TableChange) -> tuple[str, ...]:
    numbers = (
        change.rows_before,
        change.rows_after,
        change.added,
        change.removed,
        change.changed,
    )
    return (
        change.table,
        *("–" if number is None else f"{number:,}" for number in numbers),
        _where(change),
    )


def _where(change: TableChange) -> str:
    """Columns that came, went or have changed values."""
    return ", ".join(
        [
            *(f"+{column}" for column in change.columns_added),
            *(f"-{column}" for column in change.columns_removed),
            *(f"{column} ({count:,})" for column, count in change.values_changed.items()),
        ]
    )


def _story(change: ClusterChange) -> str:
    """A cluster's changes in words."""
    cells = []
    if change.cells_gained or change.cells_lost:
        cells = [f"cells +{change.cells_gained:,} -{change.cells_lost:,}"]
    if change.event != "changes":
        rank = (change.after or change.before)["rank"]
        return "; ".join([f"{change.event} (rank {rank})", *cells])
    facts = [
        f"{fact.replace('_', ' ')} {_step(fact, change.before[fact], change.after[fact])}"
        for fact in FACTS
        if change.before[fact] != change.after[fact]
    ]
    return "; ".join([*facts, *cells])


def _step(fact: str, before: Value, after: Value) -> str:
    """A value before and after, with as many digits as it takes to see that they differ."""
    form = _FORMS.get(fact)
    if form is None or not isinstance(before, float) or not isinstance(after, float):
        return f"{before} → {after}"
    if form(before) == form(after):
        return f"{before!r} → {after!r}"
    return f"{form(before)} → {form(after)}"
