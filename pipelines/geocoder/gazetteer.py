"""The gazetteer in memory: what a key may mean, as plain dictionaries.

Here: `Gazetteer`, built in seconds from the two frames of `sources` (and from a user's institutions
and postcodes where given). Add an index here when the look-up needs another kind of key. Not here:
how the frames come about (`sources`), how a text is cut into keys (`parse`, `lookup`).
"""

from collections import defaultdict
from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pipelines.collector import collector_paused
from pipelines.delineation.sphere import unit_vectors
from pipelines.geocoder.countries import Boxes, country_names, translated_country_names
from pipelines.geocoder.distance import SAME_PLACE_KM, distance_km
from pipelines.geocoder.institutions import Institutions
from pipelines.geocoder.names import build_place_names
from pipelines.geocoder.postcodes import Postcodes
from pipelines.geocoder.sources import (
    admin1_names,
    admin2_names,
    admin2_of_place,
    build_places,
    region_aliases,
)
from pipelines.geocoder.text import fold

NAME_KINDS = ("main", "alternate", "variant")

# Countries whose addresses carry the unit's code: Cambridge MA, Toronto ON, Sydney NSW, Natal RN.
CODED_COUNTRIES = ("US", "CA", "AU", "BR", "MX", "IN")

# Salvador is El Salvador in some languages, and Brasilia Brazil; to who writes an address they are towns.
_TOWN_BEFORE_COUNTRY_POPULATION = 100_000

# Words for a unit's rank, cut from its names: Jiangsu Sheng, Kanagawa Prefecture, Gyeonggi-do.
_UNIT_WORDS = {
    "sheng", "shi", "ken", "prefecture", "province", "do", "state", "county", "district", "region",
    "oblast", "city", "municipality", "si", "gun", "gu", "ku", "fu", "kommun", "kommune", "lan",
    "canton", "governorate",
}  # fmt: skip


class Region(NamedTuple):
    """A first-order unit, or a second-order one where admin2 (GeoNames code) is given."""

    country: str
    admin1_code: str
    admin2: str | None


