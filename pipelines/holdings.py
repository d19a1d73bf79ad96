"""Who holds the parts of an edition's documents, as its steps read them.

Here: from `document_places` to holdings. Not here: what is counted of them (`delineation/ties.py`,
`indicators/collaboration.py`).
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from pipelines.contracts.clusters import EDITION_TOTALS
from pipelines.contracts.geocoding import DOCUMENT_PLACES
from pipelines.delineation.ties import NOBODY, Holdings
from pipelines.editions import Kind
from pipelines.steps import Step


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
        places = step.connection.sql(
            f"SELECT document_number, location_number, part FROM {DOCUMENT_PLACES.name} "
            f"WHERE kind = '{kind}' AND year = {year}"
        ).to_arrow_table()
        at_locations = Holdings(*(column.to_numpy() for column in places.columns))
        held = holders.filter(pl.col("year") == year).sort("location_number")["holder"]
        by_location = held.cast(pl.Int64).fill_null(NOBODY).to_numpy()
        for document, location, part in at_locations.portions():
            yield Holdings(document.astype(np.int64), by_location[location - 1], part)
