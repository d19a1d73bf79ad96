"""What tests of several folders share: optional real data, folders that one fills for all, the demo."""

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from pipelines.config import DEMO
from tests.command import COMMAND

ROOT = Path(__file__).parent.parent

# tests assert no time: a busy machine is no fault
settings.register_profile("stclusters", deadline=None)
settings.load_profile("stclusters")


def _shared_folder(name: str, env: str) -> Path:
    folder = Path(os.environ.get(env) or ROOT.parent / "shared" / name)
    if not (folder / "README.md").exists():
        pytest.skip(
            f"no {name} folder: set {env} or lay it beside the checkout as ../shared/{name}"
        )
    return folder


@pytest.fixture(scope="session")
def realdata() -> Path:
    """Real open records (OpenAlex, PatentsView, Red Book, ROR, affiliations); skips where missing."""
    return _shared_folder("realdata", "GII_REALDATA")


@pytest.fixture(scope="session")
def published() -> Path:
    """WIPO's printed tables, transcribed; skips where missing."""
    return _shared_folder("published", "GII_PUBLISHED")


@contextmanager
def folder_of_all_workers(factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """A folder of the session that pytest's workers share, one at a time: who comes first fills it."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / name
    folder.mkdir(exist_ok=True)
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


@pytest.fixture(scope="session")
def demo_2020(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of the demo after edition 2020, made once for all tests and workers: a minute or two."""
    with folder_of_all_workers(tmp_path_factory, "demo-2020") as folder:
        configuration = folder / "demo.toml"
        if not configuration.exists():
            configuration.write_text(DEMO.read_text())
            arguments = ["run", "--edition", "2020", "--config", str(configuration)]
            subprocess.run([*COMMAND, *arguments], cwd=ROOT, check=True)
    return folder / "workspace"


@pytest.fixture(scope="session")
def release_2020(demo_2020: Path) -> Path:
    """Its release, whose counts follow WIPO's printed ranking of that year."""
    return demo_2020 / "releases" / "2020" / "latest"
