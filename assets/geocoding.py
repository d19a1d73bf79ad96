"""Stage 2, geocoding: from address texts to H3 cells, by year.

The rules that find a place live in `pipelines/geocoder/`; here each distinct text is handed to them once,
and what another year already found with the same gazetteer and rules is taken over.
"""

from itertools import chain

import polars as pl

from pipelines.additions import all_names, all_places, what_moved
from pipelines.contracts import extracts
from pipelines.contracts import geocoding as tables
from pipelines.delineation.cells import RESOLUTION
from pipelines.editions import KINDS
from pipelines.geocoding import (
    geocoder_version,
    resolve_addresses,
)
from pipelines.holdings import places_of_documents
from pipelines.readers.ror import read_institutions
from pipelines.staging import offer_staged, parts_of_year
from pipelines.steps import Made, Step, Target
from pipelines.storage import sha256_of
from pipelines.table_asset import table_asset


def _additions(target: Target) -> object:
    return _hashes(target, "places", "geonames", "alternate_names")


def _postcodes(target: Target) -> object:
    return [RESOLUTION, *_hashes(target, "postcodes")]


def _hashes(target: Target, *keys: str) -> list[str]:
    return [sha256_of(path) for key in keys for path in target.pipeline.gazetteer_files[key]]


def _institution_files(target: Target) -> object:
    return [sha256_of(path) for path in target.pipeline.institution_files]


@table_asset(
    tables.GAZETTEER,
    settings=_additions,
    code=["geocoder", "additions", "user_tables"],
    kinds=["parquet"],
)
def gazetteer(step: Step) -> Made:
    """GeoNames in its packaged form, pinned by hash, with supplement, overrides, user's places."""
    places = all_places(step.pipeline.gazetteer_files)
    workspace, table = step.pipeline.workspace, tables.GAZETTEER
    before = pl.read_parquet(workspace.path(table)) if workspace.record(table) else None
    step.pipeline.say(what_moved(before, places))
    return places


@table_asset(
    tables.PLACE_NAMES,
    inputs=[tables.GAZETTEER],
    settings=_additions,
    code=["geocoder", "additions", "user_tables"],
)
def place_names(step: Step) -> Made:
    """Every name under which a place can be found, folded as the geocoder folds it."""
    return all_names(step.pipeline.gazetteer_files, step.frame(tables.GAZETTEER))


@table_asset(
    tables.INSTITUTIONS,
    settings=_institution_files,
    code=["readers"],
    kinds=["parquet"],
)
def institutions(step: Step) -> Made:
    """Research organisations of the configured ROR dump; empty without one."""
    return (
        read_institutions(step.pipeline.institution_files)
        .with_columns(pl.col("names").list.join("\n"))
        .select(tables.INSTITUTIONS.column_names)
    )


@table_asset(
    tables.DISTINCT_ADDRESSES,
    inputs=[extracts.INVENTORS, extracts.AUTHOR_ADDRESSES],
    settings=lambda target: parts_of_year(target.pipeline.units, target.year),
    urgent=True,
)
def distinct_addresses(step: Step) -> Made:
    """Each address text of the year once."""
    offer_staged(step.connection, step.pipeline.units, "texts", step.year)
    return step.sql()


@table_asset(
    tables.ADDRESS_DICTIONARY,
    inputs=[
        tables.DISTINCT_ADDRESSES,
        tables.GAZETTEER,
        tables.PLACE_NAMES,
        tables.INSTITUTIONS,
    ],
    code=["geocoder", "geocoding", "geocoded", "delineation/cells", "delineation/sphere"],
    settings=_postcodes,
    kinds=["polars", "h3", "parquet"],
    urgent=True,
)
def address_dictionary(step: Step) -> Made:
    """The place, precision and H3 cell of each distinct address, with the evidence that decided."""
    return resolve_addresses(step, geocoder_version(step))


@table_asset(
    tables.LOCATIONS, inputs=[tables.ADDRESS_DICTIONARY, tables.DISTINCT_ADDRESSES], urgent=True
)
def locations(step: Step) -> Made:
    """Where the year's addresses lie, by number, and how many lie there."""
    return step.sql()


@table_asset(
    tables.POINTS,
    inputs=[
        extracts.INVENTORS,
        extracts.AUTHOR_ADDRESSES,
        tables.ADDRESS_DICTIONARY,
        tables.LOCATIONS,
    ],
    urgent=True,
)
def points(step: Step) -> Made:
    """Every address of every document, with its location: a cell, or the precision that it reached."""
    return step.sql()


@table_asset(tables.CELL_WEIGHTS, inputs=[tables.LOCATIONS])
def cell_weights(step: Step) -> Made:
    """All that an edition needs of the year to delineate and rank."""
    return step.sql()


@table_asset(
    tables.DOCUMENT_PLACES,
    inputs=[tables.POINTS],
    references=[tables.LOCATIONS],
    code=["holdings", "portions", "delineation/ties"],
    kinds=["numpy", "polars", "parquet"],
    urgent=True,
)
def document_places(step: Step) -> Made:
    """Where each document has its parts: what joint output is counted from."""
    return chain.from_iterable(places_of_documents(step, kind) for kind in KINDS)


@table_asset(
    tables.CELL_FIELDS,
    inputs=[
        tables.DOCUMENT_PLACES,
        tables.LOCATIONS,
        extracts.PATENT_FIELDS,
        extracts.IPC_FIELDS,
        extracts.ARTICLE_FIELDS,
    ],
)
def cell_fields(step: Step) -> Made:
    """Fields of technology and science by cell."""
    return step.sql()


@table_asset(
    tables.CELL_NAMES,
    inputs=[
        tables.DOCUMENT_PLACES,
        tables.LOCATIONS,
        extracts.APPLICANTS,
        tables.DISTINCT_ADDRESSES,
        tables.ADDRESS_DICTIONARY,
        tables.INSTITUTIONS,
    ],
)
def cell_names(step: Step) -> Made:
    """Names of applicants and institutions by cell; stays in the workspace."""
    return step.sql()


@table_asset(tables.GEOCODING_QUALITY, inputs=[tables.LOCATIONS])
def geocoding_quality(step: Step) -> Made:
    """How many addresses reached which precision, by country."""
    return step.sql()
