"""Contracts of stage 4, indicators: what is said of clusters, economies and the world, by edition."""

from pipelines.contracts.common import (
    CLUSTER_ID,
    COUNTRY,
    EDITION,
    KIND,
    PRECISION,
    YEAR,
    count,
    number,
    optional,
    parts,
    share,
    text,
)
from pipelines.contracts.model import Column, Rule, Table

_CLUSTER = Column(CLUSTER_ID.name, "string", CLUSTER_ID.meaning, references="clusters.cluster_id")

CLUSTER_YEARS = Table(
    "cluster_years",
    "indicators",
    "the output of a cluster in one source and year, on this edition's geography",
    partition="edition",
    key=("cluster_id", "kind", "year"),
    released=True,
    columns=(
        EDITION,
        _CLUSTER,
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
        number("rank", "Rank by the sum of both shares"),
        _CLUSTER,
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
            "Rank of the window a year before, on this edition's clusters",
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
        Column(
            "patent_growth",
            "float64",
            "Newest year of the window against the year before the window, less 1",
            "1",
            nullable=True,
            minimum=-1,
        ),
        Column(
            "publication_growth",
            "float64",
            "Newest year of the window against the year before the window, less 1",
            "1",
            nullable=True,
            minimum=-1,
        ),
    ),
    rules=(
        Rule(
            "total_is_the_sum",
            "the total is the sum of both shares",
            "abs(total_share - patent_share - publication_share) < 1e-12",
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
        count("leading_rank", "Best rank among them", "rank"),
        share("patent_share", "Their summed share of the world's applications"),
        share("publication_share", "Their summed share of the world's articles"),
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
            allowed=("top 100", "other clusters", "outside clusters", "unlocated"),
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
        optional(COUNTRY),
        PRECISION,
        count("addresses", "Addresses", "addresses"),
        parts("parts", "Sum of the addresses' parts"),
        share("address_share", "Share of the addresses of the kind and country"),
    ),
)

TABLES = (CLUSTER_YEARS, RANKING, ECONOMIES, WORLD, EDITION_GEOCODING_QUALITY)
