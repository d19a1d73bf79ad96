"""Making the world: from a calibration to files and a configuration that reads them.

Here: the order of the work, the configuration file and the notice. Add here what concerns the whole
world. Not here: any of the steps.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from pipelines.editions import KINDS, Kind
from pipelines.errors import UserError
from pipelines.simulation.areas import Areas, build_areas
from pipelines.simulation.calibration import calibration_on, default_calibration
from pipelines.simulation.documents import make_documents
from pipelines.simulation.extracts import write_tables
from pipelines.simulation.gazetteer import load_gazetteer
from pipelines.simulation.native import native_files, write_ror
from pipelines.simulation.quotas import YEARS
from pipelines.simulation.texts import build_world

DEFAULT_SEED = 2020
Layout = Literal["native", "parquet"]

_LICENCE = "Made data, CC0; place names and coordinates GeoNames, CC BY 4.0"


@dataclass(frozen=True)
class Summary:
    """What was made.

    Attributes:
        folder: where it lies.
        configuration: the configuration file that reads it.
        documents: documents by kind, those that inclusion rules leave out among them.
        addresses: addresses by kind.
    """

    folder: Path
    configuration: Path
    documents: dict[Kind, int]
    addresses: dict[Kind, int]


NOTICE = "SIMULATED.txt"
"""The file that a made world is known by."""


def _notice(scale: float, seed: int, calibration: str) -> str:
    return (
        f"SIMULATED DATA. Scale {scale:g}, seed {seed}, calibrated on {calibration}.\n"
        "No application, article, person or address in this folder is real. Counts per cluster follow\n"
        "a published ranking; leading organisations, applicants and fields are named as published with\n"
        "their published shares; everything else is invented. Town names and coordinates are GeoNames'.\n"
    )


_SOURCES = {
    "native": """\
[[sources]]
name = "regpat"
kind = "patent"
format = "regpat"
years = "{years}"
licence = "{licence}"
citation = "Simulated applications in the layout of OECD REGPAT, {about}"

[sources.files]
inventors = "regpat/*_PCT_Inv_reg.txt"
applicants = "regpat/*_PCT_App_reg.txt"
ipc = "regpat/*_PCT_IPC.txt"

[[sources]]
name = "openalex"
kind = "publication"
format = "openalex"
years = "{years}"
files = "openalex/works_*.jsonl.gz"
licence = "{licence}"
citation = "Simulated works in the layout of OpenAlex, {about}"
""",
    "parquet": """\
[[sources]]
name = "applications"
kind = "patent"
format = "tabular"
years = "{years}"
licence = "{licence}"
citation = "Simulated applications, {about}"

[sources.files]
documents = "patents/applications_{{delivery}}.parquet"
addresses = "patents/inventors_{{delivery}}.parquet"
applicants = "patents/applicants_{{delivery}}.parquet"
fields = "patents/patent_fields_{{delivery}}.parquet"

[[sources]]
name = "articles"
kind = "publication"
format = "tabular"
years = "{years}"
licence = "{licence}"
citation = "Simulated articles, {about}"

[sources.files]
documents = "publications/articles_{{delivery}}.parquet"
addresses = "publications/author_addresses_{{delivery}}.parquet"
fields = "publications/article_fields_{{delivery}}.parquet"
""",
}

_CONFIGURATION = """\
# Reads the simulated world in this folder ({about}).
workspace = "workspace"
simulated = true

[min_points]  # the method's 4,500 inventor addresses, 2,000 in 2017, at this scale
default = {min_points}
2017 = {min_points_2017}

{sources}
[institutions]
files = "ror/*.jsonl"
"""


def _configuration(areas: Areas, years: range, layout: Layout, about: str) -> str:
    sources = _SOURCES[layout].format(
        years=f"{years[0]}-{years[-1]}", licence=_LICENCE, about=about
    )
    return _CONFIGURATION.format(
        min_points=areas.min_points,
        min_points_2017=max(round(areas.min_points * 2_000 / 4_500), 2),
        sources=sources,
        about=about,
    )


def simulate(
    scale: float,
    out: Path,
    *,
    seed: int = DEFAULT_SEED,
    published: Path | None = None,
    layout: Layout = "native",
    years: range = YEARS,
    progress: Callable[[str], None] | None = None,
) -> Summary:
    """Make the world at a scale and write it with a configuration file that reads it.

    The same arguments give the same bytes, whatever the number of threads. Memory is bounded by the
    largest year.

    Args:
        scale: 1 is the world at full size: 1,047,141 applications and 8,664,000 articles in
            2014-2018.
        out: folder to write to; made if missing, files of the same names are overwritten.
        seed: seed of every choice that is left to chance.
        published: table in the layout of WIPO's published ones to calibrate on; WIPO's table of
            2020 and growth since where None.
        layout: 'native' for REGPAT and OpenAlex files, 'parquet' for tables by year.
        years: consecutive years of publication to write, within 2010-2023.
        progress: called with one line per step.

    Raises:
        UserError: an argument is out of range, or `published` cannot be used; says what to mend.
    """
    if not 0 < scale <= 1:
        raise UserError(f"scale: expected a number above 0 and at most 1, found {scale:g}.")
    if seed < 0:
        raise UserError(f"seed: expected a whole number of at least 0, found {seed}.")
    if not years or years[0] < YEARS[0] or years[-1] > YEARS[-1] or years.step != 1:
        raise UserError(f"years: expected years from {YEARS[0]} to {YEARS[-1]}, found {years}.")
    tell = progress or (lambda line: None)
    gazetteer = load_gazetteer()
    calibration = default_calibration() if published is None else calibration_on(published)
    source = "WIPO's ranking of 2020" if published is None else published.name
    # Quotas are worked out over all years, so that a year is the same whichever others are written.
    areas = build_areas(gazetteer, calibration, scale, YEARS)
    tell(f"{len(areas.clusters)} clusters on {len(areas.places):,} places, calibrated on {source}")
    world = build_world(areas, seed)
    texts = sum(len(pool.text) for pool in world.pools.values())
    tell(f"{texts:,} ways to write an address")
    about = f"scale {scale:g}, seed {seed}, calibrated on {source}"
    out.mkdir(parents=True, exist_ok=True)
    (out / NOTICE).write_text(_notice(scale, seed, source), encoding="utf-8")
    documents, addresses = dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0)
    files = (
        native_files(out, world)
        if layout == "native"
        else nullcontext(partial(write_tables, out, world, about=about))
    )
    with files as write:
        for year in years:
            for kind in KINDS:
                made = make_documents(areas, seed, year, kind)
                documents[kind] += len(made.home)
                addresses[kind] += len(made.document)
                write(made)
            tell(f"{year} written")
    write_ror(out / "ror" / "organisations.jsonl", world)
    configuration = out / "stclusters.toml"
    configuration.write_text(_configuration(areas, years, layout, about), encoding="utf-8")
    return Summary(out, configuration, documents, addresses)
