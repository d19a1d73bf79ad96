import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.errors import UserError
from pipelines.readers.ror import SCHEMA, read_institutions
from tests.readers.helpers import write

V2: dict[str, Any] = {
    "id": "https://ror.org/05a28rw58",
    "names": [
        {"value": "ETH Zurich", "lang": "en", "types": ["ror_display", "label"]},
        {"value": "ETH", "lang": None, "types": ["acronym"]},
        {"value": "Eidgenössische Technische Hochschule", "lang": "de", "types": ["label"]},
    ],
    "locations": [
        {
            "geonames_id": 2657896,
            "geonames_details": {"name": "Zürich", "country_code": "CH", "lat": 47.36, "lng": 8.55},
        },
        {"geonames_details": {"name": "Basel", "country_code": "CH", "lat": 47.5, "lng": 7.5}},
    ],
    "types": ["education", "funder"],
    "status": "active",
}
V1: dict[str, Any] = {
    "id": "https://ror.org/05a28rw58",
    "name": "ETH Zurich",
    "aliases": [],
    "acronyms": ["ETH"],
    "labels": [{"label": "Eidgenössische Technische Hochschule", "iso639": "de"}],
    "addresses": [{"lat": 47.36, "lng": 8.55, "city": "Zürich", "geonames_city": {"id": 1}}],
    "country": {"country_name": "Switzerland", "country_code": "CH"},
    "types": ["Education"],
}
OPENALEX: dict[str, Any] = {
    "id": "https://openalex.org/I1",
    "ror": "https://ror.org/05a28rw58",
    "display_name": "ETH Zurich",
    "display_name_acronyms": ["ETH"],
    "international": {"display_name": {"de": "Eidgenössische Technische Hochschule"}},
    "geo": {"city": "Zürich", "country_code": "CH", "latitude": 47.36, "longitude": 8.55},
    "type": "education",
}
CSV_V2 = (
    "id,locations.geonames_details.country_code,locations.geonames_details.lat,"
    "locations.geonames_details.lng,locations.geonames_details.name,names.types.acronym,"
    "names.types.alias,names.types.label,names.types.ror_display,status,types\n"
    "https://ror.org/05a28rw58,CH,47.36,8.55,Zürich,no_lang_code: ETH,,"
    '"de: Eidgenössische Technische Hochschule; en: ETH Zurich",ETH Zurich,active,education; funder\n'
)
CSV_V1 = (
    "id,name,types,status,aliases,labels,acronyms,addresses[0].lat,addresses[0].lng,"
    "addresses[0].geonames_city.name,country.country_code\n"
    "https://ror.org/05a28rw58,ETH Zurich,Education,active,,"
    "de: Eidgenössische Technische Hochschule,ETH,47.36,8.55,Zürich,CH\n"
)
ETH = {
    "institution_id": "https://ror.org/05a28rw58",
    "name": "ETH Zurich",
    "names": ["ETH", "ETH Zurich", "Eidgenössische Technische Hochschule"],
    "city": "Zürich",
    "country": "CH",
    "lat": 47.36,
    "lng": 8.55,
    "type": "education",
}


def dump() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("v1-ror-data.csv", "id\nwrong\n")
        archive.writestr("v1-ror-data.json", '[{"id": "wrong"}]')
        archive.writestr("v1-ror-data_schema_v2.json", json.dumps([V2], indent=2))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(json.dumps([V2], indent=2), id="v2 list"),
        pytest.param(json.dumps(V2), id="v2 line"),
        pytest.param(gzip.compress(json.dumps(V1).encode()), id="v1 gzip"),
        pytest.param(json.dumps(OPENALEX), id="OpenAlex"),
        pytest.param(CSV_V2, id="v2 CSV"),
        pytest.param(CSV_V1, id="v1 CSV"),
        pytest.param(dump(), id="zip"),
    ],
)
def test_every_form_gives_the_same_row(tmp_path: Path, data: str | bytes) -> None:
    found = read_institutions([write(tmp_path / "institutions", data)])
    assert found.schema == SCHEMA
    assert found.to_dicts() == [ETH]


def test_the_first_files_record_counts_and_rows_are_sorted(tmp_path: Path) -> None:
    other = V2 | {"id": "https://ror.org/00other01"}
    changed = V2 | {"names": [{"value": "Changed", "types": ["ror_display"]}]}
    one = write(tmp_path / "1.jsonl", json.dumps(V2))
    two = write(tmp_path / "2.jsonl", f"{json.dumps(changed)}\n{json.dumps(other)}\n")
    found = read_institutions([one, two])
    assert found["institution_id"].to_list() == [other["id"], V2["id"]]
    assert found["name"].to_list() == ["ETH Zurich", "ETH Zurich"]


def test_records_without_a_place_stay(tmp_path: Path) -> None:
    path = write(tmp_path / "1.jsonl", json.dumps({"id": "https://ror.org/1", "names": []}))
    found = read_institutions([path])
    assert found.select("city", "lat", "names").rows() == [(None, None, [])]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ('{"id": "https://ror.org/1"}\n{"id": \n', "cannot be read"),
        ('[{"name": "no id"}]', "without `id`"),
        ("a,b\n1,2\n", "no column `id`"),
        ("id,name\nhttps://ror.org/1,A,x\n", "line 2"),
        ("", "empty"),
    ],
)
def test_what_is_no_institutions_table_is_an_error(tmp_path: Path, data: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_institutions([write(tmp_path / "x", data)])


def test_no_files_give_an_empty_table() -> None:
    assert read_institutions([]).equals(pl.DataFrame(schema=SCHEMA))
