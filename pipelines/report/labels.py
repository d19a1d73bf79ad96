"""Names beside points, none over another.

Here: a greedy choice, the most important name first, and the width of a text. The page's script does
the same anew at every zoom. Not here: which names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_WIDE = set("MWmw@%—ABCDEFGHJKLNOPQRSTUVXYZ")
_NARROW = set("iIjl.,;:'|!tfr()-– ")


@dataclass(frozen=True)
class Anchor:
    """A point that wants its name written beside it."""

    x: float
    y: float
    radius: float
    text: str


@dataclass(frozen=True)
class Label:
    """A name that found room."""

    x: float
    y: float
    """Baseline."""
    align: str
    """SVG's `text-anchor`."""
    text: str


@dataclass(frozen=True)
class Box:
    """A rectangle that is taken."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def text_width(text: str, size: float) -> float:
    """About how wide a text runs; characters beyond Latin count as square."""
    return size * sum(
        1.0 if ord(c) > 0x2E80 else 0.7 if c in _WIDE else 0.32 if c in _NARROW else 0.57
        for c in text
    )


def place_labels(
    anchors: Sequence[Anchor],
    frame: Box,
    size: float,
    *,
    limit: int,
    taken: Iterable[Box] = (),
) -> list[Label | None]:
    """Find room for names.

    Args:
        anchors: the points, the most important first.
        frame: the picture.
        size: height of the letters.
        limit: how many names to write at most.
        taken: what must stay free of names.

    Returns:
        A label for each anchor, None where there is no room.
    """
    boxes = list(taken)
    placed: list[Label | None] = []
    for anchor in anchors:
        found = None
        if sum(label is not None for label in placed) < limit:
            for label, box in _candidates(anchor, size):
                inside = (
                    frame.left <= box.left
                    and box.right <= frame.right
                    and frame.top <= box.top
                    and box.bottom <= frame.bottom
                )
                if inside and not any(box.overlaps(other) for other in boxes):
                    found = label
                    boxes.append(box)
                    break
        placed.append(found)
    return placed


def _candidates(anchor: Anchor, size: float) -> list[tuple[Label, Box]]:
    """To the right, to the left, above, below."""
    width, gap = text_width(anchor.text, size), size * 0.3
    x, y, reach = anchor.x, anchor.y, anchor.radius + gap
    middle = y + size * 0.35
    spots = [
        (x + reach, middle, "start", x + reach),
        (x - reach, middle, "end", x - reach - width),
        (x, y - reach, "middle", x - width / 2),
        (x, y + reach + size * 0.75, "middle", x - width / 2),
    ]
    return [
        (
            Label(round(at, 2), round(baseline, 2), align, anchor.text),
            Box(left, baseline - size * 0.8, left + width, baseline + size * 0.25),
        )
        for at, baseline, align, left in spots
    ]
