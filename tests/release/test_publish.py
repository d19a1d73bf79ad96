"""A request becomes an immutable folder, or nothing where nothing is new."""

import csv
import json
import stat
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from pipelines.contracts import TABLES
from pipelines.errors import UserError
from pipelines.release.folder import latest, revisions
from pipelines.release.manifest import identity_of, read_manifest
from pipelines.release.publish import publish
from pipelines.release.tables import Check, released_name, released_tables, validation_table
from pipelines.release.verify import files_of, verify
from pipelines.storage import sha256_of
from tests.release import factory

BESIDE_TABLES = {
    "cluster_areas.geojson",
    "validation.parquet",
    "manifest.json",
    "datapackage.json",
    "dcat.jsonld",
    "codebook.csv",
    "SHA256SUMS",
    "CHANGES.md",
    "README.md",
}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(factory.request(tmp_path_factory.mktemp("release"))).path


def hashes(folder: Path) -> dict[str, str]:
    return {name: sha256_of(folder / name) for name in files_of(folder)}


def swapped_ranking() -> factory.Rows:
    """Boston and Delft change places; Tokyo has one application more."""
    first, second, third = factory.ranking()
    return [first | {"patents": 101.0}, third | {"rank": 2}, second | {"rank": 3}]


def test_every_released_contract_is_a_file_and_nothing_is_unaccounted_for(release: Path) -> None:
    tables = {f"{released_name(contract)}.parquet" for contract in released_tables()}
    assert set(files_of(release)) == tables | BESIDE_TABLES
    assert {"ranking.parquet", "cluster_areas.parquet", "geocoding_quality.parquet"} <= tables


def test_the_rows_are_those_of_the_stage_tables(tmp_path: Path) -> None:
    request = factory.request(tmp_path)
    folder = publish(request).path
    for name, file in request.tables.items():
        made = pq.read_table(folder / f"{released_name(TABLES[name])}.parquet")
        given = pq.ParquetFile(file).read()
        assert made.drop_columns(
            [c for c in ("bbox", "geometry") if c in made.column_names]
        ).equals(given.drop_columns([c for c in ("geometry",) if c in given.column_names]))


def test_every_file_says_its_edition_and_whether_it_is_simulated(release: Path) -> None:
    for path in release.glob("*.parquet"):
        assert set(pl.read_parquet(path)["edition"]) == {2024}
        metadata = pq.read_schema(path).metadata
        assert (metadata[b"edition"], metadata[b"simulated"]) == (b"2024", b"true")
        assert all(field.metadata[b"description"] for field in pq.read_schema(path))
    for name in ("manifest.json", "datapackage.json", "cluster_areas.geojson"):
        assert json.loads((release / name).read_text())["simulated"] is True
    for name in ("dcat.jsonld", "README.md"):
        assert "(simulated)" in (release / name).read_text()
    assert "must not be quoted as a ranking" in (release / "README.md").read_text()


def test_a_release_of_real_sources_does_not_say_simulated(tmp_path: Path) -> None:
    folder = publish(factory.request(tmp_path, simulated=False, note=None)).path
    assert pq.read_schema(folder / "ranking.parquet").metadata[b"simulated"] == b"false"
    assert read_manifest(folder).simulated is False
    assert "**Simulated.**" not in (folder / "README.md").read_text()
    assert "imulated" not in (folder / "README.md").read_text()


def test_a_release_says_which_documents_count(tmp_path: Path) -> None:
    windows = {"patent_years": {"value": [2019, 2023], "certainty": "V"}}
    one = publish(factory.request(tmp_path / "one", parameters=windows)).path
    assert (
        "Counted are PCT applications published 2019-2023,\neach" in (one / "README.md").read_text()
    )
    assert "several years\nof publication" in (one / "README.md").read_text()
    windows["publication_years"] = {"value": [2018, 2022], "certainty": "V"}
    two = publish(factory.request(tmp_path / "two", parameters=windows)).path
    counted = (
        "Counted are PCT applications published 2019-2023 and articles published 2018-2022,\neach"
    )
    assert counted in (two / "README.md").read_text()


def test_the_release_of_a_profile_is_called_so(tmp_path: Path) -> None:
    parameters = {"profile": {"value": "african", "certainty": "V"}}
    folder = publish(factory.request(tmp_path, parameters=parameters)).path
    title = "Science and technology clusters, edition 2024, African profile (simulated)"
    package = json.loads((folder / "datapackage.json").read_text())
    assert (package["title"], package["name"]) == (title, "stclusters-2024-african")
    catalogued = json.loads((folder / "dcat.jsonld").read_text())
    assert catalogued["dct:title"] == title
    assert catalogued["dct:identifier"] == "stclusters/african/2024/1"
    assert (folder / "README.md").read_text().startswith(f"# {title}, revision 1\n")
    assert "edition 2024, African profile" in (folder / "CHANGES.md").read_text()


