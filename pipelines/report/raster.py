"""SVG as PNG, the same bytes on every machine.

Here: the rendering, and that of a folder's pictures in a process of its own. resvg keeps Python's lock
while it draws, more than a second for a release's pictures, in which no other step of this process could go
on; so this file is a program as well, which imports nothing of the project. PNG knows the letters of the
fonts in `data` (Latin, Greek, Cyrillic, Chinese, Japanese, Korean); SVG leaves fonts to whoever shows it.
Not here: what is drawn (`pictures.py`).
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import resvg_py

PAPER = "#ffffff"
"""What pictures are drawn on."""
_ZOOM = 2
_DATA = Path(__file__).parent / "data"
_FONTS = ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "NotoSansCJKsc-Regular.otf")


def png(svg: str, zoom: float = _ZOOM) -> bytes:
    """An SVG as PNG.

    Args:
        svg: the picture.
        zoom: pixels for each of its units.
    """
    rendered: bytes = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=zoom,
        background=PAPER,
        skip_system_fonts=True,
        font_files=[str(_DATA / font) for font in _FONTS],
        font_family="Noto Sans",
        sans_serif_family="Noto Sans",
    )
    return rendered


@contextmanager
def rendered_beside(folder: Path) -> Iterator[None]:
    """Put a PNG beside every SVG of a folder while the body is done; all are there at its end.

    Raises:
        subprocess.CalledProcessError: a picture could not be rendered; why is on the error stream.
    """
    command = [sys.executable, "-P", __file__, str(folder)]
    with subprocess.Popen(command) as rendering:  # noqa: S603 - this file
        yield
    if rendering.returncode:
        raise subprocess.CalledProcessError(rendering.returncode, command)


def _render(folder: Path) -> None:
    for picture in sorted(folder.glob("*.svg")):
        picture.with_suffix(".png").write_bytes(png(picture.read_text(encoding="utf-8")))


if __name__ == "__main__":
    _render(Path(sys.argv[1]))
