"""`dcat.jsonld`: the release for catalogues of data sets.

Here: DCAT 3 as JSON-LD with an inline context, so that reading it needs no network; files are named
by relative references, so that it holds wherever the folder is copied to. Sources: W3C DCAT 3, SPDX
for checksums, PROV for what it was made from. Not here: the columns (`datapackage.py`).
"""

from collections.abc import Mapping

from pipelines.release.datapackage import GEOJSON, PARQUET, title_of
from pipelines.release.manifest import FileEntry, Provenance

_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_CHECKSUM_SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"


def dcat(
    provenance: Provenance, revision: int, entries: Mapping[str, FileEntry]
) -> dict[str, object]:
    """The release as a `dcat:Dataset` with a distribution per data file."""
    profile = f"{provenance.profile}/" if provenance.profile else ""
    return {
        "@context": _CONTEXT,
        "@id": "./",
        "@type": "dcat:Dataset",
        "dct:title": title_of(provenance),
        "dct:identifier": f"stclusters/{profile}{provenance.edition}/{revision}",
        "dcat:version": f"{provenance.edition}.{revision}.0",
        **({"dct:description": provenance.note} if provenance.note else {}),
        "dcat:keyword": ["science and technology clusters", "patents", "scientific publications"],
        "prov:wasDerivedFrom": [
            {"dct:bibliographicCitation": citation, "dct:rights": licence}
            for citation, licence in sorted({(i.citation, i.licence) for i in provenance.inputs})
        ],
        "dcat:distribution": [_distribution(entry) for entry in entries.values()],
    }


def _distribution(entry: FileEntry) -> dict[str, object]:
    media_type = GEOJSON if entry.file.endswith(".geojson") else PARQUET
    return {
        "@type": "dcat:Distribution",
        "dct:title": entry.file,
        "dcat:downloadURL": {"@id": entry.file},
        "dcat:mediaType": {"@id": _MEDIA_TYPES + media_type},
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(entry.bytes)},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": _CHECKSUM_SHA256},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": entry.sha256},
        },
    }
