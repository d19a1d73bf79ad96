"""What the head of an SQL file says of its inputs is what it reads."""

import re
from pathlib import Path

import pytest

from pipelines.contracts import TABLES
from pipelines.query import SQL

FILES = sorted(path for path in SQL.glob("*/*.sql") if path.parent.name != "checks")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_head_names_the_tables_that_are_read(file: Path) -> None:
    lines = file.read_text().splitlines()
    head = " ".join(line[2:] for line in lines if line.startswith("--"))
    body = "\n".join(line for line in lines if not line.startswith("--"))
    inputs = re.search(r"Inputs?: (.*?)\. ", head)
    named = set(re.findall(r"\b[a-z_]+\b(?![/.]\w)", inputs[1])) if inputs else set()
    within = set(re.findall(r"\b([a-z_]+) AS \(", body))
    read = set(re.findall(r"\b(?:FROM|JOIN)\s+([a-z_]+)", body)) - within
    assert named & TABLES.keys() == read & TABLES.keys()
