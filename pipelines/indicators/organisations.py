"""Names as written to organisations: which spellings are one, and which names are nobody's business.

Here: the name rule, its words (`organisation_words.csv`) and the table of known groups
(`organisation_groups.csv`, with a source for each entry). Add a spelling that the rule cannot bridge to
the groups, a word that only organisations bear to the words. Not here: counting (`sql/indicators/`).

The name rule [P]:

1. A name is folded: ASCII, lower case, no punctuation, abbreviations of the Web of Science written out,
   small words dropped.
2. Legal forms are cut off its end and its beginning.
3. A folded name that the table of groups knows, whole or by its beginning, is that group's. An
   entry's name is one that WIPO prints [V], holds the organisation's own name [P], or is known [M].
4. Else equal folded names are one organisation.

Applicants can be persons, and persons' names must not leave the house. So a name counts only on evidence
that it is an organisation's: it is a known group's, the source identifies it, it has a word or a sign that
organisations bear, or - where the evidence is as weak as a short legal form, which may be a surname or
initials too ("SA", "AB"), or an ampersand between words - it is borne by several documents. What has no
evidence is left out of the lists, organisations among it. Frequency alone is no evidence: before 2013
the inventors of an American application were applicants too, the most prolific hundreds of times.

On 4,900 inventors' names of US patents, in three orders, the rule takes none for an organisation's,
whatever the frequency; of 843 assignees it knows 91 % at once and 97 % where they are frequent
(`tests/indicators/test_organisations_realdata.py`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import polars as pl
from anyascii import anyascii

from pipelines.errors import UserError

MIN_MENTIONS = 5
"""How often a name must be borne where the evidence is weak."""

_LONGEST_BEGINNING = 6
"""Words of the longest beginning in the table of groups."""

_KEPT = 1 << 16
"""Names and words whose reading is kept: the next edition has most of them again."""

_FOLDER = Path(__file__).parent
_WORDS = pl.read_csv(_FOLDER / "organisation_words.csv")


def _words(role: str) -> frozenset[str]:
    return frozenset(_WORDS.filter(pl.col("role") == role)["word"])


_SMALL_WORDS = _words("small word")
_WRITTEN_OUT = dict(_WORDS.select("word", "written_out").drop_nulls().iter_rows())
_CLEAR_FORMS = _words("form")
_SHORT_FORMS = _words("short form")
"""Legal forms that can be somebody's name or initials: weak evidence."""
_ENDINGS = _CLEAR_FORMS | _SHORT_FORMS | _words("form and name")
"""With forms that too many people bear to be any evidence ("KIM, Doo", "Jayson Co")."""
_BEGINNINGS = _words("form in front")
_NATIVE_FORM = re.compile(
    "|".join(sorted(_words("native form"), key=lambda form: (-len(form), form)))
)
"""Written without a space before it, so it is looked for before the fold."""
_ORGANISATION_WORDS = _words("word")
_ORGANISATION_STEMS = tuple(sorted(_words("stem")))
_SIGN_IN_WORD = re.compile(r"\w[&+]\w")
_CONTACT = re.compile(r"@|\b(?:tel|phone|fax|e-?mail)\b", re.IGNORECASE)
_ORDINAL = re.compile(r"\d+(st|nd|rd|th)")


@dataclass(frozen=True)
class Groups:
    """Known groups by folded names.

    Attributes:
        whole: group by whole name.
        beginning: group by the first words of a name.
    """

    whole: Mapping[str, str]
    beginning: Mapping[str, str]

    def named(self, key: str) -> str | None:
        """The group of which a folded name is a whole name in the table."""
        return self.whole.get(key) or self.beginning.get(key)

    def begun(self, key: str) -> str | None:
        """The group with whose name a folded name begins; the longest beginning wins."""
        words = key.split()
        for length in range(min(len(words), _LONGEST_BEGINNING), 0, -1):
            if group := self.beginning.get(" ".join(words[:length])):
                return group
        return None


@cache
def known_groups() -> Groups:
    """The project's table of groups.

    Raises:
        UserError: where two entries claim the same name for different groups.
    """
    return groups_of(pl.read_csv(_FOLDER / "organisation_groups.csv"))


