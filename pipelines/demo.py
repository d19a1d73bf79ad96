"""The made world of a configuration: made before its first run, and again only when it asks for another.

Here: whether the folder holds the world that the configuration asks for. Not here: how a world is made
(`simulation/`).
"""

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from pipelines.config import Simulation
from pipelines.errors import UserError
from pipelines.simulation.world import simulate
from pipelines.storage import fingerprint_of, sha256_of, written_aside

_MARK = "world.json"


def is_made(wanted: Simulation, base: Path) -> bool:
    """Whether the folder holds this world, whole."""
    mark = base / wanted.folder / _MARK
    return mark.is_file() and mark.read_text() == _mark_of(wanted)


def make_world(wanted: Simulation, base: Path, say: Callable[[str], None]) -> None:
    """Make the world aside and put it in the place of an older one.

    Raises:
        UserError: where something else lies in its place.
    """
    folder = base / wanted.folder
    is_free = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    if not is_free and not (folder / _MARK).exists():
        raise UserError(
            f"simulation.folder: {folder} holds something else than a simulated world. "
            "Give a folder that is new or empty."
        )
    shutil.rmtree(folder, ignore_errors=True)
    with written_aside(folder) as aside:
        simulate(wanted.scale, aside, seed=wanted.seed, layout="native", progress=say)
        (aside / _MARK).write_text(_mark_of(wanted))


def _mark_of(wanted: Simulation) -> str:
    return json.dumps({"scale": wanted.scale, "seed": wanted.seed, "code": _code()})


@cache
def _code() -> str:
    files = sorted((Path(__file__).parent / "simulation").rglob("*"))
    return fingerprint_of(
        [[path.name, sha256_of(path)] for path in files if path.is_file() and path.suffix != ".pyc"]
    )
