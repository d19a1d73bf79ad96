"""The made world in the raw formats of the real sources.

Here: OECD REGPAT's PCT files in their late, lower-case layout, OpenAlex works in both authorship
schemas, and the organisations as ROR v2 records. Add here another raw format. Not here: tables for
the tabular reader (`extracts`).
"""

import gzip
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson
import polars as pl

from pipelines.simulation.documents import EXCLUDED_ARTICLES, Documents
from pipelines.simulation.organisations import OTHER_SCHOLARSHIP, SCIENCE_FIELDS, domain_of
from pipelines.simulation.texts import (
    NO_ORGANISATION,
    World,
    addresses,
    applicants,
    field_numbers,
    ipc_symbols,
)

EDITION_MONTH = "202407"
OLD_SCHEMA_UNTIL = 2013
"""Years up to this one are written as OpenAlex wrote them before mid 2023."""

TWO_REGIONS_SHARE = 0.004
"""Addresses that REGPAT lays into two regions: two rows of half a share each."""

_NO_REGION = "ZZZ"
_GZIP_LEVEL = 5
_LINES_PER_WRITE = 20_000


def work_ids(documents: Documents) -> pl.Series:
    """OpenAlex ids of a year's articles."""
    first = documents.year * 10_000_000
    number = pl.int_range(first, first + len(documents.home), eager=True)
    return "https://openalex.org/W" + number.cast(pl.String)


def application_numbers(documents: Documents) -> pl.Series:
    """WO numbers of a year's applications."""
    number = pl.int_range(1, len(documents.home) + 1, eager=True).cast(pl.String)
    return f"WO{documents.year}" + number.str.zfill(6)


@contextmanager
def native_files(folder: Path, world: World) -> Iterator[Callable[[Documents], None]]:
    """A function that writes a year's documents of one kind, year after year.

    All years of applications go into REGPAT's three files, each year of articles into one of OpenAlex.
    """
    works = WorkWriter(world)
    regpat = folder / "regpat"
    regpat.mkdir(parents=True, exist_ok=True)
    with ExitStack() as opened:
        files = {
            role: opened.enter_context((regpat / f"{EDITION_MONTH}_PCT_{role}.txt").open("wb"))
            for role in ("Inv_reg", "App_reg", "IPC")
        }

        def write(documents: Documents) -> None:
            if documents.kind == "publication":
                path = folder / "openalex" / f"works_{documents.year}.jsonl.gz"
                write_works(path, works.lines(documents))
                return
            for role, table in _regpat_tables(world, documents).items():
                table.write_csv(
                    files[role],
                    separator="|",
                    line_terminator="\r\n",
                    include_header=files[role].tell() == 0,
                    quote_style="necessary",
                )

        yield write


def _regpat_tables(world: World, documents: Documents) -> dict[str, pl.DataFrame]:
    """A year's applications as rows of REGPAT's files, by role."""
    number = pl.int_range(len(documents.home), eager=True)
    keys = pl.DataFrame(
        {
            "document": number,
            "pct_nbr": application_numbers(documents),
            "appln_id": number + documents.year * 1_000_000,
        }
    )
    symbols = ipc_symbols(world, documents).join(keys, on="document", maintain_order="left")
    return {
        "Inv_reg": _inventors(world, documents, keys),
        "App_reg": _applicant_rows(world, documents, keys),
        "IPC": symbols.select(
            "pct_nbr",
            prio_year=pl.lit(documents.year - 2),
            app_year=pl.lit(documents.year - 1),
            IPC="ipc",
        ),
    }


def _share(numerator: float, of: pl.Expr) -> pl.Expr:
    return (numerator / of).round(9)


def _inventors(world: World, documents: Documents, keys: pl.DataFrame) -> pl.DataFrame:
    rows = addresses(world, documents).with_columns(
        address=pl.lit(world.pools["patent"].text).gather(pl.col("text")),
        person_id=pl.col("text") * 16 + (pl.col("chance") * 16).cast(pl.Int64) + 1_000_000,
        reg_code=pl.col("country") + pl.col("region").fill_null(_NO_REGION),
    )
    rows = rows.with_columns(
        # Namesakes at one address on one application are two persons.
        person_id=pl.col("person_id")
        + 1_000_000_000 * pl.int_range(pl.len()).over("document", "person_id"),
        inv_share=_share(1.0, pl.len().over("document")),
        regions=1 + (pl.col("chance") * 53 % 1.0 < TWO_REGIONS_SHARE).cast(pl.Int64),
    )
    twice = rows.filter(pl.col("regions") == 2).with_columns(
        reg_code=pl.col("country") + _NO_REGION
    )
    both = (
        pl.concat([rows.with_columns(part=pl.lit(0)), twice.with_columns(part=pl.lit(1))])
        .sort("document", "person", "part")
        .join(keys, on="document", maintain_order="left")
    )
    return both.select(
        "pct_nbr",
        "appln_id",
        "person_id",
        inv_name=pl.format("SIMULATED, INVENTOR {}", "person_id"),
        address=pl.col("address").fill_null(""),
        reg_code="reg_code",
        ctry_code="country",
        reg_share=(1 / pl.col("regions")),
        inv_share="inv_share",
    )


