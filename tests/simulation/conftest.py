"""One small world for all tests of this folder: it takes seconds to lay out."""

import pytest

from pipelines.simulation.areas import Areas, build_areas
from pipelines.simulation.calibration import Calibration, default_calibration
from pipelines.simulation.gazetteer import Gazetteer, load_gazetteer
from pipelines.simulation.quotas import YEARS

SCALE = 0.002


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.fixture(scope="session")
def calibration() -> Calibration:
    return default_calibration()


@pytest.fixture(scope="session")
def areas(gazetteer: Gazetteer, calibration: Calibration) -> Areas:
    return build_areas(gazetteer, calibration, SCALE, YEARS)
