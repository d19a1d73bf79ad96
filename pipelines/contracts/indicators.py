"""Contracts of stage 4, indicators: what is said of clusters, economies and the world, by edition.

Only shares are floats; all sums before them are whole numbers.
"""

from pipelines.contracts.common import (
    CLUSTER,
    COUNTRY,
    EDITION,
    IS_IDENTIFIED,
    KIND,
    MENTIONS,
    NAME_AS_WRITTEN,
    PRECISION,
    YEAR,
    count,
    number,
    parts,
    products,
    share,
    text,
)
from pipelines.contracts.model import Column, Rule, Table
from pipelines.editions import editions

_CLUSTER_NUMBER = number("cluster_number", "Cluster, as numbered within the edition")
LEADS = ("patent-led", "science-led", "balanced")
LEAD_PERCENT = 60
"""Of a cluster's total share: from here on the source that gives it leads (method 8)."""
_WITHOUT_INTENSITY_RANKING = ", ".join(
    str(number) for number, one in editions().items() if not one.intensity_ranking.value
)
PLACES = ("top 100", "other clusters", "outside clusters", "unlocated")
"""Where the world's output lies: each part of a document is in exactly one of these."""
PARTNERS = (
    "own cluster",
    "other cluster",
    "outside clusters, same economies",
    "outside clusters, abroad",
    "unlocated",
)
"""Where the other addresses of a cluster's documents lie: each is exactly one of these."""
PARTNER_TOTALS = ("anywhere else", "anywhere abroad")
"""Sums over partners, for the part of output that is made with others."""


def _growth(name: str, meaning: str) -> Column:
    meaning = f"{meaning}, less 1; empty where that was 0"
    return Column(name, "float64", meaning, "1", nullable=True, minimum=-1)


CLUSTER_YEARS = Table(
    "cluster_years",
    "indicators",
    "the output of a cluster in one source and year, on this edition's geography",
    partition="edition",
    key=("cluster_id", "kind", "year"),
    released=True,
    columns=(
        EDITION,
        CLUSTER,
        KIND,
        YEAR,
        Column("in_window", "bool", "Whether the year counts in this edition"),
        count("addresses", "Addresses", "addresses"),
        parts("parts", "Fractional count"),
    ),
)

RANKING = Table(
    "ranking",
    "indicators",
    "a cluster in the order of its share of the world's output",
    partition="edition",
    key=("rank",),
    released=True,
    columns=(
        EDITION,
        number("rank", "Rank by the sum of both shares; equal sums by cluster_id"),
        CLUSTER,
        text("name", "Name of the cluster", nullable=False),
        text("economies", "Economies with 1 % or more of the output", nullable=False),
        Column(
            "patents", "float64", "PCT applications, fractional count", "applications", minimum=0
        ),
        Column("publications", "float64", "Articles, fractional count", "articles", minimum=0),
        share("patent_share", "Share of the world's applications"),
        share("publication_share", "Share of the world's articles"),
        Column("total_share", "float64", "Sum of both shares", "1", minimum=0, maximum=2),
        Column(
            "previous_rank_same_geography",
            "int32",
            "Rank of both windows a year earlier, on this edition's clusters",
            nullable=True,
            minimum=1,
        ),
        Column(
            "previous_rank_as_released",
            "int32",
            "Rank in the edition released before, where there is one",
            nullable=True,
            minimum=1,
        ),
        Column(
            "rank_change",
            "int32",
            "Places gained since the edition before, as released: positive is up",
            nullable=True,
        ),
        _growth("patent_growth", "Newest year of the window against the year before the window"),
        _growth(
            "publication_growth", "Newest year of the window against the year before the window"
        ),
        _growth(
            "patent_growth_since_last_edition",
            "This window against the last edition's, both on this edition's clusters",
        ),
        _growth(
            "publication_growth_since_last_edition",
            "This window against the last edition's, both on this edition's clusters",
        ),
        Column(
            "lead",
            "string",
            f"Which source gives {LEAD_PERCENT} % or more of the total; "
            "empty where the edition has one source",
            nullable=True,
            allowed=LEADS,
        ),
        count(
            "population",
            "Inhabitants within 0.05 degrees of the centre of one of its cells",
            "persons",
        ),
        Column(
            "intensity",
            "float64",
            "Total share per million inhabitants; empty where nobody is known to live there",
            "percent per million inhabitants",
            nullable=True,
            minimum=0,
        ),
        number(
            "intensity_rank",
            "Rank by intensity among the top 100; empty in editions for which WIPO made no such ranking, "
            "before 2020",
            nullable=True,
        ),
    ),
    rules=(
        Rule(
            "total_is_the_sum",
            "the total is the sum of both shares",
            "abs(total_share - patent_share - publication_share) < 1e-12",
        ),
        Rule(
            "intensity_ranks_the_top_100",
            "an intensity rank exactly for the top 100 with an intensity, of editions that rank by it",
            "(intensity_rank IS NOT NULL) = "
            f"(rank <= 100 AND intensity IS NOT NULL AND edition NOT IN ({_WITHOUT_INTENSITY_RANKING}))",
        ),
    ),
)

