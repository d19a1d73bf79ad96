"""`datapackage.json`: the release as a Frictionless data package, from the contracts.

Here: Data Package 2.0 with a resource and table schema per table (source: datapackage.org, profiles
of version 2.0). Hashes and sizes are those of the manifest. Not here: what the columns are.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from pipelines.contracts import TABLES, Column
from pipelines.release.manifest import FileEntry, Provenance
from pipelines.release.tables import Released, released_name

_PROFILES = "https://datapackage.org/profiles/2.0"
PARQUET = "application/vnd.apache.parquet"
GEOJSON = "application/geo+json"


def title_of(provenance: Provenance) -> str:
    """The title of a release; it never lets a made world pass for the real one."""
    title = f"Science and technology clusters, {provenance.edition_name}"
    return f"{title} (simulated)" if provenance.simulated else title


def datapackage(
    provenance: Provenance,
    revision: int,
    tables: Sequence[Released],
    entries: Mapping[str, FileEntry],
) -> dict[str, object]:
    """The data package's descriptor.

    Args:
        provenance: what the release was made from.
        revision: number of the revision.
        tables: its tables.
        entries: its data files so far by name: every table's file and other data beside them.
    """
    names = {table.name for table in tables}
    profile = f"-{provenance.profile}" if provenance.profile else ""
    return {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": f"stclusters-{provenance.edition}{profile}",
        "title": title_of(provenance),
        "version": f"{provenance.edition}.{revision}.0",
        "simulated": provenance.simulated,
        **({"description": provenance.note} if provenance.note else {}),
        "keywords": ["science and technology clusters", "patents", "scientific publications"],
        "sources": [
            {"title": citation, "licence": licence}
            for citation, licence in sorted({(i.citation, i.licence) for i in provenance.inputs})
        ],
        "resources": [
            *(_table_resource(table, entries[table.file], names) for table in tables),
            *(
                _file_resource(entry)
                for entry in entries.values()
                if entry.file.endswith(".geojson")
            ),
        ],
    }


def _table_resource(table: Released, entry: FileEntry, names: set[str]) -> dict[str, object]:
    return {
        "$schema": f"{_PROFILES}/dataresource.json",
        "name": table.name,
        "type": "table",
        "path": entry.file,
        "description": f"Each row is {table.contract.row}.",
        "format": "parquet",
        "mediatype": PARQUET,
        "bytes": entry.bytes,
        "hash": f"sha256:{entry.sha256}",
        "schema": _table_schema(table, names),
    }


def _file_resource(entry: FileEntry) -> dict[str, object]:
    return {
        "$schema": f"{_PROFILES}/dataresource.json",
        "name": entry.file.replace(".", "_"),
        "path": entry.file,
        "format": "geojson",
        "mediatype": GEOJSON,
        "bytes": entry.bytes,
        "hash": f"sha256:{entry.sha256}",
    }


def _table_schema(table: Released, names: set[str]) -> dict[str, object]:
    columns = {column.name: column for column in table.contract.columns}
    keys = []
    for column in columns.values():
        other, _, other_column = (column.references or "").partition(".")
        resource = released_name(TABLES[other]) if other else None
        if resource in names:
            reference = {"resource": resource, "fields": [other_column]}
            keys.append({"fields": [column.name], "reference": reference})
    return {
        "fields": [_field(field, columns.get(field.name)) for field in table.rows.schema],
        "primaryKey": list(table.contract.key),
        **({"foreignKeys": keys} if keys else {}),
    }


def _field(field: pa.Field, column: Column | None) -> dict[str, object]:
    metadata = {key.decode(): value.decode() for key, value in field.metadata.items()}
    constraints: dict[str, object] = {"required": not field.nullable}
    if column and column.allowed:
        constraints["enum"] = list(column.allowed)
    if column and column.minimum is not None:
        constraints["minimum"] = column.minimum
    if column and column.maximum is not None:
        constraints["maximum"] = column.maximum
    return {
        "name": field.name,
        "type": _type(field.type),
        **metadata,
        "constraints": constraints,
    }


def _type(arrow: pa.DataType) -> str:
    """Table Schema's name of a type; it has none for bytes."""
    if pa.types.is_integer(arrow) or pa.types.is_decimal(arrow):
        return "integer"
    if pa.types.is_floating(arrow):
        return "number"
    if pa.types.is_boolean(arrow):
        return "boolean"
    if pa.types.is_struct(arrow):
        return "object"
    return "string" if pa.types.is_string(arrow) else "any"
