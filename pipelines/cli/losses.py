"""What a run could not use, in words: raw rows that could not be read, years without documents.

Here: the sentences that end a run; a wrong encoding or year column would otherwise show in smaller counts
alone. Not here: rows that are not read at all, for which a source is refused (`staging.py`).
"""

from collections.abc import Iterable, Iterator

import polars as pl

from pipelines.contracts.extracts import DOCUMENT_COUNTS, READING, REJECTS
from pipelines.editions import KINDS, editions
from pipelines.staging import why_rejected
from pipelines.storage import Workspace


def losses(workspace: Workspace, wanted: Iterable[int]) -> Iterator[str]:
    """A sentence for each kind of loss, none where nothing was lost.

    Args:
        workspace: with the tables that the editions are made from.
        wanted: editions.
    """
    reading = pl.read_parquet(workspace.path(READING))
    rejected, read = (
        reading.filter(outcome=outcome)["records"].sum() for outcome in ("rejected", "read")
    )
    if rejected:
        rejects = workspace.path(REJECTS)
        yield (
            f"{rejected:,} of {read:,} raw rows could not be read, "
            f"{why_rejected(pl.read_parquet(rejects))}. All of them: {rejects}"
        )
    windows = {
        (kind, year) for e in wanted for kind in KINDS for year in editions()[e].window(kind)
    }
    for kind, year in sorted(windows):
        counts = pl.read_parquet(workspace.path(DOCUMENT_COUNTS, year))
        if not counts.filter(kind=kind)["documents"].sum():
            yield f"No {kind} of {year} counts, though a source covers that year."
