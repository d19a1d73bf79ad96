"""The name rule on real names: assignees and inventors of US patents (PatentsView, CC BY 4.0)."""

import csv
import gzip
from pathlib import Path

import pytest

from pipelines.indicators.organisations import MIN_MENTIONS, is_organisation


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(scope="module")
def inventors(realdata: Path) -> set[tuple[str, str]]:
    return {
        (row["inventor_name_first"], row["inventor_name_last"])
        for row in _rows(realdata / "patentsview_inventors.tsv.gz")
    }


@pytest.mark.parametrize("form", ["{0} {1}", "{1}, {0}", "{1} {0}"])
@pytest.mark.parametrize("shout", [False, True])
def test_no_inventor_is_taken_for_an_organisation(
    inventors: set[tuple[str, str]], form: str, shout: bool
) -> None:
    names = {form.format(first, last) for first, last in inventors}
    taken = {
        name for name in names if is_organisation(name.upper() if shout else name, mentions=1000)
    }
    assert len(names) > 4900
    assert taken == set()


@pytest.mark.parametrize(("mentions", "part"), [(1, 0.91), (MIN_MENTIONS, 0.97)])
def test_most_assignees_are_known_as_organisations(
    realdata: Path, mentions: int, part: float
) -> None:
    names = {
        row["assignee_organization"]
        for row in _rows(realdata / "patentsview_assignees.tsv.gz")
        if row["assignee_organization"]
    }
    known = [name for name in names if is_organisation(name, mentions)]
    assert len(known) / len(names) >= part
