"""The made world as plain tables for the tabular reader, one Parquet file per year and role.

Here: columns that bear the records' own names, so that a configuration needs no mapping. Not here:
raw formats (`native`).
"""

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.simulation.documents import EXCLUDED_ARTICLES, Documents
from pipelines.simulation.native import application_numbers, work_ids
from pipelines.simulation.organisations import OTHER_SCHOLARSHIP, SCIENCE_FIELDS
from pipelines.simulation.texts import (
    NO_ORGANISATION,
    World,
    addresses,
    applicants,
    field_numbers,
    ipc_symbols,
)

REPUBLISHED_EVERY = 150
"""One application in so many is published again with its search report or a correction."""

_REPUBLISHED_KINDS = ("A3", "A8")
_FIRST_KINDS = ("A1", "A2")


def write_tables(folder: Path, world: World, documents: Documents, about: str) -> None:
    """Write a year's documents of one kind; the files' metadata say that they are made, and `about` what."""
    if documents.kind == "patent":
        _write_applications(folder / "patents", world, documents, about)
    else:
        _write_articles(folder / "publications", world, documents, about)


def _write(path: Path, table: pl.DataFrame, about: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrow = table.to_arrow()
    # strings as every reader knows them: Polars' own are views
    schema = pa.schema(
        field.with_type(pa.string()) if dtype == pl.String else field
        for field, dtype in zip(arrow.schema, table.dtypes, strict=True)
    )
    arrow = arrow.cast(schema.with_metadata({"simulated": about}))
    pq.write_table(arrow, path, compression="zstd", row_group_size=1 << 19, version="2.6")


def _write_applications(folder: Path, world: World, documents: Documents, about: str) -> None:
    """Write a year's applications: documents, inventors, applicants and IPC symbols."""
    year = documents.year
    number = np.arange(len(documents.home))
    kind = pl.Series(_FIRST_KINDS).gather((documents.document_chance * 1.4).astype(np.int64))
    first = pl.DataFrame(
        {"document": number, "document_id": application_numbers(documents), "document_type": kind}
    )
    again = first.filter(pl.col("document") % REPUBLISHED_EVERY == REPUBLISHED_EVERY - 1)
    again_kind = pl.Series(_REPUBLISHED_KINDS).gather(again["document"].to_numpy() % 2)
    again = again.with_columns(
        document_id=again["document_id"] + again_kind, document_type=again_kind
    )
    keys = pl.concat([first, again]).with_columns(year=pl.lit(year, dtype=pl.Int32))
    persons = addresses(world, documents).with_columns(
        address=pl.lit(world.pools["patent"].text).gather(pl.col("text")),
        person_number=pl.col("person").cast(pl.Int32),
    )

    def keyed(table: pl.DataFrame, *columns: str) -> pl.DataFrame:
        return keys.join(table, on="document", maintain_order="left_right").select(
            "document_id", "year", *columns
        )

    _write(folder / f"applications_{year}.parquet", keys.drop("document"), about)
    _write(
        folder / f"inventors_{year}.parquet",
        keyed(persons, "person_number", "address", "country"),
        about,
    )
    named = applicants(world, documents).with_columns(pl.col("applicant_number").cast(pl.Int32))
    _write(
        folder / f"applicants_{year}.parquet",
        keyed(named, "applicant_number", "name", "country"),
        about,
    )
    symbols = ipc_symbols(world, documents).select("document", scheme=pl.lit("ipc"), code="ipc")
    _write(folder / f"patent_fields_{year}.parquet", keyed(symbols, "scheme", "code"), about)


def _write_articles(folder: Path, world: World, documents: Documents, about: str) -> None:
    """Write a year's articles: documents, author addresses and fields."""
    year = documents.year
    of_year = pl.lit(year, dtype=pl.Int32)
    ids = work_ids(documents)
    rule = pl.Series(documents.excluded)
    types = ["article", *(r.type_name for r in EXCLUDED_ARTICLES)]
    flags = {
        "is_retracted": [False, *(r.is_retracted for r in EXCLUDED_ARTICLES)],
        "is_paratext": [False, *(r.is_paratext for r in EXCLUDED_ARTICLES)],
        "is_science": [True, *(r.is_science for r in EXCLUDED_ARTICLES)],
    }
    _write(
        folder / f"articles_{year}.parquet",
        pl.DataFrame(
            {"document_id": ids, "document_type": pl.Series(types).gather(rule + 1)}
            | {name: pl.Series(values).gather(rule + 1) for name, values in flags.items()}
        ).with_columns(year=of_year),
        about,
    )
    table = world.organisations.table
    at = pl.col("organisation").clip(lower_bound=0)
    has = pl.col("organisation") != NO_ORGANISATION
    rows = addresses(world, documents).select(
        document_id=pl.lit(ids).gather(pl.col("document")),
        year=of_year,
        person_number=pl.col("person").cast(pl.Int32),
        address=pl.lit(world.pools["publication"].text).gather(pl.col("text")),
        institution=pl.when(has).then(pl.lit(table["name"]).gather(at)),
        institution_id=pl.when(has).then(pl.lit(table["ror"]).gather(at)),
    )
    _write(folder / f"author_addresses_{year}.parquet", rows, about)
    first, second = field_numbers(world, documents)
    is_science = np.array(flags["is_science"])[documents.excluded + 1]
    names = pl.Series([row[2] for row in SCIENCE_FIELDS] + [OTHER_SCHOLARSHIP[2]])
    has_second = (second >= 0) & is_science
    document = np.concatenate([np.arange(len(first)), np.flatnonzero(has_second)])
    field = np.concatenate([np.where(is_science, first, len(SCIENCE_FIELDS)), second[has_second]])
    fields = (
        pl.DataFrame({"document": document, "code": names.gather(field)})
        .unique()
        .sort("document", "code")
        .select(
            document_id=pl.lit(ids).gather(pl.col("document")),
            year=of_year,
            scheme=pl.lit("openalex_field"),
            code="code",
        )
    )
    _write(folder / f"article_fields_{year}.parquet", fields, about)
