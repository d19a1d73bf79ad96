"""The report's files in a release's folder.

Here: reading, laying out, writing. Not here: when a release is made (`release_step.py`).
"""

from collections.abc import Sequence
from pathlib import Path

from pipelines.release.manifest import Provenance
from pipelines.report.page import page, view_of
from pipelines.report.pictures import pictures
from pipelines.report.raster import rendered_beside
from pipelines.report.source import read_release

REPORT = "report.html"
PICTURES = "pictures"


def write_report(
    release: Path,
    earlier: Sequence[Path] = (),
    *,
    provenance: Provenance | None = None,
) -> None:
    """Write `report.html` and the folder `pictures` into a release; equal inputs give equal bytes.

    Args:
        release: folder of a release, or of one that is being published and holds its tables.
        earlier: folders of the editions released before, oldest first, for the ranks over the
            editions; ranks are explained against the last one.
        provenance: what the release was made from, where it has no manifest yet.

    Raises:
        UserError: where a folder is not a release.
    """
    this = read_release(release, provenance)
    before = [read_release(folder) for folder in earlier]
    view = view_of(this, before)
    (release / PICTURES).mkdir(exist_ok=True)
    for name, svg in pictures(view):
        _write(release / PICTURES / f"{name}.svg", svg)
    with rendered_beside(release / PICTURES):
        _write(release / REPORT, page(view, before[-1] if before else None))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
