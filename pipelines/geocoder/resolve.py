"""The geocoder: distinct addresses in, one place with its precision and evidence out.

Here: `Geocoder` and the order in which means are tried: the record's own point, a place named in the
address, the institution, a place inside an organisation's name, then the region, then the country. Not
here: the means themselves.
"""

from typing import Any

import polars as pl

from pipelines.geocoder.choose import Candidate, Chooser, Countries, Point, countries_of
from pipelines.geocoder.countries import TERRITORIES, country_of_field
from pipelines.geocoder.distance import SAME_PLACE_KM, distance_km
from pipelines.geocoder.fuzzy import Fuzzy
from pipelines.geocoder.gazetteer import Gazetteer, Region
from pipelines.geocoder.institutions import Institution
from pipelines.geocoder.lookup import Lookup, Reading
from pipelines.geocoder.parse import split
from pipelines.geocoder.romanise import Romaniser
from pipelines.geocoder.text import fold

INPUT_COLUMNS = (
    "address", "city", "region", "postcode", "country", "institution", "institution_id", "lat", "lng",
)  # fmt: skip

RESULT_SCHEMA = {
    "country": pl.String,
    "lat": pl.Float64,
    "lng": pl.Float64,
    "precision": pl.String,
    "place_id": pl.Int64,
    "place": pl.String,
    "admin1": pl.String,
    "admin1_code": pl.String,
    "method": pl.String,
    "confidence": pl.Float64,
    "candidates": pl.Int32,
    "runner_up": pl.String,
    "reason": pl.String,
}

_NOTHING = dict.fromkeys(RESULT_SCHEMA) | {
    "precision": "none", "method": "none", "confidence": 0.0, "candidates": 0,
}  # fmt: skip


# From this lead in score the first candidate needs no organisation as a witness.
_CLEAR_MARGIN = 2.5


