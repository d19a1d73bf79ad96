from pathlib import Path

import pytest

from tests.report import made


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Editions 2023 and 2024, published side by side; nobody changes them."""
    folder = tmp_path_factory.mktemp("releases")
    for edition in (2023, 2024):
        made.release(folder, edition)
    return folder
