"""The story of two workspaces, told once per session, whichever of pytest's workers comes first."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, folder_of_all_workers


@pytest.fixture(scope="session")
def world_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the story lies: `story.json`, and the folders `one` and `deeper/two` as they ended."""
    with folder_of_all_workers(tmp_path_factory, "world-story") as folder:
        if not (folder / "story.json").exists():
            subprocess.run(
                [sys.executable, "-m", "tests.world.story", str(folder)], cwd=ROOT, check=True
            )
    return folder


@pytest.fixture(scope="session")
def story(world_folder: Path) -> dict[str, Any]:
    """Each chapter of `tests/world/story.py`: steps done, error, files of each revision."""
    told: dict[str, Any] = json.loads((world_folder / "story.json").read_text())
    return told