class Geocoder:
    """Resolves addresses against one gazetteer; offline, without state but for its caches."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._lookup = Lookup(gazetteer)
        self._chooser = Chooser(gazetteer)
        self._romaniser = Romaniser(gazetteer)
        self._fuzzy = Fuzzy(gazetteer)

    def resolve(self, distinct: pl.DataFrame) -> pl.DataFrame:
        """One result per row of `distinct`, in its order.

        Args:
            distinct: address, city, region, postcode, country, institution, institution_id (text) and
                lat, lng (degrees); all may be null, absent columns count as null. Rows should be
                distinct: each is resolved on its own.

        Returns:
            Columns of `RESULT_SCHEMA`. precision is `point`, `postcode`, `city`, `institution` (these
            have lat and lng), `admin1`, `country` or `none`; confidence is 0 to 1; `reason` tells what
            spoke for the place, or why there is none.
        """
        rows = distinct.select(
            [
                pl.col(name) if name in distinct.columns else pl.lit(None).alias(name)
                for name in INPUT_COLUMNS
            ]
        )
        results = [self._resolve(*row) for row in rows.iter_rows()]
        return pl.DataFrame(
            {name: [result[name] for result in results] for name in RESULT_SCHEMA},
            schema=RESULT_SCHEMA,
        )

    def _resolve(
        self,
        address: str | None,
        city: str | None,
        region: str | None,
        postcode: str | None,
        country: str | None,
        institution: str | None,
        institution_id: str | None,
        lat: float | None,
        lng: float | None,
    ) -> dict[str, Any]:
        field_country = country_of_field(country) if country else None
        readings: list[Reading] = []
        for text in (address, city, region, postcode, None if field_country else country):
            if text:
                parts = split(text)
                for number, part in enumerate(parts, 1):
                    readings.extend(self._lookup.read(part, is_last=number == len(parts)))
        readings = _first_address(readings)
        countries = countries_of(readings, field_country)
        problem = None
        if lat is not None and lng is not None:
            of = countries.allowed
            if len(of) == 1 and self._gazetteer.boxes.contains(of[0], lat, lng):
                return _NOTHING | {
                    "country": of[0], "lat": lat, "lng": lng, "precision": "point",
                    "method": "coordinates", "confidence": 1.0,
                }  # fmt: skip
            problem = (
                f"coordinates {lat:g}, {lng:g} outside {of[0] if of else 'any stated country'}"
            )
        candidates = self._chooser.candidates(readings, countries)
        organisation = None
        if not countries.allowed or not self._is_clear(candidates):
            organisation = self._organisation(readings, institution, institution_id, countries)
            if organisation:
                point = Point(organisation.lat, organisation.lng)
                candidates = self._chooser.candidates(readings, countries, [point])
        if not countries.allowed:
            candidates = [c for c in candidates if self._is_sure(c)]
        if not candidates and not organisation:
            candidates = self._last_resorts(readings, countries)
        if candidates:
            result = self._place(candidates)
        elif organisation:
            result = _of_institution(organisation)
        else:
            result = self._region(readings, countries)
        if problem:
            result["reason"] = problem
        return result

    def _organisation(
        self,
        readings: list[Reading],
        institution: str | None,
        institution_id: str | None,
        countries: Countries,
    ) -> Institution | None:
        known = self._gazetteer.institutions
        if institution_id and (one := known.by_id.get(institution_id)):
            return one
        if not known.by_id:
            return None
        texts = [fold(institution)] if institution else []
        texts.append(" ".join(reading.words for reading in readings))
        for text in texts:
            if found := known.find(text, countries.allowed):
                return found
        return None

    def _is_clear(self, candidates: list[Candidate]) -> bool:
        """Whether the best place needs no further witness: no other is nearly as good."""
        if not candidates:
            return False
        g = self._gazetteer
        best = candidates[0]
        return not any(
            best.score - c.score < _CLEAR_MARGIN
            and distance_km(g.lat[best.row], g.lng[best.row], g.lat[c.row], g.lng[c.row])
            > SAME_PLACE_KM
            for c in candidates[1:]
        )

    def _is_sure(self, candidate: Candidate) -> bool:
        """Whether a place may stand without a country: a region or an organisation speaks for it."""
        return "admin1" in candidate.evidence or "institution" in candidate.evidence

    def _last_resorts(self, readings: list[Reading], countries: Countries) -> list[Candidate]:
        """Candidates from names inside organisations' names, other romanisations, near misses."""
        inside = self._inside(readings, organisations=True)
        found = self._chooser.candidates(inside, countries)
        if found or len(countries.allowed) != 1:
            return found
        country = countries.allowed[0]
        spelt = [
            reading._replace(
                places=self._romaniser.places(reading.words, country), how="romanisation"
            )
            if not reading.is_known
            else reading
            for reading in readings
        ]
        if found := self._chooser.candidates(spelt, countries):
            return found
        units = {
            r.admin1_code
            for reading in readings
            for r in reading.regions
            if r.country == country and r.admin2 is None
        }
        unit = units.pop() if len(units) == 1 else None
        near = [
            reading._replace(places=self._fuzzy.places(reading.words, country, unit), how="fuzzy")
            if not reading.is_institutional
            and not reading.countries
            and not reading.is_code
            and not any(r.admin2 is None and r.country == country for r in reading.regions)
            else reading
            for reading in readings
        ]
        if found := self._chooser.candidates(near, countries):
            return found
        return self._chooser.candidates(self._inside(readings, organisations=False), countries)

    def _inside(self, readings: list[Reading], *, organisations: bool) -> list[Reading]:
        return [
            inner
            for reading in readings
            for inner in (
                self._lookup.inside(reading.words)
                if not reading.is_known and reading.is_institutional == organisations
                else (reading,)
            )
        ]

    def _place(self, candidates: list[Candidate]) -> dict[str, Any]:
        g = self._gazetteer
        best = self._chooser.finest(candidates)
        row = best.row
        others = [
            c
            for c in candidates
            if distance_km(g.lat[row], g.lng[row], g.lat[c.row], g.lng[c.row]) > SAME_PLACE_KM
        ]
        margin = candidates[0].score - others[0].score if others else 4.0
        return _NOTHING | {
            "country": g.country[row],
            "lat": g.lat[row],
            "lng": g.lng[row],
            "precision": "city",
            "place_id": g.place_id[row],
            "place": g.name[row],
            "admin1": g.admin1[row],
            "admin1_code": g.admin1_code[row],
            "method": best.how,
            "confidence": round(min(0.99, 0.6 + 0.1 * margin), 3),
            "candidates": len({c.row for c in candidates}),
            "runner_up": self._label(others[0].row) if others else None,
            "reason": ", ".join(best.evidence) or "population",
        }

    def _label(self, row: int) -> str:
        g = self._gazetteer
        return ", ".join(filter(None, (g.name[row], g.admin1[row], g.country[row])))

    def _region(self, readings: list[Reading], countries: Countries) -> dict[str, Any]:
        for reading in reversed(readings):
            found = [
                r
                for r in reading.regions
                if not countries.allowed or r.country in countries.allowed
            ]
            if found and (countries.allowed or not reading.is_code):
                first: Region = min(found, key=lambda r: (r.admin2 is not None, r))
                return _NOTHING | {
                    "country": first.country,
                    "precision": "admin1",
                    "admin1": self._gazetteer.region_name[first.country, first.admin1_code],
                    "admin1_code": first.admin1_code,
                    "method": "region",
                    "confidence": 0.9,
                    "reason": "names no place below the region",
                }
        if countries.allowed and (countries.is_stated or len(countries.allowed) == 1):
            return _NOTHING | {
                "country": countries.allowed[0],
                "precision": "country",
                "method": "country",
                "confidence": 0.9,
                "reason": "names no known place",
            }
        return dict(_NOTHING) | {"reason": "names no known place and no country"}


def _of_institution(organisation: Institution) -> dict[str, Any]:
    return _NOTHING | {
        "country": organisation.country,
        "lat": organisation.lat,
        "lng": organisation.lng,
        "precision": "institution",
        "place": organisation.city,
        "method": "institution",
        "confidence": 0.9,
        "candidates": 1,
        "reason": f"head office of {organisation.name}",
    }


def _first_address(readings: list[Reading]) -> list[Reading]:
    """The readings up to the first country, where the string goes on with another whole address."""
    named = [i for i, r in enumerate(readings) if r.countries and not r.is_code]
    for here, there in zip(named, named[1:], strict=False):
        between = there - here - 1
        if here > 0 and between >= 2:
            stated = readings[here].countries[0]
            if not any(t in TERRITORIES for t in (stated,) if readings[there].countries[0] == t):
                return readings[: here + 1]
    return readings
