"""Great Expectations' Data Docs: what every validation of a run found, as a site that opens from disk.

Here: storing the results of a table's checks while the run goes on (`store`), passed or failed, and
GX's own site builder over what is stored (`build`). The stock pages draw their tables with scripts
from the network; the few templates beside this module give them without any. Not here: validating
(`suite.py`, `rules.py`).
"""

import html
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipelines.contracts.model import Table
from pipelines.errors import UserError
from pipelines.storage import written_aside
from pipelines.validation.suite import Outcome

KEPT_RUNS = 50
"""Runs whose results are kept: each takes up to 5 MB; a backfill of all years and editions is 22 runs."""
_RUN_NAME = "%Y-%m-%dT%H%M%SZ"
_WHOLE_TABLE = "all"


def run_name() -> str:
    """A name for a run that starts now, in the order of time."""
    return datetime.now(UTC).strftime(_RUN_NAME)


def store(
    folder: Path,
    table: Table,
    partition: int | None,
    outcomes: Mapping[str, Iterable[Outcome]],
    *,
    simulated: bool,
) -> None:
    """Keep what the checks of a table found; the first of a run clears runs long past.

    Args:
        folder: of the run.
        table: the table.
        partition: year or edition; None for tables without partition.
        outcomes: by check; those of Great Expectations carry its own account.
        simulated: whether the raw records are made up, which the site then says.
    """
    if not folder.exists():
        _clear(folder.parent)
    content = {
        "table": table.name,
        "partition": str(partition or _WHOLE_TABLE),
        "simulated": simulated,
        "checked": datetime.now(UTC).isoformat(timespec="seconds"),
        "outcomes": [asdict(outcome) for found in outcomes.values() for outcome in found],
    }
    with written_aside(folder / f"{table.name}.{content['partition']}.json") as aside:
        aside.write_text(json.dumps(content), encoding="utf-8")


def _clear(runs: Path) -> None:
    """Make room for one more run, the oldest first."""
    folders = sorted(path for path in runs.glob("*") if path.is_dir())
    for folder in folders[: 1 - KEPT_RUNS]:
        shutil.rmtree(folder, ignore_errors=True)  # another step may be at it


def stored_runs(folder: Path) -> list[str]:
    """Names of the runs that left results, oldest first."""
    return sorted({path.parent.name for path in folder.glob("*/*.json")})


def build(folder: Path, site: Path) -> Path:
    """Build the site of a run.

    Args:
        folder: of the run, as `store` filled it.
        site: folder of the site; pages of an earlier build are replaced.

    Returns:
        The site's first page.

    Raises:
        UserError: where a stored result is damaged, or the site cannot be written.
    """
    from pipelines.validation.gx_site import build_site  # noqa: PLC0415 - it imports GX

    results = [_read(path, folder.name) for path in sorted(folder.glob("*.json"))]
    try:
        return build_site(results, site)
    except OSError as error:
        raise UserError(
            f"Cannot write {site}: {error.strerror or error}. Free space or mend its permissions."
        ) from error


def _read(path: Path, run: str) -> dict[str, Any]:
    """A table's stored results, in the form of a validation result of GX."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        outcomes = [Outcome(**outcome) for outcome in stored["outcomes"]]
        table, partition = stored["table"], stored["partition"]
        checked, simulated = stored["checked"], stored["simulated"]
    except (OSError, ValueError, TypeError, KeyError):
        raise UserError(
            f"{path} cannot be read as the result of a validation. Remove it, and build again."
        ) from None
    passed = sum(outcome.passed for outcome in outcomes)
    return {
        "success": passed == len(outcomes),
        "results": [_for_page(outcome.account or _account(outcome)) for outcome in outcomes],
        "suite_name": table,
        "suite_parameters": {},
        "statistics": {
            "evaluated_expectations": len(outcomes),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(outcomes) - passed,
            "success_percent": 100 * passed / len(outcomes) if outcomes else None,
        },
        "meta": {
            "great_expectations_version": version("great_expectations"),
            "run_id": {"run_name": run, "run_time": checked},
            "active_batch_definition": {
                "datasource_name": "tables",
                "data_connector_name": "fluent",
                "data_asset_name": table,
                "batch_identifiers": {"partition": partition},
            },
            "batch_spec": {
                "data_asset_name": table,
                "partition": partition,
                "simulated": simulated,
            },
        },
    }


def _account(outcome: Outcome) -> dict[str, Any]:
    """A rule across tables as GX would tell of it: a query for rows that break the rule."""
    return {
        "success": outcome.passed,
        "expectation_config": {
            "type": "unexpected_rows_expectation",
            "kwargs": {"unexpected_rows_query": f"{{batch}}: {outcome.name}"},
            "description": f"{outcome.name}: {outcome.expected}",
            "meta": {},
        },
        "result": {
            "observed_value": outcome.actual,
            "unexpected_count": None,
            "partial_unexpected_list": list(outcome.samples),
        },
        "exception_info": {
            "raised_exception": False,
            "exception_message": None,
            "exception_traceback": None,
        },
        "meta": {},
    }


def _for_page(account: dict[str, Any]) -> dict[str, Any]:
    """An account whose texts are safe to stand in a page; GX writes them there as they are."""
    configuration = account["expectation_config"]
    described = {**configuration, "description": _escaped(configuration.get("description"))}
    return {**account, "expectation_config": described, "result": _escaped(account["result"])}


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return html.escape(value)
    if isinstance(value, list):
        return [_escaped(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _escaped(entry) for key, entry in value.items()}
    return value
