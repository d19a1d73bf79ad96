"""Where the marks of slopes, ranges and bars lie.

Here: the slope chart of ranks over editions; how far ranks hang on a single year; horizontal bars of both
sources. Not here: maps, and how it is drawn (`templates/slopes.svg`, `ranges.svg`, `bars.svg`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipelines.editions import KINDS, Kind
from pipelines.report import formats
from pipelines.report.labels import text_width
from pipelines.report.source import Release
from pipelines.report.tables import Economy, Ranked

SLOPE_CLUSTERS = 25
_DEEPEST = 35
"""Ranks below are drawn on one line."""
_ROW = 22
_TOP = 64
_NAME_SIZE = 13
_SIDE = 46
_MOVER = 2
"""Places from which a move is drawn in colour."""
RANGE_CLUSTERS = 100
_RANGE_STEP = 9.0
"""From one rank to the next, and the most that a place takes upwards."""
_RANGE_HEIGHT = 260
_RANGE_TOP = 70
BAR_NAME_SIZE = 14
_BAR_WIDTH = 1000
_LEAST_SCALE = 480
"""Room for bars, key and axis beside the longest name; from there on the picture grows."""
_BAR_VALUE = 80


@dataclass(frozen=True)
class Knot:
    """A cluster's rank in an edition."""

    x: float
    y: float
    edition: int
    rank: int
    is_below: bool
    """Deeper than the picture reaches."""


@dataclass(frozen=True)
class Slope:
    """A cluster's ranks over the editions, the newest last."""

    key: str
    name: str
    knots: tuple[Knot, ...]
    move: str
    """`up`, `down` or `steady`: since the edition before."""

    @property
    def rank(self) -> int:
        """Rank in the newest edition."""
        return self.knots[-1].rank

    @property
    def path(self) -> str:
        """SVG path through the editions that have the cluster."""
        return "M" + "L".join(f"{knot.x} {knot.y}" for knot in self.knots)

    @property
    def summary(self) -> str:
        """The ranks in words."""
        return ", ".join(f"{knot.edition}: {knot.rank}" for knot in self.knots)


@dataclass(frozen=True)
class Slopes:
    """The picture."""

    width: float
    height: float
    columns: tuple[tuple[float, int], ...]
    """Position and edition."""
    slopes: tuple[Slope, ...]
    below_y: float | None
    """Line of the ranks that the picture does not reach."""
    notes: tuple[str, ...]
    """Editions whose ranks are of one source, where the newest has both."""


@dataclass(frozen=True)
class RankRange:
    """How far a cluster's rank goes up and down where a year of the windows is left out."""

    x: float
    best_y: float
    worst_y: float
    text: str


@dataclass(frozen=True)
class Ranges:
    """The picture."""

    width: float
    height: float
    level_y: float
    """Line of no place gained or lost."""
    left: float
    right: float
    ranges: tuple[RankRange, ...]
    ranks: tuple[tuple[float, int], ...]
    """Position and rank below the marks."""
    places: tuple[tuple[float, str], ...]
    """Height and number of places beside them."""


@dataclass(frozen=True)
class Bar:
    """A horizontal bar of both sources, one after the other."""

    y: float
    name: str
    note: str
    patent_width: float
    publication_width: float
    value: str


@dataclass(frozen=True)
class Bars:
    """The picture."""

    title: str
    kinds: tuple[Kind, ...]
    """Sources that the bars show."""
    axis: str
    width: float
    height: float
    left: float
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]


def slopes(releases: Sequence[Release]) -> Slopes | None:
    """Lay out the ranks of the newest edition's first clusters over the editions.

    Args:
        releases: releases of several editions, the newest last.

    Returns:
        None where there is only one.
    """
    if len(releases) < 2:
        return None
    ranks = [{row["cluster_id"]: row["rank"] for row in r.rows("ranking")} for r in releases]
    names = {row["cluster_id"]: row["name"] for row in releases[-1].rows("ranking")}
    chosen = sorted(names, key=lambda key: ranks[-1][key])[:SLOPE_CLUSTERS]
    right = max((text_width(names[key], _NAME_SIZE) for key in chosen), default=0) + _SIDE + 6
    step = max(76.0, min(180.0, 760 / (len(releases) - 1)))
    columns = tuple((_SIDE + step * n, r.edition) for n, r in enumerate(releases))
    depth = min(_DEEPEST, max(by.get(key, 0) for by in ranks for key in chosen))
    below = any(by.get(key, 0) > depth for by in ranks for key in chosen)
    below_y = _TOP + _ROW * (depth + 1.5)

    def knot(x: float, edition: int, rank: int) -> Knot:
        is_below = rank > depth
        return Knot(x, below_y if is_below else _TOP + _ROW * rank, edition, rank, is_below)

    def knots(key: str) -> tuple[Knot, ...]:
        return tuple(
            knot(x, edition, by[key])
            for (x, edition), by in zip(columns, ranks, strict=True)
            if key in by
        )

    return Slopes(
        width=round(columns[-1][0] + right),
        height=_TOP + _ROW * (depth + 2.5),
        columns=columns,
        slopes=tuple(
            Slope(key, names[key], knots(key), _way(ranks[-2].get(key), ranks[-1][key]))
            for key in chosen
        ),
        below_y=below_y if below else None,
        notes=tuple(
            f"Edition {r.edition} counted {formats.DOCUMENTS[r.kinds[0]]} alone."
            for r in releases
            if len(r.kinds) == 1 < len(releases[-1].kinds)
        ),
    )