def test_the_manifest_tells_what_the_release_was_made_from(release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_text())
    assert manifest["parameters"]["min_points"] == {"value": 90, "certainty": "U"}
    assert manifest["inputs"][0]["sha256"] == "ab" * 32
    assert manifest["gazetteer"] == {"source": "GeoNames", "places": 48_000}
    assert (manifest["code_version"], manifest["lock_sha256"]) == ("0.1.0", "cd" * 32)
    ranking = next(entry for entry in manifest["files"] if entry["file"] == "ranking.parquet")
    assert ranking["table"]["rows"] == 3
    assert ranking["bytes"] == (release / "ranking.parquet").stat().st_size
    assert ranking["sha256"] == sha256_of(release / "ranking.parquet")


def test_files_are_read_only(release: Path) -> None:
    modes = {stat.S_IMODE((release / name).stat().st_mode) for name in files_of(release)}
    assert modes == {0o444}


def test_equal_inputs_give_equal_bytes_wherever_they_lie(tmp_path: Path, release: Path) -> None:
    elsewhere = publish(factory.request(tmp_path / "another" / "place")).path
    assert hashes(elsewhere) == hashes(release)
    for name in files_of(elsewhere):
        content = (elsewhere / name).read_bytes()
        assert str(tmp_path).encode() not in content


def test_the_same_again_creates_nothing(tmp_path: Path) -> None:
    first = publish(factory.request(tmp_path))
    before = hashes(first.path)
    second = publish(factory.request(tmp_path))
    assert (first.revision, first.created) == (1, True)
    assert (second.path, second.revision, second.created) == (first.path, 1, False)
    assert hashes(first.path) == before


def test_other_code_with_the_same_numbers_creates_nothing(tmp_path: Path) -> None:
    publish(factory.request(tmp_path))
    assert not publish(factory.request(tmp_path, code_version="2", lock_sha256="0" * 64)).created


