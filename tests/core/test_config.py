"""The configuration: every mistake is found before any work starts, and its key is named."""

import os
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from pipelines.config import (
    DEMO,
    ENVIRONMENT,
    PROJECT,
    Config,
    GazetteerAdditions,
    Institutions,
    Population,
    Simulation,
    Source,
    find_config,
    load_config,
)
from pipelines.editions import editions
from pipelines.errors import UserError
from tests.permissions import closed, unlisted

SOURCE = {
    "name": '"records"',
    "kind": '"patent"',
    "format": '"tabular"',
    "years": '"2011-2016"',
    "files": '{ addresses = "raw_*.csv" }',
    "licence": '"CC0"',
    "citation": '"Nobody"',
}


def source(**changed: str | None) -> str:
    entries = {key: value for key, value in {**SOURCE, **changed}.items() if value is not None}
    return "[[sources]]\n" + "".join(f"{key} = {value}\n" for key, value in entries.items())


@pytest.fixture
def write(tmp_path: Path):
    (tmp_path / "raw_1.csv").write_text("document_id,year\nWO1,2015\n")

    def _write(*sources: str, top: str = 'workspace = "workspace"\n') -> Path:
        path = tmp_path / "some.toml"
        path.write_text(top + "".join(sources), encoding="utf-8")
        return path

    return _write


def test_a_good_configuration(write, tmp_path: Path) -> None:
    config = load_config(write(source()))
    assert config.workspace_folder == tmp_path / "workspace"
    assert config.source_files(config.sources[0]) == {"addresses": [tmp_path / "raw_1.csv"]}
    assert config.years_by_kind == {"patent": set(range(2011, 2017)), "publication": set()}


@pytest.mark.parametrize(
    ("top", "sources", "names"),
    [
        ('workspce = "w"\n', [source()], "workspce: is not a key"),
        ("", [source()], "workspace: is missing"),
        ('workspace = "w"\nbase = "x"\n', [source()], '"base" is not a key'),
        ('workspace = "w"\n', [], "sources: "),
        (
            'workspace = "w"\nmemory_limit = "lots"\n',
            [source()],
            'memory_limit: is written like "8GB"',
        ),
        ('workspace = "w"\nmemory_limit = "9999999TB"\n', [source()], "memory_limit: "),
        ('workspace = "w"\nthreads = 100000\n', [source()], "threads: "),
        (f'workspace = "w"\nmin_points = {2**63}\n', [source()], "min_points"),
        ('workspace = "w"\n', [source(name='"My PCT"')], "sources.0.name: is written with small"),
        ('workspace = "w"\nthreads = 0\n', [source()], "threads: "),
        ('workspace = "w"\nmin_points = "many"\n', [source()], "min_points"),
        ('workspace = "w"\nmin_points = 0\n', [source()], "min_points"),
        ('workspace = "w"\nmin_points = -5\n', [source()], "min_points"),
        ('workspace = "w"\n', [source(), "[min_points]\n2016 = 5\n"], "min_points.2016"),
        ('workspace = "w"\n', [source(), "[min_points]\nsoon = 5\n"], "min_points.soon"),
        ('workspace = "w"\n', [source(), "[min_points]\n2020 = 0\n"], "min_points.2020"),
        ('workspace = "w"\n', [source(licence=None)], "sources.0.licence: is missing"),
        ('workspace = "w"\n', [source(extra='"x"')], "sources.0.extra: is not a key"),
        ('workspace = "w"\n', [source(name='"Big Name"')], "sources.0.name"),
        ('workspace = "w"\n', [source(kind='"patents"')], "sources.0.kind"),
        ('workspace = "w"\n', [source(format='"excel"')], "sources.records.format: "),
        (
            'workspace = "w"\n',
            [source(format='"openalex"', files='"raw_1.csv"')],
            'sources.records.kind: format "openalex" holds publications',
        ),
        (
            'workspace = "w"\n',
            [source(files='{ adresses = "raw_1.csv" }')],
            "sources.records.files.adresses: ",
        ),
        (
            'workspace = "w"\n',
            [source(files='"raw_1.csv"')],
            "sources.records.files: format tabular has files of several kinds: addresses, documents",
        ),
        (
            'workspace = "w"\n',
            [source(files='{ documents = "raw_1.csv" }')],
            "sources.records.files.addresses",
        ),
        (
            'workspace = "w"\n',
            [source(), "[sources.columns.adresses]\ncity = 'town'\n"],
            "sources.records.columns.adresses",
        ),
        (
            'workspace = "w"\n',
            [
                source(kind='"publication"', format='"openalex"', files='"raw_1.csv"'),
                "[sources.columns.files]\ncity = 'town'\n",
            ],
            "sources.records.columns: ",
        ),
        (
            'workspace = "w"\n',
            [source(files="{ addresses = [] }")],
            "sources.records.files.addresses: is missing",
        ),
        ('workspace = "w"\n', [source(), source()], "sources.records: two sources"),
        (
            'workspace = "w"\n',
            [source(), source(name='"more"', years='"2016-2018"')],
            "sources.more.years: 2016 is covered by records too",
        ),
        ('workspace = "w"\n', [source(), "[institutions]\nfile = 'x'\n"], "institutions.file"),
        ('workspace = ""\n', [source()], "workspace: is empty"),
        ("workspace = 5\n", [source()], "workspace: must be a text, in quotation marks, not 5"),
        (
            'workspace = "w"\nsimulated = "maybe"\n',
            [source()],
            'simulated: must be true or false, not "maybe"',
        ),
        (
            'workspace = "w"\nthreads = 1.5\n',
            [source()],
            "threads: must be a whole number, not 1.5",
        ),
        ('workspace = "w"\nknown_breaks = 2016\n', [source()], "known_breaks: must be a list"),
        (
            'workspace = "w"\nknown_breaks = [16]\n',
            [source()],
            "known_breaks.0: must be greater than or equal to 1900, not 16",
        ),
        ('workspace = "w"\nsources = []\n', [], "sources: is empty"),
        ('workspace = "w"\n', [source(licence='""')], "sources.0.licence: is empty"),
        (
            'workspace = "w"\n',
            [source(kind='"patents"')],
            "sources.0.kind: must be 'patent' or 'publication', not \"patents\"",
        ),
        (
            'workspace = "w"\n',
            [source(columns='"x"')],
            "sources.0.columns: must be a table of keys",
        ),
        ('workspace = "w"\n', [source(issns='["hello"]')], "sources.0.issns.0: is written like"),
        (
            'workspace = "w"\n',
            [source(kind='"publication"', format='"openalex"', files="[]")],
            "sources.records.files: is missing",
        ),
        (
            'workspace = "w"\n',
            [source(), "[simulation]\nscale = 2\nseed = 1\nfolder = 'x'\n"],
            "simulation.scale",
        ),
    ],
)
def test_mistake_names_its_key(write, top: str, sources: list[str], names: str) -> None:
    with pytest.raises(UserError) as error:
        load_config(write(*sources, top=top))
    assert names in str(error.value)
    assert "some.toml" in str(error.value) or "sources." in names or "min_points" in names