def _applicant_rows(world: World, documents: Documents, keys: pl.DataFrame) -> pl.DataFrame:
    rows = applicants(world, documents).join(keys, on="document", maintain_order="left")
    return rows.select(
        "pct_nbr",
        "appln_id",
        person_id=pl.col("applicant").cast(pl.Int64) + 9_000_000_000,
        app_name="name",
        address="town",
        reg_code=pl.col("country") + _NO_REGION,
        ctry_code="country",
        reg_share=pl.lit(1.0),
        app_share=_share(1.0, pl.len().over("document")),
    )


def _json(values: pl.Series) -> pl.Series:
    return pl.Series([orjson.dumps(value).decode() for value in values], dtype=pl.String)


class WorkWriter:
    """Writes OpenAlex works, with the parts that many works share encoded once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._text = _json(world.pools["publication"].text)
        table, areas = world.organisations.table, world.areas
        country = areas.gazetteer.table["country"].gather(areas.places)
        self._institution_id = _json(
            "https://openalex.org/I9" + table["organisation"].cast(pl.String).str.zfill(8)
        )
        encoded = pl.DataFrame(
            {
                "id": self._institution_id,
                "name": _json(table["name"]),
                "ror": _json(table["ror"]),
                "country": _json(country.gather(table["place"])),
            }
        )
        self._institution = encoded.select(
            pl.concat_str(
                pl.lit('{"id":'), "id", pl.lit(',"display_name":'), "name", pl.lit(',"ror":'), "ror",
                pl.lit(',"country_code":'), "country", pl.lit(',"type":"education"}'),
            )
        ).to_series()  # fmt: skip
        self._concepts, self._topics = _field_texts()

    def _authors(self, documents: Documents) -> pl.DataFrame:
        """One row per author: his institutions, strings, affiliations and countries as lists in JSON."""
        has_organisation = pl.col("organisation") != NO_ORGANISATION
        at = pl.col("organisation").clip(lower_bound=0)
        rows = addresses(self._world, documents).with_columns(
            string=pl.lit(self._text).gather(pl.col("text")),
            institution=pl.when(has_organisation).then(pl.lit(self._institution).gather(at)),
            institution_id=pl.when(has_organisation).then(pl.lit(self._institution_id).gather(at)),
        )
        written = pl.col("string") != "null"
        affiliation = pl.concat_str(
            pl.lit('{"raw_affiliation_string":'),
            "string",
            pl.lit(',"institution_ids":['),
            pl.col("institution_id").fill_null(""),
            pl.lit("]}"),
        )
        return (
            rows.with_columns(affiliation=pl.when(written).then(affiliation))
            .group_by("document", "person", maintain_order=True)
            .agg(
                pl.col("institution").drop_nulls().unique(maintain_order=True).str.join(","),
                pl.col("string").filter(written).str.join(","),
                pl.col("affiliation").drop_nulls().str.join(","),
                pl.col("country").filter(has_organisation).unique(maintain_order=True)
                .str.join('","').alias("countries"),
            )
        )  # fmt: skip

    def _authorships(self, documents: Documents) -> pl.Series:
        """The JSON of each work's list of authorships."""
        first = pl.col("person") == 1
        position = pl.when(first).then(pl.lit("first")).otherwise(pl.lit("middle"))
        head = pl.concat_str(
            pl.lit('{"author_position":"'), position,
            pl.lit('","author":{"id":"https://openalex.org/A9'),
            pl.col("document").cast(pl.String), pl.lit("00"), pl.col("person").cast(pl.String),
            pl.lit('","display_name":"Simulated Author"},"institutions":['),
            "institution",
        )  # fmt: skip
        if documents.year <= OLD_SCHEMA_UNTIL:
            # One string holds all addresses of an author.
            string = pl.col("string").str.replace_all('","', "; ", literal=True)
            tail = pl.concat_str(
                pl.lit('],"raw_affiliation_string":'),
                pl.when(string == "").then(pl.lit("null")).otherwise(string),
                pl.lit("}"),
            )
        else:
            quote = pl.when(pl.col("countries") == "").then(pl.lit("")).otherwise(pl.lit('"'))
            tail = pl.concat_str(
                pl.lit('],"countries":['), quote, "countries", quote,
                pl.lit('],"raw_affiliation_strings":['), "string",
                pl.lit('],"affiliations":['), "affiliation", pl.lit("]}"),
            )  # fmt: skip
        return (
            self._authors(documents)
            .select("document", authorship=pl.concat_str(head, tail))
            .group_by("document", maintain_order=True)
            .agg(pl.col("authorship").str.join(","))
            .sort("document")["authorship"]
        )

    def lines(self, documents: Documents) -> pl.Series:
        """Each work of a year as one line of JSON."""
        old = documents.year <= OLD_SCHEMA_UNTIL
        rules = pl.DataFrame(
            {
                "excluded": [-1, *range(len(EXCLUDED_ARTICLES))],
                "type": ["journal-article" if old else "article"]
                + [r.old_type_name if old else r.type_name for r in EXCLUDED_ARTICLES],
                "retracted": ["false"] + [str(r.is_retracted).lower() for r in EXCLUDED_ARTICLES],
                "paratext": ["false"] + [str(r.is_paratext).lower() for r in EXCLUDED_ARTICLES],
                "is_science": [True] + [r.is_science for r in EXCLUDED_ARTICLES],
            }
        )
        field, second = field_numbers(self._world, documents)
        other = len(SCIENCE_FIELDS)
        table = (
            pl.DataFrame(
                {
                    "id": work_ids(documents),
                    "excluded": documents.excluded,
                    "field": field,
                    "second": second,
                    "authorships": self._authorships(documents),
                }
            )
            .join(rules, on="excluded", maintain_order="left")
            .with_columns(
                field=pl.when("is_science").then("field").otherwise(other),
                second=pl.when("is_science").then("second").otherwise(-1),
            )
            .with_columns(
                concepts=pl.lit(self._concepts["first"]).gather(pl.col("field")),
                more=pl.when(pl.col("second") >= 0)
                .then(pl.lit(self._concepts["second"]).gather(pl.col("second").clip(lower_bound=0)))
                .otherwise(pl.lit("")),
                topic=pl.lit("") if old else pl.lit(self._topics).gather(pl.col("field")),
            )
        )
        number = pl.int_range(pl.len())
        journal = (number % 900 + 1000).cast(pl.String)
        year = str(documents.year)
        return table.select(
            pl.concat_str(
                pl.lit('{"id":"'), "id",
                pl.lit('","title":"Simulated article","simulated":true,"publication_year":' + year),
                pl.lit(f',"publication_date":"{year}-'),
                (number % 12 + 1).cast(pl.String).str.zfill(2), pl.lit('-01","type":"'), "type",
                pl.lit('","primary_location":{"source":{"display_name":"Simulated Journal","issn_l":"0000-'),
                journal, pl.lit('","issn":["0000-'), journal,
                pl.lit('"]}},"is_retracted":'), "retracted", pl.lit(',"is_paratext":'), "paratext",
                pl.lit(',"authorships":['), "authorships", pl.lit('],"concepts":['), "concepts", "more",
                pl.lit("]"), "topic", pl.lit("}"),
            )
        ).to_series()  # fmt: skip