RANK_SENSITIVITY = Table(
    "rank_sensitivity",
    "indicators",
    "a cluster's rank and shares where one year of each source's window is left out",
    partition="edition",
    key=("window_year", "rank"),
    released=True,
    columns=(
        EDITION,
        Column(
            "window_year",
            "int32",
            "The year of each source's window that is left out, counted from 1, the oldest",
            minimum=1,
            maximum=5,
        ),
        number("rank", "Rank by the sum of both shares in the other four years"),
        CLUSTER,
        share("patent_share", "Share of the world's applications of the other four years"),
        share("publication_share", "Share of the world's articles of the other four years"),
        Column("total_share", "float64", "Sum of both shares", "1", minimum=0, maximum=2),
    ),
)

CLUSTER_POPULATION = Table(
    "cluster_population",
    "indicators",
    "a cluster with the people who live in and around it",
    partition="edition",
    key=("cluster_id",),
    columns=(
        EDITION,
        CLUSTER,
        count(
            "population",
            "Inhabitants within 0.05 degrees of the centre of one of its cells",
            "persons",
        ),
    ),
)

CLUSTER_FIELDS = Table(
    "cluster_fields",
    "indicators",
    "a field of technology or science in a cluster",
    partition="edition",
    key=("cluster_id", "kind", "scheme", "field"),
    released=True,
    columns=(
        EDITION,
        CLUSTER,
        KIND,
        text("scheme", "Classification: `wipo35` for patents, else the source's", nullable=False),
        text("field", "Name of the field", nullable=False),
        number("rank", "Rank of the field within the cluster, kind and scheme"),
        products("parts", "Sum over documents of the cluster's part times the field's part"),
        Column("documents", "float64", "The same as a fractional count", "documents", minimum=0),
        share("share", "Share of the cluster's documents that have a field of the scheme"),
        share("world_share", "Share of the field in all the world's documents with one"),
        Column(
            "specialisation",
            "float64",
            "Specialisation index: share in the cluster by share in the world",
            "1",
            minimum=0,
        ),
    ),
)

NAMED_OUTPUT = Table(
    "named_output",
    "indicators",
    "what a cluster put out under a name of an applicant or institution, as written",
    partition="edition",
    personal=True,
    key=("kind", "cluster_number", "name"),
    columns=(
        EDITION,
        KIND,
        _CLUSTER_NUMBER,
        NAME_AS_WRITTEN,
        IS_IDENTIFIED,
        MENTIONS,
        products("parts", "Sum over documents of the cluster's part times the name's part"),
    ),
)

CLUSTER_ORGANISATIONS = Table(
    "cluster_organisations",
    "indicators",
    "one of a cluster's leading applicants or scientific organisations",
    partition="edition",
    key=("cluster_id", "kind", "rank"),
    released=True,
    columns=(
        EDITION,
        CLUSTER,
        KIND,
        Column("rank", "int32", "Rank within cluster and kind", minimum=1, maximum=20),
        text("organisation", "Name of the group, else its most frequent spelling", nullable=False),
        number("spellings", "Names as written that were taken for it"),
        products("parts", "Its part of the cluster's output"),
        Column("documents", "float64", "The same as a fractional count", "documents", minimum=0),
        share("share", "Share of all the cluster's output of the kind, named or not"),
    ),
)

