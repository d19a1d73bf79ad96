"""One year's documents as tables of text, ready for any format.

Here: documents joined with their organisations, applicants, fields and strings. Add here a column
that more than one format writes. Not here: the formats (`native`, `extracts`).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.editions import KINDS
from pipelines.simulation.addresses import Pool, author_pool, inventor_pool
from pipelines.simulation.areas import Areas
from pipelines.simulation.documents import Documents, generator
from pipelines.simulation.organisations import (
    IPC_SYMBOLS,
    Applicants,
    Named,
    Organisations,
    make_applicants,
    make_fields,
    make_organisations,
)

SECOND_FIELD_SHARE = 0.25
SECOND_APPLICANT_SHARE = 0.06

NO_ORGANISATION = -1


@dataclass(frozen=True)
class World:
    """Everything that does not depend on the year.

    Attributes:
        areas: areas with places and quotas.
        organisations: scientific organisations.
        applicants: applicants.
        fields: fields of each area, by kind.
        pools: strings of addresses, by kind.
        seed: seed of the world.
    """

    areas: Areas
    organisations: Organisations
    applicants: Applicants
    fields: dict[str, Named]
    pools: dict[str, Pool]
    seed: int


def build_world(areas: Areas, seed: int) -> World:
    """Name organisations and applicants and write all addresses of the world."""
    organisations = make_organisations(areas)
    return World(
        areas,
        organisations,
        make_applicants(areas),
        {kind: make_fields(areas, kind) for kind in KINDS},
        {
            "patent": inventor_pool(areas, seed),
            "publication": author_pool(areas, organisations, seed),
        },
        seed,
    )


def _lost_owner(areas: Areas, area: NDArray[np.int64], first: int) -> NDArray[np.int64]:
    """Owner number, in a pool, of areas without places: they follow the `first` other owners."""
    number = np.cumsum(~areas.is_located) - 1 + first
    return np.asarray(number[area])


def addresses(world: World, documents: Documents) -> pl.DataFrame:
    """One row per address, in the order of documents.

    Columns: document (number within the year), person, text (number into the pool), organisation
    (number, -1 where none), country (alpha-2), region (GeoNames' admin-1 code as ISO writes it),
    chance.
    """
    areas, pool = world.areas, world.pools[documents.kind]
    located = documents.place >= 0
    organisation = np.full(len(documents.place), NO_ORGANISATION)
    if documents.kind == "publication":
        organisation[located] = world.organisations.at_place.pick(
            documents.place[located], documents.shared[located]
        )
        owner = organisation
        others = world.organisations.table.height
    else:
        owner = documents.place
        others = len(areas.places)
    owner = np.where(located, owner, _lost_owner(areas, documents.area, others))
    place_table = areas.gazetteer.table.select("country", "admin1_code")[areas.places]
    area_country = pl.Series(areas.countries).gather(documents.area)
    at = pl.Series(np.maximum(documents.place, 0))
    return pl.DataFrame(
        {
            "document": documents.document,
            "person": documents.person,
            "text": pool.pick(owner, documents.chance),
            "organisation": organisation,
            "country": place_table["country"].gather(at),
            "region": place_table["admin1_code"].gather(at),
            "home_country": area_country,
            "located": located,
            "chance": documents.chance,
        }
    ).with_columns(
        country=pl.when("located").then("country").otherwise("home_country"),
        region=pl.when("located").then("region"),
    ).drop("home_country", "located")  # fmt: skip


def applicants(world: World, documents: Documents) -> pl.DataFrame:
    """One row per applicant of an application: document, applicant_number, name, country, town."""
    chance = documents.document_chance
    first = world.applicants.in_area.pick(documents.home, chance)
    last_slot = np.flatnonzero(np.diff(documents.document, append=-1))
    other = world.applicants.in_area.pick(documents.area[last_slot], (chance * 7) % 1.0)
    number = np.arange(len(first))
    second = (chance * 13 % 1.0 < SECOND_APPLICANT_SHARE) & (other != first)
    rows = pl.DataFrame(
        {
            "document": np.concatenate([number, number[second]]),
            "applicant_number": np.concatenate([np.ones_like(number), np.full(second.sum(), 2)]),
            "applicant": np.concatenate([first, other[second]]).astype(np.uint32),
            "spelling": (np.concatenate([chance, chance[second]]) * 101 % 1.0),
        }
    ).sort("document", "applicant_number")
    name = pl.col("name")
    return rows.join(
        world.applicants.table, on="applicant", how="left", maintain_order="left"
    ).select(
        "document",
        "applicant_number",
        "applicant",
        # Registers write one applicant in several ways.
        pl.when(pl.col("spelling") < 0.2)
        .then(name.str.to_uppercase())
        .when(pl.col("spelling") < 0.35)
        .then(name.str.replace_all(r"[.,]", ""))
        .otherwise(name)
        .alias("name"),
        "country",
        "town",
    )


def field_numbers(
    world: World, documents: Documents
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and second field of each document as numbers; the second is -1 where there is none."""
    rng = generator(world.seed + 1, documents.year, documents.kind)
    lists = world.fields[documents.kind]
    n = len(documents.home)
    first = lists.pick(documents.home, rng.random(n))
    second = lists.pick(documents.home, rng.random(n))
    has_second = (rng.random(n) < SECOND_FIELD_SHARE) & (second != first)
    return first, np.where(has_second, second, -1)


def ipc_symbols(world: World, documents: Documents) -> pl.DataFrame:
    """One row per IPC symbol of an application: document, ipc."""
    first, second = field_numbers(world, documents)
    number = np.arange(len(first))
    symbols = [symbol for field in IPC_SYMBOLS for symbol in field]
    start = np.cumsum([0, *(len(field) for field in IPC_SYMBOLS)])
    has = second >= 0
    document = np.concatenate([number, number[has]])
    field = np.concatenate([first, second[has]])
    luck = (documents.document_chance[document] * 997 % 1.0 * np.diff(start)[field]).astype(
        np.int64
    )
    return (
        pl.DataFrame({"document": document, "ipc": pl.Series(symbols).gather(start[field] + luck)})
        .unique()
        .sort("document", "ipc")
    )
