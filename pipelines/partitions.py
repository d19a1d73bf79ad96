"""The two partition sets and the map between them, from `editions.toml`.

Extracts and geocoding go by year of publication, clusters, indicators and releases by edition; a year
is read and geocoded once, however many editions use it.
"""

import dagster as dg

from pipelines.contracts.model import Table
from pipelines.editions import editions, editions_by_year, publication_years

YEARS = dg.StaticPartitionsDefinition([str(year) for year in publication_years()])
EDITIONS = dg.StaticPartitionsDefinition([str(edition) for edition in editions()])
EDITIONS_OF_YEAR = dg.StaticPartitionMapping(
    {
        str(year): [str(edition) for edition in read_by]
        for year, read_by in editions_by_year().items()
    }
)


def partitions_of(table: Table) -> dg.PartitionsDefinition | None:
    """Partition set of a table."""
    return {"year": YEARS, "edition": EDITIONS, None: None}[table.partition]


def asset_key(table: Table) -> dg.AssetKey:
    """Key of a table's asset: its stage and its name."""
    return dg.AssetKey([table.stage, table.name])


def dependency(table: Table, upstream: Table) -> dg.AssetDep:
    """Dependency of one table's asset on another's, with the map between their partitions."""
    mapped = (upstream.partition, table.partition) == ("year", "edition")
    return dg.AssetDep(
        asset_key(upstream),
        partition_mapping=EDITIONS_OF_YEAR if mapped else None,
    )


def input_partitions(table: Table, partition: int | None, upstream: Table) -> list[int | None]:
    """Partitions of an upstream table that a partition of a table reads."""
    if upstream.partition is None:
        return [None]
    if (upstream.partition, table.partition) == ("year", "edition"):
        return list(editions()[partition].years_read)  # type: ignore[index]
    return [partition]
