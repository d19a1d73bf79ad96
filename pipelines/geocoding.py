"""Between the year's tables and the geocoder: what is known already, what is new, which version.

The dictionary is keyed by address text and by the version of gazetteer and rules; so what another year
found is taken over - from the process's memory, else from the nearest years on disk - and mostly
new texts alone reach the rule engine. Not here: the rules (`geocoder/`), the memory (`geocoded`).
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import polars as pl

from pipelines.contracts import geocoding as tables
from pipelines.contracts.model import Table
from pipelines.delineation.cells import points_to_cells
from pipelines.geocoded import Answers
from pipelines.geocoder.distinct import distinct_rows
from pipelines.geocoder.dumps import read_geonames_postcodes
from pipelines.geocoder.gazetteer import Gazetteer
from pipelines.geocoder.resolve import Geocoder
from pipelines.readers.numbering import Hashes
from pipelines.steps import Step
from pipelines.storage import ROW_GROUP_ROWS, fingerprint_of

_ANSWER = [
    name
    for name in tables.ADDRESS_DICTIONARY.column_names
    if name not in ("year", "address_key", "geocoder_version")
]
"""Columns of an answer, whatever text it is given to."""

_ADDRESSES_AT_ONCE = 500_000
"""Looked up between two words about how far the work is."""

_YEARS_TO_ASK = 5
"""How many other years on disk are looked through for known texts, the nearest ones: a year more
takes as long as looking up the texts that it would save."""


def geocoder_version(step: Step) -> str:
    """Identifies gazetteer, institutions and rules: equal texts get equal places while it stands."""
    records = [
        step.pipeline.workspace.require(table).sha256
        for table in (tables.GAZETTEER, tables.PLACE_NAMES, tables.INSTITUTIONS)
    ]
    settings = step.definition.settings(step)
    return fingerprint_of([step.definition.code_version, settings, *records])[:16]


def resolve_addresses(step: Step, version: str) -> Iterator[pl.DataFrame]:
    """Places of the year's distinct addresses: known from other years, or looked up.

    One year at a time, so that what one has looked up the next one knows.

    Yields:
        The columns of `address_dictionary` in the order of its key, as many rows at once as fit the
        processor's caches.
    """
    with _IN_TURN:
        answers = _answers_of(version)
        keys = _keys_of(step)
        unknown = answers.unknown(keys)
        if len(unknown):
            geocoder = _geocoder(step, version)
            new = _recall(step, version, answers, unknown)
            step.pipeline.say(f"{len(keys) - len(new):,} addresses known, {len(new):,} to look up")
            if len(new):
                _look_up(step, geocoder.result(), answers, new)
        answers.years.add(step.year)
        found, of_texts = answers.of(keys)
    for begin in range(0, len(keys), ROW_GROUP_ROWS):
        texts = slice(begin, begin + ROW_GROUP_ROWS)
        yield found[of_texts[texts]].with_columns(
            year=pl.lit(step.year, pl.Int32),
            address_key=pl.Series(keys[texts]),
            geocoder_version=pl.lit(version),
        )


def _keys_of(step: Step) -> Hashes:
    """Keys of the year's texts in the order of the table, which is ascending and looked up fastest."""
    table = step.connection.sql("SELECT address_key FROM distinct_addresses").to_arrow_table()
    keys: Hashes = table["address_key"].to_numpy()
    return keys


def _recall(step: Step, version: str, answers: Answers, unknown: Hashes) -> Hashes:
    """Take over from other years on disk; keys of the texts that none of them knows."""
    workspace, table = step.pipeline.workspace, tables.ADDRESS_DICTIONARY
    others = [
        year
        for year in step.pipeline.years
        if year != step.year and workspace.record(table, year) is not None
    ]
    nearest = sorted(others, key=lambda year: (abs(year - step.year), year))[:_YEARS_TO_ASK]
    for year in (year for year in nearest if year not in answers.years):
        if not len(unknown):
            break
        is_asked = pl.col("address_key").is_in(pl.Series(unknown).implode())
        found = (
            pl.scan_parquet(workspace.path(table, year))
            .filter(is_asked & (pl.col("geocoder_version") == version))
            .select("address_key", *_ANSWER)
            .collect()
        )
        answers.add(found["address_key"].to_numpy(), *distinct_rows(found.select(_ANSWER)))
        unknown = answers.unknown(unknown)
    return unknown


def _look_up(step: Step, geocoder: Geocoder, answers: Answers, keys: Hashes) -> None:
    """Ask the geocoder, telling how far the work is: a year of the world takes many minutes."""
    step.offer_frame("unknown", pl.DataFrame({"address_key": keys}))
    new = step.connection.sql(
        "SELECT * FROM distinct_addresses SEMI JOIN unknown USING (address_key)"
    ).pl()
    found = []
    for number, addresses in enumerate(new.iter_slices(_ADDRESSES_AT_ONCE)):
        step.pipeline.track("look up addresses", number * _ADDRESSES_AT_ONCE, len(new))
        found.append(geocoder.resolve(addresses))
    rows, of_texts = distinct_rows(pl.concat(found))
    rows = with_nearest_place(rows, geocoder.gazetteer)
    cells = points_to_cells(rows["lat"], rows["lng"]).alias("h3_cell")
    answers.add(new["address_key"].to_numpy(), rows.with_columns(cells).select(_ANSWER), of_texts)


def with_nearest_place(found: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """Give points that came without a place - an institution's, a record's - the nearest one.

    Names of clusters and their outlines on the map are told by places; the point itself stays.

    Args:
        found: columns lat, lng (degrees), place_id, place, admin1; null where nothing was found.
        gazetteer: the places.
    """
    lost = found["lat"].is_not_null() & found["place_id"].is_null()
    if not lost.any() or not gazetteer.place_id:
        return found
    nearest = gazetteer.nearest(found.filter(lost).select("lat", "lng"))
    facts: dict[str, Sequence[object]] = {
        "place_id": gazetteer.place_id,
        "place": gazetteer.name,
        "admin1": gazetteer.admin1,
    }
    rows = lost.arg_true()
    return found.with_columns(
        found[column].scatter(
            rows, pl.Series([values[row] for row in nearest], dtype=found[column].dtype)
        )
        for column, values in facts.items()
    )


_IN_TURN = Lock()
_known: dict[str, Answers] = {}
_geocoders: dict[str, Future[Geocoder]] = {}
_BESIDE = ThreadPoolExecutor(1, thread_name_prefix="geocoder")


def _answers_of(version: str) -> Answers:
    """What the process knows of a version of gazetteer and rules."""
    if version not in _known:
        _known.clear()
        _known[version] = Answers(_empty(tables.ADDRESS_DICTIONARY).select(_ANSWER).schema)
    if _known[version].is_full:
        _known[version].forget()
    return _known[version]


def _geocoder(step: Step, version: str) -> Future[Geocoder]:
    """The geocoder of a version, built once in a process.

    In a thread of its own: some seconds of Python, while other years are looked through outside it.
    """
    if version not in _geocoders:
        _geocoders.clear()
        _geocoders[version] = _BESIDE.submit(
            geocoder_of,
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
