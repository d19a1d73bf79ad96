import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.simulation.collaboration import Slots, collaborate

N_AREAS = 6


@st.composite
def slots(draw: st.DrawFn) -> Slots:
    n = draw(st.integers(0, 300))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return Slots(rng.integers(0, N_AREAS, n), rng.integers(1, 5, n), rng.random(n) < 0.3)


def _mixed(given_slots: Slots, partner: dict[int, int], seed: int) -> np.ndarray:
    return collaborate(
        "publication",
        given_slots,
        area_country=np.array([0, 0, 0, 1, 1, 2]),
        domestic_share=np.full(N_AREAS, 0.3),
        partner=partner,
        rng=np.random.default_rng(seed),
    )


@given(slots(), st.integers(0, 1_000))
def test_no_area_gains_or_loses_in_any_weight_class(given_slots: Slots, seed: int) -> None:
    mixed = _mixed(given_slots, {1: 0, 4: 3}, seed)
    for weight in range(1, 5):
        before = given_slots.area[given_slots.weight_class == weight]
        after = mixed[given_slots.weight_class == weight]
        assert (
            np.bincount(before, minlength=N_AREAS).tolist()
            == np.bincount(after, minlength=N_AREAS).tolist()
        )


@given(slots(), st.integers(0, 1_000))
def test_the_first_address_stays_at_home(given_slots: Slots, seed: int) -> None:
    mixed = _mixed(given_slots, {1: 0}, seed)
    assert (mixed[given_slots.is_first] == given_slots.area[given_slots.is_first]).all()


def test_a_subcentre_works_most_with_its_own_cluster() -> None:
    area = np.repeat(np.arange(N_AREAS), 2_000)
    given_slots = Slots(area, np.full(len(area), 2), np.zeros(len(area), dtype=bool))
    mixed = _mixed(given_slots, {1: 0}, 7)
    partners = np.bincount(mixed[(area == 1) & (mixed != 1)], minlength=N_AREAS)
    assert partners.argmax() == 0
    assert partners[0] > 2 * partners[2]
