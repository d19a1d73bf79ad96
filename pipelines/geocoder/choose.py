"""Which meaning of an address wins: candidates, witnesses, scores.

Here: the weighing of evidence - country, region, postcode, institution, population, position - and the
choice among homonyms. Each weight stands in one table with its reason. Not here: how the words were
found (`lookup`) and the order in which last resorts are tried (`resolve`).
"""

import math
from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from pipelines.geocoder.countries import TERRITORIES
from pipelines.geocoder.distance import distance_km
from pipelines.geocoder.gazetteer import Gazetteer, Region
from pipelines.geocoder.institutions import Institution
from pipelines.geocoder.level import Level
from pipelines.geocoder.lookup import Reading
from pipelines.geocoder.postcodes import PostcodeArea

_WITNESS_KM = 50.0
# No two points so near each other differ more in latitude: 50 km are 0.45 degrees.
_WITNESS_DEG = 0.5
_FINER_KM = 40.0
# A town inside an organisation's name must be this large to be meant: with a stated country, without.
_INSIDE_POPULATION = (5_000, 300_000)
# Without one, a town by a further name in Latin letters, of which GeoNames has short ones in every tongue.
_FURTHER_NAME_POPULATION = 5_000
# And a town, to be meant by a city state's name: there are two villages of San Marino in Italy.
_NAMESAKE_POPULATION = 5_000

_ADMIN1_AGREES = 4.0  # a province beside a town settles nearly every homonym
_ADMIN2_AGREES = 3.0
_ADMIN1_CONTRADICTS = -3.0
# What regions beside a place come to, by: first order agrees, contradicts, second order agrees.
_AGREEMENTS = {
    (first, other, second): (
        _ADMIN1_AGREES * first + _ADMIN1_CONTRADICTS * other + _ADMIN2_AGREES * second,
        ("admin1",) * first + ("other admin1",) * other + ("admin2",) * second,
    )
    for first in (False, True)
    for other in (False, True)
    for second in (False, True)
}
# Where a state is part of every address, a town of another state is another town.
STATE_DECIDES = {"US", "CA", "AU"}
# Where states are known by their names alone, in the world.
_STATES_SPEAK = STATE_DECIDES | {"BR"}
_POSTCODE_NEAR = 2.5
_POSTCODE_AGREES = 2.0
_POSTCODE_CONTRADICTS = -1.5
_NEIGHBOUR_NAMED = 1.5  # another town of the same address lies near
_INSTITUTION_NEAR = 2.0
_POPULATION_PER_DECADE = 0.7
_PER_STEP_LEFT = -0.3  # towns stand right of streets and organisations
_KIND = (0.0, -1.0, -0.3)  # main, alternate, variant: as in gazetteer.NAME_KINDS
_HOW = {
    "name": 0.0, "suffix": -0.2, "abbreviation": -0.3, "joined": -0.5, "inside": -1.5,
    "romanisation": -0.5, "fuzzy": -1.0, "organisation": -0.5,
}  # fmt: skip

# Places found by words that say organisation: a campus with a name in the gazetteer, a town inside a name.
_ORGANISATIONS = {"organisation", "inside"}

# Inhabitants to reckon with where the gazetteer tells none, by kind of place.
_ASSUMED = {"city": 300, "district": 200_000, "county": 100_000, "municipality": 10_000,
            "park": 10_000, "post town": 1_000}  # fmt: skip

_NOTHING = Reading("")

# Countries that are a town: their name alone is a place.
_CITY_STATES = {"SG", "HK", "MO", "MC", "GI", "VA", "SM"}


class Candidate(NamedTuple):
    """A place that the address may mean, with its score and the evidence that made it."""

    score: float
    row: int
    reading: int
    how: str
    evidence: tuple[str, ...]


class Countries(NamedTuple):
    """The countries that an address may lie in.

    Attributes:
        allowed: alpha-2 codes; empty where the address names none.
        is_stated: by a field or by name, so that no other country can be meant.
        readings: numbers of the readings that name them.
    """

    allowed: tuple[str, ...]
    is_stated: bool
    readings: tuple[int, ...]

    @property
    def with_territories(self) -> tuple[str, ...]:
        """The allowed ones, and the territories that are written under them."""
        territories = [code for country in self.allowed for code in TERRITORIES.get(country, ())]
        return tuple(dict.fromkeys([*self.allowed, *territories]))


