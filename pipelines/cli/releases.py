"""Commands about what can be trusted: `verify` and `diff` of releases, `docs` of the checks of a run."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import errors, out
from pipelines.config import find_config, load_config
from pipelines.errors import UserError
from pipelines.release.changes import markdown, table_rows
from pipelines.release.diff import diff as difference_of
from pipelines.release.manifest import read_manifest
from pipelines.release.verify import blaming_damage
from pipelines.release.verify import verify as faults_of
from pipelines.report.formats import counted
from pipelines.storage import Workspace

EXIT_DIFFERS = 1


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(verify)
    app.command()(diff)
    app.command()(docs)
    app.command()(codebook)


def verify(
    release: Annotated[Path, typer.Argument(help="Folder of a release.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Hash a release's files again and hold them against its manifest; exit 1 where one differs.

    Example: `stclusters verify workspace/releases/2024/1`
    """
    if not release.is_dir():
        raise UserError(f"There is no folder {release}. Give a release, such as releases/2024/1.")
    faults = faults_of(release)
    if as_json:
        print(json.dumps({"release": str(release), "faults": faults}))
        raise typer.Exit(EXIT_DIFFERS if faults else 0)
    if faults:
        errors.print(
            f"{release}: {counted(len(faults), 'fault')}",
            style="bold red",
            soft_wrap=True,
        )
        for fault in faults:
            errors.print(f"  {fault}", soft_wrap=True)
        raise typer.Exit(EXIT_DIFFERS)
    files = len(read_manifest(release).files)
    out.print(f"{release}: all {files} files are as the manifest says", soft_wrap=True)


def diff(
    before: Annotated[Path, typer.Argument(help="Folder of the older release.")],
    after: Annotated[Path, typer.Argument(help="Folder of the newer release.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per table.")] = False,
) -> None:
    """Compare two releases, table by table and cluster by cluster; exit 1 where they differ.

    Example: `stclusters diff workspace/releases/2024/1 workspace/releases/2024/2`
    """
    with blaming_damage(before, after):
        found = difference_of(before, after)
    if as_json:
        for row in table_rows(found):
            sys.stdout.write(json.dumps(row) + "\n")
    else:
        sys.stdout.write(markdown(found))
    raise typer.Exit(0 if found.is_empty else EXIT_DIFFERS)


def docs(
    run: Annotated[
        str | None, typer.Argument(help="Name of a run. Default: the newest that made a table.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Configuration whose workspace holds the run.")
    ] = None,
) -> None:
    """Build Great Expectations' Data Docs of a run: a site that opens from disk.

    Example: `stclusters docs`
    """
    from pipelines.validation.data_docs import KEPT_RUNS, build, stored_runs  # noqa: PLC0415

    workspace = Workspace(load_config(find_config(config)).workspace_folder)
    runs = stored_runs(workspace.validations)
    chosen = run or (runs[-1] if runs else None)
    if chosen not in runs:
        raise UserError(
            f"There is no run {chosen} in {workspace.validations}, which keeps the newest {KEPT_RUNS}; "
            f"there are {', '.join(runs[-5:])}."
            if runs
            else f"No run has validated a table in {workspace.folder}. Run `stclusters run` first."
        )
    with errors.status("Building Data Docs ..."):
        page = build(workspace.validations / chosen, workspace.folder / "data_docs" / chosen)
    out.print(f"Data Docs of the run {chosen}: {page.resolve().as_uri()}", soft_wrap=True)


def codebook() -> None:
    """Print the codebook: every table and column of all stages, as a Markdown page.

    Example: `stclusters codebook > codebook.md`
    """
    from pipelines.release.codebook import codebook_page  # noqa: PLC0415

    sys.stdout.write(codebook_page())
