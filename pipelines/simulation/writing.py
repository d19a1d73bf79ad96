"""How a place is written in each country, with its postcode, province and older names.

Here: the forms of each country, and one way to write a place from a few whole numbers. Add here
another way of writing a place. Not here: what stands before the place (`addresses`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
import pycountry
from numpy.typing import NDArray

from pipelines.geocoder.sources import admin1_names
from pipelines.simulation.areas import Areas
from pipelines.simulation.gazetteer import alternate_names
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

_LETTERS = "BCEGHJKLMN"


@cache
def provinces() -> dict[tuple[str, str], str]:
    """Names of first-order units by country and code."""
    rows = admin1_names().select("country", "code", "name").rows()
    return {(country, code): name for country, code, name in rows if code and name}


def country_names(country: str, admin1_code: str | None) -> tuple[str, ...]:
    """How authors of a country, or of a part of the United Kingdom, write its name."""
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
class Writer:
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


def writers_of(areas: Areas) -> Iterator[tuple[Writer, str | None, int]]:
    """For each place of the world: its writer, the code of its province, and its population."""
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
        writer = Writer(
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
