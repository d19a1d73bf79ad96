"""Where documents have their parts, as steps read it: at which location, and who holds what lies there.

Here: from `points` to `document_places`, from there to holdings. Not here: what is counted of them
(`delineation/ties.py`, `indicators/collaboration.py`).
"""

from collections.abc import Iterator

import polars as pl

from pipelines.contracts.clusters import EDITION_TOTALS
from pipelines.contracts.geocoding import DOCUMENT_PLACES, POINTS
from pipelines.contracts.model import Table
from pipelines.delineation.ties import NOBODY, Holdings
from pipelines.editions import Kind
from pipelines.portions import in_portions
from pipelines.steps import Step


def places_of_documents(step: Step, kind: Kind) -> Iterator[pl.DataFrame]:
    """Where a source's documents of a year have their parts: rows of `document_places`, in their order.

    Args:
        step: a step that reads `points`.
        kind: the source.
    """
    for points in _at_locations(step, POINTS, kind, step.year):
        # a share of nought (REGPAT has such) is no place of the document
        together = points.where(points.part > 0).put_together()
        places = dict(zip(("document_number", "location_number", "part"), together, strict=True))
        yield pl.DataFrame(places).with_columns(year=pl.lit(step.year), kind=pl.lit(kind))


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
    rows = step.connection.sql(
        f"SELECT document_number, location_number, part FROM {table.name} "
        f"WHERE kind = '{kind}' AND year = {year}"
    )
    for portion in in_portions(rows):
        yield Holdings(*(column.cast(pl.Int64).to_numpy() for column in portion))
