"""`stclusters show`: a released ranking, or one cluster: its rank, why it moved, where its cells are.

Here: finding the release and the cluster, and writing both for people (tables), spreadsheets (`--csv`)
and programs (`--json`). Not here: the account of a move and what a cluster's section holds, which the
command shares with the edition report (`report/`).
"""

import json
import shlex
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler
from rich.table import Table

from pipelines.cli.console import SIMULATED, out
from pipelines.config import find_config, load_config
from pipelines.contracts.common import PARTS_PER_DOCUMENT
from pipelines.editions import Kind, editions, require_edition
from pipelines.errors import UserError
from pipelines.release.folder import latest, released_before
from pipelines.report import formats
from pipelines.report.clusters import Section, names_of, sections
from pipelines.report.moves import CountMove, Move
from pipelines.report.source import Release, read_release
from pipelines.report.tables import Quality, Ranked, geocoding, ranking
from pipelines.storage import Workspace

TOP = 20
"""Clusters that the terminal shows where nobody asks for more."""
_LEAST_WIDTH = 80
_NAMED_AT_MOST = 8
_HEADINGS = {"patent": "PCT applications", "publication": "Articles"}
_WHOSE: dict[Kind, str] = {"patent": "inventors'", "publication": "authors'"}


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(show)


def _editions() -> list[str]:
    return [str(edition) for edition in editions()]


