"""The pictures as files of their own, in SVG.

Here: which pictures there are. Not here: where marks lie, PNG (`raster.py`).
"""

from collections.abc import Iterator, Sequence

from pipelines.report import charts
from pipelines.report.page import LIGHT, View, marks_css, template
from pipelines.report.worldmap import HEIGHT, WIDTH

_NOTE = 22
"""Height of a line below the marks."""


def pictures(view: View) -> Iterator[tuple[str, str]]:
    """Every picture's name and SVG."""
    edition = view.release.provenance.edition_name
    title = f"Science and technology clusters, {edition}"
    yield "map", _svg("worldmap", title, view, WIDTH, HEIGHT + 34, map=view.world_map)
    bars = charts.top_bars(view.ranked, edition)
    yield "top-20", _svg("bars", bars.title, view, bars.width, bars.height, bars=bars)
    if view.economies:
        bars = charts.economy_bars(view.economies, edition)
        yield "economies", _svg("bars", bars.title, view, bars.width, bars.height, bars=bars)
    if view.ranges:
        title = f"How far the ranks hang on a single year, {edition}"
        size = view.ranges.width, view.ranges.height
        yield "ranges", _svg("ranges", title, view, *size, ranges=view.ranges)
    if view.slopes:
        first, before = view.slopes.columns[0][1], view.slopes.columns[-2][1]
        key = (f"Blue: up two places or more since {before}.", "Orange, dashed: down as far.")
        yield (
            "slopes",
            _svg(
                "slopes",
                f"Ranks from edition {first} to {edition}",
                view,
                view.slopes.width,
                view.slopes.height,
                notes=(*key, *view.slopes.notes),
                slopes=view.slopes,
            ),
        )


def _svg(
    name: str,
    title: str,
    view: View,
    width: float,
    height: float,
    *,
    notes: Sequence[str] = (),
    **marks: object,
) -> str:
    return template("picture.svg").render(
        name=name,
        title=title,
        simulated=view.release.provenance.simulated,
        width=width,
        height=height + _NOTE * len(notes),
        notes=[(height + _NOTE * number, note) for number, note in enumerate(notes)],
        marks=marks_css(LIGHT),
        **marks,
    )
