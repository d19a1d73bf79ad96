"""Addresses as people write them.

Here: how a place is written in each country, and the pools of strings from which a year's addresses
are taken: streets for inventors, departments for authors, and what cannot be located. Add here
another way of writing. Not here: which address stands on which document (`documents`).

Forms that a good reader can resolve carry the calibrated output; what names no town stands in the
pools of unlocated areas only.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
import pycountry
from numpy.typing import NDArray

from pipelines.geocoder.sources import admin1_names
from pipelines.geocoder.text import fold
from pipelines.simulation.areas import KINDS, Areas
from pipelines.simulation.calibration import AUTHORS_PER_ARTICLE, INVENTORS_PER_APPLICATION
from pipelines.simulation.gazetteer import alternate_names, load_gazetteer
from pipelines.simulation.organisations import Organisations
from pipelines.simulation.postcodes import postcode_heads

# How the town part is written: the parts of a hundred addresses, and the form. 9 stands for a
# digit, A for a letter of a postcode; {town}, {province} (name) and {state} (code) are filled in.
_FORMS: dict[str, tuple[tuple[int, str], ...]] = {
    "US": ((60, "{town}, {state} 99999"), (40, "{town}, {state}")),
    "CA": ((55, "{town}, {state} A9A 9A9"), (45, "{town}, {province}")),
    "JP": ((40, "{town}, {province} 999-9999"), (25, "{town}-shi, {province}"), (20, "{town} 999-9999"),
           (15, "{town}, {province}")),
    "KR": ((50, "{town} 99999"), (30, "{town}, {province}"), (20, "{town} 999-999")),
    "CN": ((45, "{town} 999999"), (30, "{town}, {province} 999999"), (25, "{town}")),
    "TW": ((60, "{town} 999"), (40, "{town}")),
    "DE": ((50, "99999 {town}"), (25, "D-99999 {town}"), (25, "{town}")),
    "NL": ((50, "9999 AA {town}"), (25, "NL-9999 AA {town}"), (25, "{town}")),
    "CH": ((50, "9999 {town}"), (30, "CH-9999 {town}"), (20, "{town}")),
    "AT": ((50, "9999 {town}"), (30, "A-9999 {town}"), (20, "{town}")),
    "BE": ((50, "9999 {town}"), (30, "B-9999 {town}"), (20, "{town}")),
    "DK": ((50, "9999 {town}"), (30, "DK-9999 {town}"), (20, "{town}")),
    "NO": ((60, "9999 {town}"), (40, "{town}")),
    "SE": ((50, "999 99 {town}"), (30, "SE-999 99 {town}"), (20, "{town}")),
    "FI": ((50, "99999 {town}"), (30, "FI-99999 {town}"), (20, "{town}")),
    "FR": ((50, "99999 {town}"), (25, "F-99999 {town}"), (25, "{town}")),
    "IT": ((50, "99999 {town}"), (25, "I-99999 {town}"), (25, "{town}")),
    "ES": ((60, "99999 {town}"), (40, "{town}")),
    "PT": ((60, "9999-999 {town}"), (40, "{town}")),
    "PL": ((60, "99-999 {town}"), (40, "{town}")),
    "CZ": ((60, "999 99 {town}"), (40, "{town}")),
    "GB": ((60, "{town} AA9 9AA"), (40, "{town}")),
    "AU": ((50, "{town}, {state} 9999"), (30, "{town} 9999"), (20, "{town}")),
    "IN": ((50, "{town} 999999"), (30, "{town}, {province}"), (20, "{town} - 999 999")),
    "BR": ((50, "{town}, {state}"), (30, "99999-999 {town}"), (20, "{town}")),
    "RU": ((60, "{town} 999999"), (40, "{town}")),
    "IL": ((50, "{town} 9999999"), (50, "{town}")),
    "IR": ((100, "{town}"),),
    "SG": ((60, "{town} 999999"), (40, "{town}")),
    "HK": ((100, "{town}"),),
    "TR": ((50, "99999 {town}"), (50, "{town}")),
}  # fmt: skip
_OTHER_FORMS = ((50, "{town} 99999"), (50, "{town}"))

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

_COUNTRY_NAMES: dict[str, tuple[str, ...]] = {
    "US": ("USA", "USA", "United States", "U.S.A.", "United States of America"),
    "CN": (
        "China",
        "China",
        "P.R. China",
        "Peoples R China",
        "People's Republic of China",
        "PR China",
    ),
    "GB": ("UK", "UK", "United Kingdom", "England"),
    "KR": ("South Korea", "Republic of Korea", "Korea", "Korea, Republic of"),
    "TW": ("Taiwan", "Taiwan", "Taiwan, R.O.C."),
    "HK": ("Hong Kong", "Hong Kong, China"),
    "RU": ("Russia", "Russian Federation"),
    "IR": ("Iran", "Islamic Republic of Iran"),
    "DE": ("Germany", "Germany", "Deutschland"),
    "NL": ("The Netherlands", "Netherlands"),
    "BR": ("Brazil", "Brasil"),
    "ES": ("Spain", "España"),
    "IT": ("Italy", "Italia"),
    "TR": ("Turkey", "Türkiye"),
    "AE": ("United Arab Emirates", "U Arab Emirates"),
    "VN": ("Vietnam", "Viet Nam"),
}
_GREAT_BRITAIN = {"SCT": "Scotland", "WLS": "Wales", "NIR": "North Ireland"}

# Older and local spellings beside the gazetteer's own.
_OTHER_SPELLINGS = {
    "Daejeon": "Taejon", "Busan": "Pusan", "Daegu": "Taegu", "Incheon": "Inchon", "Gwangju": "Kwangju",
    "Hsinchu": "Hsin-Chu", "Taichung": "Tai-Chung", "Kaohsiung": "Kao-Hsiung", "Tainan": "Tai-Nan",
    "Beijing": "Peking", "Guangzhou": "Canton", "Nanjing": "Nanking", "Bengaluru": "Bangalore",
    "Mumbai": "Bombay", "Chennai": "Madras", "Kolkata": "Calcutta", "Moscow": "Moskva",
    "Warsaw": "Warszawa", "Prague": "Praha", "Copenhagen": "København", "Munich": "München",
    "Köln": "Cologne", "Milan": "Milano", "Rome": "Roma", "Turin": "Torino", "Florence": "Firenze",
    "Naples": "Napoli", "Vienna": "Wien", "Zürich": "Zurich", "Brussels": "Bruxelles",
    "Gothenburg": "Göteborg", "Nuremberg": "Nürnberg", "Geneva": "Genève", "Lisbon": "Lisboa",
    "Athens": "Athina", "Bucharest": "Bucuresti", "Montréal": "Montreal", "Québec": "Quebec",
    "São Paulo": "Sao Paulo", "New York City": "New York", "Xi’an": "Xi'an", "Malmö": "Malmo",
    "Düsseldorf": "Duesseldorf", "Saint Petersburg": "St. Petersburg", "Sevilla": "Seville",
    "Frankfurt am Main": "Frankfurt", "Seoul": "Soul", "Tel Aviv": "Tel-Aviv", "Delhi": "New Delhi",
}  # fmt: skip
OTHER_SPELLING_SHARE = 0.2

NATIVE_SHARE = 0.012
_NATIVE = {
    "CN": r"^[\p{Han}]{2,4}$", "TW": r"^[\p{Han}]{2,4}$", "JP": r"^[\p{Han}]{2,5}[市都区]$",
    "KR": r"^[\p{Hangul}]{2,6}시$", "RU": r"^[\p{Cyrillic}-]{4,}$",
}  # fmt: skip
MISSPELLED_SHARE = 0.008
_MISSPELLED_FROM = 8
"""Letters a name needs before a slip of the pen: short ones cannot be told apart again."""

COUNTRY_LEFT_OUT_SHARE = 0.015
_FAMOUS = 1_000_000
"""People a town needs before its country is left out."""

TOWN_LEFT_OUT_SHARE = 0.004
"""Author addresses that name an organisation and no town."""

_LETTERS = "BCEGHJKLMN"

_UNLOCATED_IN_SOME_COUNTRY = ("#N/A", "-", "c/o the applicant", "deceased", "")

# Distinct strings of a place against its addresses of all years: people move little, so that
# strings recur.
_DISTINCT = {"patent": (0.55, 0.8), "publication": (0.9, 0.55)}


@cache
def _provinces() -> dict[tuple[str, str], str]:
    rows = admin1_names().select("country", "code", "name").rows()
    return {(country, code): name for country, code, name in rows if code and name}


def _country_names(country: str, admin1_code: str | None) -> tuple[str, ...]:
    if country == "GB" and admin1_code in _GREAT_BRITAIN:
        return ("UK", _GREAT_BRITAIN[admin1_code])
    if country in _COUNTRY_NAMES:
        return _COUNTRY_NAMES[country]
    entry = pycountry.countries.get(alpha_2=country)
    return (getattr(entry, "common_name", entry.name),) if entry else (country,)


def _slip(name: str, luck: int) -> str:
    """The name with two neighbouring letters in its inside exchanged."""
    at = 2 + luck % (len(name) - 4)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _coded(form: str, head: str, luck: int) -> str:
    """Fill the digits and letters of a postcode; it begins with what all of the place's begin with."""
    written, used = [], 0
    digits = f"{luck % 9_999_991:07d}"
    for sign in form:
        if sign not in "9A":
            written.append(sign)
            continue
        if used < len(head):
            written.append(head[used])
        else:
            written.append(digits[used % 7] if sign == "9" else _LETTERS[(luck // 7 + used) % 10])
        used += 1
    return "".join(written)


@cache
def _with_province(forms: tuple[tuple[int, str], ...]) -> tuple[tuple[int, str], ...]:
    """The forms that name the province, sharing out all hundred parts; one of our own if none."""
    kept = [(parts, form) for parts, form in forms if "{province}" in form or "{state}" in form]
    whole = sum(parts for parts, _ in kept)
    return tuple((-(-parts * 100 // whole), form) for parts, form in kept) or (
        (100, "{town}, {province}"),
    )


@dataclass(frozen=True)
class _Writer:
    """Writes the town part of one place's addresses."""

    name: str
    country: str
    province: str
    state: str
    forms: tuple[tuple[int, str], ...]
    native: str
    postcode_head: str

    def town_part(self, luck: NDArray[np.int64]) -> str:
        """One way to write the place, from five whole numbers."""
        name, kind = self.name, luck[0] / 1e9
        if kind < NATIVE_SHARE and self.native:
            return self.native
        if kind < NATIVE_SHARE + MISSPELLED_SHARE:
            if len(name) >= _MISSPELLED_FROM and name.isalpha() and self.country != "CN":
                name = _slip(name, int(luck[1]))
        elif kind > 1 - OTHER_SPELLING_SHARE:
            name = _OTHER_SPELLINGS.get(name, name)
        at = int(luck[1]) % 100
        for parts, form in self.forms:  # noqa: B007 - the last form is the rest
            at -= parts
            if at < 0:
                break
        if "-shi" in form and self.name == self.province:
            form = "{town}"
        if ("{province}" in form and not self.province) or ("{state}" in form and not self.state):
            form = "{town}"
        coded = _coded(form.replace("{town}", "\0"), self.postcode_head, int(luck[2]))
        coded = coded.replace("{province}", self.province).replace("{state}", self.state)
        return coded.replace("\0", name)


def _writers(areas: Areas) -> Iterator[tuple[_Writer, str | None, int]]:
    alternates = alternate_names()
    table = areas.gazetteer.table.select(
        "place_id", "name", "country", "admin1", "admin1_code", "population", "needs_province"
    )[areas.places]
    native = _native_names(table, alternates)
    heads = postcode_heads(areas)
    for number, row in enumerate(table.iter_rows()):
        place_id, name, country, province, code, population, needs_province = row
        forms = _FORMS.get(country, _OTHER_FORMS)
        if needs_province:
            forms = _with_province(forms)
        writer = _Writer(
            name,
            country,
            province or "",
            code or "",
            forms,
            native.get(place_id, ""),
            heads[number],
        )
        yield writer, code, population


def _native_names(table: pl.DataFrame, alternates: dict[int, list[str]]) -> dict[int, str]:
    """The shortest name in the country's own script, for towns of 300,000 people and more."""
    large = table.filter(pl.col("country").is_in(list(_NATIVE)) & (pl.col("population") >= 300_000))
    names = large.with_columns(
        pl.Series(
            "alternate",
            [alternates.get(i, []) for i in large["place_id"]],
            dtype=pl.List(pl.String),
        )
    ).explode("alternate")
    found: dict[int, str] = {}
    for country, pattern in _NATIVE.items():
        fitting = names.filter(
            (pl.col("country") == country) & pl.col("alternate").str.contains(pattern)
        )
        # GeoNames lists a place's own name in its own script first.
        for place_id, name in fitting.select("place_id", "alternate").iter_rows():
            found.setdefault(place_id, name)
    return found


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
    kind: str,
) -> Pool:
    rng = np.random.default_rng([seed, 1, KINDS.index(kind)])
    luck = rng.integers(0, 1_000_000_000, size=(int(counts.sum()), 5))
    owner = np.repeat(np.arange(len(counts)), counts).tolist()
    text = [write(o, row) for o, row in zip(owner, luck, strict=True)]
    frame = pl.DataFrame({"owner": owner, "text": text}).unique(maintain_order=True)
    many = np.bincount(frame["owner"].to_numpy(), minlength=len(counts))
    return Pool(frame["text"], np.concatenate([[0], np.cumsum(many)]))


def _expected(areas: Areas, kind: str) -> NDArray[np.float64]:
    """Addresses of each place over all years."""
    per_document = INVENTORS_PER_APPLICATION if kind == "patent" else AUTHORS_PER_ARTICLE
    return (
        areas.documents[kind].sum(axis=1)[areas.place_area]
        * areas.place_share.max(axis=1)
        * per_document
    )


def _distinct(rows: NDArray[np.float64], kind: str) -> NDArray[np.int64]:
    factor, power = _DISTINCT[kind]
    return np.ceil(1 + np.minimum(factor * rows**power, rows)).astype(np.int64)


@cache
def _province_names(country: str) -> list[str]:
    """Provinces whose name is not also that of a town, so that it tells no place."""
    table = load_gazetteer().table
    towns = set(table.filter(pl.col("country") == country)["ascii_name"])
    names = {name for (c, _), name in _provinces().items() if c == country}
    return sorted(name for name in names if fold(name) not in towns)


def _unlocated_patent(country: str) -> Callable[[NDArray[np.int64]], str | None]:
    provinces = _province_names(country)
    label = _country_names(country, None)[0]

    def write(luck: NDArray[np.int64]) -> str | None:
        if provinces and luck[0] % 10 < 7:
            return provinces[int(luck[1]) % len(provinces)]
        if luck[0] % 10 < 9:
            return label
        return _UNLOCATED_IN_SOME_COUNTRY[int(luck[1]) % len(_UNLOCATED_IN_SOME_COUNTRY)]

    return write


def _unlocated_publication(country: str) -> Callable[[NDArray[np.int64]], str | None]:
    provinces, labels = _province_names(country), _country_names(country, None)

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
    writers = [writer for writer, _, _ in _writers(areas)]
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
    writers = list(_writers(areas))
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
        labels = _country_names(writer.country, code)
        label = labels[int(luck[4]) // 7 % len(labels)]
        head = f"{department}, {names[owner]}"
        if left_out < TOWN_LEFT_OUT_SHARE:
            return head
        if left_out > 1 - COUNTRY_LEFT_OUT_SHARE and population >= _FAMOUS:
            return f"{head}, {writer.town_part(luck)}"
        return f"{head}, {writer.town_part(luck)}, {label}"

    return _pool(counts, write, seed, "publication")
