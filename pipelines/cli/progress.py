"""How far a run is, in the terminal.

Here: a line per step that was done; below, a bar over all steps and, while a long step tells how far it
is, a second bar with the time that it will still take. All of it goes to the error stream, and only
where that is a terminal: what is piped or logged holds results alone. Not here: what is run (`run.py`).
"""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    Progress,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from pipelines.cli.console import duration, errors

if TYPE_CHECKING:
    from pipelines.pipeline import Done


class _Remaining(TimeRemainingColumn):
    """Time that is still needed, said as such; nothing before it can be told."""

    def render(self, task: Task) -> Text:
        if task.finished or task.time_remaining is None:
            return Text()
        return Text(f"about {duration(task.time_remaining)} left", style="progress.remaining")


class StepProgress(AbstractContextManager["StepProgress"]):
    """Bars and lines of a run; nothing where nobody watches."""

    def __init__(self, steps: int) -> None:
        """Begin.

        Args:
            steps: how many steps are out of date.
        """
        self._bars = Progress(
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            _Remaining(),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
        self._all = self._bars.add_task("", total=steps)
        self._step = self._bars.add_task("", visible=False)

    def __enter__(self) -> "StepProgress":
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def done(self, step: "Done") -> None:
        """A step is done: its line, and on with the bar."""
        self._bars.update(self._step, visible=False)
        self._bars.update(self._all, advance=1, description=step.name)
        if errors.is_terminal:
            self._bars.console.print(
                Text(f"{step.partition or '':>4}", style="dim"),
                f" {step.name:<26} {step.rows:>12,} rows  {duration(step.seconds):>12}",
            )

    def say(self, line: str) -> None:
        """What the running step is at."""
        self._bars.update(self._all, description=line)

    def track(self, what: str, done: int, of: int) -> None:
        """How far the running step is."""
        if not self._bars.tasks[self._step].visible:
            self._bars.reset(self._step)
        self._bars.update(self._step, description=what, completed=done, total=of, visible=True)
