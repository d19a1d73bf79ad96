"""The packaged gazetteer, built once for all tests of the geocoder."""

import polars as pl
import pytest

from pipelines.geocoder import Gazetteer, Geocoder
from pipelines.geocoder.names import build_place_names
from pipelines.geocoder.sources import build_places


@pytest.fixture(scope="session")
def places() -> pl.DataFrame:
    return build_places()


@pytest.fixture(scope="session")
def names() -> pl.DataFrame:
    return build_place_names()


@pytest.fixture(scope="session")
def gazetteer(places: pl.DataFrame, names: pl.DataFrame) -> Gazetteer:
    return Gazetteer.from_frames(places, names)


@pytest.fixture(scope="session")
def geocoder(gazetteer: Gazetteer) -> Geocoder:
    return Geocoder(gazetteer)
