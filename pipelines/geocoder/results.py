"""The rows that the geocoder hands out.

Here: the columns of a result and one maker for each kind of outcome. Not here: deciding which outcome
an address has (`resolve`).
"""

from collections.abc import Sequence
from typing import NamedTuple

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


class Result(NamedTuple):
    """A row of the columns of `RESULT_SCHEMA`."""

    country: str | None
    lat: float | None
    lng: float | None
    precision: str
    place_id: int | None
    place: str | None
    admin1: str | None
    admin1_code: str | None
    method: str
    confidence: float
    candidates: int
    runner_up: str | None
    reason: str


def table_of(results: Sequence[Result]) -> pl.DataFrame:
    """The results as rows of `RESULT_SCHEMA`."""
    columns = zip(*results, strict=True) if results else [()] * len(RESULT_SCHEMA)
    return pl.DataFrame(
        [
            pl.Series(name, values, dtype)
            for (name, dtype), values in zip(RESULT_SCHEMA.items(), columns, strict=True)
        ]
    )


class Results:
    """Makes result rows; names and codes come from one gazetteer."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def place(self, best: Candidate, candidates: Sequence[Candidate]) -> Result:
        """A place of the gazetteer, chosen among `candidates` (best score first)."""
        g = self._gazetteer
        lat, lng = g.lat[best.row], g.lng[best.row]
        rival = next(
            (
                c
                for c in candidates
                if c.row != best.row
                and distance_km(lat, lng, g.lat[c.row], g.lng[c.row]) > SAME_PLACE_KM
            ),
            None,
        )
        lead = candidates[0].score - rival.score if rival else None
        return self._town(
            best.row,
            best.how,
            confidence(best.how, lead),
            ", ".join(best.evidence) or "population",
            candidates=len({c.row for c in candidates}),
            runner_up=self._label(rival.row) if rival else None,
        )

    def point(self, row: int) -> Result:
        """The unit of a place whose surroundings the record's own coordinates, to be put in, are."""
        town = self._town(row, "coordinates", 0.99, "coordinates of the record")
        return town._replace(precision="point", lat=None, lng=None)

    def unit(self, row: int) -> Result:
        """The town of a second-order unit that is hardly more than this town."""
        reason = "the only town, with its surroundings, of the county or district"
        return self._town(row, "unit", 0.8, reason)

    def postcode(self, country: str, area: PostcodeArea) -> Result:
        """The middle of a postcode's area."""
        return Result(
            country=country,
            lat=area.lat,
            lng=area.lng,
            precision="postcode",
            place_id=None,
            place=area.place,
            admin1=self._gazetteer.region_name.get((country, area.admin1_code or "")),
            admin1_code=area.admin1_code,
            method="postcode",
            confidence=0.9,
            candidates=1,
            runner_up=None,
            reason="the postcode's area",
        )

    def institution(self, organisation: Institution) -> Result:
        """The city of an organisation's head office."""
        return Result(
            country=organisation.country,
            lat=organisation.lat,
            lng=organisation.lng,
            precision="institution",
            place_id=None,
            place=organisation.city,
            admin1=None,
            admin1_code=None,
            method="institution",
            confidence=0.9,
            candidates=1,
            runner_up=None,
            reason=f"head office of {organisation.name}",
        )

    def region(self, region: Region) -> Result:
        """A first-order unit and no place below it: no point."""
        name = self._gazetteer.region_name[region.country, region.admin1_code]
        nothing = _nowhere(
            region.country, "admin1", "region", 0.9, "names no place below the region"
        )
        return nothing._replace(admin1=name, admin1_code=region.admin1_code)

    def country(self, country: str) -> Result:
        """A country and no place in it: no point."""
        return _nowhere(country, "country", "country", 0.9, "names no known place")

    def none(self) -> Result:
        """Nothing at all."""
        return _nowhere(None, "none", "none", 0.0, "names no known place and no country")

    def _town(
        self,
        row: int,
        method: str,
        confidence: float,
        reason: str,
        *,
        candidates: int = 1,
        runner_up: str | None = None,
    ) -> Result:
        """A place of the gazetteer."""
        g = self._gazetteer
        return Result(
            g.country[row],
            g.lat[row],
            g.lng[row],
            "city",
            g.place_id[row],
            g.name[row],
            g.admin1[row],
            g.admin1_code[row],
            method,
            confidence,
            candidates,
            runner_up,
            reason,
        )

    def _label(self, row: int) -> str:
        g = self._gazetteer
        return ", ".join(filter(None, (g.name[row], g.admin1[row], g.country[row])))


def _nowhere(
    country: str | None, precision: str, method: str, confidence: float, reason: str
) -> Result:
    """An outcome without a point."""
    return Result(
        country=country,
        lat=None,
        lng=None,
        precision=precision,
        place_id=None,
        place=None,
        admin1=None,
        admin1_code=None,
        method=method,
        confidence=confidence,
        candidates=0,
        runner_up=None,
        reason=reason,
    )


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