@pytest.mark.parametrize(
    "years",
    [
        '"soon"',
        '"2010-"',
        '"-2010"',
        '"2016-2011"',
        '"2010-2012-2014"',
        '"2010-99999999999"',
        '"2010-9999"',
        '"0210"',
        "[20]",
        '""',
        "[]",
        "true",
    ],
)
def test_years_that_are_none(write, years: str) -> None:
    with pytest.raises(UserError, match=r"sources\.0\.years"):
        load_config(write(source(years=years)))


@pytest.mark.parametrize(
    ("years", "meant"),
    [
        ('"2011-2013"', (2011, 2012, 2013)),
        ('" 2011 - 2012 , 2015"', (2011, 2012, 2015)),
        ("2015", (2015,)),
        ("[2015, 2011]", (2015, 2011)),
    ],
)
def test_years_as_people_write_them(write, years: str, meant: tuple[int, ...]) -> None:
    assert load_config(write(source(years=years))).sources[0].years == meant


@pytest.mark.parametrize(
    "text", ["workspace = \n", "[[sources]\n", 'workspace = "a"\nworkspace = "b"\n']
)
def test_bad_toml_names_file_and_line(write, text: str) -> None:
    with pytest.raises(UserError, match=r"some\.toml is not valid TOML: .*line \d"):
        load_config(write(top=text))


def test_bytes_that_are_no_text(write) -> None:
    path = write(source())
    path.write_bytes(b"\nworkspace = '\xff\xfe'\n")
    with pytest.raises(UserError, match=r"some\.toml: line 2, byte 14 \(0xFF\): expected UTF-8"):
        load_config(path)


def test_a_byte_order_mark_is_no_fault(write) -> None:
    path = write(source())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_config(path) == load_config(write(source()))


def test_a_glob_that_matches_nothing(write) -> None:
    config = load_config(write(source(files='{ addresses = "nothing_*.csv" }')))
    with pytest.raises(UserError, match=r'sources\.records\.files\.addresses: "nothing_\*\.csv"'):
        config.source_files(config.sources[0])


