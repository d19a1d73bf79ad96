"""The documentation's pages: outputs are taken, never written down; nothing is said of what is not there."""

import importlib.util
import re
from pathlib import Path

import pytest

from pipelines.editions import editions
from pipelines.readers import tabular
from pipelines.readers.records import SCHEMAS
from tests.conftest import ROOT

_spec = importlib.util.spec_from_file_location("site_of_docs", ROOT / "docs" / "site.py")
assert _spec
assert _spec.loader
site = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(site)


def test_a_command_is_shown_with_what_it_says() -> None:
    page = "Before\n\n```console\n$ echo 1; echo 2 >&2\nof another day\n$ false  # exits with 1\n```\nAfter"
    assert site.filled(page) == (
        "Before\n\n```console\n$ echo 1; echo 2 >&2\n1\n2\n\n$ false\n```\nAfter"
    )


def test_a_program_is_shown_with_what_it_prints() -> None:
    assert site.filled("```python run\nprint(6 * 7)\n```").endswith("```text\n42\n```")
    assert "│    42 │" in site.filled("```sql run\nSELECT 6 * 7 AS x\n```")
    assert site.filled("```python\nprint(6 * 7)\n```").count("42") == 0


@pytest.mark.parametrize(
    "page", ["```console\n$ false\n```", "```console\n$ true  # exits with 2\n```"]
)
def test_a_command_that_ends_otherwise_fails_the_site(page: str) -> None:
    with pytest.raises(SystemExit, match="ended with"):
        site.filled(page)


def test_every_column_of_tables_of_ones_own_stands_in_the_documentation() -> None:
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    section = text.partition("## Tables of your own")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \| .* \|$", section, re.MULTILINE)
    told = [(role, name) for role, names in rows for name in re.findall(r"`(\w+)`", names)]
    assert len(told) == len(set(told))
    assert set(told) == {
        (role, name)
        for role in tabular.ROLES
        for name in SCHEMAS[role].names
        if name not in tabular.OWN
    }


def test_editions_stand_with_how_sure_they_are() -> None:
    rows = [line for line in site.editions_page().splitlines() if line.startswith("| 20")]
    assert len(rows) == len(editions())
    assert (
        "| 2024 | 2019–2023 **V** | 15 **V** | 4500 **V** | 5 **V** | yes **V** | 2018–2022 **V** |"
        in rows
    )


LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
"""A link or a picture that is not on the network, without its anchor."""
SOURCES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", SOURCES)
def test_links_of_the_sources_lead_to_files(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_links_of_the_site_lead_to_its_pages_and_pictures() -> None:
    pages = site.pages()
    there = {*pages, *(file.name for file in site.FILES)}
    links = {(name, link) for name, text in pages.items() for link in LINK.findall(text)}
    assert ("tables.md", "codebook.md") in links
    assert not {(name, link) for name, link in links if link not in there}
