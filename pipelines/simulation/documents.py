"""A year's documents: who is named on them and at which place, before anything is written out.

Here: numbers of persons and addresses, the place of each address, types and fields. Add here a
property that a document has in every format. Not here: texts (`addresses`, `organisations`) and
files.

Everything is drawn from a generator seeded by world, year and kind; sequences of the golden ratio's
kind stand in for draws where even spreading keeps small worlds near their quotas.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.editions import KINDS, Kind
from pipelines.simulation.areas import Areas
from pipelines.simulation.calibration import AUTHORS_PER_ARTICLE, INVENTORS_PER_APPLICATION
from pipelines.simulation.collaboration import (
    DOMESTIC,
    DOMESTIC_IN,
    UNLOCATED_DOMESTIC,
    Slots,
    collaborate,
)

SECOND_ADDRESS_SHARE = 0.08
"""Part of the authors who give two addresses."""

SAME_TOWN_SHARE = 0.5
"""Part of the further persons of a document who live or work where its first person does."""

# Relative numbers of documents with 1, 2, 3 ... persons, tilted to the mean that is asked for.
PERSONS = {
    "patent": np.array([28, 22, 16, 11, 8, 5, 4, 3, 2, 1], dtype=np.float64),
    "publication": np.array([30, 22, 16, 11, 8, 5, 4, 4], dtype=np.float64),
}


@dataclass(frozen=True)
class Excluded:
    """Articles on top of the quotas that an inclusion rule must leave out.

    Attributes:
        part: how many there are, as a part of the quota.
        type_name: type as OpenAlex writes it today.
        old_type_name: type as it wrote it before mid 2023.
    """

    part: float
    type_name: str = "article"
    old_type_name: str = "journal-article"
    is_retracted: bool = False
    is_paratext: bool = False
    is_science: bool = True


EXCLUDED_ARTICLES = (
    Excluded(0.030, "review", "book-chapter"),
    Excluded(0.012, "letter", "posted-content"),
    Excluded(0.010, "editorial", "editorial"),
    Excluded(0.002, is_retracted=True),
    Excluded(0.003, is_paratext=True),
    Excluded(0.008, is_science=False),
)

# Irrational steps of a three-dimensional low-discrepancy sequence (roots of x^4 = x + 1).
_STEPS = (0.8191725133961645, 0.6710436067037893, 0.5497004779019703)


@dataclass(frozen=True)
class Documents:
    """Documents of one year and kind; slots are their addresses, document by document.

    Attributes:
        kind: 'patent' or 'publication'.
        year: year of publication.
        home: area in which each document is at home, (documents,).
        excluded: number into `EXCLUDED_ARTICLES`, -1 an ordinary document, (documents,).
        document: document of each slot, (slots,).
        person: number of the person within the document, from 1, (slots,).
        area: area of each slot.
        place: place of each slot as a number into `Areas.places`, -1 where it cannot be located.
        shared: a number from 0 to 1 that slots of a document mostly have in common, so that they
            share organisations, (slots,).
        chance: a number from 0 to 1 of each slot's own, (slots,).
        document_chance: a number from 0 to 1 of each document, (documents,).
    """

    kind: Kind
    year: int
    home: NDArray[np.int64]
    excluded: NDArray[np.int64]
    document: NDArray[np.int64]
    person: NDArray[np.int64]
    area: NDArray[np.int64]
    place: NDArray[np.int64]
    shared: NDArray[np.float64]
    chance: NDArray[np.float64]
    document_chance: NDArray[np.float64]


def generator(seed: int, year: int, kind: Kind) -> np.random.Generator:
    """The source of chance for one year and kind."""
    return np.random.default_rng([seed, year, KINDS.index(kind)])


def _even(n: int, step: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """N numbers from 0 to 1 of which every run is spread evenly."""
    return np.asarray((rng.random() + step * np.arange(n)) % 1.0)


def _size_limits(kind: Kind) -> NDArray[np.float64]:
    """Cumulative parts of documents with at most 1, 2, 3 ... persons, with the published mean."""
    mean = INVENTORS_PER_APPLICATION
    if kind == "publication":
        mean = AUTHORS_PER_ARTICLE / (1 + SECOND_ADDRESS_SHARE)
    base, sizes = PERSONS[kind], np.arange(1, len(PERSONS[kind]) + 1)
    low, high = -2.0, 2.0
    for _ in range(60):
        middle = (low + high) / 2
        tilted = base * np.exp(middle * sizes)
        if (tilted * sizes).sum() / tilted.sum() < mean:
            low = middle
        else:
            high = middle
    return np.asarray(np.cumsum(tilted) / tilted.sum())


def _place_of(
    areas: Areas, year: int, area: NDArray[np.int64], even: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Place by an area's shares, for numbers from 0 to 1; -1 in areas without places."""
    start = np.searchsorted(areas.place_area, np.arange(len(areas.names) + 1))
    share = areas.shares_in(year)
    before = np.concatenate([[0.0], np.cumsum(share)])
    end = areas.place_area + before[1:] - before[start[areas.place_area]]
    place = np.searchsorted(end, area + even, side="right")
    # The last place with any share takes what rounding leaves over.
    held = np.flatnonzero(share > 0)
    last = held[np.searchsorted(held, start[area + 1]) - 1]
    return np.where(areas.is_located[area], np.minimum(place, last), -1)


