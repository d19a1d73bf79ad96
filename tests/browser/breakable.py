"""The project's definitions, in which the world's shares come out wrong while a file asks for it.

Dagster's UI is started on this module, so that a failed check can be looked at.
"""

import os
from pathlib import Path

import polars as pl

from pipelines.definitions import defs
from pipelines.steps import Made, Step

BREAK = "STCLUSTERS_TEST_BREAK"
"""Environment variable that names the file."""

_sql = Step.sql


def _breakable(step: Step) -> Made:
    made = _sql(step)
    if step.definition.table.name == "world" and Path(os.environ[BREAK]).exists():
        return made.pl().with_columns(share=pl.lit(1.5))
    return made


Step.sql = _breakable  # type: ignore[method-assign]

__all__ = ["defs"]
