"""Records of absurd values, 2,000 of them: each ends as a row or as a reject, and the counts add up.

`test_mutations.py` damages the bytes of files; here the files are sound and the values are not. The
books of every reading are checked by `helpers.read`.
"""

import csv
import io
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

from tests.readers import test_openalex
from tests.readers.helpers import Records, read, source_of, write

RECORDS = 500
ABSURD: tuple[Any, ...] = (
    "", " ", "0", "-1", "1e400", "NaN", "inf", "9" * 30, "0000", "13.5", "2015-02-30", "31/12/2015",
    "true", "null", "[]", "{}", "\x01", "\x07\x1b[31m", "\u202e", "\ufeff", "😀", "é" * 300,
    "x" * 50_000, "a\nb", 'say "hi"', "a,b;c|d\te", "'; DROP TABLE raw; --", "=HYPERLINK(1)",
    "../../etc/passwd", "<script>", "&xxe;", "%s%n", "{batch}", "$year",
)  # fmt: skip
YEARS = ("2015", "2016", "1066", "-5", "99999", "2015.5", "20150101", "MMXV")
DEGREES = ("47.5", "-91", "181", "1e9", "NaN", "47,5", "47°30'N", "-0")
COLUMNS = ("document_id", "year", "person_number", "city", "country", "lat", "lng")


def hostile_rows(random: Random) -> list[list[str]]:
    """Rows for addresses: most with one or two absurd values, some twice, ids shared at will."""
    rows = []
    for number in range(RECORDS):
        row = [f"P{number // 2}", "2015", "1", "Ulm", "DE", "48.4", "10.0"]
        for _ in range(random.randint(0, 2)):
            column = random.randrange(len(COLUMNS))
            name = COLUMNS[column]
            choices = {"year": YEARS, "lat": DEGREES, "lng": DEGREES}.get(name, ABSURD)
            row[column] = random.choice([*choices, *ABSURD])
        rows.append(row)
    random.shuffle(rows)
    return rows


def read_rows(folder: Path, rows: list[list[str]], name: str = "x") -> Records:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    path = write(folder / name, text.getvalue())
    return read("tabular", source_of(folder, {"addresses": path}))


@pytest.mark.parametrize("seed", range(2))
def test_absurd_values_of_a_table_are_rows_or_rejects(tmp_path: Path, seed: int) -> None:
    found = read_rows(tmp_path, hostile_rows(Random(seed)))  # noqa: S311
    assert found.counts.read["addresses"] == RECORDS
    assert len(found.addresses) + found.counts.rejects["addresses"] == RECORDS
    assert 0 < found.counts.rejects["addresses"] < RECORDS / 2, "most have no fault that matters"
    assert all(1900 <= row["year"] <= 2100 for row in found.addresses)
    for row in found.addresses:
        assert -90 <= row.get("lat", 0) <= 90
        assert -180 <= row.get("lng", 0) <= 180
    assert all(reject["reason"] for reject in found.rejects)


@pytest.mark.parametrize("seed", range(2))
def test_absurd_values_of_works_are_rows_or_rejects(tmp_path: Path, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    lines = []
    for number in range(RECORDS):
        work: dict[str, Any] = test_openalex.work(id=f"W{number // 2}")
        for _ in range(random.randint(0, 2)):
            value: Any = random.choice([*ABSURD, None, -1, 1e300, [], {}, [[]], True])
            work[random.choice(sorted(work))] = value
        lines.append(orjson.dumps(work))
    random.shuffle(lines)
    path = write(tmp_path / "x", b"\n".join(lines) + b"\n")
    found = read("openalex", source_of(tmp_path, {"files": path}, kind="publication"))
    assert found.counts.read["documents"] == RECORDS
    assert found.documents
    assert all(reject["reason"] and reject["line"] for reject in found.rejects)


def test_names_of_files_and_columns_are_names_whatever_they_say(tmp_path: Path) -> None:
    """Neither can be bound as a parameter; both are quoted."""
    spiteful = "city\"; DROP TABLE raw; -- '"
    name = "it's; DROP TABLE raw; --.csv"
    text = io.StringIO()
    csv.writer(text).writerows([["document_id", "year", spiteful], ["P1", "2015", "Ulm'; --"]])
    path = write(tmp_path / name, text.getvalue())
    columns = {"addresses": {"document_id": "document_id", "year": "year", "city": spiteful}}
    found = read("tabular", source_of(tmp_path, {"addresses": path}, columns=columns))
    assert found.places("city") == [("Ulm'; --",)]
