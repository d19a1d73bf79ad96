import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipelines.simulation.quotas import (
    APPLICATIONS,
    ARTICLES,
    YEARS,
    dealt,
    rounded_by_year,
    world_by_year,
    year_weights,
)

COUNTS = arrays(np.float64, (3, len(YEARS)), elements=st.floats(0, 50, width=16))


def test_the_years_of_the_window_sum_to_wipos_totals() -> None:
    assert sum(APPLICATIONS[year] for year in range(2014, 2019)) == 1_047_141
    assert sum(ARTICLES[year] for year in range(2014, 2019)) == 8_664_000
    assert sum(APPLICATIONS[year] for year in range(2019, 2024)) == 1_290_000


def test_running_totals_are_rounded_half_up_from_2014_on() -> None:
    counts = np.array([[0.4] * len(YEARS)])
    by_year = dict(zip(YEARS, rounded_by_year(counts, YEARS)[0].tolist(), strict=True))
    # 2014 onwards the running total is 0.4, 0.8, 1.2, 1.6, 2.0: rounded 0, 1, 1, 2, 2.
    assert [by_year[year] for year in range(2014, 2019)] == [0, 1, 0, 1, 0]
    # Backwards from 2013 it is 0, -0.4, -0.8, -1.2, -1.6: rounded 0, 0, -1, -1, -2.
    assert [by_year[year] for year in range(2010, 2014)] == [1, 0, 1, 0]


@given(COUNTS)
def test_any_run_of_years_is_within_one_document_of_its_fraction(counts: np.ndarray) -> None:
    whole = rounded_by_year(counts, YEARS)
    assert (whole >= 0).all()
    for first in range(len(YEARS)):
        for last in range(first, len(YEARS)):
            run = slice(first, last + 1)
            assert (np.abs(whole[:, run].sum(axis=1) - counts[:, run].sum(axis=1)) <= 1).all()


@given(COUNTS)
def test_the_window_is_its_own_total_rounded(counts: np.ndarray) -> None:
    window = slice(YEARS.index(2014), YEARS.index(2018) + 1)
    expected = np.floor(np.cumsum(counts[:, window], axis=1)[:, -1] + 0.5)
    running = rounded_by_year(counts, YEARS)[:, window].sum(axis=1)
    assert running.tolist() == expected.tolist()  # sums of such short floats are exact


@given(
    arrays(np.float64, (5, 4), elements=st.floats(0.0625, 20, width=16)),
    arrays(np.int64, 4, elements=st.integers(0, 200)),
)
def test_dealing_out_keeps_each_years_total(targets: np.ndarray, totals: np.ndarray) -> None:
    given_ = dealt(targets, totals)
    assert (given_ >= 0).all()
    assert given_.sum(axis=0).tolist() == totals.tolist()


def test_dealing_out_carries_what_is_owed() -> None:
    # Three equal areas and one document a year: each has its turn.
    given_ = dealt(np.ones((3, 3)), np.array([1, 1, 1]))
    assert given_.sum(axis=1).tolist() == [1, 1, 1]


def test_a_users_table_has_the_same_output_every_year() -> None:
    assert world_by_year(APPLICATIONS, 500.0, YEARS, grows=False).tolist() == [100.0] * len(YEARS)


@pytest.mark.parametrize("growth", [0.0, 0.18, -0.02])
def test_weights_of_the_window_sum_to_one(growth: float) -> None:
    weights = year_weights(np.array([growth]), np.array([0.05]), YEARS)
    window = slice(YEARS.index(2014), YEARS.index(2018) + 1)
    assert weights[:, window].sum() == pytest.approx(1.0)
    assert weights[0, YEARS.index(2016)] / weights[0, YEARS.index(2015)] == pytest.approx(
        1 + growth
    )
