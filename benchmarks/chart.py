"""Time against scale, drawn from the results.

    python -m benchmarks.chart [--part one] [--out FILE.svg]

The newest figure of a part at each scale, with the line of a constant time per document through the
largest one: what lies above it at small scales is the fixed cost of steps. Here: one small SVG. Not here:
measuring (`chain.py`).
"""

import argparse
import json
from pathlib import Path

from jinja2 import Template

from benchmarks.chain import RESULTS

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 640, 400, 70, 340
_DRAWN = Template(
    """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{ width }} {{ height }}" font-family="sans-serif"
 font-size="13" role="img" aria-label="{{ title }}">
<rect width="100%" height="100%" fill="#fff"/>
<text x="{{ left }}" y="24" font-size="15" font-weight="bold">{{ title }}</text>
<path d="M{{ left }} 50V{{ bottom }}H600" fill="none" stroke="#666"/>
<path d="M{{ left }} {{ bottom }}L{{ marks[-1].x }} {{ marks[-1].y }}" stroke="#999"
 stroke-dasharray="4 4"/>
<path d="M{% for mark in marks %}{{ mark.x }} {{ mark.y }} {% endfor %}" fill="none" stroke="#0b6e4f"
 stroke-width="2"/>
{% for mark in marks -%}
<circle cx="{{ mark.x }}" cy="{{ mark.y }}" r="4" fill="#0b6e4f"/>
<text x="{{ mark.x }}" y="{{ mark.y - 12 }}" text-anchor="middle">{{ mark.seconds }} s</text>
<text x="{{ mark.x }}" y="{{ bottom + 20 }}" text-anchor="middle">{{ mark.scale }}</text>
{% endfor -%}
<text x="335" y="{{ bottom + 44 }}" text-anchor="middle">scale (1: the world, 84 million addresses);
 dashed: in proportion</text>
</svg>
""",
    autoescape=True,
)


def chart(part: str) -> str:
    """The chart of a part as SVG.

    Raises:
        ValueError: where the part has no figure yet.
    """
    seconds: dict[float, float] = {}
    for line in RESULTS.read_text(encoding="utf-8").splitlines():
        result = json.loads(line)
        if result["part"] == part and result["whole"]:
            seconds[result["scale"]] = result["whole"][0]["seconds"]
    if not seconds:
        raise ValueError(f"no result of part {part} in {RESULTS.name}: run it at some scales first")
    widest, longest = max(seconds), max(seconds.values())
    marks = [
        {
            "scale": f"{scale:g}",
            "seconds": f"{seconds[scale]:.0f}",
            "x": round(_LEFT + 510 * scale / widest),
            "y": round(_BOTTOM - 270 * seconds[scale] / longest),
        }
        for scale in sorted(seconds)
    ]
    return _DRAWN.render(
        title=f"Seconds of a run ({part}) by scale, simulated world",
        marks=marks, width=_WIDTH, height=_HEIGHT, left=_LEFT, bottom=_BOTTOM,
    )  # fmt: skip


def main() -> None:
    """Draw."""
    parser = argparse.ArgumentParser(description="Time against scale")
    parser.add_argument("--part", default="one")
    parser.add_argument("--out", type=Path, default=Path("docs/time_by_scale.svg"))
    arguments = parser.parse_args()
    arguments.out.write_text(chart(arguments.part), encoding="utf-8")


if __name__ == "__main__":
    main()
