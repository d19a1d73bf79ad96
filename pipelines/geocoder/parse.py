"""An address as written -> parts of clean words and postcodes.

Here: the forms in which addresses come - comma lists, Web of Science C1, several addresses in one
string, postcodes with prefixes or glued to towns. Add a form here when a source writes addresses in a
way that is cut wrongly. Not here: what the words mean (`lookup`) and which meaning wins (`choose`).
"""

import html
import re
from typing import NamedTuple

# What parts an address: semicolons, lines, bars, brackets and the full-width signs of native scripts.
_SEPARATORS = str.maketrans(dict.fromkeys(";|\n\r\t，、；。｡،•·/[]【】", ","))
# Dashes between blanks, gaps, and full stops that end more than an abbreviation.
_SOFT_SEPARATOR = re.compile(r"\s+[-–—]\s+| {2,}|(?<=[^\W\d]{4})\.\s+(?=[A-ZÀ-Þ])")
# Web of Science C1 opens with the authors of the address in square brackets.
_C1_AUTHORS = re.compile(r"^\s*\[[^\]]*\]\s*")
_ELECTRONIC = re.compile(
    r"(?:electronic address|e-?mail(?: address)?|email|tel\.?|fax|https?)\s*:.*|\S+@\S+",
    re.IGNORECASE,
)
# What stands for an empty cell in spreadsheets and databases.
_JUNK = re.compile(r"#N/A|\bN/A\b|#REF!|\bNULL\b|\[''\]|\\N\b")
_INITIALISM = re.compile(r"\b(?:[A-Z]\.\s?){2,}")
_EDGES = " .:-–*'\"&#"

_POSTCODES = re.compile(
    r"""
    \b(?:GIR\s?0AA|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})\b          # United Kingdom: CB2 1TN
    | \b[A-Z]\d[A-Z]\s?-?\d[A-Z]\d\b                               # Canada: M5S 1A1
    | \b(?:NL[\s-]?)?[1-9]\d{3}\s?[A-Z]{2}\b(?![a-z])               # Netherlands: 1081 HV
    | \b(?:[A-Z]{1,3}[-–\s])?\d{3}[\s-]\d{2}\b(?!\d)                 # Sweden, Greece: SE-171 77
    | \b\d{2}-\d{3}\b                                                 # Poland: 00-901
    | 〒?\b\d{3}[-‐–−]\d{4}\b                                          # Japan: 113-8654
    | \b\d{5}-\d{3,4}\b                                                 # Brazil, US ZIP+4
    | \b\d{3}-\d{3}\b                                                    # Korea until 2015: 305-701
    | \b[A-Z]{1,3}[-–]\s?\d{4,7}\b | ^[A-Z]\s\d{4,5}\b                    # D-20246, I 31044
    | \b\d{4,7}\b                                                          # the rest: 100084
    """,
    re.VERBOSE,
)
# One to three digits after a town: Taipei 106, Oslo 3.
_SHORT_TAIL = re.compile(r"(?<=[^\W\d])[\s.]+(\d{1,3})\.?$")
_BOX = re.compile(
    r"\b(?:p\.?\s?o\.?\s?box|box|bp|cs|cedex|postfach|apartado|caixa postal|c\.?p\.?|casilla)\b\.?"
    r"\s?[\d\-]*",
    re.IGNORECASE,
)
_GLUED = re.compile(
    r"(?<=[^\W\d_])(?=\d{5,6}\b)|(?<=\b\d{5})(?=[^\W\d_]{3,})|(?<=\b\d{6})(?=[^\W\d_]{3,})"
)
_DIGITS = re.compile(r"\S*\d\S*")
_DIGIT = re.compile(r"\d")


class Segment(NamedTuple):
    """One part of an address: its text without postcodes, and the postcodes that stood in it."""

    text: str
    postcodes: tuple[str, ...]


def split(address: str) -> list[str]:
    """The parts of an address in their order, blank ones left out."""
    text = html.unescape(address) if "&" in address else address
    if "[" in text:
        text = _C1_AUTHORS.sub("", text)
    if "@" in text or ":" in text:
        text = _ELECTRONIC.sub(" ", text)
    if "N" in text or "#" in text:
        text = _JUNK.sub(" ", text)
    if "." in text:
        text = _INITIALISM.sub(_close_up, text)
    text = text.translate(_SEPARATORS)
    if " -" in text or " –" in text or "  " in text or ". " in text or " —" in text:
        text = _SOFT_SEPARATOR.sub(",", text)
    return [part for raw in text.split(",") if (part := raw.strip(_EDGES))]


def _close_up(initials: re.Match[str]) -> str:
    """U. S. A. -> USA."""
    return initials.group().replace(".", "").replace(" ", "") + " "


def clean(part: str) -> Segment:
    """A part without its postcodes, box numbers and house numbers."""
    if not _DIGIT.search(part):
        return Segment(part, ())
    text = _GLUED.sub(" ", part)
    postcodes = [match.strip("〒 ") for match in _POSTCODES.findall(text)]
    if postcodes:
        text = _POSTCODES.sub(" ", text)
    text = _BOX.sub(" ", text).strip()
    if short := _SHORT_TAIL.search(text):
        postcodes.append(short.group(1))
        text = text[: short.start()]
    text = _DIGITS.sub(" ", text)
    return Segment(" ".join(text.split()).strip(" .,-–"), tuple(postcodes))
