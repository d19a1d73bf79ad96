"""`stclusters compare`: a release beside a published ranking."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.errors import UserError
from pipelines.release.manifest import read_manifest
from pipelines.release.verify import blaming_damage


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(compare)


def compare(
    release: Annotated[Path, typer.Argument(help="Folder of a release.")],
    published: Annotated[Path, typer.Argument(help="Ranking in WIPO's columns of 2020, CSV.")],
    scale: Annotated[
        float, typer.Option(help="Size of the made world that the release is of.")
    ] = 1.0,
) -> None:
    """Hold a release against a published ranking: recovered clusters, ranks, names and counts, as Markdown.

    Example: stclusters compare releases/2020/latest gii_2020.csv --scale 0.005
    """
    from pipelines import comparison  # noqa: PLC0415 - needs the gazetteer

    if not 0 < scale <= 1:
        raise UserError(f"--scale: expected a number above 0 and at most 1, found {scale:g}.")
    read_manifest(release)  # says what is wrong where it is no release
    with blaming_damage(release):
        compared = comparison.compare(release, published, scale=scale)
    sys.stdout.write(comparison.markdown(compared))
