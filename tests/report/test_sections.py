"""A cluster's section: which rows of many it shows, in which order, and what became of the cluster."""

from pathlib import Path
from typing import Any

from pipelines.contracts import TABLES
from pipelines.report.clusters import Names, Section, sections
from pipelines.report.source import read_release
from pipelines.report.tables import ranking
from tests.report import made


def section_of(
    folder: Path, key: str, before: Path | None = None, **changed: list[dict[str, Any]]
) -> Section:
    """A cluster's section in a release, some of whose tables are written anew."""
    for name, rows in changed.items():
        made.write(TABLES[name], rows, folder / f"{name}.parquet", 2024)
    release, previous = read_release(folder), read_release(before) if before else None
    found = sections(release, ranking(release), previous, ())
    return next(section for section in found if section.ranked.key == key)


def with_partner(key: str, patents: int, publications: int) -> list[dict[str, Any]]:
    return [
        {
            "cluster_id": "a",
            "kind": kind,
            "partner": "other cluster",
            "partner_cluster_id": key,
            "documents": documents,
            "joint_parts": documents,
            "joint_share": documents / 100,
        }
        for kind, documents in (("patent", patents), ("publication", publications))
    ]


def test_the_eight_partners_with_the_most_documents_of_both_sources(tmp_path: Path) -> None:
    """Of equals the lower identifier; nobody without a document."""
    documents = {"q": (1, 1), "none": (0, 0), "p": (2, 0), "z": (9, 0), "y": (4, 6)}
    documents |= {f"few{n}": (0, 1) for n in range(6)}
    rows = [row for key, pair in documents.items() for row in with_partner(key, *pair)]
    partners = section_of(made.release(tmp_path, 2024), "a", collaboration=rows).partners
    assert [partner.key for partner in partners] == [
        *("y", "z", "p", "q"),
        *("few0", "few1", "few2", "few3"),
    ]
    assert partners[0].documents == {"patent": 4, "publication": 6}
    assert partners[0].joint_share == {"patent": 0.04, "publication": 0.06}


def test_nobody_is_a_partner_of_no_document(tmp_path: Path) -> None:
    folder = made.release(tmp_path, 2024)
    assert section_of(folder, "a", collaboration=with_partner("none", 0, 0)).partners == ()


def test_the_first_fields_and_organisations_by_rank(tmp_path: Path) -> None:
    fields = [
        {"cluster_id": "a", "kind": "patent", "scheme": "wipo35", "field": f"F{rank}", "rank": rank}
        for rank in (7, 3, 1, 2, 6, 5, 4)
    ]
    organisations = [
        {"cluster_id": "a", "kind": "publication", "rank": rank, "organisation": f"O{rank}"}
        for rank in (6, 5, 4, 3, 2, 1)
    ]
    folder = made.release(tmp_path, 2024)
    of_a = section_of(folder, "a", cluster_fields=fields, cluster_organisations=organisations)
    (scheme,) = of_a.fields
    assert (scheme.kind, scheme.scheme) == ("patent", "WIPO’s 35 fields of technology")
    assert [row["field"] for row in scheme.rows] == ["F1", "F2", "F3", "F4", "F5", "F6"]
    assert list(of_a.organisations) == ["publication"]
    assert [row["rank"] for row in of_a.organisations["publication"]] == [1, 2, 3, 4, 5]


def test_cells_that_only_went_are_told(tmp_path: Path) -> None:
    before, now = made.release(tmp_path, 2023), made.release(tmp_path, 2024)
    cells = made.cells("a", 2024)[:1]
    of_a = section_of(now, "a", before, cluster_cells=cells)
    assert "It has 1 cell, 0 of them new; 1 former cell is no longer part of it." in of_a.history
    whole = made.release(tmp_path / "whole", 2024)
    assert "Its cells are the same as before." in section_of(whole, "b", before).history


def test_what_was_called_otherwise_is_told(tmp_path: Path) -> None:
    before, now = made.release(tmp_path, 2023), made.release(tmp_path, 2024)
    rows = [{**row, "name": "Edo"} for row in made.ranking(2023) if row["cluster_id"] == "a"]
    made.write(TABLES["ranking"], rows, before / "ranking.parquet", 2023)
    assert "It was called Edo." in section_of(now, "a", before).history


def test_where_no_edition_was_released_before_there_is_nothing_to_tell(tmp_path: Path) -> None:
    of_a = section_of(made.release(tmp_path, 2023), "a")
    assert (of_a.history, of_a.move) == ((), None)


def test_a_cluster_is_called_as_in_this_edition_else_as_in_the_one_before() -> None:
    names = Names(now={"a": "Tokyo"}, before={"a": "Edo", "b": "Boston"})
    assert [names.of(key) for key in ("a", "b", "c")] == ["Tokyo", "Boston", "c"]


def test_how_far_a_rank_depends_on_which_year_is_told(tmp_path: Path) -> None:
    """Its own rank is part of the range, which need not be its rank without any one year."""
    folder = made.release(tmp_path, 2024)
    [own] = [row["rank"] for row in made.ranking(2024) if row["cluster_id"] == "b"]

    def told(*ranks: int) -> str | None:
        rows = [
            {"cluster_id": "b", "window_year": year, "rank": rank}
            for year, rank in enumerate(ranks, start=1)
        ]
        return section_of(folder, "b", rank_sensitivity=rows).ranked.sensitivity

    assert told(*[own] * 5) == f"Its rank stays {own} whichever year of its windows is left out."
    assert told(own + 1, own + 3, own + 2, own + 1, own + 1) == (
        f"Its rank lies between {own} and {own + 3} whichever year of its windows is left out: "
        f"{own + 3} without 2020."
    )
    assert told(own - 1, own + 1, own - 1, own, own) == (
        f"Its rank lies between {own - 1} and {own + 1} whichever year of its windows is left out: "
        f"{own - 1} without 2019 or 2021, {own + 1} without 2020."
    )
    articles_a_year_earlier = [
        {**row, "in_window": row["kind"] == "patent" and row["in_window"]}
        for row in made.tables(2024)["cluster_years"]
    ] + [
        {"cluster_id": "b", "kind": "publication", "year": year, "in_window": True, "parts": 0}
        for year in range(2018, 2023)
    ]
    table = folder / "cluster_years.parquet"
    made.write(TABLES["cluster_years"], articles_a_year_earlier, table, 2024)
    assert str(told(own, own, own, own, own + 1)).endswith(
        f"{own + 1} without 2023 (articles: 2022)."
    )
    made.of_patents_alone(folder)
    assert str(told(own, own, own, own, own + 1)).endswith(f"{own + 1} without 2023.")
    earlier_code = made.release(tmp_path / "earlier", 2024, without=("rank_sensitivity",))
    assert section_of(earlier_code, "b").ranked.sensitivity is None
