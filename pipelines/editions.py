"""Editions as data: `editions.toml` typed, and the map from an edition to its publication years.

Here: what differs between editions, with how sure each figure is. Not here: what a user sets
(`config.py`) or how partitions look in Dagster (`partitions.py`).
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from pipelines.errors import UserError

Kind = Literal["patent", "publication"]
KINDS: tuple[Kind, ...] = ("patent", "publication")
Certainty = Literal["V", "D", "I", "M", "P", "U"]
CERTAINTY_WORDS = {
    "V": "read in a WIPO text",
    "D": "computed from WIPO’s printed figures",
    "I": "inferred from a stated rule",
    "M": "from memory, unconfirmed",
    "P": "this project’s own decision",
    "U": "set by the user",
}
"""How sure a figure is; U is what a configuration changed."""


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class YearRange(_Frozen):
    """First and last publication year of a window, both included."""

    value: tuple[int, int]
    certainty: Certainty

    @field_validator("value")
    @classmethod
    def _five_years(cls, value: tuple[int, int]) -> tuple[int, int]:
        if value[1] - value[0] != 4:
            raise ValueError(f"a window is exactly five years, not {value[0]}-{value[1]}")
        return value

    @property
    def years(self) -> range:
        """The five years of the window."""
        return range(self.value[0], self.value[1] + 1)


class Figure(_Frozen):
    """A parameter of the method and how sure it is."""

    value: int
    certainty: Certainty


class Decision(_Frozen):
    """What an edition does or does not, and how sure that is."""

    value: bool
    certainty: Certainty


class MergerOverride(_Frozen):
    """A reviewed decision on two clusters, each named by the text of one of its H3 cells."""

    cell_a: str
    cell_b: str
    verdict: Literal["force", "forbid"]
    reason: str


class Profile(_Frozen):
    """Other figures for a second run of an edition, on some economies alone (method 1)."""

    about: str
    radius_km: Figure
    min_points: Figure
    merge_within_km: Figure | None = None
    economies: tuple[str, ...]


class Edition(_Frozen):
    """One edition of the ranking (method 1), perhaps under a profile."""

    edition: int
    patent_years: YearRange
    publication_years: YearRange | None = None
    radius_km: Figure
    min_points: Figure
    merge_within_km: Figure | None = None
    """Greatest distance between edges of clusters that may merge; where None, none merge."""
    intensity_ranking: Decision
    """Whether the top 100 are ranked by intensity too."""
    merger_overrides: tuple[MergerOverride, ...] = ()
    profile: str | None = None
    economies: tuple[str, ...] = ()
    """Economies whose cells are clustered; all where empty."""

    def under(self, name: str) -> "Edition":
        """The edition with the figures of a profile."""
        profile = profiles()[name]
        return self.model_copy(
            update={
                "radius_km": profile.radius_km,
                "min_points": profile.min_points,
                "merge_within_km": profile.merge_within_km,
                "merger_overrides": (),
                "profile": name,
                "economies": profile.economies,
            }
        )

    def window(self, kind: Kind) -> range:
        """Publication years of a source that count in this edition; empty where it does not."""
        years = self.patent_years if kind == "patent" else self.publication_years
        return years.years if years else range(0)

    @property
    def years_read(self) -> list[int]:
        """All years the edition reads: its windows and, for growth, the year before each."""
        return sorted(
            {
                year
                for kind in KINDS
                if (window := self.window(kind))
                for year in range(window.start - 1, window.stop)
            }
        )

    @property
    def parameters(self) -> dict[str, dict[str, object]]:
        """The edition's figures as they stand in a release's manifest."""
        others = {"edition", "merger_overrides", "profile", "economies"}
        figures = self.model_dump(mode="json", exclude=others, exclude_none=True)
        if self.merger_overrides:
            reviewed = [override.model_dump() for override in self.merger_overrides]
            figures["merger_overrides"] = {"value": reviewed, "certainty": "P"}
        if self.profile:
            figures["profile"] = {"value": self.profile, "certainty": "V"}
            figures["economies"] = {"value": list(self.economies), "certainty": "P"}
        return figures


def _entries() -> dict[str, Any]:
    with (Path(__file__).parent / "editions.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def editions() -> dict[int, Edition]:
    """All editions by year, in ascending order."""
    entries = {int(key): entry for key, entry in _entries().items() if key.isdecimal()}
    return {year: Edition(edition=year, **entries[year]) for year in sorted(entries)}


def require_edition(number: int) -> None:
    """Refuse the number of no edition."""
    if number not in editions():
        known = ", ".join(str(edition) for edition in editions())
        raise UserError(f"There is no edition {number}. Editions are: {known}.")


@cache
def profiles() -> dict[str, Profile]:
    """All profiles by name."""
    return {name: Profile(**entry) for name, entry in _entries()["profiles"].items()}


def publication_years() -> list[int]:
    """Every year of publication that some edition reads."""
    return sorted({year for edition in editions().values() for year in edition.years_read})


def editions_by_year() -> dict[int, list[int]]:
    """Map from a year of publication to the editions that read it."""
    return {
        year: [number for number, edition in editions().items() if year in edition.years_read]
        for year in publication_years()
    }
