"""Identifiers of clusters: what a new one is called, and that none is given twice over the editions."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

from pipelines.errors import UserError
from pipelines.identity import (
    depends_on_release_before,
    ids_given,
    new_ids,
    read_release_before,
    release_before,
)
from pipelines.release.publish import publish
from pipelines.steps import Target
from tests.release import factory


def ids(*places: tuple[str, str], given: set[str] | None = None) -> list[str]:
    """Ids of clusters with these countries and main places, in the order in which they are given."""
    rows = [(number, *place) for number, place in enumerate(places)]
    frame = pl.DataFrame(rows, schema=["cluster", "country", "name"], orient="row")
    made = new_ids(frame, given or set())
    assert made["cluster"].to_list() == list(range(len(places)))
    return made["new_id"].to_list()


@pytest.mark.parametrize(
    ("place", "identifier"),
    [
        (("KR", "Daejeon"), "kr-daejeon"),
        (("SE", "Göteborg"), "se-goteborg"),
        (("US", "St. Louis"), "us-st-louis"),
        (("FR", "Aix-en-Provence"), "fr-aix-en-provence"),
    ],
)
def test_an_id_is_country_and_main_place(place: tuple[str, str], identifier: str) -> None:
    assert ids(place) == [identifier]


def test_a_name_that_is_taken_gets_a_number() -> None:
    given = {"jp-tokyo", "jp-tokyo-2", "us-boston"}
    assert ids(("JP", "Tokyo"), ("JP", "Tokyo"), ("KR", "Seoul"), given=given) == [
        "jp-tokyo-3",
        "jp-tokyo-4",
        "kr-seoul",
    ]


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Editions 2021 (two revisions), 2022 and 2024; a cluster of 2021 is gone since."""
    folder = tmp_path_factory.mktemp("released")
    for edition, clusters in (
        (2021, {"old": "x1"}),
        (2021, {"old": "x2"}),
        (2022, {}),
        (2024, {"old": "x3"}),
    ):
        rows = factory.clusters()
        rows[0] |= {"cluster_id": clusters.get("old", rows[0]["cluster_id"])}
        publish(factory.request(folder, edition=edition, rows={"clusters": rows}))
    return folder / "releases"


def target(releases: Path, edition: int) -> Target:
    pipeline = SimpleNamespace(workspace=SimpleNamespace(releases=releases))
    return cast(Target, SimpleNamespace(pipeline=pipeline, year=edition))


def test_ids_of_all_earlier_editions_are_given(releases: Path) -> None:
    others: set[Any] = {row["cluster_id"] for row in factory.clusters()[1:]}
    first = {factory.clusters()[0]["cluster_id"]}
    assert ids_given(target(releases, 2021)) == set()
    assert ids_given(target(releases, 2022)) == others | {"x2"}, "of the newest revision"
    assert ids_given(target(releases, 2023)) == others | first | {"x2"}
    assert ids_given(target(releases, 2025)) == others | first | {"x2", "x3"}


def test_the_release_before_is_the_newest_of_the_edition_before(releases: Path) -> None:
    before = release_before(target(releases, 2022))
    assert before
    assert (before.edition, before.revision) == (2021, 2)
    assert release_before(target(releases, 2021)) is None
    assert depends_on_release_before(target(releases, 2022)) == before.model_dump()
    assert depends_on_release_before(target(releases, 2021)) is None
    schema: dict[str, type[pl.DataType]] = {"cluster_id": pl.String, "rank": pl.Int32}
    assert read_release_before(target(releases, 2022), "ranking", schema).height == 3
    nothing = read_release_before(target(releases, 2021), "ranking", schema)
    assert nothing.is_empty()
    assert dict(nothing.schema) == schema


def test_a_release_before_that_was_damaged_is_said_to_be_so(tmp_path: Path) -> None:
    folder = publish(factory.request(tmp_path, edition=2021)).path
    (folder / "clusters.parquet").unlink()
    with pytest.raises(UserError, match=r"was changed since .*clusters\.parquet: is missing"):
        ids_given(target(tmp_path / "releases", 2022))
