"""The demo's release of 2020, made once for all tests and workers: two minutes."""

import subprocess
from pathlib import Path

import pytest

from pipelines.config import DEMO
from tests.conftest import ROOT, folder_of_all_workers
from tests.world.story import COMMAND


@pytest.fixture(scope="session")
def demo_2020(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of the demo after edition 2020, which the printed ranking is held against."""
    with folder_of_all_workers(tmp_path_factory, "demo-2020") as folder:
        configuration = folder / "demo.toml"
        if not configuration.exists():
            configuration.write_text(DEMO.read_text())
            arguments = ["run", "--edition", "2020", "--config", str(configuration)]
            subprocess.run([*COMMAND, *arguments], cwd=ROOT, check=True)
    return folder / "workspace"


@pytest.fixture(scope="session")
def release(demo_2020: Path) -> Path:
    """Its release."""
    return demo_2020 / "releases" / "2020" / "latest"
