"""An address as written -> segments of clean words and postcodes.

Here: the forms in which addresses come - comma lists, Web of Science C1, several addresses in one
string, postcodes with prefixes or glued to towns. Add a form here when a source writes addresses in a
way that is cut wrongly. Not here: what the words mean (`lookup`) and which meaning wins (`choose`).
"""

import html
import re
from typing import NamedTuple

# What parts an address: commas, semicolons, lines, bars, native full-width signs, dashes and wide gaps.
_SEPARATOR = re.compile(
    r"[,;|\n\r\t，、；。｡،•·/()\[\]]+|\s+[-–—]\s+| {2,}|(?<=[^\W\d]{4})\.\s+(?=[A-ZÀ-Þ])"
)
# Web of Science C1 opens with the authors of the address in square brackets.
_C1_AUTHORS = re.compile(r"^\s*\[[^\]]*\]\s*")
_ELECTRONIC = re.compile(
    r"(?:electronic address|e-?mail(?: address)?|email|tel\.?|fax|https?)\s*:.*|\S+@\S+",
    re.IGNORECASE,
)
# What stands for an empty cell in spreadsheets and databases.
_JUNK = re.compile(r"#N/A|\bN/A\b|#REF!|\bNULL\b|\[''\]|\\N\b")
_INITIALISM = re.compile(r"\b(?:[A-Z]\.\s?){2,}")

_POSTCODES = re.compile(
    r"""
    \b(?:GIR\s?0AA|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})\b      # United Kingdom: CB2 1TN
    | \b[A-Z]\d[A-Z]\s?-?\d[A-Z]\d\b                           # Canada: M5S 1A1
    | \b(?:NL[\s-]?)?[1-9]\d{3}\s?[A-Z]{2}\b(?![a-z])           # Netherlands: 1081 HV, NL-1081 HV
    | \b(?:[A-Z]{1,3}[-–\s])?\d{3}[\s-]\d{2}\b(?!\d)             # Sweden, Czechia, Greece: SE-171 77
    | \b\d{2}-\d{3}\b                                             # Poland: 00-901
    | 〒?\b\d{3}[-‐–−]\d{4}\b                                      # Japan: 113-8654
    | \b\d{5}-\d{3,4}\b                                             # Brazil 13083-970, US ZIP+4
    | \b[A-Z]{1,3}[-–]\s?\d{4,7}\b | ^[A-Z]\s\d{4,5}\b                  # D-20246, I 31044
    | \b\d{4,7}\b                                                    # the rest: 100084
    | \b\d{3}-\d{3}\b                                                 # Korea before 2015: 305-701
    """,
    re.VERBOSE,
)
_SHORT_TAIL = re.compile(r"(?<=[^\W\d])[\s.]+\d{1,3}\.?$")
_BOX = re.compile(
    r"\b(?:p\.?\s?o\.?\s?box|box|bp|cs|cedex|postfach|apartado|caixa postal|c\.?p\.?|casilla)\b\.?"
    r"\s?[\d\-]*",
    re.IGNORECASE,
)
_GLUED = re.compile(
    r"(?<=[^\W\d_])(?=\d{5,6}\b)|(?<=\b\d{5})(?=[^\W\d_]{3,})|(?<=\b\d{6})(?=[^\W\d_]{3,})"
)
_DIGITS = re.compile(r"\S*\d\S*")


class Segment(NamedTuple):
    """One part of an address: its text without postcodes, and the postcodes that stood in it."""

    text: str
    postcodes: tuple[str, ...]
    has_number: bool


def split(address: str) -> list[str]:
    """The parts of an address in their order, blank ones left out."""
    text = html.unescape(address) if "&" in address else address
    text = _JUNK.sub(" ", _C1_AUTHORS.sub("", text))
    if "@" in text or ":" in text:
        text = _ELECTRONIC.sub(" ", text)
    text = _INITIALISM.sub(
        lambda match: match.group().replace(".", "").replace(" ", "") + " ", text
    )
    return [part for raw in _SEPARATOR.split(text) if (part := raw.strip(" .:-–*'\"&#"))]


def clean(part: str) -> Segment:
    """A part without its postcodes, box numbers and house numbers."""
    if not any(map(str.isdigit, part)):
        return Segment(part, (), has_number=False)
    text = _GLUED.sub(" ", part)
    postcodes = tuple(match.strip("〒 ") for match in _POSTCODES.findall(text))
    if postcodes:
        text = _POSTCODES.sub(" ", text)
    text = _BOX.sub(" ", text)
    text = _SHORT_TAIL.sub("", text.strip())
    has_number = bool(_DIGITS.search(text))
    text = _DIGITS.sub(" ", text)
    return Segment(" ".join(text.split()).strip(" .,-–"), postcodes, has_number)
