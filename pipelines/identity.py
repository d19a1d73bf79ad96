"""Identity over editions: the edition released before, and the ids that are carried on from it.

Ids come from what was *released*, not from what lies half made in the workspace, so a release says
which one it follows. A new id is the country and main place of the cluster when it first appears, as
in `jp-tokyo`: people can read it, and editions computed apart from each other mostly agree on it.
Not here: the rule that decides which cluster is which (`delineation/lineage.py`).
"""

import re
from pathlib import Path

import polars as pl
from anyascii import anyascii

from pipelines.release.folder import earlier_releases, released_before
from pipelines.release.manifest import Identity, identity_of
from pipelines.release.verify import blaming_damage
from pipelines.steps import Target


def folder_before(target: Target) -> Path | None:
    """Latest release of the edition before, or None where no earlier edition is released."""
    return released_before(target.pipeline.workspace.releases, target.year)


def release_before(target: Target) -> Identity | None:
    """That release, named by edition, revision and hash: what a table made from it depends on."""
    folder = folder_before(target)
    return identity_of(folder) if folder else None


def depends_on_release_before(target: Target) -> object:
    """The same, as a setting of a step."""
    before = release_before(target)
    return before and before.model_dump()


def read_release_before(
    target: Target, name: str, schema: dict[str, type[pl.DataType]]
) -> pl.DataFrame:
    """Columns of one of its tables; empty where there is no release before.

    Raises:
        UserError: where that release was damaged since it was published.
    """
    folder = folder_before(target)
    if folder is None:
        return pl.DataFrame(schema=schema)
    return _read(folder, name, list(schema)).cast(pl.Schema(schema))


def ids_given(target: Target) -> set[str]:
    """Every id that an earlier edition was released with: none of them is given to another.

    Raises:
        UserError: where one of these releases was damaged since it was published.
    """
    given = [
        _read(folder, "clusters", ["cluster_id"])["cluster_id"]
        for folder in earlier_releases(target.pipeline.workspace.releases, target.year)
    ]
    return set().union(*given)


def _read(release: Path, name: str, columns: list[str]) -> pl.DataFrame:
    with blaming_damage(release):
        return pl.read_parquet(release / f"{name}.parquet", columns=columns)


def new_ids(places: pl.DataFrame, given: set[str]) -> pl.DataFrame:
    """An id for each cluster, were it new: country and main place.

    Args:
        places: columns cluster, country (alpha-2), name of the main place; one row per cluster, in the
            order in which clusters come to their ids.
        given: ids that belong to others; a number is added where the name is taken.

    Returns:
        Columns cluster, new_id.
    """
    taken, rows = set(given), []
    for cluster, country, name in places.select("cluster", "country", "name").iter_rows():
        slug = f"{country}-{re.sub('[^a-z0-9]+', '-', anyascii(name).lower()).strip('-')}".lower()
        identifier, number = slug, 2
        while identifier in taken:
            identifier, number = f"{slug}-{number}", number + 1
        taken.add(identifier)
        rows.append((cluster, identifier))
    return pl.DataFrame(rows, schema={"cluster": pl.Int64, "new_id": pl.String}, orient="row")
