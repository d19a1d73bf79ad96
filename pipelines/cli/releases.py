"""Commands that read releases: `show`, `verify`, `diff`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.table import Table

from pipelines.cli.console import SIMULATED, errors, out
from pipelines.config import find_config, load_config
from pipelines.errors import UserError
from pipelines.release.changes import markdown, table_rows
from pipelines.release.diff import diff as difference_of
from pipelines.release.folder import latest
from pipelines.release.manifest import read_manifest
from pipelines.release.verify import verify as faults_of

EXIT_DIFFERS = 1


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(show)
    app.command()(verify)
    app.command()(diff)


def show(
    edition: Annotated[int, typer.Argument(help="Edition, such as 2024.")],
    top: Annotated[int, typer.Option(help="How many clusters.", min=1)] = 20,
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma-separated, for machines.")] = False,
    config: Annotated[
        Path | None, typer.Option(help="Configuration whose workspace holds the release.")
    ] = None,
) -> None:
    """Show a released ranking.

    Example: stclusters show 2024 --top 50
    """
    settings = load_config(find_config(config))
    folder = latest(settings.workspace_folder / "releases", edition)
    if folder is None:
        raise UserError(
            f"Edition {edition} is not released in {settings.workspace_folder}. "
            f"Run `stclusters run --edition {edition}` first."
        )
    ranking = show_ranking(folder).head(top)
    if as_csv:
        sys.stdout.write(ranking.write_csv())
        return
    out.print(ranking_table(ranking, edition))
    if settings.simulated:
        out.print(SIMULATED, style="yellow")


def show_ranking(folder: Path) -> pl.DataFrame:
    """The ranking of a release, best first."""
    return pl.read_parquet(folder / "ranking.parquet").sort("rank")


def ranking_table(ranking: pl.DataFrame, edition: int) -> Table:
    """A ranking as a table for the terminal."""
    table = Table(title=f"Science and technology clusters, edition {edition}", title_style="bold")
    for heading, justify in (
        ("Rank", "right"),
        ("Cluster", "left"),
        ("Economy", "left"),
        ("PCT applications", "right"),
        ("Articles", "right"),
        ("Share of world", "right"),
        ("Change", "right"),
    ):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for row in ranking.iter_rows(named=True):
        change = row["rank_change"]
        table.add_row(
            str(row["rank"]),
            row["name"],
            row["economies"],
            f"{row['patents']:,.0f}",
            f"{row['publications']:,.0f}",
            f"{row['total_share']:.2%}",
            "" if change is None else f"{change:+d}" if change else "=",
        )
    return table


def verify(
    release: Annotated[Path, typer.Argument(help="Folder of a release.")],
) -> None:
    """Hash a release's files again and hold them against its manifest; exit 1 where one differs."""
    if not release.is_dir():
        raise UserError(f"There is no folder {release}. Give a release, such as releases/2024/1.")
    faults = faults_of(release)
    if faults:
        errors.print(f"{release}: {len(faults)} faults", style="bold red", soft_wrap=True)
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

    Example: stclusters diff releases/2024/1 releases/2024/2
    """
    found = difference_of(before, after)
    if as_json:
        for row in table_rows(found):
            sys.stdout.write(json.dumps(row) + "\n")
    else:
        sys.stdout.write(markdown(found))
    raise typer.Exit(0 if found.is_empty else EXIT_DIFFERS)
