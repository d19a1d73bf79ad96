"""Differences between releases, worked out by hand on three clusters."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import UserError
from pipelines.release.changes import markdown, table_rows
from pipelines.release.diff import Side, TableChange, diff, difference
from pipelines.release.publish import publish
from tests.release import factory


def released(folder: Path, **changed: object) -> Path:
    return publish(factory.request(folder, **changed)).path  # type: ignore[arg-type]


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return released(tmp_path / "before")


def test_a_release_does_not_differ_from_itself(before: Path) -> None:
    found = diff(before, before)
    assert found.is_empty
    assert (found.clusters, found.clusters_unchanged, found.statements) == ((), 3, ())
    assert "Nothing differs." in markdown(found)


def test_rows_are_told_apart_by_key(tmp_path: Path, before: Path) -> None:
    rows = factory.cluster_cells()
    rows[0] |= {"role": "border", "weight": 7}
    after = released(tmp_path / "after", rows={"cluster_cells": rows[:-1]})
    found = {change.table: change for change in diff(before, after).tables}
    assert found["cluster_cells"] == TableChange(
        table="cluster_cells",
        rows_before=6,
        rows_after=5,
        added=0,
        removed=1,
        changed=1,
        values_changed={"role": 1, "weight": 1},
        columns_added=(),
        columns_removed=(),
    )
    assert [name for name, change in found.items() if change.is_change] == ["cluster_cells"]


def test_the_other_way_round_what_was_removed_is_added(tmp_path: Path, before: Path) -> None:
    after = released(tmp_path / "after", rows={"cluster_cells": factory.cluster_cells()[:-2]})
    there, back = diff(before, after), diff(after, before)
    cells = {change.table: change for change in back.tables}["cluster_cells"]
    assert (cells.added, cells.removed) == (2, 0)
    assert [change.cells_lost for change in there.clusters] == [2]
    assert [change.cells_gained for change in back.clusters] == [2]


def test_clusters_come_go_and_change(tmp_path: Path, before: Path) -> None:
    first, second, third = factory.ranking()
    ranking = [
        second | {"rank": 1},
        first | {"rank": 2, "name": "Tokyo–Yokohama", "patent_share": 0.100000001},
        third | {"cluster_id": "c4", "name": "Leiden"},
    ]
    cells = factory.cluster_cells()
    cells[0] |= {"cluster_id": "c2"}
    cells[4] |= {"cluster_id": "c4"}
    cells[5] |= {"cluster_id": "c4"}
    after = released(tmp_path / "after", rows={"ranking": ranking, "cluster_cells": cells})
    found = diff(before, after)
    assert found.clusters_unchanged == 0
    events = [(c.cluster_id, c.event, c.cells_gained, c.cells_lost) for c in found.clusters]
    assert events == [
        ("c2", "changes", 1, 0),
        ("c1", "changes", 0, 1),
        ("c4", "appears", 2, 0),
        ("c3", "disappears", 0, 2),
    ]
    page = markdown(found)
    assert "| c2 | Boston | rank 2 → 1; cells +1 -0 |" in page
    assert (
        "| c1 | Tokyo–Yokohama | name Tokyo → Tokyo–Yokohama; rank 1 → 2; "
        "patent share 0.1 → 0.100000001; cells +0 -1 |" in page
    )
    assert "| c4 | Leiden | appears (rank 3); cells +2 -0 |" in page
    assert "| c3 | Delft | disappears (rank 3); cells +0 -2 |" in page
    assert "4 differ, 0 do not." in page


def test_clusters_that_are_gone_come_by_the_rank_they_had(tmp_path: Path) -> None:
    first, second, third = factory.ranking()
    ranking = [first | {"rank": 2}, second | {"rank": 1}, third]
    before = released(tmp_path / "before", rows={"ranking": ranking})
    after = released(tmp_path / "after", rows={"ranking": [third | {"rank": 1}]})
    assert [change.cluster_id for change in diff(before, after).clusters] == ["c3", "c2", "c1"]


def test_plain_rows_count_what_differs_by_table(tmp_path: Path, before: Path) -> None:
    ranking = factory.ranking()
    ranking[2] |= {"patents": 11.5}
    found = diff(before, released(tmp_path / "after", rows={"ranking": ranking}))
    rows = {row["table"]: row for row in table_rows(found)}
    assert rows["ranking"]["changed"] == 1
    assert rows["ranking"]["where"] == "patents (1)"
    assert rows["world"]["changed"] == 0


def test_statements_that_changed_are_listed(tmp_path: Path, before: Path) -> None:
    after = released(
        tmp_path / "after",
        parameters={"radius_km": {"value": 13, "certainty": "M"}},
        inputs=(),
        code_version="0.2.0",
    )
    found = diff(before, after)
    assert [change.statement for change in found.statements] == [
        "citation of pct",
        "code version",
        "input pct: raw/inventors.txt",
        "licence of pct",
        "parameter min_points",
        "parameter radius_km",
    ]
    page = markdown(found)
    assert "| code version | 0.1.0 | 0.2.0 |" in page
    assert "| parameter radius_km | value 15, certainty V | value 13, certainty M |" in page


def test_two_editions_compare_without_their_year(tmp_path: Path, before: Path) -> None:
    found = diff(before, released(tmp_path / "after", edition=2023))
    changed = {change.table: change for change in found.tables if change.is_change}
    assert "ranking" not in changed
    assert found.clusters == ()
    assert (found.before, found.after) == ("edition 2024, revision 1", "edition 2023, revision 1")


def side(folder: Path, **tables: pl.DataFrame) -> Side:
    """A side whose tables are given, with `id` as their key, and one cluster."""
    folder.mkdir()
    given = {
        "ranking": pl.DataFrame(
            {"cluster_id": ["c1"], "name": ["Tokyo"], "rank": [1]}
            | {fact: [0.5] for fact in ("patents", "publications")}
            | {f"{kind}_share": [0.5] for kind in ("patent", "publication", "total")}
        ),
        "cluster_cells": pl.DataFrame({"cluster_id": ["c1"], "h3_cell": [1]}),
    } | tables
    files = {}
    for name, frame in given.items():
        files[name] = folder / f"{name}.parquet"
        key = "id" if "id" in frame.columns else "cluster_id"
        table: pa.Table = frame.to_arrow().replace_schema_metadata({"key": key})
        pq.write_table(table, files[name])
    return Side(1, factory.provenance(), files)


def test_columns_that_came_went_or_changed_their_type_are_named(tmp_path: Path) -> None:
    old = side(tmp_path / "old", t=pl.DataFrame({"id": [1, 2], "kept": [5, 6], "gone": [0, 0]}))
    new = side(tmp_path / "new", t=pl.DataFrame({"id": [1, 2], "kept": [5.0, 6.0], "come": [0, 0]}))
    found = difference(old, new)
    change = next(c for c in found.tables if c.table == "t")
    (told,) = (row for row in table_rows(found) if row["table"] == "t")
    assert told["where"] == "+kept, +come, -kept, -gone"
    assert "| t | 2 | 2 | 0 | 0 | 0 | +kept, +come, -kept, -gone |" in markdown(found)
    assert change.columns_added == ("kept", "come")
    assert change.columns_removed == ("kept", "gone")
    assert (change.added, change.removed, change.changed) == (0, 0, 0)


def test_tables_that_came_or_went_are_named(tmp_path: Path) -> None:
    old = side(tmp_path / "old", gone=pl.DataFrame({"id": [1, 2]}))
    new = side(tmp_path / "new", come=pl.DataFrame({"id": [1, 2, 3]}))
    rows = {row["table"]: row for row in table_rows(difference(old, new))}
    assert (rows["gone"]["rows_before"], rows["gone"]["rows_after"]) == (2, None)
    assert (rows["come"]["rows_before"], rows["come"]["rows_after"]) == (None, 3)
    assert (rows["gone"]["removed"], rows["come"]["added"]) == (2, 3)


def test_empty_values_are_values_and_may_be_keys(tmp_path: Path) -> None:
    old = side(tmp_path / "old", t=pl.DataFrame({"id": [1, None, 3], "v": [None, 2, None]}))
    new = side(tmp_path / "new", t=pl.DataFrame({"id": [1, None, 3], "v": [None, None, 4]}))
    change = next(c for c in difference(old, new).tables if c.table == "t")
    assert (change.added, change.removed, change.changed) == (0, 0, 2)
    assert change.values_changed == {"v": 2}


def test_a_key_that_changed_its_type_leaves_only_counts(tmp_path: Path) -> None:
    old = side(tmp_path / "old", t=pl.DataFrame({"id": [1, 2]}))
    new = side(tmp_path / "new", t=pl.DataFrame({"id": ["1"]}))
    change = next(c for c in difference(old, new).tables if c.table == "t")
    assert (change.rows_before, change.rows_after, change.changed) == (2, 1, None)
    assert change.is_change


def test_names_with_bars_do_not_break_the_table(tmp_path: Path) -> None:
    old, new = side(tmp_path / "old"), side(tmp_path / "new")
    ranking = pq.read_table(new.tables["ranking"])
    names = pa.array(["A|B"], ranking.schema.field("name").type)
    pq.write_table(ranking.set_column(1, "name", names), new.tables["ranking"])
    assert "| c1 | A\\|B | name Tokyo → A\\|B |" in markdown(difference(old, new))


def test_what_is_not_a_release_is_refused(tmp_path: Path, before: Path) -> None:
    with pytest.raises(UserError, match="is not a release"):
        diff(before, tmp_path)
