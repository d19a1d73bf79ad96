"""The step that publishes a release: tables that passed their checks, with all that they come from.

Here: the asset of stage 5 and what it hands over - tables, parameters with their certainty, raw files,
gazetteer, code, checks. Not here: what a release looks like (`release/`).
"""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from pipelines.config import PROJECT, Config
from pipelines.contracts import SCHEMA_VERSION, TABLES, extracts, geocoding
from pipelines.contracts.model import Partition, Table
from pipelines.editions import editions, profiles
from pipelines.errors import UserError
from pipelines.partitions import EDITIONS, dependency, input_partitions
from pipelines.pipeline import Done, Pipeline
from pipelines.release.folder import earlier_releases, latest, released_before
from pipelines.release.manifest import Input, Provenance, identity_of
from pipelines.release.publish import Published, ReleaseRequest, publish
from pipelines.release.tables import Check, released_tables
from pipelines.report import write_report
from pipelines.report.raster import png
from pipelines.report.thumbnail import image
from pipelines.steps import code_hash, register, steps
from pipelines.storage import fingerprint_of, sha256_of, written_aside
from pipelines.table_asset import OWNER

NAME = "release"
_MAP_ZOOM = 0.6
"""The map in Dagster's UI against its own size: some 90 kB."""
_SIMULATED_NOTE = (
    "Simulated: the raw records are made up, calibrated on WIPO's printed totals of 2020. "
    "Nothing in this release is a real ranking."
)


@dataclass(frozen=True)
class ReleaseStep:
    """Publishing as a step of the plan."""

    name: str = NAME
    partition_set: Partition | None = "edition"

    @property
    def key(self) -> dg.AssetKey:
        """Key of the asset."""
        return dg.AssetKey(["releases", NAME])

    @property
    def upstream(self) -> frozenset[str]:
        """Names of the tables that are released."""
        return frozenset(table.name for table in released_tables())

    def is_done(self, pipeline: Pipeline, partition: int | None) -> bool:
        """Whether the edition's newest revision was published from exactly what there is now."""
        edition = _edition(partition)
        newest = latest(pipeline.workspace.releases, edition)
        record = _read_record(pipeline, edition)
        return (
            newest is not None
            and record is not None
            and record["manifest_sha256"] == identity_of(newest).manifest_sha256
            and record["fingerprint"] == _fingerprint(pipeline, edition)
        )


def release_asset() -> dg.AssetsDefinition:
    """The asset of stage 5."""
    step = ReleaseStep()
    register(step)

    @dg.asset(
        key=step.key,
        group_name="releases",
        description="An immutable folder with the edition's tables, manifest and checksums. A new "
        "revision is published only where numbers, inputs or parameters changed.",
        partitions_def=EDITIONS,
        deps=[dependency(table, table) for table in released_tables()],
        code_version=code_hash(("release", "release_step", "report")),
        owners=[OWNER],
        kinds={"parquet", "json"},
    )
    def release(
        context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
    ) -> dg.MaterializeResult:
        started = time.perf_counter()
        edition = int(context.partition_key)
        try:
            published = _publish(pipeline, edition)
        except UserError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        rows = pl.scan_parquet(published.path / "ranking.parquet").select(pl.len()).collect().item()
        pipeline.done(Done(NAME, edition, rows, time.perf_counter() - started))
        return dg.MaterializeResult(
            metadata={
                "folder": dg.MetadataValue.path(published.path),
                "report": dg.MetadataValue.path(published.path / "report.html"),
                "map": dg.MetadataValue.md(_map(published.path)),
                "revision": published.revision,
                "new": published.created,
                "clusters": rows,
                "simulated": pipeline.config.simulated,
            },
            data_version=dg.DataVersion(identity_of(published.path).manifest_sha256),
        )

    return release


def _map(release: Path) -> str:
    """The release's world map, small."""
    svg = (release / "pictures" / "map.svg").read_text(encoding="utf-8")
    return image("World map of the clusters", png(svg, zoom=_MAP_ZOOM), "png")


def _publish(pipeline: Pipeline, edition: int) -> Published:
    workspace = pipeline.workspace
    tables = {table.name: workspace.path(table, edition) for table in released_tables()}
    for table in released_tables():
        workspace.require(table, edition)
    _refuse_stale(pipeline, edition)
    fingerprint = _fingerprint(pipeline, edition)
    provenance = _provenance(pipeline, edition)
    earlier = earlier_releases(workspace.releases, edition)
    published = publish(
        ReleaseRequest(
            releases=workspace.releases,
            tables=tables,
            provenance=provenance,
            checks=list(_checks(pipeline, edition)),
            extras=[lambda folder: write_report(folder, earlier, provenance=provenance)],
        )
    )
    with written_aside(_record_path(pipeline, edition)) as aside:
        manifest = identity_of(published.path).manifest_sha256
        aside.write_text(json.dumps({"fingerprint": fingerprint, "manifest_sha256": manifest}))
    return published


