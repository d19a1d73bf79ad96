"""The annual schedule: recompute the newest edition once both sources' newest year is complete."""

import dagster as dg

from pipelines.editions import editions
from pipelines.errors import UserError
from pipelines.jobs import recompute_all
from pipelines.pipeline import Pipeline

# The GII appears in September; by June both sources have their newest year whole.
CRON = "0 6 1 6 *"


@dg.schedule(
    job=recompute_all,
    cron_schedule=CRON,
    execution_timezone="UTC",
    description="Once a year, on 1 June: the newest edition; skips where a source lacks a year",
)
def annual_recompute(
    context: dg.ScheduleEvaluationContext, pipeline: dg.ResourceParam[Pipeline]
) -> dg.RunRequest | dg.SkipReason:
    """Launch the newest edition, or skip and say which year is missing."""
    newest = max(editions())
    try:
        pipeline.config.require_editions([newest])
    except UserError as error:
        return dg.SkipReason(str(error))
    year = context.scheduled_execution_time.year
    return dg.RunRequest(
        run_key=f"{newest}-{year}",
        run_config=dg.RunConfig({"recompute_editions": {"config": {"editions": [newest]}}}),
        tags={"stclusters/edition": str(newest)},
    )
