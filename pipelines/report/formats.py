"""Numbers, countries and places in words.

Here: how a value is written on the page and in pictures; what rounds to nought has no sign. Not here: which
value (`tables.py`).
"""

import re
from fractions import Fraction
from functools import cache

import pycountry
from anyascii import anyascii

from pipelines.contracts.common import PARTS_PER_DOCUMENT
from pipelines.editions import Kind

MINUS = "−"
NONE = "–"
"""What stands where there is no value."""
DOCUMENTS: dict[Kind, str] = {"patent": "PCT applications", "publication": "articles"}
"""What counts of each source."""


def count(value: float | None) -> str:
    """A whole number: `1,234`."""
    return NONE if value is None else f"{value:z,.0f}".replace("-", MINUS)


def counted(number: int, noun: str, plural: str = "") -> str:
    """How many there are: `1 step`, `1,234 steps`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def documents(parts: int) -> str:
    """Billionths of a document as documents with one decimal: `1,234.5`."""
    return f"{parts / PARTS_PER_DOCUMENT:z,.1f}".replace("-", MINUS)


def signed_documents(parts: int) -> str:
    """The same with its sign: `+12.0`, `−3.5`, `0.0`."""
    text = documents(parts)
    return f"+{text}" if parts > 0 and text != "0.0" else text


def percent(share: float | Fraction | None, decimals: int = 2) -> str:
    """A share: `1.23 %`."""
    return NONE if share is None else f"{100 * float(share):z.{decimals}f} %".replace("-", MINUS)


def growth(value: float | None, decimals: int = 0) -> str:
    """A relative change: `+12 %`."""
    if value is None:
        return NONE
    rounded = round(100 * value, decimals)
    sign = "+" if rounded else ""
    return f"{rounded:{sign}z,.{decimals}f} %".replace("-", MINUS)


def decimal(value: float | None, decimals: int = 2) -> str:
    """A number with decimals: `1.23`."""
    return NONE if value is None else f"{value:z,.{decimals}f}".replace("-", MINUS)


def change(places: int | None) -> str:
    """Places gained or lost as a sign: `▲ 2`, `▼ 1`, `=`."""
    if places is None:
        return NONE
    if places == 0:
        return "="
    return f"▲ {places}" if places > 0 else f"▼ {-places}"


def places(number: int) -> str:
    """Places gained or lost in words: `up 2 places`, `down 1 place`, `no place`."""
    if number == 0:
        return "no place"
    way = "up" if number > 0 else "down"
    return f"{way} {abs(number)} place{'' if abs(number) == 1 else 's'}"


def signed(number: int) -> str:
    """A whole number with its sign: `+2`, `0`, `−2`."""
    return f"{number:+d}".replace("-", MINUS) if number else "0"


def span(best: int, worst: int) -> str:
    """A rank that is not sure: `17–20`, or `1` where it is."""
    return f"{best}–{worst}" if best < worst else str(best)


def years(span: tuple[int, ...]) -> str:
    """Years of a window: `2019–2023`, `2018`, `2016, 2018`."""
    if len(span) > 1 and span[-1] - span[0] == len(span) - 1:
        return f"{span[0]}–{span[-1]}"
    return ", ".join(str(year) for year in span) or NONE


def setting(name: str, value: object) -> str:
    """A parameter's value: `15`, `yes`; of a window, whose first and last year it holds, `2019–2023`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ("–" if name.endswith("_years") else ", ").join(str(one) for one in value)
    return NONE if value is None else str(value)


@cache
def country(code: str | None) -> str:
    """An economy's English name; what ISO 3166 does not know stays as it is."""
    if not code:
        return "country not known"
    found = pycountry.countries.get(alpha_2=code)
    return getattr(found, "common_name", found.name) if found else code


def economies(codes: str) -> list[tuple[str, str]]:
    """Code and name of each economy of a cluster."""
    return [(code, country(code)) for code in codes.split("/") if code]


def slug(name: str) -> str:
    """A name as an anchor: `Shenzhen–Hong Kong` becomes `shenzhen-hong-kong`."""
    return re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-")