COLLABORATION = Table(
    "collaboration",
    "indicators",
    "a partner of a cluster in one source: another cluster, places outside clusters, or a total",
    partition="edition",
    key=("cluster_id", "kind", "partner", "partner_cluster_id"),
    released=True,
    columns=(
        EDITION,
        CLUSTER,
        KIND,
        Column(
            "partner",
            "string",
            "Whom with; the ties of all but the two `anywhere` rows, which are totals, add up to the output",
            allowed=(*PARTNERS, *PARTNER_TOTALS),
        ),
        Column(
            "partner_cluster_id",
            "string",
            "The other cluster, where there is one",
            nullable=True,
            references="clusters.cluster_id",
        ),
        Column(
            "is_abroad", "bool", "Whether another cluster shares no economy with it", nullable=True
        ),
        count("documents", "Documents with an address in both", "documents"),
        parts("joint_parts", "The cluster's part of those documents"),
        share("joint_share", "Share of the cluster's output that is made with the partner"),
        products("tie", "Sum over documents of the product of the parts in both"),
        share("tie_share", "The tie, as a share of the cluster's output"),
    ),
    rules=(
        Rule(
            "other_clusters_are_named",
            "a partner cluster, at home or abroad, exactly for other clusters",
            "(partner_cluster_id IS NOT NULL) = (partner = 'other cluster') "
            "AND (is_abroad IS NOT NULL) = (partner = 'other cluster')",
        ),
    ),
)

ECONOMIES = Table(
    "economies",
    "indicators",
    "an economy with clusters in the top 100",
    partition="edition",
    key=("country",),
    released=True,
    columns=(
        EDITION,
        Column("country", "string", COUNTRY.meaning, unit=COUNTRY.unit),
        count(
            "clusters", "Clusters in the top 100; one across a border counts for each", "clusters"
        ),
        count("all_clusters", "Clusters of any rank", "clusters"),
        count("leading_rank", "Best rank of its clusters", "rank"),
        share("patent_share", "Share of the world's applications in its top-100 clusters"),
        share("publication_share", "Share of the world's articles in its top-100 clusters"),
        Column("total_share", "float64", "Sum of both shares", "1", minimum=0, maximum=2),
        share(
            "herfindahl_hirschman_index",
            "Concentration of that sum on single clusters: sum of their squared shares in it",
        ),
    ),
)

CONCENTRATION = Table(
    "concentration",
    "indicators",
    "a measure of output, with how far it is concentrated on the leading clusters",
    partition="edition",
    key=("measure",),
    released=True,
    columns=(
        EDITION,
        Column(
            "measure",
            "string",
            "Applications, articles, or the sum of both shares, divided by the number of sources",
            allowed=("patent", "publication", "total"),
        ),
        count("clusters", "Clusters of any rank", "clusters"),
        share("top_10_share", "Share of the world's output in the first 10 of the ranking"),
        share("top_100_share", "Share of the world's output in the first 100 of the ranking"),
        share("all_clusters_share", "Share of the world's output in all clusters"),
        share(
            "herfindahl_hirschman_index",
            "Sum of squared shares of the clusters in what all clusters put out",
        ),
    ),
    rules=(
        Rule(
            "shares_grow",
            "more clusters hold no less",
            "top_10_share <= top_100_share AND top_100_share <= all_clusters_share",
        ),
    ),
)

WORLD = Table(
    "world",
    "indicators",
    "where the world's output of one source lies",
    partition="edition",
    key=("kind", "place"),
    released=True,
    columns=(
        EDITION,
        KIND,
        Column(
            "place",
            "string",
            "Where",
            allowed=PLACES,
        ),
        count("addresses", "Addresses", "addresses"),
        parts("parts", "Fractional count"),
        share("share", "Share of all output of the source"),
    ),
)

EDITION_GEOCODING_QUALITY = Table(
    "edition_geocoding_quality",
    "indicators",
    "a precision reached by the addresses of a kind and country over the edition's window",
    partition="edition",
    key=("kind", "country", "precision"),
    released=True,
    columns=(
        EDITION,
        KIND,
        COUNTRY,
        PRECISION,
        count("addresses", "Addresses", "addresses"),
        parts("parts", "Sum of the addresses' parts"),
        share("address_share", "Share of the addresses of the kind and country"),
    ),
)

TABLES = (
    CLUSTER_YEARS,
    CLUSTER_POPULATION,
    RANKING,
    RANK_SENSITIVITY,
    CLUSTER_FIELDS,
    NAMED_OUTPUT,
    CLUSTER_ORGANISATIONS,
    COLLABORATION,
    ECONOMIES,
    WORLD,
    CONCENTRATION,
    EDITION_GEOCODING_QUALITY,
)
