"""The geocoder: distinct addresses in, one place with its precision and evidence out.

Here: `Geocoder` and the order in which means are tried: the record's own point, a place named in the
address, the postcode, the institution, other spellings, then the region, then the country. Not here:
the means themselves.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import NamedTuple

import polars as pl

from pipelines.geocoder.choose import Candidate, Chooser, Countries, countries_of
from pipelines.geocoder.countries import country_of_field
from pipelines.geocoder.distance import SAME_PLACE_KM, distance_km
from pipelines.geocoder.fuzzy import Fuzzy
from pipelines.geocoder.gazetteer import Gazetteer, Region
from pipelines.geocoder.institutions import Institution
from pipelines.geocoder.level import Level
from pipelines.geocoder.lookup import Lookup, Read, Reading
from pipelines.geocoder.postcodes import PostcodeArea
from pipelines.geocoder.results import RESULT_SCHEMA, Result, Results
from pipelines.geocoder.romanise import Romaniser
from pipelines.geocoder.text import fold

# From this lead in score the first candidate needs no organisation as a witness.
_CLEAR_LEAD = 2.5


class Address(NamedTuple):
    """A row to resolve: texts as written, latitude and longitude in degrees."""

    address: str | None
    city: str | None
    region: str | None
    postcode: str | None
    country: str | None
    institution: str | None
    institution_id: str | None
    lat: float | None
    lng: float | None


class _Named(NamedTuple):
    """What the known words and the postcodes of an address say, before organisations are asked.

    Attributes:
        candidates: places, best first.
        is_clear: the best place needs no further witness.
        results: what came out, by the organisation that was asked; those of last resorts are not kept.
    """

    readings: tuple[Reading, ...]
    countries: Countries
    areas: tuple[PostcodeArea, ...]
    candidates: list[Candidate]
    is_clear: bool
    results: dict[Institution | None, Result]


class Geocoder:
    """Resolves addresses against one gazetteer, offline; what it remembers changes no answer."""

    def __init__(self, gazetteer: Gazetteer, level: Level = Level.INSTITUTIONS) -> None:
        """Use `gazetteer` up to `level`: all means, but for an ablation."""
        self._gazetteer = gazetteer
        self._level = level
        self._lookup = Lookup(gazetteer, level)
        self._chooser = Chooser(gazetteer, level)
        self._romaniser = Romaniser(gazetteer)
        self._fuzzy = Fuzzy(gazetteer)
        self._results = Results(gazetteer)
        self._fields: dict[str, list[Read]] = {}
        self._countries: dict[
            tuple[str | int | None, ...], tuple[tuple[Reading, ...], Countries]
        ] = {}
        self._named: dict[tuple, _Named] = {}
        self._organisations: dict[tuple[str, tuple[str, ...]], Institution | None] = {}

    def resolve(self, distinct: pl.DataFrame) -> pl.DataFrame:
        """One result per row of `distinct`, in its order.

        Args:
            distinct: address, city, region, postcode, country, institution, institution_id (text) and
                lat, lng (degrees); all may be null, absent columns count as null. Rows should be
                distinct: each is resolved on its own.

        Returns:
            Columns of `RESULT_SCHEMA`. precision is `point`, `postcode`, `city`, `institution` (these
            have lat and lng), `admin1`, `country` or `none`; admin1_code is the ISO 3166-2 code
            without the country where one is known; confidence is 0 to 1; `reason` tells what spoke
            for the place, or why there is none.
        """
        rows = distinct.select(
            [
                pl.col(name) if name in distinct.columns else pl.lit(None).alias(name)
                for name in Address._fields
            ]
        )
        with _collector_paused():
            results = [self._resolve(row) for row in map(Address._make, rows.iter_rows())]
        # Most addresses share their result with others: rows are made of the different ones alone.
        numbers: dict[int, int] = {}
        places = [numbers.setdefault(id(result), len(numbers)) for result in results]
        different = list({id(result): result for result in results}.values())
        table = pl.DataFrame(different, schema=RESULT_SCHEMA, orient="row")
        return table[places] if places else table

    def _resolve(self, row: Address) -> Result:
        stated = country_of_field(row.country) if row.country else None
        reads = self._lookup.read(row.address) if row.address else []
        for field in (row.city, row.region, row.postcode, None if stated else row.country):
            if field:
                reads = reads + self._read_field(field)
        named = self._name(reads, stated)
        if row.lat is None or row.lng is None:
            return self._decide(named, reads, stated, row)
        allowed = named.countries.allowed
        if len(allowed) == 1 and self._gazetteer.boxes.contains(allowed[0], row.lat, row.lng):
            return self._results.point(allowed[0], row.lat, row.lng)
        where = allowed[0] if len(allowed) == 1 else "one stated country"
        problem = f"coordinates {row.lat:g}, {row.lng:g} are not in {where}"
        return self._decide(named, reads, stated, row) | {"reason": problem}

    def _read_field(self, text: str) -> list[Read]:
        """As `Lookup.read`, remembered: fields say the same again and again."""
        reads = self._fields.get(text)
        if reads is None:
            reads = self._fields[text] = self._lookup.read(text)
        return reads

    def _name(self, reads: list[Read], stated: str | None) -> _Named:
        """What the parts that name something say, whatever else stands between them."""
        names = (stated, *[read.number for read in reads if read.number is not None])
        found = self._countries.get(names)
        if found is None:
            known = [r for read in reads for r in read.readings if r.is_known]
            readings = _first_address(known)
            found = self._countries[names] = (readings, countries_of(readings, stated))
        readings, countries = found
        areas: tuple[PostcodeArea, ...] = ()
        postcodes = [postcode for read in reads for postcode in read.postcodes]
        if postcodes and len(countries.allowed) == 1 and self._level >= Level.POSTCODES:
            find, country = self._gazetteer.postcodes.find, countries.allowed[0]
            areas = tuple([area for postcode in postcodes if (area := find(country, postcode))])
        key = (names, areas)
        named = self._named.get(key)
        if named is None:
            candidates = self._chooser.candidates(readings, countries, areas)
            is_clear = bool(countries.allowed) and self._is_clear(candidates)
            named = _Named(readings, countries, areas, candidates, is_clear, {})
            self._named[key] = named
        return named

    def _decide(self, named: _Named, reads: list[Read], stated: str | None, row: Address) -> Result:
        organisation = None
        if not named.is_clear:
            organisation = self._organisation(reads, row, named.countries.allowed)
        result = named.results.get(organisation)
        if result is None:
            result = self._placed(named, organisation)
            if result is None:
                return self._last_resort(named, reads, stated)
            named.results[organisation] = result
        return result

    def _placed(self, named: _Named, organisation: Institution | None) -> Result | None:
        """What an address comes to by its names, its postcodes and its organisation, if to anything."""
        countries, candidates = named.countries, named.candidates
        if organisation:
            candidates = self._chooser.with_organisation(candidates, organisation)
        if not countries.allowed:
            candidates = [c for c in candidates if _is_sure(c)]
        if candidates:
            return self._results.place(self._chooser.finest(candidates), candidates)
        for area in named.areas:
            if area.lat is not None:
                return self._results.postcode(countries.allowed[0], area)
        return self._results.institution(organisation) if organisation else None

    def _last_resort(self, named: _Named, reads: list[Read], stated: str | None) -> Result:
        if (town := self._town_of_unit(named)) is not None:
            return self._results.unit(town)
        readings = _first_address([r for read in reads for r in read.readings])
        candidates = self._last_resorts(readings, stated)
        if candidates:
            return self._results.place(self._chooser.finest(candidates), candidates)
        countries = named.countries
        if region := _region_of(named.readings, countries):
            return self._results.region(region)
        if countries.allowed and (countries.is_stated or len(countries.allowed) == 1):
            return self._results.country(countries.allowed[0])
        return self._results.none()

    def _town_of_unit(self, named: _Named) -> int | None:
        """The town of the one second-order unit that an address names, where the unit is so small."""
        allowed = named.countries.allowed
        if self._level < Level.REGIONS or len(allowed) != 1:
            return None
        state = _only_unit(named.readings, allowed[0])
        units = {
            region.admin2
            for number, reading in enumerate(named.readings)
            # Aichi is a prefecture before it is a district in it
            if number not in named.countries.readings
            and all(region.admin2 for region in reading.regions if region.country == allowed[0])
            for region in reading.regions
            if region.country == allowed[0] and state in (None, region.admin1_code)
        }
        unit = units.pop() if len(units) == 1 else None
        return self._gazetteer.town_of(unit) if unit else None

    def _organisation(
        self, reads: list[Read], row: Address, allowed: tuple[str, ...]
    ) -> Institution | None:
        known = self._gazetteer.institutions
        if not known.by_id or self._level < Level.INSTITUTIONS:
            return None
        if row.institution_id and (one := known.by_id.get(row.institution_id)):
            return one
        if row.institution:
            key = (row.institution, allowed)
            if key not in self._organisations:
                self._organisations[key] = known.find(fold(row.institution), allowed)
            if one := self._organisations[key]:
                return one
        return known.find(" ".join([r.words for read in reads for r in read.readings]), allowed)

    def _is_clear(self, candidates: list[Candidate]) -> bool:
        """Whether the best place needs no further witness: no other is nearly as good."""
        if not candidates:
            return False
        g = self._gazetteer
        best = candidates[0]
        return not any(
            best.score - c.score < _CLEAR_LEAD
            and distance_km(g.lat[best.row], g.lng[best.row], g.lat[c.row], g.lng[c.row])
            > SAME_PLACE_KM
            for c in candidates[1:]
        )

    def _last_resorts(
        self, readings: tuple[Reading, ...], field_country: str | None
    ) -> list[Candidate]:
        """Candidates from names inside organisations' names, other romanisations, near misses."""
        found: list[Candidate] = []
        if self._level >= Level.INSIDE:
            found = self._inside(readings, field_country, organisations=True)
        countries = countries_of(readings, field_country)
        for country in countries.allowed:
            if not found and self._level >= Level.SPELLINGS:
                found = self._spelt(readings, country, countries)
            if not found and self._level >= Level.FUZZY:
                found = self._misspelt(readings, country, countries)
        if not found and self._level >= Level.INSIDE:
            found = self._inside(readings, field_country, organisations=False)
        return found

    def _spelt(
        self, readings: tuple[Reading, ...], country: str, countries: Countries
    ) -> list[Candidate]:
        spelt = [
            reading
            if reading.is_known and (reading.places or " " in reading.words)
            else reading._replace(
                places=self._romaniser.places(reading.words, country), how="romanisation"
            )
            for reading in readings
        ]
        return self._chooser.candidates(spelt, countries)

    def _misspelt(
        self, readings: tuple[Reading, ...], country: str, countries: Countries
    ) -> list[Candidate]:
        unit = _only_unit(readings, country)
        near = [
            reading._replace(places=self._fuzzy.places(reading.words, country, unit), how="fuzzy")
            if _may_be_misspelt(reading, country)
            else reading
            for reading in readings
        ]
        return self._chooser.candidates(near, countries)

    def _inside(
        self, readings: tuple[Reading, ...], field_country: str | None, *, organisations: bool
    ) -> list[Candidate]:
        """Candidates from the names inside unknown readings, of organisations or of others."""
        inside = [
            inner
            for reading in readings
            for inner in (
                self._lookup.inside(reading.words)
                if not reading.is_known and reading.is_institutional == organisations
                else (reading,)
            )
        ]
        return self._chooser.candidates(inside, countries_of(inside, field_country))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No garbage collection: nothing here makes cycles, and walking the gazetteer costs a third."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _is_sure(candidate: Candidate) -> bool:
    """Whether a place may stand without a country: a region or an organisation speaks for it."""
    return "admin1" in candidate.evidence or "institution" in candidate.evidence


