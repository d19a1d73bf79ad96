"""`stclusters run`: recompute editions through Dagster, and show what came out."""

import json
import logging
import os
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from pipelines.cli.console import SIMULATED, duration, errors, out
from pipelines.cli.progress import StepProgress
from pipelines.cli.show import TOP, print_ranking
from pipelines.config import PROJECT, find_config
from pipelines.editions import editions
from pipelines.errors import UserError
from pipelines.report.formats import counted

if TYPE_CHECKING:
    from pipelines.pipeline import Done, Pipeline


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(run)
    app.command(context_settings={"allow_interspersed_args": False})(env)


def env(
    command: Annotated[list[str], typer.Argument(help="Command and its arguments, after --.")],
    config: Annotated[
        Path | None, typer.Option(help="Configuration file. Default: as for `run`.")
    ] = None,
) -> None:
    """Run another command, such as Dagster's own, with the environment of a configuration.

    Example: `stclusters env -- dagster dev --module-name pipelines.definitions`
    """
    pipeline = open_pipeline(config)
    if not shutil.which(command[0]):
        raise UserError(f"There is no command {command[0]}.")
    _close_dead_runs(pipeline)
    os.execvp(command[0], command)  # noqa: S606 - the user's own command, without a shell


def _close_dead_runs(pipeline: "Pipeline") -> None:
    """So that runs launched in the UI do not queue up behind one that was killed."""
    import dagster as dg  # noqa: PLC0415 - a second to import

    from pipelines.chain import close_dead_runs  # noqa: PLC0415

    with (
        suppress(UserError),  # another run is at work
        pipeline.workspace.exclusively(),
        dg.DagsterInstance.get() as instance,
    ):
        close_dead_runs(instance)


