"""Numbers of international publications in all the ways in which they are written.

Here: WO publication numbers brought to one form, and the year that they state held against a date.
Not here: PCT application numbers, which no table is keyed by, and numbers of other authorities, which
stay as written.

A WO number is 'WO' + year of publication + serial: 'WO2012000001', 'WO2004/041716', 'WO03/042518',
'WO 98/47522', 'WO0107345', 'WO/2012/000001', 'WO-2012000001-A1'. Two-digit years run from 1978, when the
first was published, to 2003.
"""

import re

WO_NUMBER = re.compile(
    r"(?:WO\s*[/-]?)?\s*(?:(?P<long>\d{4})\s*/?\s*(?P<six>\d{6})"
    r"|(?P<short>\d{2})\s*/?\s*(?P<five>\d{5,6}))\s*-?(?:[A-Z]\d?)?"
)
FIRST_SHORT_YEAR = 78
MOST_APART = 1
"""Years between a date and the number beside it."""
LONGEST = 40
"""Characters of a number with all its blanks; longer texts are not tried."""


def wo_number(written: str) -> tuple[str, int] | None:
    """A WO publication number as 'WO' + four-digit year + six digits, and the year, or None.

    >>> wo_number('WO98/47522')
    ('WO1998047522', 1998)
    """
    found = WO_NUMBER.fullmatch(written.strip().upper()[:LONGEST])
    if found is None:
        return None
    year = int(found["long"]) if found["long"] else _full_year(int(found["short"]))
    serial = found["six"] or found["five"]
    return f"WO{year}{int(serial):06d}", year


def publication_year(dated: int | None, stated: int) -> int:
    """The year of an international publication: its date's, unless the one in its number speaks against it.

    Dates are written in more ways than one ('090827') and can be absurd; numbers are given out a few
    weeks ahead, so that the two may differ by one.
    """
    return dated if dated is not None and abs(dated - stated) <= MOST_APART else stated


def publication_year_sql(dated: str, stated: str) -> str:
    """The same of two SQL expressions."""
    return f"case when abs({dated} - {stated}) <= {MOST_APART} then {dated} else {stated} end"


def _full_year(short: int) -> int:
    return short + (1900 if short >= FIRST_SHORT_YEAR else 2000)


def wo_year_sql(column: str) -> str:
    """SELECT of all columns of `raw` and `stated`: the year in a WO number of 10 or 7 digits.

    It is null where the text is no WO number. The form of 12 letters, which most have, is spared the
    copying of texts.

    Args:
        column: the column of `raw` with the numbers.
    """
    return f"""
    select
        * exclude (plain, digits),
        case length(plain)
            when 12 then digits // 1000000
            when 9 then digits // 100000
                + case when digits >= {FIRST_SHORT_YEAR}00000 then 1900 else 2000 end
        end as stated
    from (
        select
            *,
            case when plain like 'WO%' then try_cast(plain[3:] as uinteger) end as digits
        from (
            select
                *,
                case
                    when {column} like 'WO%' and strlen({column}) = 12 then {column}
                    else replace(replace(upper({column}), '/', ''), ' ', '')
                end as plain
            from raw
        )
    )
    """