@pytest.mark.parametrize(
    "changed",
    [
        {"parameters": {"radius_km": {"value": 15, "certainty": "V"}}},
        {"inputs": ()},
        {"gazetteer": {"source": "GeoNames", "places": 48_001}},
        {"simulated": False},
        {"note": None},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_another_statement_about_the_numbers_is_a_new_revision(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    first = publish(factory.request(tmp_path))
    second = publish(factory.request(tmp_path, **changed))
    assert (second.revision, second.created) == (2, True)
    assert read_manifest(second.path).replaces == identity_of(first.path)


def test_new_numbers_are_a_new_revision_that_says_what_changed(tmp_path: Path) -> None:
    first = publish(factory.request(tmp_path))
    before = hashes(first.path)
    second = publish(factory.request(tmp_path, rows={"ranking": swapped_ranking()}))
    assert hashes(first.path) == before
    assert [path.name for path in revisions(tmp_path / "releases", 2024)] == ["1", "2"]
    assert latest(tmp_path / "releases", 2024) == second.path
    assert "first revision of edition 2024" in (first.path / "CHANGES.md").read_text()
    changes = (second.path / "CHANGES.md").read_text()
    assert "From edition 2024, revision 1, to edition 2024, revision 2." in changes
    assert "| c1 | Tokyo | patents 100.00 → 101.00 |" in changes
    assert "| c3 | Delft | rank 3 → 2 |" in changes
    assert verify(second.path) == []


def test_going_back_to_earlier_numbers_is_a_new_revision_too(tmp_path: Path) -> None:
    publish(factory.request(tmp_path))
    publish(factory.request(tmp_path, rows={"ranking": swapped_ranking()}))
    assert publish(factory.request(tmp_path)).revision == 3


def test_editions_count_their_revisions_apart(tmp_path: Path) -> None:
    assert publish(factory.request(tmp_path)).revision == 1
    assert publish(factory.request(tmp_path, edition=2023)).revision == 1


def test_a_failed_check_stops_the_release_and_is_named(tmp_path: Path) -> None:
    failed = Check("ranking", "rank is complete", False, "no gap", "rank 2 is missing", 2024)
    request = factory.request(tmp_path)
    with pytest.raises(UserError, match="rank is complete: expected no gap, found rank 2 is"):
        publish(replace(request, checks=[*request.checks, failed]))
    assert not (tmp_path / "releases").exists()


def test_validation_holds_every_check(release: Path) -> None:
    rows = pl.read_parquet(release / "validation.parquet")
    assert rows.select("table", "partition", "passed").rows() == [
        ("clusters", 2024, True),
        ("gazetteer", None, True),
    ]


def test_the_order_of_checks_and_inputs_does_not_matter_to_the_tables(
    tmp_path: Path, release: Path
) -> None:
    request = factory.request(tmp_path)
    other = publish(replace(request, checks=request.checks[::-1])).path
    assert hashes(other) == hashes(release)


def test_tables_must_be_those_of_the_contracts(tmp_path: Path) -> None:
    request = factory.request(tmp_path)
    fewer = {name: path for name, path in request.tables.items() if name != "world"}
    with pytest.raises(ValueError, match="world"):
        publish(replace(request, tables=fewer))


def test_extra_files_are_part_of_the_release(tmp_path: Path) -> None:
    def report(folder: Path) -> None:
        rows = pl.read_parquet(folder / "ranking.parquet").height
        (folder / "report").mkdir()
        (folder / "report" / "index.html").write_text(f"<p>{rows} clusters</p>")

    folder = publish(replace(factory.request(tmp_path), extras=[report])).path
    assert (folder / "report" / "index.html").read_text() == "<p>3 clusters</p>"
    assert "report/index.html" in {entry.file for entry in read_manifest(folder).files}
    assert verify(folder) == []
    (folder / "report" / "index.html").chmod(0o644)
    (folder / "report" / "index.html").write_text("<p>4 clusters</p>")
    assert [fault.split(":")[0] for fault in verify(folder)] == ["report/index.html"]


def test_the_codebook_documents_exactly_the_columns_that_are_there(release: Path) -> None:
    with (release / "codebook.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for path in release.glob("*.parquet"):
        documented = [row["column"] for row in rows if row["table"] == path.stem]
        assert documented == pq.read_schema(path).names
    assert all(row["meaning"] for row in rows)
    role = next(r for r in rows if (r["table"], r["column"]) == ("cluster_cells", "role"))
    assert role["allowed"] == "core; border"
    key = next(r for r in rows if (r["table"], r["column"]) == ("ranking", "cluster_id"))
    assert (key["references"], key["position_in_key"]) == ("clusters.cluster_id", "")
    of_lineage = {r["column"]: r["position_in_key"] for r in rows if r["table"] == "lineage"}
    assert (of_lineage["previous_cluster_id"], of_lineage["cluster_id"]) == ("1", "2")
    assert of_lineage["event"] == ""


def test_the_data_package_describes_every_data_file(release: Path) -> None:
    package = json.loads((release / "datapackage.json").read_text())
    by_path = {resource["path"]: resource for resource in package["resources"]}
    data = {path.name for path in release.iterdir() if path.suffix in (".parquet", ".geojson")}
    assert by_path.keys() == data
    for path, resource in by_path.items():
        assert resource["hash"] == f"sha256:{sha256_of(release / path)}"
        assert resource["bytes"] == (release / path).stat().st_size
    ranking = by_path["ranking.parquet"]["schema"]
    assert ranking["primaryKey"] == ["rank"]
    assert ranking["foreignKeys"] == [
        {
            "fields": ["cluster_id"],
            "reference": {"resource": "clusters", "fields": ["cluster_id"]},
        }
    ]
    resources = {resource["name"]: resource for resource in package["resources"]}
    of_lineage = {f["name"]: f["constraints"] for f in resources["lineage"]["schema"]["fields"]}
    assert of_lineage["previous_cluster_id"] == {"required": False}
    assert of_lineage["event"]["required"] is True
    for resource in resources.values():
        for key in resource.get("schema", {}).get("foreignKeys", []):
            other = resources[key["reference"]["resource"]]["schema"]["fields"]
            assert key["reference"]["fields"][0] in {field["name"] for field in other}


def test_the_catalogue_entry_lists_every_data_file_with_its_checksum(release: Path) -> None:
    entry = json.loads((release / "dcat.jsonld").read_text())
    assert entry["@type"] == "dcat:Dataset"
    assert entry["prov:wasDerivedFrom"] == [
        {"dct:bibliographicCitation": "A made register of patents", "dct:rights": "CC-BY-4.0"}
    ]
    media_types = {
        distribution["dcat:downloadURL"]["@id"]: distribution["dcat:mediaType"]["@id"]
        for distribution in entry["dcat:distribution"]
    }
    assert media_types["cluster_areas.geojson"].endswith("/application/geo+json")
    assert media_types["cluster_areas.parquet"].endswith("/application/vnd.apache.parquet")
    for distribution in entry["dcat:distribution"]:
        name = distribution["dcat:downloadURL"]["@id"]
        assert distribution["spdx:checksum"]["spdx:checksumValue"]["@value"] == sha256_of(
            release / name
        )


def test_a_citation_of_several_files_is_stated_once(tmp_path: Path) -> None:
    (one,) = factory.provenance().inputs
    inputs = (
        one.model_copy(update={"source": "more", "citation": "Another register"}),
        one,
        one.model_copy(update={"file": "raw/applicants.txt"}),
    )
    folder = publish(factory.request(tmp_path, inputs=inputs)).path
    sources = json.loads((folder / "datapackage.json").read_text())["sources"]
    derived = json.loads((folder / "dcat.jsonld").read_text())["prov:wasDerivedFrom"]
    expected = ["A made register of patents", "Another register"]
    assert [source["title"] for source in sources] == expected
    assert [source["dct:bibliographicCitation"] for source in derived] == expected


def test_checks_are_released_by_table_partition_and_name() -> None:
    checks = [
        Check(table, name, True, "", "", partition)
        for table, name, partition in (
            ("b", "y", 2016),
            ("b", "z", 2015),
            ("b", "x", 2016),
            ("a", "z", None),
        )
    ]
    rows = validation_table(checks, edition=2024, simulated=True).rows.to_pylist()
    assert [(row["table"], row["partition"], row["check"]) for row in rows] == [
        ("a", None, "z"),
        ("b", 2015, "z"),
        ("b", 2016, "x"),
        ("b", 2016, "y"),
    ]
