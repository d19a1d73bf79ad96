"""How names and addresses are made comparable: one folding for the gazetteer and for what is looked up.

Here: `fold` and the few rules on characters and words that it needs. Add a rule here only if it must
hold on both sides of a comparison. Not here: what a word means (`countries`, `parse`, `lookup`).
"""

import re
import unicodedata

import polars as pl

# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans(
    {
        "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d",
        "þ": "th", "ħ": "h", "ə": "a", "ŋ": "n", "ŧ": "t", "ĸ": "k", "臺": "台",
    }
)  # fmt: skip

# Apostrophes in every coding: Xi'an, Xi’an, P‘ing-tung. They vanish, so that the spellings meet.
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼʻʾʿ`´′＇ʹ\u200b\u200c\u200d\ufeff"))
_MARKS = re.compile("[\u0300-\u036f]+")
_NOT_WORD = re.compile(r"[\W_]+")

# The same for plain text, in one step; no deletions, which would make it slow.
_ASCII = {code: " " for code in range(128) if not chr(code).isalnum()}

# Words that are written out or abbreviated at will in names of towns.
_WORDS = {
    "saint": "st", "sankt": "st", "sainte": "ste", "mount": "mt", "fort": "ft",
}  # fmt: skip


def fold(text: str) -> str:
    """The form in which names are compared: lower case, no accents, no punctuation, single blanks.

    Native scripts stay as they are but for width and case; only marks on Latin, Greek and Cyrillic
    letters are taken off. ``fold(fold(x)) == fold(x)``.
    """
    if text.isascii():
        plain = text.lower()
        if "'" in plain or "`" in plain:
            plain = plain.replace("'", "").replace("`", "")
        words = plain.translate(_ASCII).split()
        return " ".join([_WORDS.get(word, word) for word in words])
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_APOSTROPHES))
    folded = unicodedata.normalize("NFKC", _MARKS.sub("", folded)).lower()
    folded = _MARKS.sub("", folded).translate(_APOSTROPHES).translate(_LETTERS)
    words = _NOT_WORD.sub(" ", folded).split()
    return " ".join([_WORDS.get(word, word) for word in words])


def fold_all(texts: pl.Series) -> pl.Series:
    """The same of a column of texts, quickly: ASCII as a column, the rest one by one."""
    plain = texts.str.to_lowercase().str.replace_all("['`]", "")
    plain = plain.str.replace_all("[^0-9a-z]+", " ").str.strip_chars(" ")
    for word, short in _WORDS.items():
        plain = plain.str.replace_all(rf"\b{word}\b", short)
    rows = texts.str.contains(r"[^\x00-\x7F]").arg_true()
    others = [fold(text) for text in texts.gather(rows)]
    return plain.scatter(rows, pl.Series(others, dtype=pl.String))


def spell_umlauts(names: pl.Expr) -> pl.Expr:
    """German and Nordic letters written out, the other usual spelling: Göteborg -> Goeteborg."""
    return names.str.replace_many(_UMLAUTS)


_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "Å": "Aa",
            "ø": "oe", "Ø": "Oe"}  # fmt: skip


def scripts_of(texts: pl.Series) -> pl.Series:
    """The script of each first letter, as Unicode names it: LATIN, CJK, HANGUL, CYRILLIC, or NONE."""
    letters = texts.str.extract(r"(\p{L})")
    scripts = {
        letter: re.split("[ -]", unicodedata.name(letter, "UNKNOWN"), maxsplit=1)[0]
        for letter in letters.drop_nulls().unique()
    }
    return letters.replace_strict(scripts, default="NONE", return_dtype=pl.String)
