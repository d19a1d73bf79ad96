from fractions import Fraction

import numpy as np
import pytest

from pipelines.simulation.areas import KINDS, Areas, build_areas
from pipelines.simulation.calibration import WINDOW, Calibration
from pipelines.simulation.documents import EXCLUDED_ARTICLES, Documents, make_documents
from pipelines.simulation.gazetteer import Gazetteer
from pipelines.simulation.quotas import YEARS
from tests.simulation.conftest import SCALE


def _counts(documents: Documents, n_areas: int) -> list[Fraction]:
    """Fractional count of each area over ordinary documents (method 4), exact."""
    ordinary = documents.excluded[documents.document] < 0
    persons = np.zeros(len(documents.home), dtype=np.int64)
    np.maximum.at(persons, documents.document, documents.person)
    key = documents.document * 1_000 + documents.person
    _, inverse, addresses = np.unique(key, return_inverse=True, return_counts=True)
    denominator = persons[documents.document] * addresses[inverse]
    counts = [Fraction(0)] * n_areas
    for weight in np.unique(denominator):
        here = ordinary & (denominator == weight)
        for area, n in enumerate(np.bincount(documents.area[here], minlength=n_areas).tolist()):
            counts[area] += Fraction(n, int(weight))
    return counts


@pytest.mark.parametrize("kind", KINDS)
def test_fractional_counts_are_the_quotas_after_all_collaboration(areas: Areas, kind: str) -> None:
    quota = areas.documents[kind][:, areas.years.index(2016)]
    assert _counts(make_documents(areas, 1, 2016, kind), len(areas.names)) == quota.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_the_window_carries_the_calibration(
    areas: Areas, calibration: Calibration, kind: str
) -> None:
    window = [areas.years.index(year) for year in WINDOW]
    of_area = areas.documents[kind][:, window].sum(axis=1)
    for cluster in calibration.clusters:
        area = areas.names.index(cluster.name)
        parts = [area, *(centre for centre, parent in areas.partner.items() if parent == area)]
        count = cluster.applications if kind == "patent" else cluster.articles
        assert of_area[parts].sum() == pytest.approx(count * SCALE, abs=0.5001)
    world = calibration.applications if kind == "patent" else calibration.articles
    assert of_area.sum() == pytest.approx(world * SCALE, abs=0.5001)


def test_chinas_clusters_outgrow_the_world(areas: Areas) -> None:
    first, last = areas.years.index(2018), areas.years.index(2022)
    articles = areas.documents["publication"]
    hefei = articles[areas.names.index("Hefei")]
    assert hefei[last] / hefei[first] > 1.5 * articles[:, last].sum() / articles[:, first].sum()


def test_same_seed_same_documents_other_seed_others(areas: Areas) -> None:
    one, same, other = (make_documents(areas, seed, 2018, "patent") for seed in (1, 1, 2))
    assert np.array_equal(one.place, same.place)
    assert np.array_equal(one.chance, same.chance)
    assert not np.array_equal(one.home, other.home)


def test_years_and_kinds_have_their_own_chance(areas: Areas) -> None:
    patents, articles = (make_documents(areas, 1, 2018, kind) for kind in KINDS)
    n = min(len(patents.chance), len(articles.chance))
    assert not np.array_equal(patents.chance[:n], articles.chance[:n])


def test_slots_follow_their_documents(areas: Areas) -> None:
    made = make_documents(areas, 1, 2018, "publication")
    assert (np.diff(made.document) >= 0).all()
    assert set(made.document.tolist()) == set(range(len(made.home)))
    assert ((made.place < 0) == ~areas.is_located[made.area]).all()
    held = made.place >= 0
    assert (areas.place_area[made.place[held]] == made.area[held]).all()


def test_addresses_per_document_are_as_published(areas: Areas) -> None:
    made = [make_documents(areas, 1, year, "patent") for year in range(2019, 2024)]
    addresses, documents = (sum(map(len, column)) for column in zip(
        *((m.document, m.home) for m in made), strict=True
    ))  # fmt: skip
    assert addresses / documents == pytest.approx(4_113_927 / 1_290_000, rel=0.005)


def test_every_inclusion_rule_has_work(areas: Areas) -> None:
    made = make_documents(areas, 1, 2018, "publication")
    assert set(made.excluded.tolist()) == {-1, *range(len(EXCLUDED_ARTICLES))}


@pytest.mark.parametrize("scale", [0.0005, 0.0003, 0.00001])
def test_worlds_of_a_few_documents_have_no_negative_quota(
    gazetteer: Gazetteer, calibration: Calibration, scale: float
) -> None:
    documents = build_areas(gazetteer, calibration, scale, YEARS).documents
    assert all((quota >= 0).all() for quota in documents.values())