def show(
    edition: Annotated[
        int, typer.Argument(help="Edition, such as 2024.", autocompletion=_editions)
    ],
    cluster: Annotated[
        str | None,
        typer.Option(help="One cluster, by name, part of it or id: rank, why it moved, cells."),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(help="How many clusters. Default: 20; all as CSV and JSON.", min=1),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma-separated ranking.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per cluster.")] = False,
    config: Annotated[
        Path | None, typer.Option(help="Configuration whose workspace holds the release.")
    ] = None,
) -> None:
    """Show a released ranking, or one cluster: its rank, why it moved, where its cells are.

    For example:

    - `stclusters show 2024 --top 50`
    - `stclusters show 2024 --cluster daejeon`
    - `stclusters show 2024 --csv > ranking.csv`
    - `stclusters show 2024 --cluster daejeon --json`
    """
    if as_csv and (as_json or cluster is not None):
        raise UserError("--csv writes a ranking; give it without --json and --cluster.")
    folder = find_release(edition, config)
    if cluster is not None:
        show_cluster(folder, cluster, as_json=as_json)
    else:
        show_ranking(folder, top, as_csv=as_csv, as_json=as_json)


def show_ranking(folder: Path, top: int | None, *, as_csv: bool, as_json: bool) -> None:
    """The ranking of a release, for people, spreadsheets or programs."""
    release = read_release(folder)
    simulated = release.provenance.simulated
    ranked = pl.DataFrame(release.frame("ranking")).sort("rank")
    rows = ranked.head(top or (len(ranked) if as_csv or as_json else TOP))
    if as_csv:
        sys.stdout.write(rows.with_columns(simulated=pl.lit(simulated)).write_csv())
    elif as_json:
        for row in rows.iter_rows(named=True):
            print(json.dumps({"simulated": simulated, **row}, ensure_ascii=False))
    else:
        print_ranking(release, len(rows))
        if len(rows) < len(ranked):
            out.print(f"{len(rows)} of {len(ranked)} clusters; more with --top.")
        if simulated:
            out.print(SIMULATED, style="yellow")


def find_release(edition: int, config: Path | None) -> Path:
    """Folder of an edition's newest release in a configuration's workspace."""
    require_edition(edition)
    path = find_config(config)
    settings = load_config(path)
    folder = latest(Workspace(settings.workspace_folder, settings.profile).releases, edition)
    if folder is None:
        option = f" --config {shlex.quote(str(config))}" if config else ""
        raise UserError(
            f"Edition {edition} is not released in {settings.workspace_folder}. "
            f"Run `stclusters run --edition {edition}{option}` first."
        )
    return folder


def print_ranking(release: Release, top: int) -> None:
    """Print the first clusters of a release as a table; a narrower terminal breaks its lines."""
    out.print(_ranking_table(release, top), crop=False)


def _ranking_table(release: Release, top: int) -> Table:
    named = release.provenance.edition_name
    title = f"Science and technology clusters, {named}"
    width = _LEAST_WIDTH if out.width < _LEAST_WIDTH else None
    table = Table(title=title, title_style="bold", pad_edge=False, width=width)
    share = "Total share" if len(release.kinds) > 1 else "Share"
    table.add_column("Rank", justify="right", no_wrap=True)
    table.add_column("Cluster", overflow="fold")  # of 80 columns names have what the others leave
    table.add_column("Economy", no_wrap=True)
    for heading in (*(_HEADINGS[kind] for kind in release.kinds), share, "Change"):
        table.add_column(heading.replace(" ", "\n"), justify="right", no_wrap=True)
    for one in ranking(release)[:top]:
        row, change = one.row, one.row["rank_change"]
        table.add_row(
            str(row["rank"]),
            one.name,
            row["economies"],
            *(f"{row[f'{kind}s']:,.0f}" for kind in release.kinds),
            formats.percent(row["total_share"]),
            "" if change is None else f"{change:+d}" if change else "=",
        )
    return table


def show_cluster(folder: Path, wanted: str, *, as_json: bool) -> None:
    """Everything that a release and the one before say of a cluster."""
    release = read_release(folder)
    before = released_before(folder.parent.parent, release.edition)
    previous = read_release(before) if before else None
    one = find_cluster(ranking(release), wanted)
    (section,) = sections(release, [one], previous, reserved=())
    cells = sorted(
        row["h3"] for row in release.rows("cluster_cells") if row["cluster_id"] == one.key
    )
    simulated = release.provenance.simulated
    previous_edition = previous.edition if previous else None
    names = names_of(release, previous)
    economies = one.row["economies"].split("/")
    located = [quality for quality in geocoding(release) if quality.code in economies]
    if as_json:
        told = {
            "simulated": simulated,
            **one.row,
            "previous_edition": previous_edition,
            "why": _why(section.move) if section.move else None,
            "since": section.history,
            "ranks_without_a_year": list(one.ranks_without_a_year.values()),
            "located_share": {quality.code: quality.located_share for quality in located},
            "lat": section.cluster["lat"],
            "lng": section.cluster["lng"],
            "cells": cells,
            "release": str(folder),
        }
        print(json.dumps(told, ensure_ascii=False))
        return
    out.print(_headline(section, release.provenance.edition_name, release.kinds))
    if one.sensitivity:
        out.print(one.sensitivity)
    for quality in located:
        out.print(_located(quality))
    for sentence in _story(section, previous_edition):
        out.print(sentence)
    if section.move:
        out.print(_places_table(section.move))
        out.print(_counts_table(section.move, previous_edition, release.edition))
        for words, rivals in (
            ("Passed", section.move.passed),
            ("Passed by", section.move.passed_by),
            ("Gone from above", section.move.gone),
            ("New above", section.move.came),
        ):
            if rivals:
                out.print(f"{words}: {_listed(names.of(key) for key in rivals)}.")
    out.print(_whereabouts(section, folder, len(cells)), soft_wrap=True)
    if simulated:
        out.print(SIMULATED, style="yellow")


def find_cluster(ranked: list[Ranked], wanted: str) -> Ranked:
    """The cluster that a person means: its id or name, or the only one whose name holds the words.

    Raises:
        UserError: where it is none or several, with those that it could be.
    """
    slug = formats.slug(wanted)
    exact = [one for one in ranked if wanted == one.key or slug == formats.slug(one.name)]
    found = exact or [one for one in ranked if slug and slug in formats.slug(one.name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(
            f'--cluster: "{wanted}" may be {_listed(f"{one.name} ({one.key})" for one in found)}. '
            "Give more of the name, or the id."
        )
    slugs = {one.name: formats.slug(one.name) for one in ranked}
    near = process.extract(slug, slugs, scorer=JaroWinkler.similarity, limit=3)
    raise UserError(
        f'--cluster: no cluster of this edition is called "{wanted}". '
        f"Near it are {_listed(name for _, _, name in near)}; "
        f"`stclusters show EDITION --top {len(ranked)}` lists all."
    )


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _headline(section: Section, edition: str, kinds: Iterable[Kind]) -> str:
    row = section.ranked.row
    economies = ", ".join(name for _, name in formats.economies(row["economies"]))
    output = " and ".join(
        f"{formats.percent(row[f'{kind}_share'])} of the world's {formats.DOCUMENTS[kind]} "
        f"({formats.decimal(row[f'{kind}s'], 1)})"
        for kind in kinds
    )
    lead = f"; {row['lead']}" if row.get("lead") else ""
    return f"{section.ranked.name} ({economies}): rank {row['rank']} in {edition}, with {output}{lead}."


def _located(quality: Quality) -> str:
    shares = " and ".join(
        f"{formats.percent(share, 1)} of {_WHOSE[kind]}"
        for kind, share in quality.located_share.items()
    )
    return (
        f"Of addresses in {quality.country} {shares} have a point; the others count in no cluster."
    )


def _story(section: Section, previous_edition: int | None) -> list[str]:
    if previous_edition is None:
        return ["No edition was released before this one, so there is no move to explain."]
    if section.move is None:
        return [f"Edition {previous_edition} has no such cluster.", *section.history]
    before, now = section.move.rank_before, section.move.rank_now
    how = "as in" if before == now else f"{formats.places(before - now)} from rank {before} in"
    return [f"Its rank is {now}, {how} edition {previous_edition}.", *section.history]


def _places_table(move: Move) -> Table:
    table = Table(title="Why the rank moved", title_style="bold", title_justify="left")
    table.add_column("Step")
    table.add_column("Places", justify="right")
    for words, places in (
        ("Its boundary, with geocoding and rules of the edition", move.boundary_places),
        ("Its own share of the world's output", move.own_places),
        ("The others", move.others_places),
    ):
        table.add_row(words, formats.change(places))
    table.add_section()
    table.add_row("Together", formats.change(move.rank_before - move.rank_now))
    return table


def _counts_table(move: Move, previous_edition: int | None, edition: int) -> Table:
    table = Table(title="Its counts", title_style="bold", title_justify="left")
    table.add_column("Count")
    for count in move.counts:
        table.add_column(_HEADINGS[count.kind], justify="right")
    signed, years, percent = formats.signed_documents, formats.years, formats.percent
    rows: list[tuple[str, Callable[[CountMove], str]]] = [
        (f"Edition {previous_edition}", lambda one: formats.documents(one.before)),
        ("Boundary", lambda one: signed(one.boundary)),
        ("Dropped", lambda one: f"{signed(-one.dropped)} ({years(one.dropped_years)})"),
        ("New", lambda one: f"{signed(one.new)} ({years(one.new_years)})"),
        (f"Edition {edition}", lambda one: formats.documents(one.now)),
        ("Of the world", lambda one: f"{percent(one.share_before)} → {percent(one.share_now)}"),
    ]
    for words, written in rows:
        table.add_row(words, *[written(count) for count in move.counts])
    return table


def _why(move: Move) -> dict[str, Any]:
    """A move as plain values; counts in documents."""
    return {
        "rank_before": move.rank_before,
        "rank_now": move.rank_now,
        "boundary_places": move.boundary_places,
        "own_places": move.own_places,
        "others_places": move.others_places,
        "counts": {
            one.kind: {
                "before": one.before / PARTS_PER_DOCUMENT,
                "boundary": one.boundary / PARTS_PER_DOCUMENT,
                "dropped": one.dropped / PARTS_PER_DOCUMENT,
                "dropped_years": one.dropped_years,
                "new": one.new / PARTS_PER_DOCUMENT,
                "new_years": one.new_years,
                "now": one.now / PARTS_PER_DOCUMENT,
            }
            for one in move.counts
        },
        "passed": move.passed,
        "passed_by": move.passed_by,
        "gone": move.gone,
        "came": move.came,
    }


def _whereabouts(section: Section, folder: Path, cells: int) -> str:
    key, cluster = section.ranked.key, section.cluster
    return (
        f"It has {formats.counted(cells, 'cell')}, {cluster['core_cells']:,} of them core, around "
        f"{cluster['lat']:.2f}, {cluster['lng']:.2f}:\n"
        f"  cells    {folder / 'cluster_cells.parquet'}, cluster_id = '{key}'\n"
        f"  outline  {folder / 'cluster_areas.geojson'}\n"
        f"  map      {folder / 'report.html'}#{key}"
    )
