"""Where documents have their parts, as steps read it: at which location, and who holds what lies there.

Here: from `points` to `document_places`, from there to holdings. Not here: what is counted of them
(`delineation/ties.py`, `indicators/collaboration.py`).
"""

from collections.abc import Iterator

import polars as pl

from pipelines.contracts.clusters import EDITION_TOTALS
from pipelines.contracts.geocoding import DOCUMENT_PLACES, POINTS
from pipelines.contracts.model import Table
from pipelines.delineation.ties import NOBODY, Holdings, whole_documents
from pipelines.editions import Kind
from pipelines.steps import Step

_PORTION_ROWS = 1 << 18
"""Few enough for the processor's caches: twice as fast as a whole year at a time."""


def places_of_documents(step: Step, kind: Kind) -> pl.DataFrame:
    """Where a source's documents of a year have their parts: rows of `document_places`.

    Args:
        step: a step that reads `points`.
        kind: the source.
    """
    columns = ("document_number", "location_number", "part")
    places = [pl.DataFrame(schema=dict.fromkeys(columns, pl.Int64))]
    for points in _at_locations(step, POINTS, kind, step.year):
        # a share of nought (REGPAT has such) is no place of the document
        together = points.where(points.part > 0).put_together()
        places.append(pl.DataFrame(dict(zip(columns, together, strict=True))))
    return pl.concat(places).with_columns(year=pl.lit(step.year), kind=pl.lit(kind))


def holdings(step: Step, kind: Kind, holders: pl.DataFrame) -> Iterator[Holdings]:
    """A source's documents of the edition's window, in portions, each document whole in one of them.

    Args:
        step: a step that reads `document_places` and `edition_totals`.
        kind: the source.
        holders: columns year, location_number, holder (null: nobody that is asked about); a row for each
            location of the years.
    """
    window = step.frame(EDITION_TOTALS).filter(pl.col("kind") == kind)
    years = window.select(pl.int_ranges("first_year", pl.col("last_year") + 1).explode())
    for year in years.to_series():
        held = holders.filter(pl.col("year") == year).sort("location_number")["holder"]
        by_location = held.cast(pl.Int64).fill_null(NOBODY).to_numpy()
        for document, location, part in _at_locations(step, DOCUMENT_PLACES, kind, year):
            yield Holdings(document, by_location[location - 1], part)


def _at_locations(step: Step, table: Table, kind: Kind, year: int) -> Iterator[Holdings]:
    """Parts of a source's documents in portions; who holds them is the number of their location."""
    batches = step.connection.sql(
        f"SELECT document_number, location_number, part FROM {table.name} "
        f"WHERE kind = '{kind}' AND year = {year}"
    ).to_arrow_reader(_PORTION_ROWS)
    return whole_documents(Holdings(*(c.to_numpy() for c in batch.columns)) for batch in batches)