def _way(before: int | None, now: int) -> str:
    if before is None or abs(before - now) < _MOVER:
        return "steady"
    return "up" if before > now else "down"


def ranges(ranked: Sequence[Ranked]) -> Ranges | None:
    """Lay out how far the first clusters' ranks hang on a single year.

    Returns:
        None where the release does not say.
    """
    spans = [(one, one.row["rank"], one.span) for one in ranked[:RANGE_CLUSTERS] if one.span]
    if not spans:
        return None
    up = max(rank - best for _, rank, (best, _) in spans)
    down = max(worst - rank for _, rank, (_, worst) in spans)
    unit = min(_RANGE_STEP, _RANGE_HEIGHT / (up + down or 1))
    level_y = _RANGE_TOP + unit * up
    bottom = level_y + unit * down
    first, last = spans[0][1], spans[-1][1]
    step = next((s for s in (1, 2, 5, 10, 20, 50) if (up + down) / s <= 8), 100)

    def x(rank: int) -> float:
        return _SIDE + 20 + _RANGE_STEP * (rank - first)

    return Ranges(
        width=max(x(last) + 24, 620),
        height=round(bottom + 44, 1),
        level_y=round(level_y, 1),
        left=_SIDE,
        right=x(last) + 12,
        ranges=tuple(
            RankRange(
                x=x(rank),
                best_y=round(level_y - unit * (rank - best), 1),
                worst_y=round(level_y + unit * (worst - rank), 1),
                text=f"{rank} {one.name}: {formats.span(best, worst)}"
                + (f" ({one.hinges})" if one.hinges else ""),
            )
            for one, rank, (best, worst) in spans
        ),
        ranks=tuple(
            (x(rank), rank) for rank in range(first, last + 1) if rank == first or rank % 10 == 0
        ),
        places=tuple(
            # the fonts of the PNG have no minus, but a dash as wide
            (round(level_y - unit * places, 1), formats.signed(places).replace(formats.MINUS, "–"))
            for places in range(-step * (down // step), up + 1, step)
        ),
    )


def top_bars(ranked: Iterable[Ranked], edition: str) -> Bars:
    """Bars of the first clusters."""
    return _bars(
        f"The first 20 science and technology clusters, {edition}",
        [
            (
                f"{one.row['rank']}  {one.name}",
                one.row["economies"],
                one.row["patent_share"],
                one.row["publication_share"],
            )
            for one in list(ranked)[:20]
        ],
    )


def economy_bars(economies: Iterable[Economy], edition: str) -> Bars:
    """Bars of the economies' clusters in the top 100."""
    return _bars(
        f"Economies by their clusters in the top 100, {edition}",
        [
            (
                one.name,
                f"{one.row['clusters']} clusters" if one.row["clusters"] > 1 else "1 cluster",
                one.row["patent_share"],
                one.row["publication_share"],
            )
            for one in list(economies)[:25]
        ],
    )


def _bars(title: str, rows: Sequence[tuple[str, str, float, float]]) -> Bars:
    left = 24 + max(
        (text_width(f"{name}  {note}", BAR_NAME_SIZE) for name, note, _, _ in rows), default=0.0
    )
    greatest = max((patents + publications for _, _, patents, publications in rows), default=0.0)
    step = next((s for s in (0.0025, 0.005, 0.01, 0.02, 0.05, 0.1) if greatest / s <= 8), 0.2)
    width = max(_BAR_WIDTH, round(left + _LEAST_SCALE + _BAR_VALUE))
    scale = (width - left - _BAR_VALUE) / (greatest or 1.0)
    drawn = {
        "patent": any(patents for _, _, patents, _ in rows),
        "publication": any(publications for *_, publications in rows),
    }
    kinds = tuple(kind for kind in KINDS if drawn[kind]) or KINDS
    bars = tuple(
        Bar(
            y=78 + 26 * number,
            name=name,
            note=note,
            patent_width=round(patents * scale, 1),
            publication_width=round(publications * scale, 1),
            value=formats.percent(patents + publications),
        )
        for number, (name, note, patents, publications) in enumerate(rows)
    )
    return Bars(
        title=title,
        kinds=kinds,
        axis=" plus ".join(f"share of the world’s {formats.DOCUMENTS[kind]}" for kind in kinds),
        width=width,
        height=78 + 26 * len(rows) + 52,
        left=round(left, 1),
        bars=bars,
        ticks=tuple(
            (round(left + scale * step * n, 1), formats.percent(step * n, 2 if step < 0.005 else 1))
            for n in range(int(greatest / step) + 1)
        ),
    )
