"""The jobs: one per partition set, and `recompute_all`, which drives them in order.

A Dagster job has one partition set, so the chain is three asset jobs: files, a year, an edition.
`recompute_all` runs whatever of them is out of date for the editions that it is given; it is what the
schedule launches, and what somebody who wants everything launches from the UI.
"""

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from pydantic import Field

from pipelines.chain import JOBS, recompute
from pipelines.contracts.model import Partition
from pipelines.editions import editions
from pipelines.errors import UserError
from pipelines.pipeline import Pipeline
from pipelines.steps import steps


class Recompute(dg.Config):
    """What `recompute_all` does."""

    editions: list[int] = Field(
        default=sorted(editions()),
        description="Editions to recompute, from the files to the release. Each takes the years of its "
        "windows along; what is up to date is left alone.",
    )
    fresh: bool = Field(
        default=False, description="Do every step again, also those that are up to date."
    )


def asset_jobs() -> list[UnresolvedAssetJobDefinition]:
    """The job of each partition set."""
    words: dict[Partition | None, str] = {
        None: "Read the raw files, build gazetteer and institutions",
        "year": "Extract and geocode one year of publication",
        "edition": "Delineate, measure and release one edition; its years must be loaded",
    }
    return [
        dg.define_asset_job(
            JOBS[partition_set],
            selection=dg.AssetSelection.assets(
                *[step.key for step in steps() if step.partition_set == partition_set]
            ),
            description=description,
        )
        for partition_set, description in words.items()
    ]


@dg.op(description="Runs every step that is out of date, in order, as runs of their own")
def recompute_editions(
    context: dg.OpExecutionContext, config: Recompute, pipeline: dg.ResourceParam[Pipeline]
) -> None:
    """Drive the asset jobs for the given editions in this process."""
    from pipelines.definitions import build_definitions  # noqa: PLC0415 - it contains this op

    definitions = build_definitions(pipeline)
    try:
        pipeline.config.require_editions(config.editions)
        with pipeline.workspace.exclusively():
            for run in recompute(
                definitions, context.instance, pipeline, config.editions, fresh=config.fresh
            ):
                context.log.info(f"{run.job} {run.partition or ''}: {len(run.steps)} steps")
    except UserError as error:  # in words, as in the terminal
        raise dg.Failure(str(error), allow_retries=False) from error


# its one op waits for all the steps that it has done: on their threads it would take one from them
@dg.job(
    description="All editions (or those given) from raw files to releases; only what is stale",
    executor_def=dg.in_process_executor,
)
def recompute_all() -> None:
    """The whole chain."""
    recompute_editions()
