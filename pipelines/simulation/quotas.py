"""How many documents each area makes in each year: quotas, never draws.

Here: growth over the years and the rounding that keeps windows exact. Add here a further rule of
growth. Not here: which places or people a document has (`documents`).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.simulation.calibration import WINDOW

YEARS = range(2010, 2024)
"""Years of publication that the world has: all that the editions 2017 to 2024 read."""

# The world's documents by year. 2014-2018 sum to the totals behind WIPO's table of 2020,
# applications of 2019-2023 to the 1.29 million of 2024; the years between and before are
# interpolated.
APPLICATIONS = dict(
    zip(
        YEARS,
        (158_000, 168_000, 178_000, 186_000, 193_000, 200_000, 208_000, 218_000, 228_141, 241_000,
         251_000, 260_000, 267_000, 271_000),
        strict=True,
    )
)  # fmt: skip
ARTICLES = dict(
    zip(
        YEARS,
        (1_480_000, 1_522_000, 1_564_000, 1_606_000, 1_648_000, 1_690_000, 1_732_000, 1_775_000,
         1_819_000, 1_850_000, 1_885_000, 1_915_000, 1_945_000, 1_975_000),
        strict=True,
    )
)  # fmt: skip

OWN_GROWTH = {"Hefei": (0.28, 0.17), "Zhengzhou": (0.25, 0.15)}
"""Yearly growth of applications and articles where a cluster outruns its country (GII 2024)."""

_PIVOT_YEAR = 2018


def world_by_year(
    by_year: dict[int, int], window_total: float, years: Sequence[int], grows: bool
) -> NDArray[np.float64]:
    """The world's documents in each year, such that the window 2014-2018 makes `window_total`."""
    if not grows:
        return np.full(len(years), window_total / len(WINDOW))
    scale = window_total / sum(by_year[year] for year in WINDOW)
    return np.array([by_year[year] * scale for year in years])


def year_weights(
    growth_to_2018: NDArray[np.float64],
    growth_from_2018: NDArray[np.float64],
    years: Sequence[int],
) -> NDArray[np.float64]:
    """Output of each year relative to the sum of 2014-2018, (areas, years)."""

    def relative(of_years: Sequence[int]) -> NDArray[np.float64]:
        after = np.array(of_years) - _PIVOT_YEAR
        base = 1.0 + np.where(
            after[None, :] <= 0, growth_to_2018[:, None], growth_from_2018[:, None]
        )
        return np.asarray(base ** after[None, :])

    return relative(years) / relative(WINDOW).sum(axis=1, keepdims=True)


def _half_up(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.floor(values + 0.5).astype(np.int64)


def rounded_by_year(counts: NDArray[np.float64], years: Sequence[int]) -> NDArray[np.int64]:
    """Whole documents by year whose sum over any run of years is within one of the fractional sum.

    Running totals are rounded, not years. The total runs from the beginning of 2014, so that the
    window 2014-2018 comes out as its own total rounded half up.

    Args:
        counts: fractional documents, (areas, years).
        years: consecutive years that include 2014-2018.
    """
    start = list(years).index(WINDOW[0])
    running = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts, axis=1)], axis=1)
    return np.diff(_half_up(running - running[:, start : start + 1]), axis=1)


def dealt(targets: NDArray[np.float64], totals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Deal each year's whole total out by largest remainder, carrying what areas are owed.

    Args:
        targets: fractional documents, (areas, years), in proportion to which to deal.
        totals: whole documents to deal in each year, (years,).

    Returns:
        Whole documents, (areas, years); each year sums to its total.
    """
    given = np.zeros(targets.shape, dtype=np.int64)
    owed = np.zeros(len(targets))
    for year, total in enumerate(totals):
        owed += targets[:, year] * (total / targets[:, year].sum())
        whole = np.maximum(np.floor(owed), 0.0).astype(np.int64)
        order = np.lexsort((np.arange(len(owed)), -(owed - whole)))
        short = int(total - whole.sum())
        if short >= 0:
            whole[order[:short]] += 1
        else:
            last = order[::-1]
            whole[last[whole[last] > 0][:-short]] -= 1
        given[:, year] = whole
        owed -= whole
    return given