def run(
    edition: Annotated[
        list[int] | None, typer.Option(help="Edition to recompute; may be given several times.")
    ] = None,
    all_editions: Annotated[
        bool, typer.Option("--all", help="Recompute every edition, 2017 to 2024.")
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(help="Configuration file. Default: $STCLUSTERS_CONFIG, else the demo."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Do every step again.")] = False,
    accept_changed_sources: Annotated[
        bool,
        typer.Option(
            "--accept-changed-sources",
            help="Record raw files that changed instead of refusing them.",
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per step and release.")
    ] = False,
) -> None:
    """Recompute editions from raw files to releases; steps that are up to date are left alone.

    Without an edition, the newest is recomputed. Examples:

    - `stclusters run`
    - `stclusters run --edition 2019 --edition 2020 --config mine.toml`
    - `stclusters run --all --json > steps.jsonl`
    """
    wanted = _wanted(edition, all_editions)
    pipeline = open_pipeline(config, accept_changed_sources=accept_changed_sources)
    pipeline.config.require_editions(wanted)
    started = time.perf_counter()
    try:
        with pipeline.workspace.exclusively():
            _check_sources(pipeline)
            steps_done = _recompute(pipeline, wanted, fresh=fresh, as_json=as_json)
    except KeyboardInterrupt:
        errors.print("Interrupted. What was done stays; the next run goes on from there.")
        raise
    _summary(pipeline, wanted, steps_done, time.perf_counter() - started, as_json=as_json)
    _losses(pipeline, wanted)


def open_pipeline(config: Path | None, *, accept_changed_sources: bool = False) -> "Pipeline":
    """The pipeline of a configuration, with Dagster's records in its workspace."""
    from pipelines.pipeline import Pipeline  # noqa: PLC0415 - Dagster is not needed for --help

    pipeline = Pipeline(find_config(config), accept_changed_sources=accept_changed_sources)
    state = pipeline.workspace.folder / "dagster"
    try:
        state.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=state):
            pass  # where this fails, Dagster's database would end in a traceback
    except OSError as error:
        raise UserError(
            f"workspace: {pipeline.workspace.folder} cannot be written to: "
            f"{error.strerror or error}. Give the key `workspace` in {pipeline.config_path.name} "
            "a folder of its own."
        ) from error
    os.environ["DAGSTER_HOME"] = str(PROJECT)
    os.environ["STCLUSTERS_DAGSTER_STATE"] = str(state)
    # what the definitions load with when Dagster imports them by itself
    os.environ["STCLUSTERS_CONFIG"] = str(pipeline.config_path)
    return pipeline


def _wanted(edition: list[int] | None, all_editions: bool) -> list[int]:
    if edition and all_editions:
        raise UserError("--edition and --all exclude each other; give one of them.")
    if all_editions:
        return list(editions())
    return sorted(set(edition)) if edition else [max(editions())]


def _check_sources(pipeline: "Pipeline") -> None:
    """Everything about raw files that can be wrong before any work starts."""
    if pipeline.needs_world:
        with errors.status("Making the simulated world ...") as status:
            pipeline.say = lambda line: status.update(Text(f"Making the simulated world: {line}"))
            pipeline.make_world()
    # an error where a file is missing that no step asks for until hours later
    _ = pipeline.institution_files, pipeline.gazetteer_files, pipeline.population_raster
    with errors.status("Hashing raw files ..."):
        count = len(pipeline.snapshots)
        _ = pipeline.units  # what a file that came or went since would be missing from
    if errors.is_terminal:
        errors.print(f"{count} raw files, as they were when first read", style="dim")


def _recompute(pipeline: "Pipeline", wanted: list[int], *, fresh: bool, as_json: bool) -> int:
    import dagster as dg  # noqa: PLC0415 - a second to import

    from pipelines import chain  # noqa: PLC0415
    from pipelines.definitions import build_definitions  # noqa: PLC0415

    _quiet_dagster()
    most = sum(
        len(chain.plan_run(pipeline, partition_set, partition, fresh=fresh).steps)
        for partition_set, partition in chain.order_of_partitions(wanted)
    )
    with StepProgress(most) as progress:
        done = 0

        def report(step: "Done") -> None:
            nonlocal done
            done += 1
            progress.done(step)
            if as_json:
                _tell(vars(step))

        pipeline.report = report
        pipeline.say = progress.say
        pipeline.track = progress.track
        with _dagster_writes(pipeline), dg.DagsterInstance.get() as instance:
            definitions = build_definitions(pipeline)
            for _ in chain.recompute(definitions, instance, pipeline, wanted, fresh=fresh):
                pass
    return done


def _tell(step: dict[str, object]) -> None:
    """A step as a line of JSON; where it cannot be written the run ends as by Ctrl+C, tables whole."""
    try:
        print(json.dumps(step), flush=True)
    except OSError as error:
        errors.print(f"The output cannot be written: {error.strerror}.")
        os.kill(os.getpid(), signal.SIGINT)


@contextmanager
def _dagster_writes(pipeline: "Pipeline") -> Iterator[None]:
    """A full disk under Dagster's database is the user's to mend, like one under a table."""
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    try:
        yield
    except OperationalError as error:
        raise UserError(
            f"Dagster's records in {pipeline.workspace.folder / 'dagster'} cannot be written: "
            f"{error.orig}. Free space or mend the folder's permissions, then run again; "
            "tables and releases are whole."
        ) from error


def _quiet_dagster() -> None:
    """Dagster's own log goes to its records, not to the terminal."""
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="dagster")


def _losses(pipeline: "Pipeline", wanted: list[int]) -> None:
    from pipelines.cli.losses import losses  # noqa: PLC0415 - readers are not needed for --help

    for sentence in losses(pipeline.workspace, wanted):
        errors.print(sentence, style="yellow", soft_wrap=True)


def _summary(
    pipeline: "Pipeline", wanted: list[int], steps_done: int, seconds: float, *, as_json: bool
) -> None:
    from pipelines.release.folder import latest  # noqa: PLC0415
    from pipelines.report.source import read_release  # noqa: PLC0415

    releases = {
        edition: folder
        for edition in wanted
        if (folder := latest(pipeline.workspace.releases, edition))
    }
    if as_json:
        for edition, folder in releases.items():
            print(json.dumps({"edition": edition, "release": str(folder)}))
        return
    if releases:
        print_ranking(read_release(releases[max(releases)]), TOP)
    what = counted(steps_done, "step") if steps_done else "Nothing to do: everything is up to date"
    out.print(f"{what}, {duration(seconds)}.")
    if pipeline.config.simulated:
        out.print(SIMULATED, style="yellow")
    for folder in releases.values():
        out.print(f"Release: {folder}", soft_wrap=True)
