"""Progress: lines and bars where somebody watches, nothing where nobody does."""

import io

import pytest
from rich.console import Console

from pipelines.cli.progress import StepProgress
from pipelines.pipeline import Done
from pipelines.report.formats import counted


def shown(monkeypatch: pytest.MonkeyPatch, *, watched: bool) -> str:
    text = io.StringIO()
    console = Console(file=text, force_terminal=watched, color_system=None, width=120)
    monkeypatch.setattr("pipelines.cli.progress.errors", console)
    with StepProgress(2) as progress:
        progress.track("read inventors.txt", 0, 100)
        progress.track("read inventors.txt", 50, 100)
        progress.track("read inventors.txt", 75, 100)
        progress.done(Done("reading", None, 1234, 61.0))
        progress.say("3 addresses known, 4 to look up")
        progress.done(Done("points", 2020, 5, 0.4))
    return text.getvalue()


def test_who_watches_sees_steps_and_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(monkeypatch, watched=True)
    assert "reading 1,234 rows 1 min 01 s" in " ".join(said.split())
    assert "2020" in said
    assert "100%" in said


def test_nobody_is_told_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, watched=False) == ""


def test_one_is_no_plural() -> None:
    assert [counted(number, "step") for number in (0, 1, 1234)] == [
        "0 steps",
        "1 step",
        "1,234 steps",
    ]
    assert [counted(n, "address", "addresses") for n in (1, 2)] == ["1 address", "2 addresses"]
