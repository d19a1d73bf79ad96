"""Which steps a changed setting does again: what a table depends on stands in its fingerprint."""

import shutil
from pathlib import Path

import pytest

from pipelines.config import Config, GazetteerAdditions, Institutions, Population, Source
from pipelines.definitions import build_definitions
from pipelines.pipeline import Pipeline
from pipelines.staging import stage_units
from pipelines.steps import TableStep, Target, steps
from pipelines.storage import fingerprint_of
from tests.world import made

YEAR = made.YEARS[0]
BY_STAGED_YEAR = {
    "screening", "applications", "inventors", "applicants", "patent_fields", "articles",
    "author_addresses", "article_fields", "distinct_addresses",
}  # fmt: skip
"""What depends on the year's staged records directly."""
READ_AGAIN = {"source_files", "reading", *BY_STAGED_YEAR}
FIRST = 'workspace = "workspace"'


def _added(line: str) -> dict[str, str]:
    return {FIRST: f"{FIRST}\n{line}"}


CASES: dict[str, tuple[dict[str, str], set[str]]] = {
    "sources.name": ({'name = "articles"': 'name = "papers"'}, READ_AGAIN),
    "sources.kind": (
        {
            '"patents"\nkind = "patent"': '"patents"\nkind = "publication"',
            '"articles"\nkind = "publication"': '"articles"\nkind = "patent"',
        },
        READ_AGAIN,
    ),
    "sources.years": ({'"2011-2016"': '"2012-2016"'}, READ_AGAIN - {"source_files"}),
    "sources.files": ({"articles_*": "articles_201[2-6]*"}, READ_AGAIN),
    "sources.columns": (
        {
            "format =": 'columns.addresses = { document_id = "document_id", year = "year" }\nformat ='
        },
        READ_AGAIN - {"source_files"},
    ),
    "sources.licence": ({"CC0": "CC BY"}, {"source_files"}),
    "sources.citation": ({"Made by hand": "Made up"}, {"source_files"}),
    "sources.issns": ({'kind = "pub': 'issns = ["0028-0836"]\nkind = "pub'}, {"screening"}),
    "min_points": ({"min_points = 12": "min_points = 13"}, {"edition_totals"}),
    "workspace": ({FIRST: 'workspace = "elsewhere"'}, set()),
    "simulated": (_added("simulated = true"), {"clusters"}),
    "profile": (_added('profile = "african"'), {"edition_cells", "mergers"}),
    "known_breaks": (_added("known_breaks = [2012]"), {"edition_weights"}),
    "memory_limit": (_added('memory_limit = "1GB"'), set()),
    "threads": (_added("threads = 1"), set()),
    "institutions.files": (_added('institutions.files = "file"'), {"institutions"}),
    "gazetteer.places": (_added('gazetteer.places = "file"'), {"gazetteer", "place_names"}),
    "gazetteer.geonames": (_added('gazetteer.geonames = "file"'), {"gazetteer", "place_names"}),
    "gazetteer.alternate_names": (
        _added('gazetteer.alternate_names = "file"'),
        {"gazetteer", "place_names"},
    ),
    "gazetteer.postcodes": (_added('gazetteer.postcodes = "file"'), {"address_dictionary"}),
    "population.raster": (_added('population.raster = "file"'), {"cluster_population"}),
}
"""By key: texts of the configuration and what comes in their place; steps whose settings change by it."""


def settings_of(folder: Path) -> dict[str, str]:
    """The settings of every step, of one partition each, once all that there is to read was read."""
    pipeline = Pipeline(folder / "stclusters.toml")
    build_definitions(pipeline)
    for _ in stage_units(pipeline.units):
        pass
    partitions = {None: None, "year": YEAR, "edition": made.EDITION}
    return {
        step.name: fingerprint_of(
            step.settings(Target(step, pipeline, partitions[step.partition_set]))
        )
        for step in steps()
        if isinstance(step, TableStep)
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small world, read."""
    path = made.write_world(tmp_path_factory.mktemp("settings")).parent
    (path / "file").touch()
    settings_of(path)
    return path


@pytest.mark.parametrize("key", CASES)
def test_a_changed_setting_reaches_the_steps_that_depend_on_it(
    folder: Path, tmp_path: Path, key: str
) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "stclusters.toml"
    before, text = settings_of(tmp_path), path.read_text()
    changes, expected = CASES[key]
    for was, becomes in changes.items():
        assert was in text
        text = text.replace(was, becomes)
    path.write_text(text)
    after = settings_of(tmp_path)
    assert {name for name in before if before[name] != after[name]} == expected


def test_every_setting_is_tried() -> None:
    tables = {"institutions": Institutions, "gazetteer": GazetteerAdditions}
    tables |= {"population": Population, "sources": Source}
    keys = Config.model_fields.keys() - tables.keys() - {"base", "simulation"}
    inner = {f"{table}.{key}" for table, model in tables.items() for key in model.model_fields}
    # no file can be read in two formats, so another one is never without another file
    assert CASES.keys() == (keys | inner) - {"sources.format"}