def countries_of(readings: Sequence[Reading], field_country: str | None) -> Countries:
    """The country of an address: its field, else the rightmost name, else a code at the end."""
    named = [(i, c) for i, r in enumerate(readings) if not r.is_code for c in r.countries]
    if field_country:
        stated = field_country
        used = tuple(i for i, c in named if c == stated and i > 0)
    elif named:
        last, stated = named[-1]
        used = tuple(
            i
            for i, c in named
            if c == stated
            and (i == last or (i == last - 1 and readings[i].words != readings[last].words))
        )
    else:
        for i in range(len(readings) - 1, max(-1, len(readings) - 3), -1):
            if readings[i].is_code:
                region_countries = [
                    r.country for r in readings[i].regions if r.country in STATE_DECIDES
                ]
                allowed = dict.fromkeys([*readings[i].countries, *region_countries])
                return Countries(tuple(allowed), is_stated=False, readings=(i,))
        return Countries((), is_stated=False, readings=())
    territories = TERRITORIES.get(stated, ())
    for i, reading in enumerate(readings):
        is_territory = reading.countries and reading.countries[0] in territories
        if is_territory and all(region.country != stated for region in reading.regions):
            return Countries(reading.countries, is_stated=True, readings=(*used, i))
    allowed_set = {stated: None}
    if not field_country:
        # Georgia is a country and a state: both stay possible.
        for region in readings[used[-1]].regions:
            if region.admin2 is None and region.country != stated:
                allowed_set[region.country] = None
    return Countries(tuple(allowed_set), is_stated=True, readings=used)


def are_one_address(country: str, other: str) -> bool:
    """Whether one address may name both: Hong Kong, China."""
    return (
        country == other
        or country in TERRITORIES.get(other, ())
        or other in TERRITORIES.get(country, ())
    )


def _is_main_name(code: int) -> bool:
    """Whether a place is so called in the first place; see `Gazetteer.names`."""
    return code & 3 == 0


def _is_said_inside(one: Reading, other: Reading) -> bool:
    """Whether a name is another reading and stands inside an organisation's: Hospital La Paz, La Paz.

    Where no country is known, it is no witness for itself then.
    """
    return one.words == other.words and "inside" in (one.how, other.how)


