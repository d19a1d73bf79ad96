"""What every step works with: the configuration, its workspace, its raw files, who wants to be told.

Here: `Pipeline`, one per process, handed to the assets as a Dagster resource. Nothing is read before it
is asked for. Not here: what a step does (`steps.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock

from pipelines.config import Config, load_config
from pipelines.demo import is_made, make_world
from pipelines.editions import publication_years
from pipelines.errors import UserError
from pipelines.query import Limits
from pipelines.snapshots import Snapshot, SourceFile, take_snapshots
from pipelines.staging import Unit, find_units
from pipelines.storage import Workspace
from pipelines.validation.data_docs import run_name


@dataclass(frozen=True)
class Done:
    """What the command prints of a step."""

    name: str
    partition: int | None
    rows: int
    seconds: float


@dataclass
class Pipeline:
    """What every step works with: the configuration, its workspace, and who wants to be told."""

    config_path: Path
    report: Callable[[Done], None] = lambda _: None
    say: Callable[[str], None] = lambda _: None
    track: Callable[[str, int, int], None] = lambda _what, _done, _of: None
    """Told how far a long step is: what is being done, how much of it is, of how much."""
    accept_changed_sources: bool = False
    run: str = field(default_factory=run_name)
    """Names the run in Data Docs."""
    _telling: Lock = field(default_factory=Lock)
    _taking_snapshots: Lock = field(default_factory=Lock)
    _made_world: bool = False

    def done(self, step: Done) -> None:
        """Tell of a step that is done: of one at a time, as steps are done side by side."""
        with self._telling:
            self.report(step)

    @cached_property
    def config(self) -> Config:
        """The checked configuration."""
        return load_config(self.config_path)

    @cached_property
    def workspace(self) -> Workspace:
        """Where tables and releases lie."""
        return Workspace(self.config.workspace_folder, self.config.profile)

    @property
    def needs_world(self) -> bool:
        """Whether the configuration reads a made world that is not made yet, or another one."""
        wanted = self.config.simulation
        return wanted is not None and not is_made(wanted, self.config.base)

    def make_world(self) -> None:
        """Make the simulated world that the configuration reads."""
        if self.config.simulation:
            make_world(self.config.simulation, self.config.base, self.say)
            self._made_world = True

    @cached_property
    def snapshots(self) -> dict[SourceFile, Snapshot]:
        """Snapshot records of the raw files; refuses those that changed."""
        if self.needs_world:
            self.make_world()
        # files of a world that was made anew are changed by us, not behind the user's back
        accept = self.accept_changed_sources or self._made_world
        with self._taking_snapshots:  # two steps may ask at once; the second finds them recorded
            return take_snapshots(self.config, self.workspace.snapshots, accept_changed=accept)

    @cached_property
    def units(self) -> list[Unit]:
        """Units of raw files, in the order in which they are read; refuses other files than were recorded."""
        snapshots = self.snapshots
        for source in self.config.sources:
            there = {path for paths in self.config.source_files(source).values() for path in paths}
            recorded = {path for name, path in snapshots if name == source.name}
            if changed := sorted(there ^ recorded):
                raise UserError(
                    f"Source {source.name}: {changed[0]} came or went while the run looked through its "
                    "files. Run again when they are complete and nobody moves them."
                )
        return find_units(self.config, snapshots, self.workspace.staged, self.limits)

    @cached_property
    def institution_files(self) -> list[Path]:
        """Files of the institutions' table; none where none is configured."""
        table = self.config.institutions
        return self.config.files(table.files, "institutions.files") if table else []

    @cached_property
    def gazetteer_files(self) -> dict[str, list[Path]]:
        """The user's files that add to the gazetteer, by their key in the configuration."""
        return {
            key: self.config.files(globs, f"gazetteer.{key}")
            for key, globs in self.config.gazetteer
        }

    @cached_property
    def population_raster(self) -> Path | None:
        """The raster of inhabitants; None where the gazetteer's places must do."""
        chosen = self.config.population
        return self.config.files([chosen.raster], "population.raster")[0] if chosen else None

    @property
    def years(self) -> list[int]:
        """Every year that some edition reads."""
        return publication_years()

    @property
    def limits(self) -> Limits:
        """Memory and threads of a step."""
        return Limits(self.config.memory_limit, self.config.threads)
