"""The page: what the templates are handed, and the templates filled.

Here: the context of `templates/page.html`, colours, the policy that keeps the page from loading
anything. Not here: how the parts are computed (their own modules).
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2

from pipelines.contracts.common import LOCATED, PRECISIONS
from pipelines.contracts.indicators import LEAD_PERCENT
from pipelines.editions import CERTAINTY_WORDS
from pipelines.release.datapackage import title_of
from pipelines.report import charts, formats, tables, worldmap
from pipelines.report.charts import Ranges, Slopes
from pipelines.report.clusters import Section, names_of, sections
from pipelines.report.fields import schemes
from pipelines.report.raster import PAPER
from pipelines.report.source import Release
from pipelines.report.tables import Economy, Ranked
from pipelines.report.ties import matrix
from pipelines.report.worldmap import WorldMap

_TEMPLATES = Path(__file__).parent / "templates"
_MATRIX_SIZE = 20
MOST_BYTES = 5_000_000
"""A page that opens at once and can be sent by mail."""
ANCHORS = (
    "map", "ranking", "ranges", "slopes", "economies", "world", "collaboration", "fields", "geocoding",
    "clusters", "method", "main",
)  # fmt: skip
"""Sections of the page; no cluster's name may take one of these."""

LIGHT = {
    "paper": PAPER,
    "panel": "#f6f8fa",
    "ink": "#1b1f24",
    "muted": "#57606a",
    "rule": "#d0d7de",
    "link": "#0b57a4",
    "land": "#dfe1da",
    "sea": "#f4f7fa",
    "patent": "#0072b2",
    "science": "#d55e00",
    "balanced": "#5f5f5f",
    "steady": "#a5aeb7",
    "rise": "#0b57a4",
    "fall": "#a34700",
}
"""Sources in blue and vermilion of Okabe and Ito's palette, told apart by all kinds of eyes; as text
(`rise`, `fall`) both are darker, so that the contrast is 4.5 to 1 and more (WCAG 2.1 AA)."""
DARK = {
    "paper": "#14181d",
    "panel": "#1c2229",
    "ink": "#e8eaed",
    "muted": "#a7b0ba",
    "rule": "#3a434d",
    "link": "#86bdf3",
    "land": "#353d46",
    "sea": "#1a2027",
    "patent": "#4aa8e0",
    "science": "#f08a45",
    "balanced": "#b9b9b9",
    "steady": "#6c7681",
    "rise": "#86bdf3",
    "fall": "#f08a45",
}


@dataclass(frozen=True)
class View:
    """A release, laid out: what page and pictures share."""

    release: Release
    ranked: Sequence[Ranked]
    economies: Sequence[Economy]
    world_map: WorldMap
    ranges: Ranges | None
    slopes: Slopes | None


def view_of(release: Release, earlier: Sequence[Release]) -> View:
    """Lay out a release and those of earlier editions, oldest first."""
    ranked = tables.ranking(release)
    return View(
        release=release,
        ranked=ranked,
        economies=tables.economies(release),
        world_map=worldmap.world_map(release, ranked),
        ranges=charts.ranges(ranked),
        slopes=charts.slopes([*earlier, release]),
    )


def page(view: View, previous: Release | None) -> str:
    """The report as one HTML page of at most `MOST_BYTES`.

    Where there is too much to say, the last clusters of the ranking get no section of their own.

    Args:
        view: the release, laid out.
        previous: the edition released before, with which it is compared.
    """
    context = _context(view, previous)
    told: list[Section] = sections(view.release, view.ranked, previous, ANCHORS)
    text = _rendered(context, told)
    while told and len(text.encode()) > MOST_BYTES:
        told = told[: len(told) * 9 // 10]
        text = _rendered(context, told)
    return text


def _rendered(context: dict[str, object], told: list[Section]) -> str:
    linked = {section.ranked.key for section in told}
    return template("page.html").render(context, sections=told, linked=linked)


def _context(view: View, previous: Release | None) -> dict[str, object]:
    """What the page's template is handed, but for the sections."""
    release = view.release
    script = source_of("report.js")
    return {
        "view": view,
        "release": release,
        "title": title_of(release.provenance),
        "previous": previous,
        "kinds": release.kinds,
        "names": names_of(release, previous),
        "windows": tables.windows(release),
        "world": tables.world(release),
        "concentration": {row["measure"]: row for row in release.rows("concentration")},
        "matrix": matrix(release, view.ranked, _MATRIX_SIZE),
        "schemes": schemes(release, {one.key: one for one in view.ranked}),
        "geocoding": tables.geocoding(release),
        "sources": sorted({(i.citation, i.licence) for i in release.provenance.inputs}),
        "light": LIGHT,
        "dark": DARK,
        "marks": marks_css({name: f"var(--{name})" for name in LIGHT}),
        "script": script,
        "policy": _policy(script),
    }


def marks_css(colours: dict[str, str]) -> str:
    """Style of the pictures' marks in given colours."""
    return template("marks.css").render(colours=colours)


def template(name: str) -> jinja2.Template:
    """A template by name."""
    return _environment().get_template(name)


def source_of(name: str) -> str:
    """A file beside the templates as it is."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.globals |= {
        "fmt": formats,
        "kind_names": {"patent": "Patents", "publication": "Publications"},
        "document_names": formats.DOCUMENTS,
        "precisions": PRECISIONS,
        "located": LOCATED,
        "lead_percent": LEAD_PERCENT,
        "certainties": CERTAINTY_WORDS,
        "source_of": source_of,
        "map_size": (worldmap.WIDTH, worldmap.HEIGHT),
    }
    return environment


def _policy(script: str) -> str:
    """Content security policy: this very script, inline styles, nothing from anywhere."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
