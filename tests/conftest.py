"""What tests of several folders share: the optional real data and published tables."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

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
