"""Parts of a document by hand, and that they always sum to one document."""

from hypothesis import given
from hypothesis import strategies as st

from tests.sql.extracts.fractions import (
    DOCUMENT,
    parts_by_address,
    parts_by_person,
    parts_by_share,
)

shares = st.lists(st.floats(0, 1), min_size=1, max_size=50)


def test_the_first_addresses_take_what_is_left_over():
    assert parts_by_address(1) == [1_000_000_000]
    assert parts_by_address(3) == [333_333_334, 333_333_333, 333_333_333]
    assert parts_by_address(7)[5:] == [142_857_143, 142_857_142]


def test_persons_come_before_their_addresses():
    """Three authors, the first with two addresses, the second's address between them."""
    assert parts_by_person([1, 2, 1, 3]) == [166_666_667, 333_333_333, 166_666_667, 333_333_333]
    assert parts_by_person([2, 1]) == [500_000_000, 500_000_000]
    assert parts_by_person([3, 2, 1]) == [333_333_333, 333_333_333, 333_333_334]


def test_one_address_each_is_the_same_by_person_and_by_address():
    assert parts_by_person(range(1, 8)) == parts_by_address(7)


def test_given_shares():
    assert parts_by_share([0.5, 0.25, 0.25]) == [500_000_000, 250_000_000, 250_000_000]
    assert parts_by_share([0.2, 0.2]) == [500_000_000, 500_000_000]
    assert parts_by_share([0.1, 0.1, 0.1]) == parts_by_address(3)
    third = 1 / 3
    assert parts_by_share([0, third, third, third]) == [0, *parts_by_address(3)]
    assert parts_by_share([0.0, 1.0]) == [0, 1_000_000_000]
    assert parts_by_share([0.0, 0.0]) == [500_000_000, 500_000_000]


def test_a_share_with_half_a_billionth_is_rounded_up():
    """REGPAT: a third of an application whose address falls in two regions, half in each."""
    third, half_of_it = 333_333_333, 166_666_667  # the half is 166,666,666.5 billionths
    shares = [0.333333333, 0.5 * 0.333333333, 0.5 * 0.333333333, 0.333333333]
    assert parts_by_share(shares) == [third, half_of_it, half_of_it, third]


@given(st.integers(1, 5000))
def test_equal_parts_sum_to_one_and_differ_by_one_at_most(n):
    parts = parts_by_address(n)
    assert sum(parts) == DOCUMENT
    assert max(parts) - min(parts) <= 1


@given(st.lists(st.integers(1, 30), min_size=1, max_size=100))
def test_parts_by_person_sum_to_one(persons):
    assert sum(parts_by_person(persons)) == DOCUMENT


@given(shares)
def test_parts_by_share_sum_to_one_and_follow_the_shares(given_shares):
    parts = parts_by_share(given_shares)
    assert sum(parts) == DOCUMENT
    total = sum(given_shares)
    if total > 1e-3:
        assert all(
            abs(part / DOCUMENT - share / total) < 1e-4
            for part, share in zip(parts, given_shares, strict=True)
        )
