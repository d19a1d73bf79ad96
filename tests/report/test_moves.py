"""The account of a rank's move, by hand and as a rule."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contracts.common import PARTS_PER_DOCUMENT
from pipelines.editions import KINDS
from pipelines.report.moves import Move, Standing, explain, standing_of
from pipelines.report.source import read_release


@pytest.fixture(scope="module")
def moved(releases: Path) -> dict[str, Move | None]:
    before, now = (standing_of(read_release(releases / f"{e}" / "1")) for e in (2023, 2024))
    return {key: explain(before, now, key) for key in "abcnx"}


def places(move: Move | None) -> tuple[int, ...]:
    assert move
    return (
        move.rank_before,
        move.boundary_places,
        move.own_places,
        move.others_places,
        move.rank_now,
    )


def test_a_move_of_all_three_steps(moved: dict[str, Move | None]) -> None:
    """c, third with 20 %: its new boundary makes 26 %, above b's 25 %; its whole new share is 35 %,
    above a's 30 %; but a now has 37.5 %."""
    assert places(moved["c"]) == (3, +1, +1, -1, 2)


def test_a_tie_goes_to_the_lower_identifier(moved: dict[str, Move | None]) -> None:
    """b falls to 24/120, c's former 20 %: still second beside it, third against c as it is now."""
    assert places(moved["b"]) == (2, 0, 0, -1, 3)


def test_who_stays_first_did_not_move(moved: dict[str, Move | None]) -> None:
    assert places(moved["a"]) == (1, 0, 0, 0, 1)


def test_rivals(moved: dict[str, Move | None]) -> None:
    b, c = moved["b"], moved["c"]
    assert b and c
    assert (c.passed, c.passed_by) == (("b",), ())
    assert (b.passed, b.passed_by) == ((), ("c",))


def test_without_a_predecessor_there_is_no_move(moved: dict[str, Move | None]) -> None:
    assert moved["n"] is None
    assert moved["x"] is None


def test_counts(moved: dict[str, Move | None]) -> None:
    """c: 20, +6 by boundary (22 for 16 in 2019-2022), -4 of 2018, +20 of 2023."""
    assert moved["c"]
    patents, publications = moved["c"].counts
    of_documents = [
        part // PARTS_PER_DOCUMENT
        for part in (patents.before, patents.boundary, patents.dropped, patents.new, patents.now)
    ]
    assert of_documents == [20, 6, 4, 20, 42]
    assert (patents.dropped_years, patents.new_years) == ((2018,), (2023,))
    assert (patents.share_before, patents.share_now) == (Fraction(1, 5), Fraction(35, 100))
    assert (publications.kind, publications.now, publications.share_now) == ("publication", 0, 0)


PARTS = st.integers(0, 6)


@st.composite
def standings(draw: st.DrawFn, first_year: int) -> Standing:
    keys = draw(st.sets(st.sampled_from("abcdefg"), min_size=1))
    years = range(first_year, first_year + 3)
    counts = {
        key: {kind: {year: draw(PARTS) for year in years} for kind in KINDS} for key in sorted(keys)
    }
    return Standing(counts, {kind: draw(st.integers(0, 200)) for kind in KINDS})


@given(standings(2000), st.integers(1999, 2004).flatmap(standings))
def test_every_account_adds_up(before: Standing, now: Standing) -> None:
    for key in before.counts.keys() & now.counts.keys():
        move = explain(before, now, key)
        assert move
        gained = move.rank_before - move.rank_now
        assert gained == move.boundary_places + move.own_places + move.others_places
        assert gained == len(move.passed) + len(move.gone) - len(move.passed_by) - len(move.came)
        for count in move.counts:
            assert count.now == count.before + count.boundary - count.dropped + count.new


@given(standings(2000))
def test_the_rank_with_ones_own_share_is_ones_own(standing: Standing) -> None:
    for key, rank in standing.ranks.items():
        assert standing.rank_with(key, standing.total_share(key)) == rank
