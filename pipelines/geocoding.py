"""Between the year's tables and the geocoder: what is known already, what is new, which version.

The dictionary is keyed by address text and by the version of gazetteer and rules; so what another year
found is taken over, and only new texts reach the rule engine. Not here: the rules (`geocoder/`).
"""

from pathlib import Path

import duckdb
import polars as pl
from scipy.spatial import cKDTree

from pipelines import query
from pipelines.config import Config
from pipelines.contracts import geocoding as tables
from pipelines.contracts.model import Table
from pipelines.delineation.cells import points_to_cells
from pipelines.delineation.sphere import unit_vectors
from pipelines.geocoder.dumps import read_geonames_postcodes
from pipelines.geocoder.gazetteer import Gazetteer
from pipelines.geocoder.resolve import Geocoder
from pipelines.geocoder.sources import moved_places
from pipelines.readers.ror import read_institutions
from pipelines.steps import Step
from pipelines.storage import fingerprint_of

_TAKEN_OVER = [
    name
    for name in tables.ADDRESS_DICTIONARY.column_names
    if name not in ("year", "geocoder_version")
]


_ADDRESSES_AT_ONCE = 200_000
"""Looked up between two words about how far the work is."""


def geocoder_version(step: Step) -> str:
    """Identifies gazetteer, institutions and rules: equal texts get equal places while it stands."""
    records = [
        step.pipeline.workspace.require(table).sha256
        for table in (tables.GAZETTEER, tables.PLACE_NAMES, tables.INSTITUTIONS)
    ]
    settings = step.definition.settings(step)
    return fingerprint_of([step.definition.code_version, settings, *records])[:16]


def resolve_addresses(step: Step, version: str) -> duckdb.DuckDBPyRelation:
    """Places of the year's distinct addresses: taken over from other years, or looked up.

    Returns:
        The columns of `address_dictionary`.
    """
    _find_known(step, version)
    new = step.connection.sql(
        "SELECT * FROM distinct_addresses ANTI JOIN known USING (address_key) ORDER BY address_key"
    ).pl()
    known = step.connection.table("known").shape[0]
    step.pipeline.say(f"{known:,} addresses known, {len(new):,} to look up")
    found = with_nearest_place(
        _looked_up(step, version, new), step.frame(tables.GAZETTEER).sort("place_id")
    )
    cells = points_to_cells(found["lat"], found["lng"]).alias("h3_cell")
    step.offer_frame("looked_up", found.with_columns(new["address_key"], cells))
    columns = ", ".join(_TAKEN_OVER)
    return step.connection.sql(f"""
        SELECT {step.year} AS year, {columns}, {query.quoted(version)} AS geocoder_version
        FROM (
            SELECT {columns} FROM other_years INNER JOIN known USING (address_key, year)
            UNION ALL
            SELECT {columns} FROM looked_up
        )
    """)


def _looked_up(step: Step, version: str, new: pl.DataFrame) -> pl.DataFrame:
    """Look addresses up, telling how far the work is: a year of the world takes many minutes."""
    geocoder = _geocoder(step, version)
    found = [geocoder.resolve(new.clear())]
    for number, addresses in enumerate(new.iter_slices(_ADDRESSES_AT_ONCE)):
        step.pipeline.track("look up addresses", number * _ADDRESSES_AT_ONCE, len(new))
        found.append(geocoder.resolve(addresses))
    return pl.concat(found)


def with_nearest_place(found: pl.DataFrame, gazetteer: pl.DataFrame) -> pl.DataFrame:
    """Give points that came without a place - an institution's, a record's - the nearest one.

    Names of clusters and their outlines on the map are told by places; the point itself stays.

    Args:
        found: columns lat, lng (degrees), place_id, place, admin1; null where nothing was found.
        gazetteer: columns place_id, name, admin1, lat, lng, in the order of place_id.
    """
    lost = found["lat"].is_not_null() & found["place_id"].is_null()
    if not lost.any() or gazetteer.is_empty():
        return found
    tree = cKDTree(unit_vectors(gazetteer["lat"].to_numpy(), gazetteer["lng"].to_numpy()))
    points = found.filter(lost)
    _, nearest = tree.query(unit_vectors(points["lat"].to_numpy(), points["lng"].to_numpy()))
    places = gazetteer.select("place_id", pl.col("name").alias("place"), "admin1")[nearest]
    rows = lost.arg_true()
    return found.with_columns(
        found[column].scatter(rows, places[column]) for column in ("place_id", "place", "admin1")
    )


def what_moved(step: Step, places: pl.DataFrame) -> str:
    """What a new gazetteer changes in the workspace's present one, in one line for people."""
    workspace, table = step.pipeline.workspace, tables.GAZETTEER
    if workspace.record(table) is None:
        return f"{len(places):,} places"
    moved = moved_places(pl.read_parquet(workspace.path(table)), places)
    counts = dict(moved.group_by("change").len().iter_rows())
    said = [f"{counts.get(change, 0):,} {change}" for change in ("added", "removed", "moved")]
    return f"{len(places):,} places; against the gazetteer before: {', '.join(said)}"


def _find_known(step: Step, version: str) -> None:
    """Make `known`: which of the year's texts other years have in the same version, and the first of them.

    Their rows stay on disk, in `other_years`: all years' together do not fit in memory.
    """
    workspace, table = step.pipeline.workspace, tables.ADDRESS_DICTIONARY
    years = [
        year
        for year in step.pipeline.years
        if year != step.year and workspace.record(table, year) is not None
    ]
    files = [workspace.path(table, year) for year in years]
    query.offer(step.connection, "other_years", files, table.schema)
    step.connection.execute(
        "CREATE TEMP TABLE known AS SELECT address_key, min(year) AS year FROM other_years "
        "WHERE geocoder_version = $version "
        "AND address_key IN (SELECT address_key FROM distinct_addresses) GROUP BY address_key",
        {"version": version},
    )


_geocoders: dict[str, Geocoder] = {}


def _geocoder(step: Step, version: str) -> Geocoder:
    """The geocoder of a version: built once in a process, from the gazetteer's tables."""
    if version not in _geocoders:
        _geocoders.clear()
        _geocoders[version] = geocoder_of(
            step.frame(tables.GAZETTEER),
            step.frame(tables.PLACE_NAMES),
            step.frame(tables.INSTITUTIONS),
            step.pipeline.gazetteer_files["postcodes"],
        )
    return _geocoders[version]


def geocoder_of(
    places: pl.DataFrame, names: pl.DataFrame, institutions: pl.DataFrame, postcodes: list[Path]
) -> Geocoder:
    """The geocoder over the tables of the pipeline and a user's files of postcodes."""
    listed = institutions.with_columns(pl.col("names").str.split("\n"))
    gazetteer = Gazetteer.from_frames(
        places,
        names,
        None if listed.is_empty() else listed,
        read_geonames_postcodes(postcodes),
    )
    return Geocoder(gazetteer)


def _empty(table: Table) -> pl.DataFrame:
    """A table of a contract without rows."""
    empty = pl.from_arrow(table.schema.empty_table())
    assert isinstance(empty, pl.DataFrame)  # noqa: S101 - for the type checker
    return empty


def institutions_of(config: Config) -> pl.DataFrame:
    """Institutions of the configured dump, names joined by line ends; empty without one."""
    if config.institutions is None:
        return _empty(tables.INSTITUTIONS)
    files = config.files(config.institutions.files, "institutions.files")
    return (
        read_institutions(files)
        .with_columns(pl.col("names").list.join("\n"))
        .select(tables.INSTITUTIONS.column_names)
    )