def _at_home(
    kind: Kind, quota: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Home and number of the exclusion of each document: first the quotas, then what comes on top."""
    ordinary = home = np.repeat(np.arange(len(quota)), quota)
    excluded = np.full(len(home), -1)
    if kind == "publication":
        for number, rule in enumerate(EXCLUDED_ARTICLES):
            extra = rng.choice(ordinary, size=round(rule.part * len(ordinary)))
            home = np.concatenate([home, np.sort(extra)])
            excluded = np.concatenate([excluded, np.full(len(extra), number)])
    return home, excluded


def _address_slots(
    kind: Kind, documents: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Document and person of each slot, and by how much the document is divided for it."""
    persons = 1 + np.searchsorted(_size_limits(kind), _even(documents, _STEPS[0], rng), "right")
    persons = np.minimum(persons, len(PERSONS[kind]))
    before = np.cumsum(persons) - persons
    person = np.arange(persons.sum()) - np.repeat(before, persons) + 1
    per_person = np.ones(len(person), dtype=np.int64)
    if kind == "publication":
        per_person += _even(len(person), _STEPS[1], rng) < SECOND_ADDRESS_SHARE
    document = np.repeat(np.repeat(np.arange(documents), persons), per_person)
    divided_by = persons[document] * np.repeat(per_person, per_person)
    return document, np.repeat(person, per_person), divided_by


def make_documents(areas: Areas, seed: int, year: int, kind: Kind) -> Documents:
    """All documents of a year and kind, the same for the same areas, seed, year and kind."""
    rng = generator(seed, year, kind)
    home, excluded = _at_home(kind, areas.documents[kind][:, areas.years.index(year)], rng)
    n = len(home)
    document, person, divided_by = _address_slots(kind, n, rng)
    slots = len(document)
    is_first = np.diff(document, prepend=-1) > 0
    country_number = {c: i for i, c in enumerate(areas.country_codes)}
    area_country = np.array([country_number[c] for c in areas.countries])
    domestic = np.array([DOMESTIC_IN.get(c, DOMESTIC[kind]) for c in areas.countries])
    domestic[~areas.is_located] = UNLOCATED_DOMESTIC
    # What the inclusion rules leave out exchanges among itself, so that the rest keeps its sums.
    apart = (excluded[document] + 1) * 1_000 + divided_by
    slots_of = Slots(home[document], apart, is_first)
    area = collaborate(
        kind,
        slots_of,
        area_country=area_country,
        domestic_share=domestic,
        partner=areas.partner,
        rng=rng,
    )
    even = _even(slots, _STEPS[2], rng)
    first_slot = np.maximum.accumulate(np.where(is_first, np.arange(slots), 0))
    together = rng.random(slots) < SAME_TOWN_SHARE
    place = _place_of(areas, year, area, np.where(together, even[first_slot], even))
    chance = rng.random(slots)
    shared = np.where(rng.random(slots) < 0.7, chance[first_slot], rng.random(slots))
    # Documents appear in no order of place: numbers are handed out at random.
    order = rng.permutation(n)
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    by_document = np.argsort(rank[document], kind="stable")
    return Documents(
        kind=kind,
        year=year,
        home=home[order],
        excluded=excluded[order],
        document=rank[document][by_document],
        person=person[by_document],
        area=area[by_document],
        place=place[by_document],
        shared=shared[by_document],
        chance=chance[by_document],
        document_chance=rng.random(n),
    )
