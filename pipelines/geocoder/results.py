"""The rows that the geocoder hands out.

Here: the columns of a result and one maker for each kind of outcome. Not here: deciding which outcome
an address has (`resolve`).
"""

from collections.abc import Sequence
from typing import Any

import polars as pl

from pipelines.geocoder.choose import Candidate
from pipelines.geocoder.distance import SAME_PLACE_KM, distance_km
from pipelines.geocoder.gazetteer import Gazetteer, Region
from pipelines.geocoder.institutions import Institution
from pipelines.geocoder.postcodes import PostcodeArea

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
_NOTHING: dict[str, Any] = dict.fromkeys(RESULT_SCHEMA)

Result = dict[str, Any]


class Results:
    """Makes result rows; names and codes come from one gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def place(self, best: Candidate, candidates: Sequence[Candidate]) -> Result:
        """A place of the gazetteer, chosen among `candidates` (best score first)."""
        g = self._gazetteer
        row = best.row
        lat, lng = g.lat[row], g.lng[row]
        rival = next(
            (
                c
                for c in candidates
                if distance_km(lat, lng, g.lat[c.row], g.lng[c.row]) > SAME_PLACE_KM
            ),
            None,
        )
        lead = candidates[0].score - rival.score if rival else None
        return self._town(row) | {
            "method": best.how,
            "confidence": confidence(best.how, lead),
            "candidates": len({c.row for c in candidates}),
            "runner_up": self._label(rival.row) if rival else None,
            "reason": ", ".join(best.evidence) or "population",
        }

    def point(self, country: str, lat: float, lng: float) -> Result:
        """The record's own coordinates, with the unit of the nearest place of the country."""
        row = self._gazetteer.nearest(lat, lng, country)
        return self._town(row) | {
            "lat": lat,
            "lng": lng,
            "precision": "point",
            "method": "coordinates",
            "confidence": 0.99,
            "candidates": 1,
            "reason": "coordinates of the record",
        }

    def unit(self, row: int) -> Result:
        """The town of a second-order unit that is hardly more than this town."""
        return self._town(row) | {
            "method": "unit",
            "confidence": 0.8,
            "candidates": 1,
            "reason": "the only town, with its surroundings, of the county or district",
        }

    def postcode(self, country: str, area: PostcodeArea) -> Result:
        """The middle of a postcode's area."""
        return _NOTHING | {
            "country": country,
            "lat": area.lat,
            "lng": area.lng,
            "precision": "postcode",
            "place": area.place,
            "admin1": self._gazetteer.region_name.get((country, area.admin1_code or "")),
            "admin1_code": area.admin1_code,
            "method": "postcode",
            "confidence": 0.9,
            "candidates": 1,
            "reason": "the postcode's area",
        }

    def institution(self, organisation: Institution) -> Result:
        """The city of an organisation's head office."""
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

    def region(self, region: Region) -> Result:
        """A first-order unit and no place below it: no point."""
        return _NOTHING | {
            "country": region.country,
            "precision": "admin1",
            "admin1": self._gazetteer.region_name[region.country, region.admin1_code],
            "admin1_code": region.admin1_code,
            "method": "region",
            "confidence": 0.9,
            "candidates": 0,
            "reason": "names no place below the region",
        }

    def country(self, country: str) -> Result:
        """A country and no place in it: no point."""
        return _NOTHING | {
            "country": country,
            "precision": "country",
            "method": "country",
            "confidence": 0.9,
            "candidates": 0,
            "reason": "names no known place",
        }

    def none(self) -> Result:
        """Nothing at all."""
        return _NOTHING | {
            "precision": "none",
            "method": "none",
            "confidence": 0.0,
            "candidates": 0,
            "reason": "names no known place and no country",
        }

    def _town(self, row: int) -> Result:
        """What a place of the gazetteer says of itself."""
        g = self._gazetteer
        return _NOTHING | {
            "country": g.country[row],
            "lat": g.lat[row],
            "lng": g.lng[row],
            "precision": "city",
            "place_id": g.place_id[row],
            "place": g.name[row],
            "admin1": g.admin1[row],
            "admin1_code": g.admin1_code[row],
        }

    def _label(self, row: int) -> str:
        g = self._gazetteer
        return ", ".join(filter(None, (g.name[row], g.admin1[row], g.country[row])))


def confidence(how: str, lead: float | None) -> float:
    """A grade of how sure the place is, 0 to 1, from the rule and the lead over the best rival.

    Steps and ceilings are set by hand after one half of the truth sets; they are no probabilities.
    """
    ceiling = _CEILING.get(how, 0.98)
    if lead is None or lead >= 4:
        return ceiling
    if lead >= 2:
        return min(ceiling, 0.95)
    return min(ceiling, 0.85 if lead >= 1 else 0.65)


_CEILING = {"fuzzy": 0.95, "romanisation": 0.9, "inside": 0.85, "joined": 0.95, "suffix": 0.97}
