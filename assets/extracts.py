"""Stage 1, extracts: from raw files as they were delivered to the documents that count, by year.

`source_files` and `reading` are about files and have no partitions; everything else is made per year of
publication from the records that `reading` staged. Rules on which documents count live in
`sql/extracts/screening.sql`, raw formats in `pipelines/readers/`.
"""

import duckdb
import polars as pl

from pipelines import parts
from pipelines.contracts import extracts as tables
from pipelines.pipeline import Pipeline
from pipelines.portions import in_portions
from pipelines.reference import technology_fields
from pipelines.staging import offer_staged, parts_of_year, require_rows, stage_units
from pipelines.staging import reading as reading_rows
from pipelines.steps import Made, Step, Target
from pipelines.table_asset import table_asset


def _raw_files(target: Target) -> list[dict[str, object]]:
    columns = tables.SOURCE_FILES.column_names
    return [
        {name: getattr(snapshot, name) for name in columns}
        for snapshot in target.pipeline.snapshots.values()
    ]


def _units(target: Target) -> object:
    """Units by source and content of their files."""
    return [[unit.source.name, unit.folder.name] for unit in target.pipeline.units]


def _all_staged(pipeline: Pipeline) -> bool:
    """Whether the records of every unit lie on disk as they were staged."""
    return all(unit.is_staged for unit in pipeline.units)


def _staged_year(target: Target) -> object:
    """Only the year's own records: another year's new file changes nothing here."""
    return parts_of_year(target.pipeline.units, target.year)


@table_asset(tables.SOURCE_FILES, settings=_raw_files, code=["snapshots"], kinds=["file"])
def source_files(step: Step) -> Made:
    """Snapshot of every raw file; a file that changed since it was first read is refused."""
    return pl.DataFrame(_raw_files(step)).with_columns(pl.col("bytes").cast(pl.Int64))


@table_asset(
    tables.READING,
    settings=_units,
    intact=_all_staged,
    code=["readers", "staging"],
    kinds=["file", "parquet"],
    urgent=True,
)
def reading(step: Step) -> Made:
    """Reads every raw file once and stages its records by year; says what became of each."""
    pipeline = step.pipeline
    done, size = 0, sum(unit.bytes for unit in pipeline.units)
    for unit in stage_units(pipeline.units):
        done += unit.bytes
        pipeline.track(f"read {unit.label}", done, size)
    require_rows(pipeline.units)
    return reading_rows(pipeline.units)


@table_asset(tables.REJECTS, inputs=[tables.READING])
def rejects(step: Step) -> Made:
    """Every raw row that could not be read, with file, line and reason."""
    offer_staged(step.connection, step.pipeline.units, "rejects", None)
    return step.sql()


@table_asset(tables.INCLUSION_RULES)
def inclusion_rules(step: Step) -> Made:
    """The numbered rules on which documents count."""
    return step.sql()


@table_asset(tables.IPC_FIELDS, code=["reference"], kinds=["csv"])
def ipc_fields(step: Step) -> Made:
    """WIPO's 35 technology fields by IPC subclass and main group."""
    return technology_fields()


def _counted_journals(target: Target) -> list[tuple[str, str]]:
    """Sources that name the journals that count, and each one's ISSNs."""
    sources = target.config.sources
    return [(source.name, issn) for source in sources for issn in sorted(source.issns)]


@table_asset(
    tables.SCREENING,
    after=[tables.READING],
    settings=lambda target: [_staged_year(target), _counted_journals(target)],
)
def screening(step: Step) -> Made:
    """Every document record of the year, and the inclusion rule that left it out, if any."""
    offer_staged(step.connection, step.pipeline.units, "documents", step.year)
    journals = pl.DataFrame(
        _counted_journals(step), schema={"source": pl.String, "issn": pl.String}, orient="row"
    )
    step.offer_frame("counted_journals", journals)
    return step.sql()


@table_asset(tables.INCLUSION_FUNNEL, inputs=[tables.SCREENING, tables.INCLUSION_RULES])
def inclusion_funnel(step: Step) -> Made:
    """How many documents each rule removed."""
    return step.sql()


def _from_staged(step: Step, table: str) -> duckdb.DuckDBPyRelation:
    """The table's SELECT, which may read the staged records of a table, or whose checks do."""
    offer_staged(step.connection, step.pipeline.units, table, step.year)
    return step.sql()


@table_asset(tables.APPLICATIONS, inputs=[tables.SCREENING], settings=_staged_year, urgent=True)
def applications(step: Step) -> Made:
    """Published international applications that count."""
    return _from_staged(step, "addresses")


@table_asset(
    tables.INVENTORS,
    inputs=[tables.APPLICATIONS],
    settings=_staged_year,
    code=["parts", "portions"],
    urgent=True,
)
def inventors(step: Step) -> Made:
    """Inventor addresses with their exact parts of an application."""
    return map(parts.of_inventors, in_portions(_from_staged(step, "addresses")))


@table_asset(tables.APPLICANTS, inputs=[tables.APPLICATIONS], settings=_staged_year)
def applicants(step: Step) -> Made:
    """Applicants, who belong to a cluster by their inventors' places."""
    return _from_staged(step, "applicants")


@table_asset(
    tables.PATENT_FIELDS, inputs=[tables.APPLICATIONS, tables.IPC_FIELDS], settings=_staged_year
)
def patent_fields(step: Step) -> Made:
    """Technology fields of applications, from IPC symbols or as the source has them."""
    return _from_staged(step, "fields")


@table_asset(tables.ARTICLES, inputs=[tables.SCREENING], settings=_staged_year, urgent=True)
def articles(step: Step) -> Made:
    """Scientific articles that count."""
    return _from_staged(step, "addresses")


@table_asset(
    tables.AUTHOR_ADDRESSES,
    inputs=[tables.ARTICLES],
    settings=_staged_year,
    code=["parts", "portions"],
    urgent=True,
)
def author_addresses(step: Step) -> Made:
    """Author addresses with their exact parts of an article."""
    return map(parts.of_author_addresses, in_portions(_from_staged(step, "addresses")))


@table_asset(
    tables.ARTICLE_FIELDS,
    inputs=[tables.ARTICLES],
    settings=_staged_year,
    code=["parts", "portions"],
)
def article_fields(step: Step) -> Made:
    """Fields of science of articles, in the source's own classes."""
    return map(parts.of_article_fields, in_portions(_from_staged(step, "fields")))


@table_asset(
    tables.DOCUMENT_COUNTS,
    inputs=[
        tables.SCREENING,
        tables.APPLICATIONS,
        tables.INVENTORS,
        tables.ARTICLES,
        tables.AUTHOR_ADDRESSES,
    ],
)
def document_counts(step: Step) -> Made:
    """World totals of the year: all documents that count, located or not."""
    return step.sql()
