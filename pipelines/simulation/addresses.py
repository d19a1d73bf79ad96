"""Addresses as people write them.

Here: the pools of strings from which a year's addresses are taken: streets for inventors, departments
for authors, and what cannot be located. Add here another kind of address. Not here: how a place is
written (`writing`), which address stands on which document (`documents`).

Forms that a good reader can resolve carry the calibrated output; what names no town stands in the
pools of unlocated areas only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.editions import KINDS, Kind
from pipelines.geocoder.text import fold
from pipelines.simulation.areas import Areas
from pipelines.simulation.calibration import AUTHORS_PER_ARTICLE, INVENTORS_PER_APPLICATION
from pipelines.simulation.gazetteer import load_gazetteer
from pipelines.simulation.organisations import Organisations
from pipelines.simulation.writing import country_names, provinces, writers_of

_STREETS: dict[str, tuple[str, ...]] = {
    "US": ("{n} Oak Street", "{n} Maple Avenue", "{n} Cedar Lane", "{n} Sunset Drive", "{n} Park Road"),
    "CA": ("{n} Elm Street", "{n} Maple Crescent", "{n} King Street West"),
    "GB": ("{n} Church Lane", "{n} Mill Road", "{n} Victoria Road", "{n} Station Approach"),
    "DE": ("Hauptstr. {n}", "Goethestraße {n}", "Schillerstr. {n}", "Bahnhofstraße {n}", "Gartenweg {n}"),
    "AT": ("Hauptstraße {n}", "Mozartgasse {n}", "Ringweg {n}"),
    "CH": ("Bahnhofstrasse {n}", "Seestrasse {n}", "Gartenweg {n}"),
    "FR": ("{n} rue de la République", "{n} avenue Victor Hugo", "{n} rue Pasteur", "{n} rue des Lilas"),
    "BE": ("Kerkstraat {n}", "Rue de l'Église {n}", "Stationsstraat {n}"),
    "NL": ("Kerkstraat {n}", "Dorpsstraat {n}", "Molenweg {n}", "Julianalaan {n}"),
    "IT": ("Via Roma {n}", "Via Garibaldi {n}", "Corso Italia {n}", "Via Verdi {n}"),
    "ES": ("Calle Mayor {n}", "C/ Real {n}", "Avenida de la Constitución {n}"),
    "JP": ("{m}-{k}-{j}", "{m}-chome {k}-{j}", "{n}-{k}"),
    "KR": ("{n}-{k}, Jungang-ro", "#{n}, Hyundai Apt.", "{n}, Sejong-daero", "{k}-{n}, Daehak-ro"),
    "CN": ("No. {n} Renmin Road", "No. {n} Keji Road", "No. {m} Jiefang Road, Building {j}",
           "Room {n}, No. {m} Xueyuan Road"),
    "TW": ("No. {n}, Sec. {j}, Zhongshan Rd.", "{m}F., No. {n}, Minsheng Rd.", "No. {n}, Kuang-Fu Rd."),
    "SE": ("Storgatan {n}", "Skolgatan {n}", "Ringvägen {n}"),
    "DK": ("Strandvejen {n}", "Skolevej {n}"),
    "FI": ("Mannerheimintie {n}", "Koulukatu {n}"),
    "IL": ("{n} Herzl Street", "{n} Weizmann Street"),
    "IN": ("{n}, 2nd Cross, MG Road", "Flat {m}, Green Apartments", "Plot No. {n}, Phase {j}"),
    "BR": ("Rua {m}, {n}", "Avenida Central, {n}"),
    "RU": ("ul. Lenina, d. {m}, kv. {n}", "Prospekt Mira, {n}"),
}  # fmt: skip
_OTHER_STREETS = ("{n} Main Street", "{n} Central Avenue", "P.O. Box {n}")

_DEPARTMENTS = (
    "Department of Chemistry", "Department of Physics", "Dept. of Electrical Engineering",
    "School of Medicine", "Faculty of Science", "Dept of Computer Science", "Department of Biology",
    "School of Materials Science and Engineering", "Institute of Molecular Medicine",
    "Division of Cardiology", "Laboratory of Applied Mathematics", "Faculty of Engineering",
    "Department of Neuroscience", "Center for Nanotechnology", "Graduate School of Science",
    "State Key Laboratory", "Department of Oncology", "School of Public Health",
)  # fmt: skip

COUNTRY_LEFT_OUT_SHARE = 0.015
_FAMOUS = 1_000_000
"""People a town needs before its country is left out."""

TOWN_LEFT_OUT_SHARE = 0.004
"""Author addresses that name an organisation and no town."""

_SHORT_NAMES = {
    "University of British Columbia": "Univ. of British Columbia",
    "ETH Zurich": "Swiss Fed. Inst. of Technology",
}
"""Organisations whose full names GeoNames has as further names of a place or quarter beside the
published city, by which a cluster would come out named."""

_UNLOCATED_IN_SOME_COUNTRY = ("#N/A", "-", "c/o the applicant", "deceased", "")

# Distinct strings of a place against its addresses of all years: people move little, so that
# strings recur.
_DISTINCT = {"patent": (0.55, 0.8), "publication": (0.9, 0.55)}


@dataclass(frozen=True)
class Pool:
    """All strings of one kind of address.

    Attributes:
        text: the strings, unique within an owner; null where nothing is written at all.
        start: first string of each owner, (owners + 1,). Owners are places for inventors,
            organisations for authors, then the areas without places in their order.
    """

    text: pl.Series
    start: NDArray[np.int64]

    def pick(self, owner: NDArray[np.int64], chance: NDArray[np.float64]) -> NDArray[np.int64]:
        """A string of each owner, the earlier ones more often, for numbers from 0 to 1."""
        many = np.diff(self.start)[owner]
        return self.start[owner] + np.minimum((many * chance**1.6).astype(np.int64), many - 1)


def _pool(
    counts: NDArray[np.int64],
    write: Callable[[int, NDArray[np.int64]], str | None],
    seed: int,
    kind: Kind,
) -> Pool:
    rng = np.random.default_rng([seed, 1, KINDS.index(kind)])
    luck = rng.integers(0, 1_000_000_000, size=(int(counts.sum()), 5))
    owner = np.repeat(np.arange(len(counts)), counts).tolist()
    text = [write(o, row) for o, row in zip(owner, luck, strict=True)]
    frame = pl.DataFrame({"owner": owner, "text": text}).unique(maintain_order=True)
    many = np.bincount(frame["owner"].to_numpy(), minlength=len(counts))
    return Pool(frame["text"], np.concatenate([[0], np.cumsum(many)]))


def _expected(areas: Areas, kind: Kind) -> NDArray[np.float64]:
    """Addresses of each place over all years."""
    per_document = INVENTORS_PER_APPLICATION if kind == "patent" else AUTHORS_PER_ARTICLE
    return (
        areas.documents[kind].sum(axis=1)[areas.place_area]
        * areas.place_share.max(axis=1)
        * per_document
    )


def _distinct(rows: NDArray[np.float64], kind: Kind) -> NDArray[np.int64]:
    factor, power = _DISTINCT[kind]
    return np.ceil(1 + np.minimum(factor * rows**power, rows)).astype(np.int64)


@cache
def _province_names(country: str) -> list[str]:
    """Provinces whose name is not also that of a town, so that it tells no place."""
    table = load_gazetteer().table
    towns = set(table.filter(pl.col("country") == country)["ascii_name"])
    names = {name for (c, _), name in provinces().items() if c == country}
    return sorted(name for name in names if fold(name) not in towns)


def _unlocated_patent(country: str) -> Callable[[NDArray[np.int64]], str | None]:
    provinces = _province_names(country)
    label = country_names(country, None)[0]

    def write(luck: NDArray[np.int64]) -> str | None:
        if provinces and luck[0] % 10 < 7:
            return provinces[int(luck[1]) % len(provinces)]
        if luck[0] % 10 < 9:
            return label
        return _UNLOCATED_IN_SOME_COUNTRY[int(luck[1]) % len(_UNLOCATED_IN_SOME_COUNTRY)]

    return write


def _unlocated_publication(country: str) -> Callable[[NDArray[np.int64]], str | None]:
    provinces, labels = _province_names(country), country_names(country, None)

    def write(luck: NDArray[np.int64]) -> str | None:
        label = labels[int(luck[1]) % len(labels)]
        department = _DEPARTMENTS[int(luck[2]) % len(_DEPARTMENTS)]
        if luck[0] % 10 < 3:
            return None
        if provinces and luck[0] % 10 < 7:
            return f"{department}, {provinces[int(luck[3]) % len(provinces)]}, {label}"
        return f"{department}, {label}"

    return write


def inventor_pool(areas: Areas, seed: int) -> Pool:
    """Street, postcode and town of inventors; their country stands in a column of its own."""
    writers = [writer for writer, _, _ in writers_of(areas)]
    lost = [_unlocated_patent(c) for c in np.array(areas.countries)[~areas.is_located]]
    n_lost = areas.documents["patent"][~areas.is_located].sum(axis=1) * INVENTORS_PER_APPLICATION
    counts = np.concatenate(
        [_distinct(_expected(areas, "patent"), "patent"), np.ceil(1 + n_lost**0.5).astype(np.int64)]
    )

    def write(owner: int, luck: NDArray[np.int64]) -> str | None:
        if owner >= len(writers):
            return lost[owner - len(writers)](luck)
        writer = writers[owner]
        streets = _STREETS.get(writer.country, _OTHER_STREETS)
        number = int(luck[4])
        street = streets[int(luck[3]) % len(streets)].format(
            n=number % 997 + 1, m=number % 37 + 1, k=number // 37 % 29 + 1, j=number // 1073 % 9 + 1
        )
        return f"{street}, {writer.town_part(luck)}"

    return _pool(counts, write, seed, "patent")


def author_pool(areas: Areas, organisations: Organisations, seed: int) -> Pool:
    """Affiliations: department, organisation, town and country in one string."""
    writers = list(writers_of(areas))
    names = organisations.table["name"].to_list()
    place = organisations.table["place"].to_numpy()
    lost = [_unlocated_publication(c) for c in np.array(areas.countries)[~areas.is_located]]
    n_lost = areas.documents["publication"][~areas.is_located].sum(axis=1) * AUTHORS_PER_ARTICLE
    part = np.diff(organisations.at_place.owner_end, prepend=0.0)
    rows = _expected(areas, "publication")[place] * part
    counts = np.concatenate(
        [_distinct(rows, "publication"), np.ceil(1 + n_lost**0.5).astype(np.int64)]
    )

    def write(owner: int, luck: NDArray[np.int64]) -> str | None:
        if owner >= len(names):
            return lost[owner - len(names)](luck)
        writer, code, population = writers[place[owner]]
        department = _DEPARTMENTS[int(luck[3]) % len(_DEPARTMENTS)]
        left_out = luck[4] % 1_000_000 / 1e6
        labels = country_names(writer.country, code)
        label = labels[int(luck[4]) // 7 % len(labels)]
        head = f"{department}, {_SHORT_NAMES.get(names[owner], names[owner])}"
        if left_out < TOWN_LEFT_OUT_SHARE:
            return head
        if left_out > 1 - COUNTRY_LEFT_OUT_SHARE and population >= _FAMOUS:
            return f"{head}, {writer.town_part(luck)}"
        return f"{head}, {writer.town_part(luck)}, {label}"

    return _pool(counts, write, seed, "publication")
