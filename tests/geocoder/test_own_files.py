"""A user's own files, from the configuration to the place of an address."""

import zipfile
from pathlib import Path

import orjson
import polars as pl
import pytest

from pipelines.additions import FIRST_ID, all_names, all_places, read_additions
from pipelines.errors import UserError
from pipelines.geocoding import geocoder_of
from pipelines.pipeline import Pipeline
from pipelines.readers.ror import read_institutions
from tests.world.made import write_configuration

GEONAMES = (
    "900001\tWaldetzenberg\tWaldetzenberg\t\t49.06\t11.99\tP\tPPL\tDE\t\t02\t\t\t\t0\t\t\tx\t2026-01-01\n"
    "900002\tAlpsee\tAlpsee\t\t47.5\t10.2\tH\tLK\tDE\t\t02\t\t\t\t0\t\t\tx\t2026-01-01\n"
)
ALTERNATE_NAMES = (
    "1\t900001\tde\tAltwaldstetten\t\t\t\t\t\t\n"
    "2\t900001\tlink\thttps://example.org\t\t\t\t\t\t\n"
    "3\t900009\tde\tNirgendwo\t\t\t\t\t\t\n"
)
POSTCODES = "DE\t93164\tLaaber\tBayern\tBY\t\t\t\t\t49.07\t11.88\t4\n"
ROR = {
    "id": "https://ror.org/0example1",
    "names": [{"value": "Zentralinstitut Waldesruh", "types": ["ror_display"]}],
    "types": ["facility"],
    "locations": [{"geonames_details": {"name": "Jena", "country_code": "DE", "lat": 50.93, "lng": 11.59}}],
}  # fmt: skip
CONFIGURATION = """
[gazetteer]
geonames = "own/DE.txt"
alternate_names = "own/alternateNamesV2.txt"
postcodes = "own/zip/*.txt"
places = "own/places.csv"

[institutions]
files = "own/ror-data.zip"
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    folder = tmp_path_factory.mktemp("own")
    (folder / "own/zip").mkdir(parents=True)
    (folder / "own/DE.txt").write_text(GEONAMES, encoding="utf-8")
    (folder / "own/alternateNamesV2.txt").write_text(ALTERNATE_NAMES, encoding="utf-8")
    (folder / "own/zip/DE.txt").write_text(POSTCODES, encoding="utf-8")
    (folder / "own/places.csv").write_text("name,country,lat,lng\nCampus Nord,DE,50.0,10.0\n")
    with zipfile.ZipFile(folder / "own/ror-data.zip", "w") as archive:
        archive.writestr("v1.0-ror-data_schema_v2.json", orjson.dumps([ROR]))
    return Pipeline(write_configuration(folder, more=CONFIGURATION))


def test_own_places_are_numbered_downwards_away_from_the_supplements(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one.csv", "two.csv")]
    for file in files:
        file.write_text("name,country,lat,lng\nNord,DE,50.0,10.0\nSud,DE,49.0,10.0\n")
    assert read_additions(files)["place_id"].to_list() == [FIRST_ID - n for n in range(4)]


def test_every_file_of_a_user_places_addresses(pipeline: Pipeline) -> None:
    files = pipeline.gazetteer_files
    places = all_places(files)
    assert places["place_id"].is_unique().all()
    names = all_names(files, places)
    assert names.select("name_key", "place_id").is_unique().all()
    institutions = read_institutions(pipeline.institution_files)
    listed = institutions.with_columns(pl.col("names").list.join("\n"))
    geocoder = geocoder_of(places, names, listed, files["postcodes"])
    addresses = [
        "Waldetzenberg, DE",
        "Altwaldstetten, Germany",
        "Campus Nord, Germany",
        "Dorfstr. 1, D-93164, Germany",
        "Zentralinstitut Waldesruh, Germany",
    ]
    found = geocoder.resolve(pl.DataFrame({"address": addresses}))
    assert found.select("precision", "place", "lat", "lng").rows() == [
        ("city", "Waldetzenberg", 49.06, 11.99),
        ("city", "Waldetzenberg", 49.06, 11.99),
        ("city", "Campus Nord", 50.0, 10.0),
        ("postcode", "Laaber", 49.07, 11.88),
        ("institution", "Jena", 50.93, 11.59),
    ]


def test_a_missing_file_is_told_by_its_key(tmp_path: Path) -> None:
    more = '[gazetteer]\ngeonames = "allCountries.txt"\n'
    pipeline = Pipeline(write_configuration(tmp_path, more=more))
    with pytest.raises(UserError, match=r'gazetteer.geonames: "allCountries.txt" matches no file'):
        _ = pipeline.gazetteer_files


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Nord,DE,50.0", "line 3: lng is empty"),
        ("Nord,DE,north,10", 'line 3: lat is "north", not a number of degrees from -90 to 90'),
        ("Nord,DE,50,181", 'line 3: lng is "181", not a number of degrees from -180 to 180'),
        ("Nord,DE,50,nan", 'line 3: lng is "nan"'),
        ("Nord,Germany,50,10", 'line 3: country is "Germany", not two capital letters'),
        (",DE,50,10", "line 3: name is empty"),
        ("Nord,DE,50,10,many", "line 3: population is many, not a whole number"),
    ],
)
def test_a_mistake_in_own_places_is_told_by_its_line(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "places.csv"
    path.write_text(f"name,country,lat,lng,population\nCampus Süd,DE,50.0,10.0,\n{line}\n")
    with pytest.raises(UserError) as raised:
        read_additions([path])
    assert f"places.csv, {says}" in str(raised.value)
