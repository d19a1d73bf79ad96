"""`edition_cells` as its step makes it: roles, numbers, and a profile that clusters some economies."""

import h3.api.numpy_int as h3
import polars as pl
import pytest

from pipelines.contracts import clusters
from pipelines.delineation.cells import RESOLUTION
from tests.sql.conftest import MakeTable

CAIRO, BEIRUT = (30.05, 31.25), (33.89, 35.50)


def cells(country: str, at: tuple[float, float], *weights: int) -> list[dict[str, object]]:
    """A cell with the first weight, and to the north cells 14 km apart with the others."""
    lat, lng = at
    degrees = 14 / 111.195
    return [
        {
            "edition": 2024,
            "h3_cell": int(h3.latlng_to_cell(lat + number * degrees, lng, RESOLUTION)),
            "country": country,
            "weight": weight,
        }
        for number, weight in enumerate(weights)
    ]


@pytest.mark.parametrize(
    ("profile", "roles"),
    [(None, ["core", "core", "border", "noise"]), ("african", ["noise"] * 4)],
)
def test_cells_have_roles_and_under_a_profile_only_its_economies_are_clustered(
    make_table: MakeTable, profile: str | None, roles: list[str]
) -> None:
    """The threshold is 10: the first two cells of either have it, each with its neighbours."""
    egypt, lebanon = cells("EG", CAIRO, 9, 1, 1, 1), cells("LB", BEIRUT, 9, 1, 1, 1)
    inputs = {
        clusters.EDITION_WEIGHTS: [*lebanon, *egypt],
        clusters.EDITION_TOTALS: [{"kind": "patent", "threshold_weight": 10}],
    }
    made = make_table(clusters.EDITION_CELLS, inputs, partition=2024, profile=profile)
    found = {row["h3_cell"]: row for row in made.iter_rows(named=True)}
    assert [found[cell["h3_cell"]]["role"] for cell in egypt] == [
        "core",
        "core",
        "border",
        "noise",
    ]
    assert [found[cell["h3_cell"]]["role"] for cell in lebanon] == roles
    centres = [h3.cell_to_latlng(cell) for cell in made["h3_cell"].to_list()]
    assert made.select("lat", "lng").rows() == centres


def test_numbers_of_clusters_go_by_their_lowest_core_cell(make_table: MakeTable) -> None:
    inputs = {
        clusters.EDITION_WEIGHTS: [*cells("LB", BEIRUT, 10), *cells("EG", CAIRO, 10)],
        clusters.EDITION_TOTALS: [{"kind": "patent", "threshold_weight": 10}],
    }
    made = make_table(clusters.EDITION_CELLS, inputs, partition=2024)
    assert made["h3_cell"].is_sorted()
    assert made["raw_cluster"].to_list() == [1, 2]
    assert made.schema["raw_cluster"] == pl.Int32
