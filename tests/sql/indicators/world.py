"""A world of five applications in three clusters, small enough to be counted by hand.

Cluster 1 (JP): 0.6 of A, 0.5 of B, all of C, 0.2 of D = 2.3. Cluster 2 (JP): 0.4 of A, 0.9 of E = 1.3.
Cluster 3 (KR): 0.7 of D.
"""

from pipelines.contracts import clusters
from pipelines.contracts.common import PARTS_PER_DOCUMENT
from tests.sql.conftest import documents_at

A, B, C, D, E = 1, 2, 3, 4, 5

TOTALS = [
    {
        "kind": "patent",
        "first_year": 2014,
        "last_year": 2018,
        "documents": 10,
        "addresses": 20,
    }
]

CLUSTERS = [
    {
        "cluster_id": identifier,
        "cluster_number": number,
        "name": identifier,
        "economies": economies,
        "patent_parts": parts,
        "publication_parts": 0,
        "patent_addresses": addresses,
        "publication_addresses": 0,
    }
    for number, (identifier, economies, parts, addresses) in enumerate(
        [
            ("jp-one", "JP", 2_300_000_000, 4),
            ("jp-two", "JP", 1_300_000_000, 2),
            ("kr-one", "KR", 700_000_000, 1),
        ],
        start=1,
    )
]


ELSEWHERE = 99
CELLS = [{"cluster_id": row["cluster_id"], "h3_cell": row["cluster_number"]} for row in CLUSTERS]
"""A cluster is one cell, of its own number."""


def placed(
    document: int,
    tenths: int,
    cluster: int | None = None,
    country: str | None = None,
    *,
    is_located: bool = True,
    kind: str = "patent",
) -> dict[str, object]:
    """Some tenths of a document of 2018 in a cluster, or in a country elsewhere."""
    return {
        "kind": kind,
        "year": 2018,
        "document_number": document,
        "h3_cell": cluster or (ELSEWHERE if is_located else None),
        "country": country,
        "part": tenths * PARTS_PER_DOCUMENT // 10,
    }


PLACED = [
    placed(A, 6, 1),
    placed(A, 4, 2),
    placed(B, 5, 1),
    placed(B, 3, None, "JP"),
    placed(B, 2, None, "US"),
    placed(C, 10, 1),
    placed(D, 2, 1),
    placed(D, 7, 3),
    placed(D, 1, None, "US", is_located=False),
    placed(E, 9, 2),
    placed(E, 1, None, None, is_located=False),
]

INPUTS = {
    **documents_at(PLACED),
    clusters.CLUSTERS: CLUSTERS,
    clusters.CLUSTER_CELLS: CELLS,
    clusters.EDITION_TOTALS: TOTALS,
}
