"""The institutions' table: where an organisation is, from ROR or from OpenAlex.

Here: ROR dumps of schema v1 and v2, as JSON, JSON Lines or CSV, plain, gzipped or in the dump's
zip, and OpenAlex's institutions files, all as one frame. Not here: choosing an institution for an
address (the geocoder does), records of documents.

A coordinate is that of the organisation's head-office city. Of several locations the first counts.
Withdrawn and inactive organisations stay, for old records name them. A broken record is an error,
not a reject: a table of reference is either whole or fetched again.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pipelines.errors import UserError
from pipelines.readers.delimited import read_header, scan_sql, unreadable
from pipelines.readers.engine import connect, faults_of
from pipelines.readers.opening import PlainFile, beginning, for_duckdb, require_text
from pipelines.readers.source import Limits

SCHEMA = pl.Schema(
    {
        "institution_id": pl.String(),  # ROR URL, else the OpenAlex URL
        "name": pl.String(),
        "names": pl.List(pl.String()),  # every name, alias, acronym and label, each once, sorted
        "city": pl.String(),
        "country": pl.String(),  # ISO 3166 alpha-2
        "lat": pl.Float64(),
        "lng": pl.Float64(),
        "type": pl.String(),  # lower case: 'education', 'company', 'healthcare', ...
    }
)

JSON_COLUMNS = {
    "id": "VARCHAR",
    "types": "VARCHAR[]",
    # ROR v2
    "names": "STRUCT(value VARCHAR, types VARCHAR[])[]",
    "locations": (
        "STRUCT(geonames_details"
        " STRUCT(name VARCHAR, country_code VARCHAR, lat DOUBLE, lng DOUBLE))[]"
    ),
    # ROR v1
    "name": "VARCHAR",
    "aliases": "VARCHAR[]",
    "acronyms": "VARCHAR[]",
    "labels": "STRUCT(label VARCHAR)[]",
    "addresses": "STRUCT(lat DOUBLE, lng DOUBLE, city VARCHAR)[]",
    "country": "STRUCT(country_code VARCHAR)",
    # OpenAlex
    "ror": "VARCHAR",
    "display_name": "VARCHAR",
    "display_name_alternatives": "VARCHAR[]",
    "display_name_acronyms": "VARCHAR[]",
    "international": "STRUCT(display_name MAP(VARCHAR, VARCHAR))",
    "geo": "STRUCT(city VARCHAR, country_code VARCHAR, latitude DOUBLE, longitude DOUBLE)",
    "type": "VARCHAR",
}

FROM_JSON = """
select
    coalesce(ror, id) as institution_id,
    coalesce(
        [n.value for n in names if list_contains(n.types, 'ror_display')][1], name, display_name
    ) as name,
    flatten([
        coalesce([n.value for n in names], []), [name, display_name], coalesce(aliases, []),
        coalesce(acronyms, []), coalesce([l.label for l in labels], []),
        coalesce(display_name_alternatives, []), coalesce(display_name_acronyms, []),
        coalesce(map_values(international.display_name), [])
    ]) as names,
    coalesce(locations[1].geonames_details.name, addresses[1].city, geo.city) as city,
    coalesce(
        locations[1].geonames_details.country_code, country.country_code, geo.country_code
    ) as country,
    coalesce(locations[1].geonames_details.lat, addresses[1].lat, geo.latitude) as lat,
    coalesce(locations[1].geonames_details.lng, addresses[1].lng, geo.longitude) as lng,
    coalesce(types[1], type) as type