def _concept(name: str, level: int, score: float) -> str:
    return orjson.dumps({"display_name": name, "level": level, "score": score}).decode()


def _field_texts() -> tuple[dict[str, pl.Series], pl.Series]:
    """JSON of the concepts as a work's first and second field, and of the primary topic."""
    rows = [row[:3] for row in SCIENCE_FIELDS] + [OTHER_SCHOLARSHIP]
    first = [f"{_concept(c, 0, 0.8)},{_concept(s, 1, 0.7)}" for c, s, _ in rows]
    second = [f",{_concept(c, 0, 0.4)},{_concept(s, 1, 0.3)}" for c, s, _ in rows]
    topics = [
        ',"primary_topic":'
        + orjson.dumps(
            {
                "display_name": f"Simulated topic in {subconcept}",
                "field": {"display_name": field},
                "domain": {"display_name": domain_of(field)},
            }
        ).decode()
        for _, subconcept, field in rows
    ]
    return {"first": pl.Series(first), "second": pl.Series(second)}, pl.Series(topics)


def write_works(path: Path, lines: pl.Series) -> None:
    """Write works, one a line, gzipped, with no clock time in the file's head."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        path.open("wb") as raw,
        gzip.GzipFile(
            filename="", mode="wb", fileobj=raw, compresslevel=_GZIP_LEVEL, mtime=0
        ) as packed,
    ):
        for start in range(0, len(lines), _LINES_PER_WRITE):
            packed.write("\n".join([*lines[start : start + _LINES_PER_WRITE], ""]).encode())


def _ror_records(world: World) -> Iterator[bytes]:
    areas = world.areas
    places = areas.gazetteer.table.select("place_id", "name", "country", "lat", "lng")[areas.places]
    rows = places.rows()
    for _, name, ror, place in world.organisations.table.iter_rows():
        place_id, town, country, lat, lng = rows[place]
        details = {"name": town, "country_code": country, "lat": lat, "lng": lng}
        yield orjson.dumps(
            {
                "id": ror,
                "locations": [{"geonames_id": place_id, "geonames_details": details}],
                "names": [{"value": name, "lang": "en", "types": ["ror_display", "label"]}],
                "status": "active",
                "types": ["education"],
                "simulated": True,
            }
        )


def write_ror(path: Path, world: World) -> None:
    """Write the organisations as ROR v2 records, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(record + b"\n" for record in _ror_records(world))
