"""Who works with whom: addresses change places between documents, so that no area's sum changes.

Here: the exchange of address slots. A slot is one address of one document; slots of equal weight
within their documents (one over the same number) exchange their areas, which leaves every area's
fractional count exactly as it was. Add here a new kind of partnership. Not here: making documents
and slots.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.editions import Kind

# Part of the slots that exchange areas, by partner: within the country, and anywhere. The first
# slot of a document stays, so that a document keeps its home.
DOMESTIC = {"patent": 0.08, "publication": 0.12}
DOMESTIC_IN = {"CN": 0.30}
"""More than 60 % of China's filings and articles are made with partners elsewhere (GII 2024)."""

ABROAD = {"patent": 0.04, "publication": 0.10}
UNLOCATED_DOMESTIC = 0.9
"""Addresses that cannot be located are mostly one among others of a document."""


WITH_PARTNER = 0.3
"""Part of a sub-centre's slots that are made with the cluster it is part of, so that the two merge."""


@dataclass(frozen=True)
class Slots:
    """The addresses of a year's documents.

    Attributes:
        area: area of each slot, its document's home, (n,).
        weight_class: slots of the same class weigh the same within their documents, (n,).
        is_first: whether the slot is the first of its document, (n,).
    """

    area: NDArray[np.int64]
    weight_class: NDArray[np.int64]
    is_first: NDArray[np.bool_]


def exchange(
    area: NDArray[np.int64],
    weight_class: NDArray[np.int64],
    group: NDArray[np.int64],
    chosen: NDArray[np.int64],
    rng: np.random.Generator,
) -> None:
    """Permute the areas of chosen slots at random within equal (class, group), in place."""
    first = chosen[np.lexsort((rng.random(len(chosen)), group[chosen], weight_class[chosen]))]
    second = chosen[np.lexsort((rng.random(len(chosen)), group[chosen], weight_class[chosen]))]
    area[first] = area[second]


def _exchange_with_partner(
    area: NDArray[np.int64],
    slots: Slots,
    luck: NDArray[np.float64],
    pair: tuple[int, int],
    rng: np.random.Generator,
) -> None:
    """Swap slots of a sub-centre for as many equal ones of its cluster, in place."""
    free = ~slots.is_first & (luck > 1 - WITH_PARTNER)
    sides = []
    for owner in pair:
        own = np.flatnonzero(free & (slots.area == owner))
        own = own[np.lexsort((rng.random(len(own)), slots.weight_class[own]))]
        classes = slots.weight_class[own]
        number = np.arange(len(own)) - np.searchsorted(classes, classes)
        sides.append((own, classes * len(area) + number))
    (ours, our_keys), (theirs, their_keys) = sides
    _, i, j = np.intersect1d(our_keys, their_keys, assume_unique=True, return_indices=True)
    area[ours[i]], area[theirs[j]] = area[theirs[j]], area[ours[i]]


def collaborate(
    kind: Kind,
    slots: Slots,
    *,
    area_country: NDArray[np.int64],
    domestic_share: NDArray[np.float64],
    partner: Mapping[int, int],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Areas of the slots after all exchanges.

    Args:
        kind: 'patent' or 'publication'.
        slots: the addresses.
        area_country: number of each area's country, (areas,).
        domestic_share: part of an area's slots that find partners within the country, (areas,).
        partner: sub-centre -> the area of the cluster that it is part of.
        rng: source of chance.

    Returns:
        Area of each slot, (n,). In each weight class every area has as many slots as before.
    """
    mixed = slots.area.copy()
    luck = rng.random(len(mixed))
    domestic = domestic_share[slots.area]
    at_home = np.flatnonzero(~slots.is_first & (luck < domestic))
    exchange(mixed, slots.weight_class, area_country[slots.area], at_home, rng)
    abroad = np.flatnonzero(~slots.is_first & (luck >= domestic) & (luck < domestic + ABROAD[kind]))
    exchange(mixed, slots.weight_class, np.zeros_like(mixed), abroad, rng)
    for pair in sorted(partner.items()):
        _exchange_with_partner(mixed, slots, luck, pair, rng)
    return mixed