def groups_of(table: pl.DataFrame) -> Groups:
    """Groups from a table with the columns organisation, name, match ('whole', 'beginning').

    Raises:
        UserError: where two entries claim the same name for different groups, or a beginning is too long.
    """
    found: dict[str, dict[str, str]] = {"whole": {}, "beginning": {}}
    for organisation, name, match in table.select("organisation", "name", "match").iter_rows():
        key = name_key(name)
        if len(key.split()) > _LONGEST_BEGINNING and match == "beginning":
            raise UserError(
                f'organisation_groups.csv: "{name}" has more than {_LONGEST_BEGINNING} words.'
            )
        if found[match].setdefault(key, organisation) != organisation:
            raise UserError(
                f'organisation_groups.csv: "{name}" stands for {found[match][key]} and for '
                f"{organisation}. Keep one of the two."
            )
    return Groups(**found)


def organisations_of(names: pl.DataFrame, groups: Groups) -> pl.DataFrame:
    """The organisations behind names as written.

    Args:
        names: columns kind, name, mentions, is_identified; one row per kind and name.
        groups: known groups.

    Returns:
        Columns kind, name, mentions, organisation_key (equal for spellings of one organisation) and
        organisation (the group's name; null where it is none), in the order of `names`. Names
        without evidence of being an organisation's are missing.
    """
    rows = []
    for kind, name, mentions, is_identified in names.select(
        "kind", "name", "mentions", "is_identified"
    ).iter_rows():
        key = name_key(name)
        group = groups.named(key)
        if group or is_identified or is_organisation(name, mentions):
            # somebody called Siemens is not the company: a beginning alone is no evidence
            group = group or groups.begun(key)
            rows.append((kind, name, mentions, name_key(group) if group else key, group))
    return pl.DataFrame(
        rows,
        schema={
            "kind": pl.String,
            "name": pl.String,
            "mentions": pl.Int64,
            "organisation_key": pl.String,
            "organisation": pl.String,
        },
        orient="row",
    )


@lru_cache(_KEPT)
def name_key(name: str) -> str:
    """A name, folded and without legal forms: equal for what the rule takes as one organisation.

    "THE PROCTER & GAMBLE COMPANY" and "Procter and Gamble Co." both give `procter gamble`. A name of
    nothing but legal forms and small words is only folded.
    """
    words = _folded_words(name)
    telling = [_WRITTEN_OUT.get(word, word) for word in words if word not in _SMALL_WORDS]
    first, last = 0, len(telling)
    while last > 1 and telling[last - 1] in _ENDINGS:
        last -= 1
    while first < last - 1 and telling[first] in _BEGINNINGS:
        first += 1
    return " ".join(telling[first:last] or words)


def is_organisation(name: str, mentions: int) -> bool:
    """Whether a name by itself shows that it is an organisation's and not a person's.

    Args:
        name: as written.
        mentions: how many documents bear it; weak evidence needs `MIN_MENTIONS`.
    """
    words = _folded_words(name)
    if _CONTACT.search(name):
        return False  # somebody's address, whatever organisation it speaks of
    if any(_shows_organisation(word) for word in words) or _SIGN_IN_WORD.search(name):
        return True
    if mentions < MIN_MENTIONS or not words:
        return False
    # alone behind a comma it is a given name: "MARTINS, Sa"
    ending = name.rpartition(",")[2].split()
    ends_in_form = len(ending) > 1 and ending[-1].replace(".", "").lower() in _SHORT_FORMS
    return "&" in name or (ends_in_form and len(words) > 1)


@lru_cache(_KEPT)
def _shows_organisation(word: str) -> bool:
    return (
        word in _CLEAR_FORMS
        or _WRITTEN_OUT.get(word, word) in _ORGANISATION_WORDS
        or any(stem in word for stem in _ORGANISATION_STEMS)
        or (any(letter.isdigit() for letter in word) and not _ORDINAL.fullmatch(word))
    )


@lru_cache(_KEPT)
def _folded_words(name: str) -> tuple[str, ...]:
    """Words in lower-case ASCII; letters that stand alone in a row are one word, as in "S. A."."""
    text = anyascii(_NATIVE_FORM.sub(" ltd ", name)).lower()
    text = re.sub(r"[.'’`´]", "", text)
    text = re.sub(r"[^a-z0-9]+", " ", text)
    return tuple(re.sub(r"\b([a-z0-9]) (?=[a-z0-9]\b)", r"\1", text).split())
