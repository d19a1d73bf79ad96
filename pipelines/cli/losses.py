"""What a run left out, counted twice or did not find, in words, at its end.

Here: the sentences that end a run; a wrong encoding, year column or threshold would otherwise show in the
counts alone. Not here: rows that are not read at all, for which a source is refused (`staging.py`).
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from pipelines.contracts.clusters import CLUSTERS
from pipelines.contracts.common import LOCATED
from pipelines.contracts.extracts import APPLICATIONS, ARTICLES, DOCUMENT_COUNTS, READING, REJECTS
from pipelines.contracts.geocoding import GEOCODING_QUALITY
from pipelines.editions import KINDS, Kind, editions
from pipelines.readers.records import LOOKUPS
from pipelines.readers.stage import OUTSIDE_YEARS
from pipelines.report.formats import counted
from pipelines.staging import why_rejected
from pipelines.storage import Workspace

_DOCUMENTS = {"patent": APPLICATIONS, "publication": ARTICLES}


def losses(workspace: Workspace, wanted: Iterable[int]) -> Iterator[str]:
    """A sentence for each kind of loss, none where nothing was lost.

    Args:
        workspace: with the tables that the editions are made from.
        wanted: editions.
    """
    wanted = list(wanted)
    reading = pl.read_parquet(workspace.path(READING))
    yield from _left_out(reading, workspace.path(REJECTS))
    yield from _ruled_out(reading)
    yield from _left_empty(reading)
    for kind in KINDS:
        years = sorted({year for edition in wanted for year in editions()[edition].window(kind)})
        if years:
            yield from _without_documents(workspace, kind, years)
            yield from _counted_again([workspace.path(_DOCUMENTS[kind], year) for year in years])
            yield from _without_points(workspace, kind, years)
    for edition in wanted:
        if pl.read_parquet(workspace.path(CLUSTERS, edition)).is_empty():
            yield (
                f"Edition {edition} has no cluster: nowhere are addresses as many as the threshold asks "
                "for. A small extract needs a lower `min_points` in the configuration."
            )


def _left_out(reading: pl.DataFrame, rejects: Path) -> Iterator[str]:
    rejected, read = (
        int(reading.filter(outcome=outcome)["records"].sum()) for outcome in ("rejected", "read")
    )
    if rejected:
        yield (
            f"{rejected:,} of {counted(read, 'raw row')} could not be read, "
            f"{why_rejected(pl.read_parquet(rejects))}. All of them: {rejects}"
        )
    # a raw row may give records of several kinds; it is counted as the one that was read
    outside = reading.filter(outcome="excluded", reason=OUTSIDE_YEARS).join(
        reading.filter(outcome="read"), on=["source", "record"], how="semi"
    )
    for source, records in outside.group_by("source").agg(pl.sum("records")).sort("source").rows():
        lie = (
            "lies outside its `years` and was"
            if records == 1
            else "lie outside its `years` and were"
        )
        yield f"{source}: {counted(records, 'raw row')} {lie} left out."


def _ruled_out(reading: pl.DataFrame) -> Iterator[str]:
    """Sources of which a rule of their format leaves out all, with the reason that took most."""
    is_of_rule = (
        (pl.col("outcome") == "excluded")
        & (pl.col("record") != LOOKUPS)
        & (pl.col("reason") != OUTSIDE_YEARS)
    )
    with_rows = reading.filter(outcome="rows").select("source")
    most = (
        reading.filter(is_of_rule)
        .join(with_rows, on="source", how="anti")
        .sort("records", "source", "reason", descending=[True, False, False])
        .unique("source", keep="first", maintain_order=True)
    )
    for source, reason, records in most.select("source", "reason", "records").rows():
        yield f"{source}: no record of it counts; {records:,} were left out as '{reason}'."


def _left_empty(reading: pl.DataFrame) -> Iterator[str]:
    """Of each source how many values are null that were none, or were not found, and why most."""
    repaired = (
        reading.filter(outcome="repaired").group_by("source", "reason").agg(pl.sum("records"))
    )
    of_source = (
        repaired.sort("records", "reason", descending=[True, False])
        .group_by("source", maintain_order=True)
        .agg(pl.first("reason"), pl.sum("records"))
        .sort("source")
    )
    for source, reason, records in of_source.rows():
        are = "is" if records == 1 else "are"
        yield f"{source}: {counted(records, 'value')} {are} left empty, mostly for '{reason}'."


def _without_documents(workspace: Workspace, kind: Kind, years: list[int]) -> Iterator[str]:
    for year in years:
        counts = pl.read_parquet(workspace.path(DOCUMENT_COUNTS, year))
        if not counts.filter(kind=kind)["documents"].sum():
            yield f"No {kind} of {year} counts, though a source covers that year."


def _counted_again(documents: list[Path]) -> Iterator[str]:
    """Documents that came with several years of publication, of the tables of these years."""
    key = pl.read_parquet(documents, columns=["document_key"])["document_key"]
    again = len(key) - key.n_unique()
    if again:
        named = pl.read_parquet(documents, columns=["document_id", "year"])
        example = named.filter(key.is_duplicated()).sort("document_id", "year").head(2)
        (name, first), (_, then) = example.rows()
        yield (
            f"{counted(again, 'document')} {'counts' if again == 1 else 'count'} again in a later year, "
            f"such as {name} of {first} and {then}: "
            "as early access and in its issue? Give each once, with one year."
        )


def _without_points(workspace: Workspace, kind: Kind, years: list[int]) -> Iterator[str]:
    tables = [workspace.path(GEOCODING_QUALITY, year) for year in years]
    quality = pl.read_parquet(tables).filter(kind=kind)
    addresses = quality["addresses"].sum()
    located = quality.filter(pl.col("precision").is_in(LOCATED))["addresses"].sum()
    # of real ones nine tenths have a point; a file with its header alone has none
    if not addresses or 2 * located < addresses:
        yield (
            f"Of {addresses:,} {kind} addresses {located:,} have a point; clusters hold no others. "
            "Do the sources' `columns` name the ones with the address, and its country?"
        )
