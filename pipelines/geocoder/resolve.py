"""The geocoder: distinct addresses in, one place with its precision and evidence out.

Here: `Geocoder` and the order in which means are tried: the record's own point, a place named in the
address, the postcode, the institution, other spellings, then the region, then the country. Not here:
the means themselves.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeVar

import polars as pl

from pipelines.collector import collector_paused
from pipelines.geocoder.choose import (
    STATE_DECIDES,
    Candidate,
    Chooser,
    Countries,
    are_one_address,
    countries_of,
)
from pipelines.geocoder.distance import SAME_PLACE_KM, distance_km
from pipelines.geocoder.distinct import distinct_rows
from pipelines.geocoder.evidence import Evidence
from pipelines.geocoder.fuzzy import Fuzzy
from pipelines.geocoder.gazetteer import Gazetteer, Region
from pipelines.geocoder.institutions import Institution
from pipelines.geocoder.level import Level
from pipelines.geocoder.lookup import Reading
from pipelines.geocoder.postcodes import PostcodeArea
from pipelines.geocoder.results import Result, Results, table_of
from pipelines.geocoder.romanise import Romaniser
from pipelines.geocoder.text import fold

# From this lead in score the first candidate needs no organisation as a witness.
_CLEAR_LEAD = 2.5
_MOST_REMEMBERED = 100_000

_T = TypeVar("_T")


_COLUMNS = {
    "address": pl.String,
    "city": pl.String,
    "region": pl.String,
    "postcode": pl.String,
    "country": pl.String,
    "institution": pl.String,
    "institution_id": pl.String,
    "lat": pl.Float64,
    "lng": pl.Float64,
}


class _Said(NamedTuple):
    """What the known words of an address say.

    Attributes:
        stated: the country that its field states, alpha-2.
        named: what came of it, by the numbers of the areas that postcodes tell.
    """

    stated: str | None
    readings: tuple[Reading, ...]
    countries: Countries
    named: dict[tuple[int, ...], "_Named"]

    @property
    def country(self) -> str | None:
        """The country, where only one is possible."""
        allowed = self.countries.allowed
        return allowed[0] if len(allowed) == 1 else None


class _Named(NamedTuple):
    """What the known words and the postcodes of an address say, before organisations are asked.

    Attributes:
        candidates: places, best first.
        is_clear: the best place needs no further witness.
        results: what came out, by the organisation that was asked; None where nothing did.
    """

    said: _Said
    areas: tuple[PostcodeArea, ...]
    candidates: list[Candidate]
    is_clear: bool
    results: dict[Institution | None, Result | None]


class Geocoder:
    """Resolves addresses against one gazetteer, offline; what it remembers changes no answer.

    Attributes:
        gazetteer: the places that addresses may lie at.
    """

    def __init__(self, gazetteer: Gazetteer, level: Level = Level.INSTITUTIONS) -> None:
        """Use `gazetteer` up to `level`: all means, but for an ablation."""
        self.gazetteer = gazetteer
        self._level = level
        self._evidence = Evidence(gazetteer, level)
        self._chooser = Chooser(gazetteer, level)
        self._romaniser = Romaniser(gazetteer)
        self._fuzzy = Fuzzy(gazetteer)
        self._results = Results(gazetteer)
        self._find_institution = lru_cache(_MOST_REMEMBERED)(gazetteer.institutions.find)
        self._said: dict[tuple[str | int | None, ...], _Said] = {}

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
            pl.col(name) if name in distinct.columns else pl.lit(None, kind).alias(name)
            for name, kind in _COLUMNS.items()
        )
        with collector_paused():
            return self._resolve(rows)

    def _resolve(self, rows: pl.DataFrame) -> pl.DataFrame:
        if self._evidence.is_full:
            self._evidence.forget()
            self._said.clear()
        evidence = self._evidence.of(rows)
        said, numbers = _once(evidence.select("stated", "name"), self._say)
        country = pl.Series("country", [one.country for one in said], pl.String)[numbers]
        rows = rows.drop("country").hstack([country, numbers.alias("said"), evidence["part"]])
        rows = rows.with_columns(self._areas(country, evidence["postcodes"])).with_row_index("row")
        at_points = self._at_points(rows)
        by_text = self._by_text(rows.join(at_points, on="row", how="anti"), said)
        return pl.concat([at_points, by_text]).sort("row").drop("row")

    def _areas(self, country: pl.Series, postcodes: pl.Series) -> pl.Series:
        """The areas that the postcodes of each row tell: lists of numbers in `Postcodes.areas`."""
        asked = (
            pl.DataFrame({"country": country, "postcode": postcodes})
            .with_row_index("row")
            .drop_nulls("country")
            .explode("postcode")
            .drop_nulls("postcode")
        )
        if self._level < Level.POSTCODES:
            asked = asked.clear()
        areas = pl.Series("areas", self.gazetteer.postcodes.find(asked), pl.Int64)
        told = asked.hstack([areas]).drop_nulls("areas").group_by("row").agg("areas")
        rows = pl.DataFrame({"row": pl.int_range(len(country), dtype=pl.UInt32, eager=True)})
        lists = rows.join(told, on="row", how="left", maintain_order="left")
        return lists["areas"].fill_null(pl.Series([[]], dtype=pl.List(pl.Int64)))

    def _at_points(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Results, with the column `row`, of the rows whose own point lies in their country."""
        given = rows.drop_nulls(["country", "lat", "lng"])
        given = given.filter(self.gazetteer.boxes.contain(given))
        towns = self.gazetteer.nearest(given)
        results, numbers = _once(towns.to_frame("town"), self._results.point)
        found = table_of(results)[numbers].with_columns(given["lat"], given["lng"])
        return given.select("row").hstack(found)

    def _by_text(self, rows: pl.DataFrame, said: list[_Said]) -> pl.DataFrame:
        """Results, with the column `row`, by what the texts say."""
        named, numbers = _once(
            rows.select("said", "areas"), lambda one, areas: self._name(said[one], areas)
        )
        is_clear = pl.Series([one.is_clear for one in named], dtype=pl.Boolean)[numbers]
        others = pl.when(~is_clear).then(pl.col("institution_id", "institution", "part"))
        results, numbers = _once(
            rows.select(numbers.alias("named"), others),
            lambda one, *others: self._decide(named[one], *others),
        )
        found = table_of(results)[numbers]
        refused = rows["lat"].is_not_null() & rows["lng"].is_not_null()
        problems = [
            f"coordinates {lat:g}, {lng:g} are not in {country or 'one stated country'}"
            for lat, lng, country in rows.filter(refused)
            .select("lat", "lng", "country")
            .iter_rows()
        ]
        reason = found["reason"].scatter(refused.arg_true(), pl.Series(problems, dtype=pl.String))
        return rows.select("row").hstack(found.with_columns(reason))

    def _say(self, stated: str | None, names: list[int]) -> _Said:
        """What the parts that name something say, whatever else stands between them."""
        key = (stated, *names)
        found = self._said.get(key)
        if found is None:
            known = self._evidence.known
            readings = self._first_address([reading for name in names for reading in known[name]])
            found = self._said[key] = _Said(stated, readings, countries_of(readings, stated), {})
        return found

    def _first_address(self, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """The readings up to the first country, where the string goes on with another whole address.

        So it does where something stands between two countries, or where the second is another one,
        and what stands before the first lies in it: Tübingen, Germany; Universidad de Chile, Chile.
        """
        readings = self._chooser.as_towns(readings)
        named = [i for i, r in enumerate(readings) if r.countries and not r.is_code]
        for here, there in pairwise(named):
            country, other = readings[here].countries[0], readings[there].countries[0]
            goes_on = 0 < here < there - 1 or not are_one_address(country, other)
            if goes_on and self._chooser.is_located(readings[: here + 1], other):
                return tuple(readings[: here + 1])
        return tuple(readings)

    def _name(self, said: _Said, numbers: list[int]) -> _Named:
        """The places that an address may mean, by its names and by the areas of its postcodes."""
        key = tuple(numbers)
        named = said.named.get(key)
        if named is None:
            areas = tuple([self.gazetteer.postcodes.areas[number] for number in numbers])
            candidates = self._chooser.candidates(said.readings, said.countries, areas)
            is_clear = bool(said.countries.allowed) and self._is_clear(candidates)
            named = said.named[key] = _Named(said, areas, candidates, is_clear, {})
        return named

    def _decide(
        self,
        named: _Named,
        institution_id: str | None,
        institution: str | None,
        parts: list[int] | None,
    ) -> Result:
        """What an address comes to: by its names, by its organisation, by last resorts."""
        readings = [r for number in parts or () for r in self._evidence.parts[number]]
        organisation = None
        if not named.is_clear:
            organisation = self._organisation(readings, institution_id, institution, named.said)
        if organisation not in named.results:
            named.results[organisation] = self._placed(named, organisation)
        return named.results[organisation] or self._last_resort(
            named, self._first_address(readings)
        )

    def _placed(self, named: _Named, organisation: Institution | None) -> Result | None:
        """What an address comes to by its names, its postcodes and its organisation, if to anything."""
        countries, candidates = named.said.countries, named.candidates
        if organisation:
            candidates = self._chooser.with_organisation(candidates, organisation)
        if not countries.allowed:
            candidates = [c for c in candidates if _is_sure(c)]
        if candidates:
            return self._results.place(self._chooser.finest(candidates), candidates)
        if area := _area_of_no_town(named):
            return self._results.postcode(countries.allowed[0], area)
        if organisation is None or self._is_elsewhere(organisation, named.said):
            return None
        return self._results.institution(organisation)

    def _is_elsewhere(self, organisation: Institution, said: _Said) -> bool:
        """Whether a head office's town is not named and lies in none of the state that is named.

        Mayo Clinic Jacksonville, Florida, USA is not in Rochester.
        """
        allowed = said.countries.allowed
        if len(allowed) != 1 or allowed[0] not in STATE_DECIDES or organisation.city is None:
            return False
        state, town, g = (
            _only_unit(said.readings, allowed[0]),
            fold(organisation.city),
            self.gazetteer,
        )
        states = {
            g.admin1_code[code >> 2]
            for code in g.names.get(town, ())
            if g.country[code >> 2] == allowed[0]
        }
        is_named = any(reading.words == town for reading in said.readings)
        return state is not None and bool(states) and state not in states and not is_named

    def _last_resort(self, named: _Named, readings: tuple[Reading, ...]) -> Result:
        if (town := self._town_of_unit(named.said)) is not None:
            return self._results.unit(town)
        candidates = self._last_resorts(readings, named.said.stated)
        if candidates:
            return self._results.place(self._chooser.finest(candidates), candidates)
        countries = named.said.countries
        if region := _region_of(named.said.readings, countries):
            return self._results.region(region)
        if countries.allowed and (countries.is_stated or len(countries.allowed) == 1):
            return self._results.country(countries.allowed[0])
        return self._results.none()

    def _town_of_unit(self, said: _Said) -> int | None:
        """The town of the one second-order unit that an address names, where the unit is so small."""
        allowed = said.countries.allowed
        if self._level < Level.REGIONS or len(allowed) != 1:
            return None
        state = _only_unit(said.readings, allowed[0])
        units = {
            region.admin2
            for number, reading in enumerate(said.readings)
            # Aichi is a prefecture before it is a district in it
            if number not in said.countries.readings
            and all(region.admin2 for region in reading.regions if region.country == allowed[0])
            for region in reading.regions
            if region.country == allowed[0] and state in (None, region.admin1_code)
        }
        unit = units.pop() if len(units) == 1 else None
        return self.gazetteer.town_of(unit) if unit else None

    def _organisation(
        self,
        readings: Sequence[Reading],
        institution_id: str | None,
        institution: str | None,
        said: _Said,
    ) -> Institution | None:
        """The organisation by its id, its field or the text; never one outside the country's field.

        A country in the text may be misread, where an id tells: Dartmouth Medical School, Lebanon.
        """
        by_id = self.gazetteer.institutions.by_id
        if not by_id or self._level < Level.INSTITUTIONS:
            return None
        one = by_id.get(institution_id) if institution_id else None
        if one and (said.stated is None or one.country in said.countries.with_territories):
            return one
        allowed = said.countries.allowed
        if institution and (one := self._find_institution((fold(institution),), allowed)):
            return one
        return self._find_institution(tuple([reading.words for reading in readings]), allowed)

    def _is_clear(self, candidates: list[Candidate]) -> bool:
        """Whether the best place needs no further witness: no other is nearly as good."""
        if not candidates:
            return False
        g = self.gazetteer
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
                self._evidence.inside(reading.words)
                if not reading.is_known and reading.is_institutional == organisations
                else (reading,)
            )
        ]
        return self._chooser.candidates(inside, countries_of(inside, field_country))


def _once(asked: pl.DataFrame, answer: Callable[..., _T]) -> tuple[list[_T], pl.Series]:
    """The answers to the distinct rows of `asked`, and for each row the number of its answer."""
    distinct, places = distinct_rows(asked)
    return [answer(*row) for row in distinct.iter_rows()], pl.Series(places)


def _is_sure(candidate: Candidate) -> bool:
    """Whether a place may stand without a country: a region or an organisation speaks for it."""
    return "admin1" in candidate.evidence or "institution" in candidate.evidence


def _area_of_no_town(named: _Named) -> PostcodeArea | None:
    """The area of the last postcode that has a point and lies in the unit that the address names.

    Numbers of houses look like postcodes, and stand before them.
    """
    located = [area for area in named.areas if area.lat is not None]
    if not located:
        return None
    unit = _only_unit(named.said.readings, named.said.countries.allowed[0])
    return next((area for area in reversed(located) if unit in (None, area.admin1_code)), None)


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
        is_vague = reading.is_common and not countries.allowed
        if found and not is_vague and not (reading.is_code and number in countries.readings):
            return min(found, key=lambda r: (r.admin2 is not None, r.country, r.admin1_code))
    return None
