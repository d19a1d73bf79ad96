"""Fields of technology and science: which clusters lead in each.

Here: a line per field of the page. A cluster's own fields are part of its section (`clusters.py`).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.report.source import Release, Row
from pipelines.report.tables import Ranked

SCHEMES = {
    "wipo35": "WIPO’s 35 fields of technology",
    "openalex_field": "fields of OpenAlex",
    "openalex_concept": "concepts of OpenAlex",
    "wos_category": "categories of the Web of Science",
}
_LEADERS = 4


@dataclass(frozen=True)
class Leader:
    """A cluster that is strong in a field."""

    ranked: Ranked
    documents: float
    specialisation: float


@dataclass(frozen=True)
class Field:
    """A field and the clusters with the most documents in it."""

    name: str
    world_share: float
    leaders: tuple[Leader, ...]


@dataclass(frozen=True)
class Scheme:
    """A classification of one source."""

    kind: str
    name: str
    fields: tuple[Field, ...]
    """By their share in the world."""


def scheme_name(scheme: str) -> str:
    """A classification's name."""
    return SCHEMES.get(scheme, scheme)


def schemes(release: Release, ranked: Mapping[str, Ranked]) -> list[Scheme]:
    """Every classification of the release, patents first."""
    rows: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in release.rows("cluster_fields"):
        if row["cluster_id"] in ranked:
            rows[row["kind"], row["scheme"]][row["field"]].append(row)
    return [
        Scheme(kind, scheme_name(scheme), _fields(rows[kind, scheme], ranked))
        for kind, scheme in sorted(rows)
    ]


def _fields(by_field: Mapping[str, list[Row]], ranked: Mapping[str, Ranked]) -> tuple[Field, ...]:
    found = [
        Field(
            name=name,
            world_share=rows[0]["world_share"],
            leaders=tuple(
                Leader(ranked[row["cluster_id"]], row["documents"], row["specialisation"])
                for row in sorted(rows, key=lambda row: (-row["parts"], row["cluster_id"]))[
                    :_LEADERS
                ]
            ),
        )
        for name, rows in by_field.items()
    ]
    return tuple(sorted(found, key=lambda field: (-field.world_share, field.name)))
