"""Parts of a document, in plain Python: what the SQL of the extracts must give.

Here: the rule of fractional counting for one document at a time, as the oracle of tests. Whole
tables are counted in `sql/extracts/`.

Rule: method section 4. A document is worth 1, in billionths, so that its parts sum to it exactly.
"""

from collections import Counter
from collections.abc import Sequence
from math import floor

DOCUMENT = 1_000_000_000
"""One document in billionths."""


def split_equally(whole: int, n: int) -> list[int]:
    """`n` whole parts of `whole`; what is left over goes to the first ones, one each."""
    part, left = divmod(whole, n)
    return [part + (i < left) for i in range(n)]


def parts_by_address(n_addresses: int) -> list[int]:
    """Equal parts of a document's addresses, in the order of the file."""
    return split_equally(DOCUMENT, n_addresses)


def parts_by_person(person_of_address: Sequence[int]) -> list[int]:
    """Parts where persons are told apart: first by person, then by that person's addresses.

    Args:
        person_of_address: person's number of each address, addresses in the order of the file;
            persons take what is left over in the order of their numbers.
    """
    addresses = Counter(person_of_address)
    whole = dict(zip(sorted(addresses), split_equally(DOCUMENT, len(addresses)), strict=True))
    parts = {person: iter(split_equally(whole[person], n)) for person, n in addresses.items()}
    return [next(parts[person]) for person in person_of_address]


def parts_by_share(shares: Sequence[float]) -> list[int]:
    """Parts in proportion to given shares (REGPAT: inventor's times region's), in file order.

    Shares count in billionths, halves rounded up as SQL rounds them, and need not sum to 1. Each part is
    rounded down; what is left over goes to the first addresses that have a share, one each. Without any
    share parts are equal.
    """
    billionths = [floor(share * DOCUMENT + 0.5) for share in shares]
    if sum(billionths) == 0:
        return parts_by_address(len(shares))
    parts = [share * DOCUMENT // sum(billionths) for share in billionths]
    with_share = [i for i, share in enumerate(billionths) if share > 0]
    for i in with_share[: DOCUMENT - sum(parts)]:
        parts[i] += 1
    return parts
