"""Addresses in Han, Kana and Hangul: names without blanks, from the large to the small.

Here: cutting such a text into the names it is made of. Not here: what the names mean (`lookup`).
"""

import re
from collections.abc import Callable, Iterator

NATIVE = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
"""A letter of a script that is written without blanks."""
_NATIVE = re.compile(NATIVE)
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff々ヶ]+")
_HANGUL = re.compile("[\uac00-\ud7af]+")
# What follows a town's name where it is a street's or an organisation's.
_STREET = re.compile("[^省市区县區縣都府]{0,1}(?:路|街|大道|通り|丁目|道路|号|巷|弄)")
_ORGANISATION = re.compile(
    "大学|大學|学院|學院|医院|醫院|研究|公司|会社|學校|学校|病院|中心|実験|实验|대학|연구|병원|회사|센터"
)
_LONGEST_NAME = 9
# Further on only streets and houses follow.
_LONGEST_GAP = 6


def is_native(text: str) -> bool:
    """Whether a text has letters of a script that is written without blanks."""
    return not text.isascii() and _NATIVE.search(text) is not None


def cut_native(text: str, knows: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """The known names in a text, in order, each with the rule: `name` or `inside` an organisation's.

    Args:
        text: a part of an address.
        knows: whether a string is a name in the gazetteer.
    """
    how = "inside" if _ORGANISATION.search(text) else "name"
    for match in _HAN.finditer(text):
        for name in _cut_han(match.group(), knows):
            yield name, how
    for match in _HANGUL.finditer(text):
        word = match.group()
        stems = (word, word[:-1]) if word[-1] in "시군구도읍면동" and len(word) > 2 else (word,)
        for stem in stems:
            if knows(stem):
                yield stem, how
                break


def _cut_han(text: str, knows: Callable[[str], bool]) -> Iterator[str]:
    start = gap = 0
    while start < len(text) and gap <= _LONGEST_GAP:
        for length in range(min(_LONGEST_NAME, len(text) - start), 1, -1):
            name = text[start : start + length]
            if knows(name) and not _STREET.match(text, start + length):
                yield name
                start += length
                gap = 0
                break
        else:
            start += 1
            gap += 1
