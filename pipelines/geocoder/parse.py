"""Addresses as written -> parts of clean words and postcodes, a column of texts at a time.

Here: the forms in which addresses come - comma lists, Web of Science C1, several addresses in one
string, postcodes with prefixes or glued to towns. Add a form here when a source writes addresses in a
way that is cut wrongly. Not here: what the words mean (`lookup`) and which meaning wins (`choose`).
"""

import html
import re
from collections.abc import Callable

import polars as pl

from pipelines.geocoder.countries import inverted_names
from pipelines.geocoder.native import NATIVE

# What parts an address: semicolons, lines, bars, brackets and the full-width signs of native scripts.
_SEPARATORS = r"[;|\n\r\t，、；。｡،•·/\[\]【】]"
# Dashes between blanks, gaps.
_SOFT_SEPARATORS = r"\s+[-–—]\s+| {2,}"
# Full stops that end more than an abbreviation.
_SENTENCE_END = r"([^\W\d]{4})\.\s+([A-ZÀ-Þ])"
# Web of Science C1 opens with the authors of the address in square brackets.
_C1_AUTHORS = r"^\s*\[[^\]]*\]\s*"
_ELECTRONIC = (
    r"(?i)(?:electronic address|e-?mail(?: address)?|email|tel\.?|fax|https?)\s*:.*|\S+@\S+"
)
# A country's name with a comma of its own, at the end of an address: Korea, Republic of.
_INVERTED_COUNTRY = r"(?i)({}),\s*({})(\W*(?:[;|\n]|$))".format(
    *("|".join(map(re.escape, words)) for words in inverted_names())
)
# What stands for an empty cell in spreadsheets and databases.
_JUNK = r"#N/A|\bN/A\b|#REF!|\bNULL\b|\[''\]|\\N\b"
_INITIALISM = r"\b(?:[A-Z]\.\s?){2,}"
_EDGES = " .:-–*'\"&#"

_POSTCODES = r"""(?x)
    \b(?:GIR\s?0AA|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})\b          # United Kingdom: CB2 1TN
    | \b[A-Z]\d[A-Z]\s?-?\d[A-Z]\d\b                               # Canada: M5S 1A1
    | \b(?:NL[\s-]?)?[1-9]\d{3}\s?[A-Z]{2}\b                        # Netherlands: 1081 HV
    | \b(?:[A-Z]{1,3}[-–\s])?\d{3}[\s-]\d{2}\b                       # Sweden, Greece: SE-171 77
    | \b\d{2}-\d{3}\b                                                 # Poland: 00-901
    | 〒?\b\d{3}[-‐–−]\d{4}\b                                          # Japan: 113-8654
    | \b\d{5}-\d{3,4}\b                                                 # Brazil, US ZIP+4
    | \b\d{3}-\d{3}\b                                                    # Korea until 2015: 305-701
    | \b[A-Z]{1,3}[-–]\s?\d{4,7}\b | ^[A-Z]\s\d{4,5}\b                    # D-20246, I 31044
    | \b\d{4,7}\b                                                          # the rest: 100084
"""
# One to three digits after a town: Taipei 106, Oslo 3.
_SHORT_TAIL = r"([^\W\d])[\s.]+(\d{1,3})\.?$"
_BOX = (
    r"(?i)\b(?:p\.?\s?o\.?\s?box|box|bp|cs|cedex|postfach|apartado|caixa postal|c\.?p\.?|casilla)\b"
    r"\.?\s?[\d\-]*"
)
# Beijing100084, 10115Berlin.
_GLUED_AFTER = r"([^\W\d_])(\d{5,6})\b"
_GLUED_BEFORE = r"\b(\d{5,6})([^\W\d_]{3})"


def split(texts: pl.Series) -> pl.DataFrame:
    """The parts of each text in their order, blank ones left out.

    Returns:
        `text` (number of the text in `texts`) and `part`, in the order of texts and parts.
    """
    texts = _rewrite(texts, texts.str.contains("&", literal=True), html.unescape)
    texts = (
        texts.str.replace(_C1_AUTHORS, "")
        .str.replace_all(_ELECTRONIC, " ")
        .str.replace_all(_JUNK, " ")
        .str.replace_all(_INVERTED_COUNTRY, "${1} ${2}${3}")
    )
    texts = _rewrite(texts, texts.str.contains(_INITIALISM), _close_up)
    texts = texts.str.replace_all(_SEPARATORS, ",")
    for _ in range(2):  # of two ends that share a letter the first pass sees one: Chem. D. Univ
        texts = texts.str.replace_all(_SENTENCE_END, "${1},${2}")
    parts = texts.str.replace_all(_SOFT_SEPARATORS, ",").str.split(",")
    return (
        pl.DataFrame({"text": pl.int_range(len(parts), eager=True), "part": parts})
        .explode("part")
        .with_columns(pl.col("part").str.strip_chars(_EDGES))
        .filter(pl.col("part") != "")
    )


def _rewrite(texts: pl.Series, chosen: pl.Series, rewritten: Callable[[str], str]) -> pl.Series:
    """`texts` with the few that are `chosen` rewritten by a function of Python."""
    rows = chosen.arg_true()
    found = [rewritten(text) for text in texts.gather(rows)]
    return texts.scatter(rows, pl.Series(found, dtype=pl.String))


def _close_up(text: str) -> str:
    """Taiwan, R. O. C. -> Taiwan, ROC."""
    return re.sub(_INITIALISM, lambda found: re.sub(r"[. ]", "", found.group()) + " ", text)


def clean(parts: pl.Series) -> pl.DataFrame:
    """Parts without their postcodes, box numbers and house numbers, and these postcodes.

    Returns:
        `words` and `postcodes` (a list, as written), row by row; a part in a native script stays whole.
    """
    table = pl.DataFrame({"words": parts}).with_row_index("row")
    has_digits = parts.str.contains(r"\d") & ~parts.str.contains(NATIVE)
    glued = table.filter(has_digits).with_columns(
        pl.col("words")
        .str.replace_all(_GLUED_AFTER, "${1} ${2}")
        .str.replace_all(_GLUED_BEFORE, "${1} ${2}")
    )
    cut = glued.with_columns(
        pl.col("words")
        .str.replace_all(_POSTCODES, " ")
        .str.replace_all(_BOX, " ")
        .str.strip_chars(),
        found=pl.col("words")
        .str.extract_all(_POSTCODES)
        .list.eval(pl.element().str.strip_chars("〒 ")),
    ).with_columns(tail=pl.col("words").str.extract(_SHORT_TAIL, 2))
    cleaned = cut.select(
        "row",
        pl.col("words")
        .str.replace(_SHORT_TAIL, "${1}")
        .str.replace_all(r"\S*\d\S*", " ")
        .str.replace_all(r"\s+", " ")
        .str.strip_chars(" .,-–"),
        postcodes=pl.col("found").list.concat(pl.concat_list("tail").list.drop_nulls()),
    )
    plain = table.filter(~has_digits).with_columns(postcodes=pl.lit([], pl.List(pl.String)))
    return pl.concat([plain, cleaned]).sort("row").drop("row")
