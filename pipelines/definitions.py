"""The one Definitions object: assets, jobs, schedules and the configuration they run with."""

import dagster as dg

import pipelines.records  # noqa: F401 - sets how Dagster's records are written
from assets import clusters, extracts, geocoding, indicators, releases
from pipelines.config import find_config
from pipelines.executor import side_by_side
from pipelines.jobs import asset_jobs, recompute_all
from pipelines.pipeline import Pipeline
from pipelines.schedules import annual_recompute

STAGES = (extracts, geocoding, clusters, indicators, releases)


def build_definitions(pipeline: Pipeline | None = None) -> dg.Definitions:
    """The definitions for a pipeline; without one, for the environment's configuration or the demo."""
    return dg.Definitions(
        assets=dg.load_assets_from_modules(STAGES),
        jobs=[*asset_jobs(), recompute_all],
        schedules=[annual_recompute],
        resources={"pipeline": pipeline or Pipeline(find_config())},
        executor=side_by_side,
    )


defs = build_definitions()
