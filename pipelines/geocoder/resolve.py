"""The geocoder: distinct addresses in, one place with its precision and evidence out.

Here: `Geocoder` and the order in which means are tried: the record's own point, a place named in the
address, the institution, a place inside an organisation's name, then the region, then the country. Not
here: the means themselves.
"""

from typing import Any

import polars as pl

from pipelines.geocoder.choose import (
    SAME_PLACE_KM,
    Candidate,
    Chooser,
    Countries,
    Point,
    countries_of,
    distance_km,
)
from pipelines.geocoder.countries import TERRITORIES, country_of_field
from pipelines.geocoder.gazetteer import Gazetteer, Region
from pipelines.geocoder.institutions import Institution
from pipelines.geocoder.lookup import Lookup, Reading
from pipelines.geocoder.parse import split

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


class Geocoder:
    """Resolves addresses against one gazetteer; offline, without state but for its caches."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._lookup = Lookup(gazetteer)
        self._chooser = Chooser(gazetteer)

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
        for text in (address, city, region, postcode):
            if text:
                for part in split(text):
                    readings.extend(self._lookup.read(part))
        if country and not field_country:
            for part in split(country):
                readings.extend(self._lookup.read(part))
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
        organisations = self._organisations(readings, institution, institution_id, countries)
        points = [Point(o.lat, o.lng) for o in organisations]
        candidates = self._chooser.candidates(readings, countries, points)
        if candidates and candidates[0].score > 0:
            result = self._place(candidates)
        elif organisations:
            result = _of_institution(organisations)
        else:
            result = self._region(readings, countries)
        if problem:
            result["reason"] = problem
        return result

    def _organisations(
        self,
        readings: list[Reading],
        institution: str | None,
        institution_id: str | None,
        countries: Countries,
    ) -> list[Institution]:
        known = self._gazetteer.institutions
        if institution_id and (one := known.by_id.get(institution_id)):
            return [one]
        if not known.by_id:
            return []
        texts = [r.words for r in readings if r.is_institutional or not r.is_known]
        if institution:
            texts.insert(
                0, " ".join(r.words for p in split(institution) for r in self._lookup.read(p))
            )
        for words in texts:
            found = known.named(words) or known.within(words.split())
            if countries.allowed:
                found = [o for o in found if o.country in countries.allowed]
            if found:
                return found
        return []

    def _place(self, candidates: list[Candidate]) -> dict[str, Any]:
        g = self._gazetteer
        best = candidates[0]
        row = best.row
        others = [
            c
            for c in candidates[1:]
            if distance_km(g.lat[row], g.lng[row], g.lat[c.row], g.lng[c.row]) > SAME_PLACE_KM
        ]
        margin = best.score - others[0].score if others else 4.0
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


def _of_institution(organisations: list[Institution]) -> dict[str, Any]:
    best = organisations[0]
    return _NOTHING | {
        "country": best.country,
        "lat": best.lat,
        "lng": best.lng,
        "precision": "institution",
        "place": best.city,
        "method": "institution",
        "confidence": round(0.9 / len(organisations), 3),
        "candidates": len(organisations),
        "reason": f"head office of {best.name}",
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