class Gazetteer:
    """Places and regions by key. Rows of places are numbered as in the frame, by place_id.

    Attributes:
        names: key -> codes ``row * 4 + index into NAME_KINDS``.
        regions: key -> regions of that name.
        countries: key -> the country (alpha-2) that is meant where the key stands in a text.
        region_codes: unit code as written in addresses (``MA``) -> regions.
    """

    def __init__(
        self,
        places: pl.DataFrame,
        institutions: Institutions,
        postcodes: Postcodes,
        boxes: Boxes,
    ) -> None:
        self.place_id: list[int] = places["place_id"].to_list()
        self.name: list[str] = places["name"].to_list()
        self.country: list[str] = places["country"].to_list()
        self.admin1_code: list[str | None] = places["admin1_code"].to_list()
        self.admin1: list[str | None] = places["admin1"].to_list()
        self.admin2: list[str | None] = places["admin2"].to_list()
        self.lat: list[float] = places["lat"].to_list()
        self.lng: list[float] = places["lng"].to_list()
        self.population: list[int] = places["population"].to_list()
        self.kind: list[str] = places["kind"].to_list()
        self._trees: dict[str | None, tuple[cKDTree, NDArray[np.int64]]] = {}
        self.names: dict[str, tuple[int, ...]] = {}
        self._places_of_unit: dict[str, list[int]] = defaultdict(list)
        self._latin: dict[tuple[object, ...], pl.DataFrame] = {}
        self._latin_empty = pl.DataFrame()
        self.regions: dict[str, tuple[Region, ...]] = {}
        self.region_codes: dict[str, tuple[Region, ...]] = {}
        self.countries: dict[str, str] = {}
        self.region_name: dict[tuple[str, str], str] = {}
        self.institutions = institutions
        self.postcodes = postcodes
        self.boxes = boxes

    @classmethod
    def from_frames(
        cls,
        places: pl.DataFrame,
        names: pl.DataFrame,
        institutions: pl.DataFrame | None = None,
        postcodes: pl.DataFrame | None = None,
    ) -> "Gazetteer":
        """Index frames in `sources.PLACES_SCHEMA` and `sources.NAMES_SCHEMA`.

        Args:
            places: one row per place; a user's own rows are simply appended.
            names: one row per place and key.
            institutions: institution_id, name, names (list), city, country, lat, lng (degrees) - one
                row per organisation, as a ROR dump gives them; without it no institution is known.
            postcodes: country, postcode, place, admin1_code, lat, lng (degrees) - a user's own table,
                which goes before the packaged one.
        """
        places = places.sort("place_id").join(admin2_of_place(), on="place_id", how="left")
        with collector_paused(stays=True):
            gazetteer = cls(places, Institutions(institutions), Postcodes(postcodes), Boxes(places))
            gazetteer._index_names(places, names)
            gazetteer._index_regions()
            gazetteer._index_countries()
        return gazetteer

    @classmethod
    def default(cls) -> "Gazetteer":
        """The packaged gazetteer without institutions; built once in a process."""
        return _default()

    def nearest(self, points: pl.DataFrame) -> pl.Series:
        """Rows of the places nearest to points: of their own countries, where these are given.

        Args:
            points: columns lat and lng (degrees), and country (of one with places) or none.
        """
        if "country" not in points.columns:
            return pl.Series(self._nearest_of(None, points))
        found = pl.Series([0], dtype=pl.Int64).new_from_index(0, len(points))
        numbered = points.with_row_index("point")
        for (country,), there in numbered.partition_by("country", as_dict=True).items():
            found = found.scatter(there["point"], self._nearest_of(str(country), there))
        return found

    def _nearest_of(self, country: str | None, points: pl.DataFrame) -> NDArray[np.int64]:
        """Rows of the places of a country, or of all, nearest to points; each tree is built once."""
        if country not in self._trees:
            is_there = (
                np.array(self.country) == country if country else np.full(len(self.lat), True)
            )
            rows = np.flatnonzero(is_there)
            vectors = unit_vectors(np.array(self.lat)[rows], np.array(self.lng)[rows])
            self._trees[country] = (cKDTree(vectors), rows)
        tree, rows = self._trees[country]
        _, nearest = tree.query(unit_vectors(points["lat"].to_numpy(), points["lng"].to_numpy()))
        found: NDArray[np.int64] = rows[nearest]
        return found

    def town_of(self, admin2: str) -> int | None:
        """Row of the largest place of a second-order unit all of whose places are one place with it.

        None where one lies further off than `SAME_PLACE_KM`: such a unit is no place.
        """
        if not self._places_of_unit:
            for row, unit in enumerate(self.admin2):
                if unit:
                    self._places_of_unit[unit].append(row)
        rows = self._places_of_unit.get(admin2)
        if not rows:
            return None
        town = min(rows, key=lambda row: (-self.population[row], self.place_id[row]))
        here = (self.lat[town], self.lng[town])
        is_one = all(
            distance_km(*here, self.lat[row], self.lng[row]) <= SAME_PLACE_KM for row in rows
        )
        return town if is_one else None

    def latin_names(self, country: str) -> pl.DataFrame:
        """Names in Latin letters of a country's places: name_key, code, admin1_code; sorted."""
        return self._latin.get((country,), self._latin_empty)

    def _index_names(self, places: pl.DataFrame, names: pl.DataFrame) -> None:
        rows = places.select("place_id", "admin1_code").with_row_index("row")
        kinds = pl.DataFrame({"name_kind": NAME_KINDS, "kind": range(len(NAME_KINDS))})
        coded = (
            names.join(rows, on="place_id")
            .join(kinds, on="name_kind")
            .with_columns(code=pl.col("row").cast(pl.Int64) * 4 + pl.col("kind"))
            .select("name_key", "code", "country", "admin1_code")
            .sort("name_key", "code")
        )
        latin = coded.filter(~pl.col("name_key").str.contains(r"[^\x00-\x7F]"))
        self._latin_empty = latin.drop("country").clear()
        self._latin = latin.partition_by(
            "country", as_dict=True, include_key=False, maintain_order=True
        )
        single = coded["name_key"].is_unique()
        ones = coded.filter(single)
        self.names = dict(zip(ones["name_key"].to_list(), zip(ones["code"].to_list()), strict=True))
        many: dict[str, list[int]] = defaultdict(list)
        rest = coded.filter(~single)
        for key, code in zip(rest["name_key"].to_list(), rest["code"].to_list(), strict=True):
            many[key].append(code)
        self.names |= {key: tuple(codes) for key, codes in many.items()}

    def _index_regions(self) -> None:
        regions: dict[str, dict[Region, None]] = defaultdict(dict)
        codes: dict[str, list[Region]] = defaultdict(list)
        code_of: dict[str, str] = {}
        for country, code, geonames_code, name, aliases in admin1_names().iter_rows():
            region = Region(country, code, None)
            self.region_name[country, code] = name
            code_of[f"{country}.{geonames_code}"] = code
            for written in [name, *filter(None, (aliases or "").split("|"))]:
                for key in _unit_keys(written):
                    regions[key][region] = None
            if country in CODED_COUNTRIES:
                codes[code].append(region)
        for country, code, aliases in region_aliases().iter_rows():
            for written in aliases.split("|"):
                regions[fold(written)][Region(country, code, None)] = None
        for admin2, name, aliases in admin2_names().iter_rows():
            country = admin2[:2]
            parent = code_of.get(admin2) or code_of.get(admin2.rsplit(".", 1)[0])
            if parent is None or (country == "TW" and admin2 in code_of):
                continue
            for written in [name, *filter(None, (aliases or "").split("|"))]:
                for key in _unit_keys(written):
                    regions[key][Region(country, parent, admin2)] = None
            if country == "IT":
                codes[admin2.rsplit(".", 1)[1]].append(Region(country, parent, admin2))
        self.regions = {key: tuple(found) for key, found in regions.items()}
        self.region_codes = {code: tuple(found) for code, found in codes.items()}

    def _index_countries(self) -> None:
        translated = {
            key: country
            for key, country in translated_country_names().items()
            if not any(
                code & 3 == 0 and self.population[code >> 2] >= _TOWN_BEFORE_COUNTRY_POPULATION
                for code in self.names.get(key, ())
            )
        }
        self.countries = translated | country_names()


def _unit_keys(name: str) -> set[str]:
    key = fold(name)
    words = key.split()
    keys = {key}
    while len(words) > 1 and words[-1] in _UNIT_WORDS:
        words.pop()
        keys.add(" ".join(words))
    return {k for k in keys if len(k) > 1}


@cache
def _default() -> Gazetteer:
    return Gazetteer.from_frames(build_places(), build_place_names())