def test_a_link_to_nothing_is_no_file_less(write, tmp_path: Path) -> None:
    """Beside good files it would be left out without a word."""
    (tmp_path / "raw_2.csv").symlink_to(tmp_path / "away" / "raw_2.csv")
    config = load_config(write(source()))
    with pytest.raises(
        UserError, match=r"sources\.records\.files.*raw_2\.csv is a link to nothing"
    ):
        config.source_files(config.sources[0])


def test_names_that_are_not_utf_8(write, tmp_path: Path) -> None:
    os.close(os.open(bytes(tmp_path) + b"/raw_\xe4.csv", os.O_CREAT))
    config = load_config(write(source()))
    with pytest.raises(UserError, match="this name is not UTF-8"):
        config.source_files(config.sources[0])
    moved = Path(os.fsdecode(bytes(tmp_path) + b"/\xe4"))
    moved.mkdir()
    with pytest.raises(UserError, match="this name is not UTF-8"):
        load_config(write(source()).rename(moved / "some.toml"))


def test_a_single_source_may_be_written_as_a_table(write) -> None:
    written = source().replace("[[sources]]", "[sources]")
    assert load_config(write(written)).sources == load_config(write(source())).sources


def test_a_glob_that_matches_folders_only(write, tmp_path: Path) -> None:
    (tmp_path / "folder_1").mkdir()
    config = load_config(write(source(files='{ addresses = "folder_*" }')))
    with pytest.raises(
        UserError, match=r'sources\.records\.files\.addresses: .* folder: .* such as "folder_\*/\*"'
    ):
        config.source_files(config.sources[0])


def test_files_with_the_same_delivery_are_read_together(write, tmp_path: Path) -> None:
    for name in ("docs_2015.csv", "docs_2016.csv", "raw_2015.csv", "raw_2016.csv"):
        (tmp_path / name).write_text("document_id,year\nWO1,2015\n")
    files = '{ documents = "docs_{delivery}.csv", addresses = ["raw_{delivery}.csv"] }'
    config = load_config(write(source(files=files)))
    (tmp_path / "raw_1.csv").unlink()
    assert config.deliveries(config.sources[0]) == [
        {"documents": [tmp_path / f"docs_{year}.csv"], "addresses": [tmp_path / f"raw_{year}.csv"]}
        for year in (2015, 2016)
    ]
    together = load_config(write(source(files=files.replace("{delivery}", "*"))))
    assert together.deliveries(together.sources[0]) == [together.source_files(together.sources[0])]
    (tmp_path / "raw_2016.csv").unlink()
    with pytest.raises(UserError, match=r'files\.addresses: no file of the delivery "2016"'):
        config.deliveries(config.sources[0])
    mixed = load_config(write(source(files=files.replace("raw_{delivery}", "raw_*"))))
    with pytest.raises(UserError, match=r'files\.addresses: "raw_\*.csv" needs {delivery} once'):
        mixed.deliveries(mixed.sources[0])


def test_years_that_no_source_covers(write) -> None:
    publications = source(name='"articles"', kind='"publication"', years='"2012-2014, 2016"')
    config = load_config(write(source(), publications))
    config.require_editions([2017])
    with pytest.raises(UserError, match=r"edition 2018 needs publications.*covers 2015"):
        config.require_editions([2018])
    with pytest.raises(UserError, match=r"edition 2020 needs patents of 2014-2018.*2017, 2018"):
        config.require_editions([2020])
    with pytest.raises(UserError, match="There is no edition 2016"):
        config.require_editions([2016])


def test_thresholds_by_edition(write) -> None:
    config = load_config(write(source(), "[min_points]\ndefault = 23\n2017 = 10\n"))
    assert (config.edition(2017).min_points.value, config.edition(2020).min_points.value) == (
        10,
        23,
    )
    config = load_config(write(source(), top='workspace = "w"\nmin_points = 7\n'))
    assert (config.edition(2017).min_points.value, config.edition(2020).min_points.value) == (7, 7)
    config = load_config(write(source(), "[min_points]\n2020 = 10\n"))
    assert (config.edition(2020).min_points.value, config.edition(2017).min_points.value) == (
        10,
        2000,
    )
    config = load_config(write(source()))
    assert (config.edition(2017).min_points.value, config.edition(2020).min_points.value) == (
        2000,
        4500,
    )


