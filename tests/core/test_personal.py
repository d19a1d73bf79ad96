"""Where names of persons may stand in a table, nobody is shown its rows: not in checks, not in the UI."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import polars as pl
import pytest

from pipelines.contracts.model import Column, Table
from pipelines.pipeline import Pipeline
from pipelines.query import Limits
from pipelines.steps import ChecksFailedError, Step, TableStep, make_table
from pipelines.storage import Workspace
from pipelines.table_asset import _metadata

NAME = "Zephyrine Quillfeather"
OPEN = Table(
    "applicants_made",
    "extracts",
    "an applicant",
    key=("name",),
    columns=(
        Column("name", "string", "Name as written"),
        Column("part", "int64", "Part", minimum=1),
    ),
)


def one_applicant(step: Step) -> pl.DataFrame:
    return pl.DataFrame({"name": [NAME], "part": [step.config]})


def pipeline_of(folder: Path, part: int) -> Pipeline:
    """A pipeline whose configuration is the part of the one applicant."""

    class Part(int):
        simulated = False

    made = SimpleNamespace(
        workspace=Workspace(folder), limits=Limits("1GB", 1), run="made", config=Part(part)
    )
    return cast(Pipeline, made)


@pytest.mark.parametrize("is_personal", [False, True])
def test_samples_of_broken_rows_are_kept_only_where_nobody_is_named(
    tmp_path: Path, is_personal: bool
) -> None:
    step = TableStep(replace(OPEN, personal=is_personal), one_applicant)
    with pytest.raises(ChecksFailedError) as failed:
        make_table(step, pipeline_of(tmp_path, 0), None)
    outcomes = [outcome for found in failed.value.outcomes.values() for outcome in found]
    assert [outcome.name for outcome in outcomes if not outcome.passed] == ["range: part from 1"]
    (stored,) = (tmp_path / "validations").rglob("*.json")
    for said in (str(outcomes), stored.read_text()):
        assert (NAME in said) != is_personal


@pytest.mark.parametrize("is_personal", [False, True])
def test_the_preview_of_the_ui_names_nobody(tmp_path: Path, is_personal: bool) -> None:
    step = TableStep(replace(OPEN, personal=is_personal), one_applicant)
    pipeline = pipeline_of(tmp_path, 1)
    record, _ = make_table(step, pipeline, None)
    assert (NAME in str(_metadata(step, pipeline, None, record, 1.0))) != is_personal