class Chooser:
    """Scores the places that readings may mean."""

    def __init__(self, gazetteer: Gazetteer, level: Level) -> None:
        self._gazetteer = gazetteer
        self._level = level
        self._size = [
            _POPULATION_PER_DECADE * math.log10(max(population, _ASSUMED.get(kind, 100)))
            for population, kind in zip(gazetteer.population, gazetteer.kind, strict=True)
        ]
        self._largest: dict[tuple[str, str | None], int] = {}
        for country, code, population in zip(
            gazetteer.country, gazetteer.admin1_code, gazetteer.population, strict=True
        ):
            if population > self._largest.get((country, code), 0):
                self._largest[country, code] = population

    def as_towns(self, readings: Sequence[Reading]) -> Sequence[Reading]:
        """The readings, where towns that are called as a country are none: Lebanon, NH is no country.

        So it is where the next reading names the first-order unit in which such a town lies, and the
        words are no such unit of the same country themselves: Wales, England is not the village.
        And a territory is none where a town follows that lies in its state alone: Hop St Martin, Paris,
        France.
        """
        if not any(reading.countries for reading in readings[:-1]):
            return readings
        state = readings[-1].countries[0] if readings[-1].countries else ""
        return [
            here._replace(countries=())
            if self._is_town_in(here, there)
            else Reading(here.words)
            if self._yields_to(here, there, state)
            else here
            for here, there in zip_longest(readings, readings[1:], fillvalue=_NOTHING)
        ]

    def is_located(self, readings: Sequence[Reading], next_country: str) -> bool:
        """Whether readings that end with a country name a place or region in it, or a city state.

        A city state's name does not do where it is a town's in `next_country`: Macau, Brazil.
        """
        g = self._gazetteer
        country = readings[-1].countries[0]
        is_city_state = country in _CITY_STATES and not any(
            _is_main_name(code)
            and g.country[code >> 2] == next_country
            and g.population[code >> 2] >= _NAMESAKE_POPULATION
            for code in readings[-1].places
        )
        return any(
            any(g.country[code >> 2] == country for code in reading.places)
            or any(region.country == country for region in reading.regions)
            for reading in (readings if is_city_state else readings[:-1])
        )

    def _is_town_in(self, here: Reading, there: Reading) -> bool:
        if not here.countries or self._level < Level.REGIONS:
            return False
        g = self._gazetteer
        own = {unit.country for unit in here.regions if unit.admin2 is None}
        units = {
            (unit.country, unit.admin1_code)
            for unit in there.regions
            if unit.admin2 is None and unit.country not in own
        }
        return any(
            _is_main_name(code) and (g.country[code >> 2], g.admin1_code[code >> 2]) in units
            for code in here.places
        )

    def _yields_to(self, here: Reading, there: Reading, state: str) -> bool:
        """Whether a territory of a state is not meant, for a town of the state itself follows it."""
        territories = TERRITORIES.get(state, ())
        if not here.countries or here.countries[0] not in territories or there.countries:
            return False
        g = self._gazetteer
        countries = {g.country[code >> 2] for code in there.places}
        return state in countries and here.countries[0] not in countries

    def candidates(
        self,
        readings: Sequence[Reading],
        countries: Countries,
        postcodes: Sequence[PostcodeArea] = (),
    ) -> list[Candidate]:
        """All places that the readings may mean in the allowed countries, best first.

        `postcodes` are what the postcodes of the address tell. A town that is called as its country
        only by a further name - Guatemala, Guatemala - is meant where nothing else can be.
        Order: score, then population, then place_id, so that equal evidence gives equal answers.
        """
        g = self._gazetteer
        allowed = set(countries.with_territories)
        regions = self._regions(readings, allowed)
        found: list[Candidate] = []
        capitals: list[Candidate] = []
        last = len(readings) - 1
        for i, reading in enumerate(readings):
            is_city_state = bool(_CITY_STATES.intersection(reading.countries))
            if not reading.places or (i in countries.readings and not is_city_state):
                continue
            is_said_again = is_city_state or bool(countries.readings)
            base = _HOW[reading.how] + _PER_STEP_LEFT * min(last - i, 6)
            others = [
                (named, readings[j].how != "inside")
                for j, named in regions
                if j != i and (allowed or not _is_said_inside(reading, readings[j]))
            ]
            for code in reading.places:
                row = code >> 2
                if (allowed and g.country[row] not in allowed) or self._is_barred(
                    code, reading, with_country=bool(allowed)
                ):
                    continue
                is_called_as_country = bool(reading.countries) and not _is_main_name(code)
                if is_called_as_country and not is_said_again:
                    continue
                bonus, evidence = self._agreement(row, others) if others else (0.0, ())
                if (
                    reading.regions
                    and "admin1" not in evidence
                    and self._is_rather_a_region(code, reading, with_country=bool(allowed))
                ):
                    continue
                if "other admin1" in evidence and g.country[row] in STATE_DECIDES:
                    continue
                for area in postcodes:
                    agrees, worth = self._postcode(row, area)
                    bonus += worth
                    if agrees:
                        evidence = (*evidence, "postcode")
                score = base + _KIND[code & 3] + self._size[row] + bonus
                named = capitals if is_called_as_country else found
                named.append(Candidate(score, row, i, reading.how, evidence))
        return self._in_order(
            self._neighbours(found or capitals, readings, with_country=bool(allowed))
        )

    def _regions(
        self, readings: Sequence[Reading], allowed: set[str]
    ) -> list[tuple[int, list[Region]]]:
        """The regions in the allowed countries that each reading names, with the reading's number."""
        if self._level < Level.REGIONS:
            return []
        named = [
            (i, [r for r in reading.regions if not allowed or r.country in allowed])
            for i, reading in enumerate(readings)
            if reading.regions
        ]
        return [(i, found) for i, found in named if found]

    def with_organisation(
        self, candidates: Sequence[Candidate], organisation: Institution
    ) -> list[Candidate]:
        """The same candidates in their order, where the organisation speaks for those near it."""
        return self._in_order(
            [
                c._replace(score=c.score + _INSTITUTION_NEAR, evidence=(*c.evidence, "institution"))
                if self._is_near(c.row, organisation.lat, organisation.lng)
                else c
                for c in candidates
            ]
        )

    def _in_order(self, candidates: list[Candidate]) -> list[Candidate]:
        if len(candidates) < 2:
            return candidates
        g = self._gazetteer
        return sorted(candidates, key=lambda c: (-c.score, -g.population[c.row], g.place_id[c.row]))

    def _is_barred(self, code: int, reading: Reading, *, with_country: bool) -> bool:
        """Whether a place cannot be what the words mean, whatever else the address says."""
        is_further = not _is_main_name(code)
        if is_further and self._level < Level.ALTERNATES:
            return True
        least = 0
        if with_country:
            least = _INSIDE_POPULATION[0] if reading.how == "inside" else 0
        elif reading.how == "inside" or reading.is_common:
            least = _INSIDE_POPULATION[1]
        elif is_further and reading.words.isascii():
            least = _FURTHER_NAME_POPULATION
        return self._gazetteer.population[code >> 2] < least

    def _agreement(
        self, row: int, others: list[tuple[list[Region], bool]]
    ) -> tuple[float, tuple[str, ...]]:
        """What the regions named by the other readings say of a place.

        `others`: the regions of each, and whether they may contradict: not what stands inside an
        organisation's name, for Washington University is in St. Louis.
        """
        g = self._gazetteer
        country, admin1, admin2 = g.country[row], g.admin1_code[row], g.admin2[row]
        agrees1 = agrees2 = contradicts = False
        for named, may_contradict in others:
            one_agrees = one_names = False
            for region in named:
                if region.country != country:
                    continue
                if region.admin2 is None:
                    one_names = True
                    one_agrees = one_agrees or region.admin1_code == admin1
                elif region.admin2 == admin2:
                    agrees2 = True
            agrees1 = agrees1 or one_agrees
            contradicts = contradicts or (may_contradict and one_names and not one_agrees)
        return _AGREEMENTS[agrees1, contradicts and not agrees1, agrees2]

    def _postcode(self, row: int, area: PostcodeArea) -> tuple[bool, float]:
        """Whether a place lies in a postcode's area, and what that is worth."""
        if area.lat is not None and area.lng is not None:
            agrees, worth = self._is_near(row, area.lat, area.lng), _POSTCODE_NEAR
        else:
            agrees, worth = area.admin1_code == self._gazetteer.admin1_code[row], _POSTCODE_AGREES
        return agrees, worth if agrees else _POSTCODE_CONTRADICTS

    def _is_near(self, row: int, lat: float, lng: float) -> bool:
        g = self._gazetteer
        return (
            abs(g.lat[row] - lat) < _WITNESS_DEG
            and distance_km(g.lat[row], g.lng[row], lat, lng) < _WITNESS_KM
        )

    def finest(self, candidates: list[Candidate]) -> Candidate:
        """The best candidate, or the smaller place within it that the address names as well.

        Minato-ku, Tokyo is Minato: a place of another reading, in the same first-order unit and not
        far off, with fewer inhabitants. An organisation's grounds are not what its town is written for:
        University of British Columbia, Vancouver is Vancouver.
        """
        g = self._gazetteer
        best = candidates[0]
        if len(candidates) == 1:
            return best
        home = (g.country[best.row], g.admin1_code[best.row])
        for c in candidates:
            if (
                c.reading != best.reading
                and c.how not in _ORGANISATIONS
                and (g.country[c.row], g.admin1_code[c.row]) == home
                and g.population[c.row] < g.population[best.row]
                and distance_km(g.lat[c.row], g.lng[c.row], g.lat[best.row], g.lng[best.row])
                < _FINER_KM
            ):
                return c
        return best

    def _is_rather_a_region(self, code: int, reading: Reading, *, with_country: bool) -> bool:
        """Whether the words name a first-order unit that this place is not the main town of.

        The unit may be of the place's own country or of the state of its territory - Florida is no town
        in Puerto Rico - and, where no country is stated, of one whose states stand in addresses:
        Queensland is no town in Alberta.
        """
        g = self._gazetteer
        row = code >> 2
        country, population = g.country[row], g.population[row]
        if self._level < Level.REGIONS:
            return False
        is_of_unit = is_main_town_of_unit = False
        for region in reading.regions:
            if region.admin2 is not None:
                continue
            largest = self._largest.get((region.country, region.admin1_code), 0)
            is_main_town = population >= 0.6 * largest
            if region.country == country:
                inside = region.admin1_code == g.admin1_code[row]
                is_of_unit = True
                is_main_town_of_unit |= is_main_town and (inside or population >= 500_000)
            elif (
                country in TERRITORIES.get(region.country, ())
                or (not with_country and region.country in _STATES_SPEAK)
            ) and not (is_main_town and _is_main_name(code)):
                return True
        return is_of_unit and not is_main_town_of_unit

    def _neighbours(
        self, found: list[Candidate], readings: Sequence[Reading], *, with_country: bool
    ) -> list[Candidate]:
        """Adds to each candidate what a near candidate of another reading is worth."""
        if len(found) < 2 or len({c.reading for c in found}) < 2:
            return found
        g = self._gazetteer
        points = [(c.reading, g.lat[c.row], g.lng[c.row]) for c in found]
        return [
            c._replace(score=c.score + _NEIGHBOUR_NAMED, evidence=(*c.evidence, "neighbour"))
            if any(
                other != reading
                and abs(other_lat - lat) < _WITNESS_DEG
                and distance_km(lat, lng, other_lat, other_lng) < _WITNESS_KM
                and (with_country or not _is_said_inside(readings[reading], readings[other]))
                for other, other_lat, other_lng in points
            )
            else c
            for c, (reading, lat, lng) in zip(found, points, strict=True)
        ]