"""

CSV_COLUMNS = {
    "institution_id": ("id",),
    "name": ("names.types.ror_display", "name"),
    "city": ("locations.geonames_details.name", "addresses[0].geonames_city.name"),
    "country": ("locations.geonames_details.country_code", "country.country_code"),
    "lat": ("locations.geonames_details.lat", "addresses[0].lat"),
    "lng": ("locations.geonames_details.lng", "addresses[0].lng"),
    "type": ("types",),
}
"""Our columns and theirs in the CSV of schema v2 and v1; several values are joined by '; '."""
CSV_NAMES = (
    *("names.types.acronym", "names.types.alias", "names.types.label"),
    *("acronyms", "aliases", "labels"),
)
LANGUAGE_MARK = "^[a-z_]{2,12}: "
"""Before a name in the CSV: 'fr: Université', 'no_lang_code: EXU'."""


def read_institutions(paths: Sequence[Path], limits: Limits | None = None) -> pl.DataFrame:
    """All institutions of some files, each once: of an identifier's records the first counts.

    Args:
        paths: ROR dumps or OpenAlex institutions files, in order of precedence.
        limits: what reading may use of the machine.

    Returns:
        A frame with the columns of `SCHEMA`, sorted by institution_id; names without doubles.

    Raises:
        UserError: a file is damaged, or holds no institutions.
    """
    limits = limits or Limits()
    frames = []
    for path in paths:
        with (
            connect(limits) as connection,
            for_duckdb(path, str(path), limits.scratch) as plain_files,
        ):
            chosen = _best_member(plain_files)
            with faults_of(path):
                frame = connection.sql(_select(chosen)).pl()
            broken = unreadable(connection, chosen.label, "institutions").data
        if broken.num_rows:
            raise UserError(
                f"{path}: line {broken['line'][0]}: {broken['reason'][0]}. Fetch the file again."
            )
        if frame["institution_id"].null_count() or frame.is_empty():
            raise UserError(
                f"{path}: not an institutions' table: records without `id`. Expected a ROR dump or"
                " OpenAlex's institutions."
            )
        frames.append(frame.select(SCHEMA.names()).cast(SCHEMA))
    every = pl.concat(frames) if frames else pl.DataFrame(schema=SCHEMA)
    return (
        every.unique("institution_id", keep="first", maintain_order=True)
        .with_columns(
            pl.col("names").list.drop_nulls().list.unique().list.sort(),
            pl.col("country").str.to_uppercase(),
            pl.col("type").str.to_lowercase(),
        )
        .sort("institution_id")
    )


def _best_member(files: Sequence[PlainFile]) -> PlainFile:
    """The dump's zip holds the same records in several forms: JSON before CSV, v2 before v1."""

    def preference(file: PlainFile) -> tuple[bool, bool, str]:
        return ".csv" in file.label, "v2" not in file.label, file.label

    data = [file for file in files if re.search(r"\.(json|jsonl|csv)\b", file.label.lower())]
    return min(data or files, key=preference)


def _select(plain: PlainFile) -> str:
    start = beginning(plain.path)
    require_text(start, plain.label)
    path = str(plain.path).replace("'", "''")
    if start.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        columns = ", ".join(f"'{name}': '{type_}'" for name, type_ in JSON_COLUMNS.items())
        return (
            f"{FROM_JSON} from read_json('{path}', columns={{{columns}}}, format='auto',"
            f" compression='{plain.compression}')"
        )
    header = read_header(plain.path)
    if "id" not in header.names:
        raise UserError(f"{plain.label}: not an institutions' table: it has no column `id`.")
    picked = ", ".join(
        f"{_present(theirs, header.names)} as {ours}" for ours, theirs in CSV_COLUMNS.items()
    )
    names = ", ".join(f'"{name}"' for name in CSV_NAMES if name in header.names) or "null"
    return f"""
    select
        * exclude (listed) replace (split_part(type, '; ', 1) as type),
        list_append(list_transform(
            string_split(listed, '; '),
            lambda n: nullif(regexp_replace(n, '{LANGUAGE_MARK}', ''), '')
        ), name) as names
    from (
        select {picked}, concat_ws('; ', {names}) as listed from {scan_sql(plain, header)}
    )
    """


def _present(candidates: Sequence[str], names: Sequence[str]) -> str:
    return next((f'"{name}"' for name in candidates if name in names), "null")