def _may_be_misspelt(reading: Reading, country: str) -> bool:
    return not (
        reading.is_institutional
        or reading.is_code
        or reading.countries
        or any(r.admin2 is None and r.country == country for r in reading.regions)
    )


def _only_unit(readings: tuple[Reading, ...], country: str) -> str | None:
    """The first-order unit that the address names in `country`, if it names just one."""
    units = {
        region.admin1_code
        for reading in readings
        for region in reading.regions
        if region.country == country and region.admin2 is None
    }
    return units.pop() if len(units) == 1 else None


def _region_of(readings: tuple[Reading, ...], countries: Countries) -> Region | None:
    """The region named last, a first-order unit rather than one below it."""
    for number in range(len(readings) - 1, -1, -1):
        reading = readings[number]
        found = [
            r for r in reading.regions if not countries.allowed or r.country in countries.allowed
        ]
        if found and not (reading.is_code and number in countries.readings):
            return min(found, key=lambda r: (r.admin2 is not None, r.country, r.admin1_code))
    return None


def _first_address(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """The readings up to the first country, where the string goes on with another whole address."""
    named = [i for i, r in enumerate(readings) if r.countries and not r.is_code]
    for here, there in pairwise(named):
        if here > 0 and there - here > 1:
            return tuple(readings[: here + 1])
    return tuple(readings)
