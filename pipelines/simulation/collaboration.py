"""Who works with whom: addresses change places between documents, so that no area's sum changes.

Here: the exchange of address slots. A slot is one address of one document; slots of equal weight
within their documents (one over the same number) exchange their areas, which leaves every area's
fractional count exactly as it was. Add here a new kind of partnership. Not here: making documents
and slots.
"""

import numpy as np
from numpy.typing import NDArray

# Part of the slots that exchange areas, by partner: within the country, and anywhere. The first
# slot of a document stays, so that a document keeps its home.
DOMESTIC = {"patent": 0.08, "publication": 0.12}
DOMESTIC_IN = {"CN": 0.30}
"""More than 60 % of China's filings and articles are made with partners elsewhere (GII 2024)."""

ABROAD = {"patent": 0.04, "publication": 0.10}
UNLOCATED_DOMESTIC = 0.9
"""Addresses that cannot be located are mostly one among others of a document."""


def exchange(
    area: NDArray[np.int64],
    denominator: NDArray[np.int64],
    group: NDArray[np.int64],
    chosen: NDArray[np.int64],
    rng: np.random.Generator,
) -> None:
    """Permute the areas of chosen slots at random within equal (denominator, group), in place."""
    first = chosen[np.lexsort((rng.random(len(chosen)), group[chosen], denominator[chosen]))]
    second = chosen[np.lexsort((rng.random(len(chosen)), group[chosen], denominator[chosen]))]
    area[first] = area[second]


def collaborate(
    kind: str,
    area: NDArray[np.int64],
    denominator: NDArray[np.int64],
    is_first: NDArray[np.bool_],
    area_country: NDArray[np.int64],
    domestic_share: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Areas of the slots after all exchanges.

    Args:
        kind: 'patent' or 'publication'.
        area: area of each slot, its document's home, (n,).
        denominator: a slot is one over this of its document, (n,).
        is_first: whether the slot is the first of its document, (n,).
        area_country: number of each area's country, (areas,).
        domestic_share: part of an area's slots that find partners within the country, (areas,).
        rng: source of chance.

    Returns:
        Area of each slot, (n,). Sums of 1/denominator by area are those of the input.
    """
    mixed = area.copy()
    luck = rng.random(len(area))
    domestic = domestic_share[area]
    at_home = np.flatnonzero(~is_first & (luck < domestic))
    exchange(mixed, denominator, area_country[area], at_home, rng)
    abroad = np.flatnonzero(~is_first & (luck >= domestic) & (luck < domestic + ABROAD[kind]))
    exchange(mixed, denominator, np.zeros_like(area), abroad, rng)
    return mixed