def _refuse_stale(pipeline: Pipeline, edition: int) -> None:
    """Tables that two runs made at once, or one with other settings, are no release together."""
    stale = [
        step.name
        for step in steps()
        if step.partition_set == "edition" and step.name != NAME
        if not step.is_done(pipeline, edition)
    ]
    if stale:
        raise UserError(
            f"Edition {edition} is not released: {', '.join(stale)} was made from other inputs, "
            f"settings or code than there are now. Run `stclusters run --edition {edition}`."
        )


def _provenance(pipeline: Pipeline, edition: int) -> Provenance:
    workspace, config = pipeline.workspace, pipeline.config
    parameters = config.edition(edition).parameters
    if config.known_breaks:
        parameters["known_breaks"] = {"value": config.known_breaks, "certainty": "U"}
    before = released_before(workspace.releases, edition)
    return Provenance(
        edition=edition,
        simulated=config.simulated,
        note=_note(config),
        parameters=parameters,
        inputs=_inputs(_files_behind(pipeline, edition)),
        gazetteer={
            table.name: workspace.require(table).sha256
            for table in (geocoding.GAZETTEER, geocoding.PLACE_NAMES, geocoding.INSTITUTIONS)
        },
        code_version=_code_version(),
        lock_sha256=sha256_of(PROJECT / "requirements.lock"),
        previous=identity_of(before) if before else None,
    )


def _note(config: Config) -> str | None:
    """What a reader must know: made records, another profile."""
    notes = [_SIMULATED_NOTE] if config.simulated else []
    if config.profile:
        about = profiles()[config.profile].about
        notes.append(f"Profile {config.profile}, not the edition's main ranking: {about}.")
    return " ".join(notes) or None


def _files_behind(pipeline: Pipeline, edition: int) -> pl.DataFrame:
    """The rows of `source_files` whose records the edition may use: a later year's files change nothing."""
    years = editions()[edition].years_read
    used = [
        (unit.source.name, pipeline.snapshots[unit.source.name, path].file)
        for unit in pipeline.units
        if unit.reaches(years)
        for _, path in unit.files.all_files()
    ]
    files = pl.read_parquet(pipeline.workspace.path(extracts.SOURCE_FILES))
    schema = {"source": pl.String, "file": pl.String}
    return files.join(
        pl.DataFrame(used, schema=schema, orient="row"), on=["source", "file"], how="semi"
    )


def _inputs(snapshots: pl.DataFrame) -> tuple[Input, ...]:
    """Raw files by name within their source: a release names files, not where they lay."""
    inputs = []
    for _, files in snapshots.sort("source", "file").group_by("source", maintain_order=True):
        folders = [Path(file).parent.as_posix() for file in files["file"]]
        root = os.path.commonpath(folders)
        inputs += [
            Input(**{**row, "file": Path(row["file"]).relative_to(root).as_posix()})
            for row in files.iter_rows(named=True)
        ]
    return tuple(inputs)


def _checks(pipeline: Pipeline, edition: int) -> Iterator[Check]:
    """What was checked on every table that the release comes from, in a fixed order."""
    for table in TABLES.values():
        for partition in _partitions_behind(table, edition):
            record = pipeline.workspace.record(table, partition)
            for check in record.checks if record else ():
                yield Check(
                    table=table.name,
                    check=check["name"],
                    passed=True,
                    expected=check["expected"],
                    actual=check["actual"],
                    partition=partition,
                )


def _partitions_behind(table: Table, edition: int) -> list[int | None]:
    anything_by_edition = released_tables()[0]
    return input_partitions(anything_by_edition, edition, table)


def _fingerprint(pipeline: Pipeline, edition: int) -> str | None:
    records = [pipeline.workspace.record(table, edition) for table in released_tables()]
    if any(record is None for record in records):
        return None
    return fingerprint_of(
        {
            "tables": [record.sha256 for record in records if record],
            "provenance": _provenance(pipeline, edition).model_dump(mode="json"),
        }
    )


@cache
def _code_version() -> str:
    """Hash of all the code and SQL that a release comes from."""
    folders = [PROJECT / "pipelines", PROJECT / "assets", PROJECT / "sql"]
    files = sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    return fingerprint_of(
        [
            SCHEMA_VERSION,
            *([path.relative_to(PROJECT).as_posix(), sha256_of(path)] for path in files),
        ]
    )


def _record_path(pipeline: Pipeline, edition: int) -> Path:
    return pipeline.workspace.of_editions / "tables" / "releases" / f"{edition}.json"


def _read_record(pipeline: Pipeline, edition: int) -> dict[str, Any] | None:
    try:
        record: dict[str, Any] = json.loads(_record_path(pipeline, edition).read_text())
    except (OSError, ValueError):
        return None
    return record


def _edition(partition: int | None) -> int:
    if partition is None:
        raise RuntimeError("a release has an edition")
    return partition