def test_a_profile_brings_its_own_figures(write) -> None:
    config = load_config(write(source(), top='workspace = "w"\nprofile = "african"\n'))
    assert config.edition(2024).min_points.value == 300
    config = load_config(
        write(source(), top='workspace = "w"\nprofile = "african"\nmin_points = 6\n')
    )
    chosen = config.edition(2024)
    assert (chosen.min_points.value, chosen.min_points.certainty) == (6, "U")
    assert chosen.profile == "african"
    with pytest.raises(UserError, match=r'there is no profile "asian"\. Profiles are: african'):
        load_config(write(source(), top='workspace = "w"\nprofile = "asian"\n'))


def test_which_configuration_counts(write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    assert find_config() == DEMO
    path = write(source())
    monkeypatch.setenv(ENVIRONMENT, str(path))
    assert find_config() == path
    assert find_config(DEMO) == DEMO
    with pytest.raises(UserError, match="no configuration file"):
        find_config(path.with_name("missing.toml"))
    with pytest.raises(UserError, match=r"is a folder\."):
        find_config(path.parent)


def test_the_demo_covers_every_edition() -> None:
    config = load_config(DEMO)
    config.require_editions(range(2017, 2025))
    assert config.simulated


def test_the_demos_thresholds_are_the_editions_own_at_its_scale() -> None:
    config = load_config(DEMO)
    assert config.simulation
    for number, edition in editions().items():
        at_scale = round(edition.min_points.value * config.simulation.scale)
        assert config.edition(number).min_points.value == at_scale, number


@pytest.mark.parametrize("pattern", ["raw/*.csv", "raw/year/{delivery}.csv", "raw/**/*.csv"])
def test_a_folder_that_may_not_be_read_is_not_called_empty(
    write, tmp_path: Path, pattern: str
) -> None:
    (tmp_path / "raw").mkdir()
    config = load_config(write(source(files=f'{{ addresses = "{pattern}" }}')))
    with (
        closed(tmp_path / "raw"),
        pytest.raises(
            UserError, match=r"records\.files\.addresses: the folder .*raw may not be read"
        ),
    ):
        config.source_files(config.sources[0])
    with pytest.raises(UserError, match="matches no file"):
        config.source_files(config.sources[0])


@pytest.mark.parametrize("pattern", ["raw/*/x.csv", "raw/**/x.csv", "raw/{delivery}/x.csv"])
def test_a_folder_beside_others_that_may_not_be_read_is_not_left_out(
    write, tmp_path: Path, pattern: str
) -> None:
    for name in ("first", "second"):
        (tmp_path / "raw" / name).mkdir(parents=True)
        (tmp_path / "raw" / name / "x.csv").touch()
    config = load_config(write(source(files=f'{{ addresses = "{pattern}" }}')))
    with (
        closed(tmp_path / "raw" / "second"),
        pytest.raises(UserError, match=r"addresses: the folder .*raw/second may not be read"),
    ):
        config.source_files(config.sources[0])
    assert len(config.source_files(config.sources[0])["addresses"]) == 2


def test_a_folder_need_not_be_listed_where_its_file_is_named(write, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "x.csv").touch()
    config = load_config(write(source(files='{ addresses = "raw/x.csv" }')))
    with unlisted(tmp_path / "raw"):
        assert config.source_files(config.sources[0])["addresses"] == [tmp_path / "raw" / "x.csv"]


MUST_BE_GIVEN = ("must be given", "at least one", "")
"""What the documentation says of a key without a default; nothing, where its whole table may be left out."""


def _keys(model: type[BaseModel], prefix: str = "") -> dict[str, bool]:
    """Keys of a table of the configuration, and whether each must be given."""
    return {prefix + name: field.is_required() for name, field in model.model_fields.items()}


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("# The configuration", _keys(Config)),
        ("## A source", _keys(Source)),
        (
            "## What else",
            _keys(Institutions, "institutions.")
            | _keys(GazetteerAdditions, "gazetteer.")
            | _keys(Population, "population.")
            | _keys(Simulation, "simulation."),
        ),
    ],
)
def test_every_setting_stands_in_the_documentation(heading: str, keys: dict[str, bool]) -> None:
    page = (PROJECT / "docs" / "configuration.md").read_text(encoding="utf-8")
    section = page.partition(f"{heading}")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \|.*\| ([^|]*)\|$", section, re.MULTILINE)
    must_be_given = {name: without.strip() in MUST_BE_GIVEN for name, without in rows}
    assert len(must_be_given) == len(rows)
    assert must_be_given == {
        name: is_required for name, is_required in keys.items() if name != "base"
    }
