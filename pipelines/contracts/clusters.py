"""Contracts of stage 3, clusters: from weights by cell to named clusters, by edition."""

from pipelines.contracts.common import (
    CLUSTER,
    CLUSTER_ID,
    COUNTRY,
    EDITION,
    H3_CELL,
    KIND,
    LAT,
    LNG,
    PLACE_ID,
    ROLES,
    SIMULATED,
    count,
    number,
    optional,
    parts,
    products,
    share,
    text,
)
from pipelines.contracts.model import Column, Rule, Table

_WEIGHT = count(
    "weight",
    "Weight in the density: each address weighs as many as the other source has in its window, divided "
    "by the greatest common divisor of both; 1 where one source counts",
    "weight of addresses",
)
_RAW_CLUSTER = Column("raw_cluster", "int32", "Cluster before mergers", minimum=1)
_CLUSTER_NUMBER = number("cluster_number", "Cluster after mergers, numbered within the edition")

EDITION_TOTALS = Table(
    "edition_totals",
    "clusters",
    "a source of the edition, with its window and its world totals",
    partition="edition",
    key=("kind",),
    columns=(
        EDITION,
        KIND,
        Column("first_year", "int32", "First publication year of the window", unit="year"),
        Column("last_year", "int32", "Last publication year of the window", unit="year"),
        count("documents", "Documents of the window, located or not", "documents"),
        count("addresses", "Addresses of the window, located or not", "addresses"),
        Column(
            "weight_per_address",
            "int64",
            "Integer weight of one address in the density, so that both sources weigh the same",
            minimum=0,
        ),
        Column(
            "threshold_weight",
            "int64",
            "Density threshold in the same weights: min_points inventor addresses",
            minimum=0,
        ),
    ),
    rules=(Rule("window_is_five_years", "exactly five years", "last_year - first_year = 4"),),
    filled=True,
)

EDITION_WEIGHTS = Table(
    "edition_weights",
    "clusters",
    "an H3 cell with what lies in it over the edition's windows",
    partition="edition",
    key=("h3_cell",),
    columns=(
        EDITION,
        H3_CELL,
        Column(COUNTRY.name, "string", "Country of most of its weight", nullable=True),
        count("patent_addresses", "Inventor addresses", "addresses"),
        count("publication_addresses", "Author addresses", "addresses"),
        parts("patent_parts", "Parts of applications"),
        parts("publication_parts", "Parts of articles"),
        _WEIGHT,
    ),
)

EDITION_CELLS = Table(
    "edition_cells",
    "clusters",
    "an H3 cell with its role in the density and the cluster that density gives it",
    partition="edition",
    key=("h3_cell",),
    columns=(
        EDITION,
        H3_CELL,
        LAT,
        LNG,
        _WEIGHT,
        Column("role", "string", "Role in the density", allowed=(*ROLES, "noise")),
        optional(_RAW_CLUSTER),
    ),
    rules=(
        Rule(
            "noise_has_no_cluster",
            "a raw cluster exactly where the cell is not noise",
            "(raw_cluster IS NULL) = (role = 'noise')",
        ),
    ),
)

RAW_CLUSTERS = Table(
    "raw_clusters",
    "clusters",
    "a cluster before mergers and the one that it went into",
    partition="edition",
    key=("raw_cluster",),
    columns=(EDITION, _RAW_CLUSTER, _CLUSTER_NUMBER),
)

CLUSTER_PLACES = Table(
    "cluster_places",
    "clusters",
    "a place and country of a cluster, with the output that has its address there",
    partition="edition",
    key=("cluster_number", "country", "place_id"),
    columns=(
        EDITION,
        _CLUSTER_NUMBER,
        COUNTRY,
        optional(PLACE_ID),
        parts("patent_parts", "Parts of applications"),
        parts("publication_parts", "Parts of articles"),
        Column(
            "output",
            "integer38",
            "Sum of both shares of the world's output, on their common denominator",
            "parts times documents of the other source's world",
            minimum=0,
        ),
    ),
)

CLUSTER_TIES = Table(
    "cluster_ties",
    "clusters",
    "how strongly two raw clusters work together in one source",
    partition="edition",
    key=("kind", "cluster_a", "cluster_b"),
    columns=(
        EDITION,
        KIND,
        Column("cluster_a", "int32", "Raw cluster; -1: the points outside clusters", minimum=-1),
        Column("cluster_b", "int32", "Raw cluster with the greater number", minimum=1),
        products("tie", "Sum over documents of the product of their parts in the two"),
    ),
    rules=(Rule("pairs_once", "a below b", "cluster_a < cluster_b"),),
)

MERGERS = Table(
    "mergers",
    "clusters",
    "a pair of neighbouring clusters that was examined for merging, with the evidence",
    partition="edition",
    key=("round", "cluster_a", "cluster_b"),
    released=True,
    columns=(
        EDITION,
        count("round", "Round of merging; 0 for an override that met no two clusters", "round"),
        optional(number("cluster_a", "Raw cluster that gives one side its number")),
        optional(number("cluster_b", "Raw cluster that gives the other side its number")),
        text("name_a", "Place of most weight in cluster_a"),
        text("name_b", "Place of most weight in cluster_b"),
        Column(
            "edge_distance_km",
            "float64",
            "Least distance of cell centres",
            "km",
            minimum=0,
            nullable=True,
        ),
        Column("patent_tie", "float64", "Joint applications", "applications", nullable=True),
        Column("publication_tie", "float64", "Joint articles", "articles", nullable=True),
        Column("total_tie", "float64", "Sum of both, as shares of the world", "1", nullable=True),
        optional(number("smaller", "The smaller one of the two")),
        Column(
            "runner_up",
            "int32",
            "Strongest other partner of the smaller one; -1 for the points outside clusters",
            nullable=True,
        ),
        Column("runner_up_tie", "float64", "Tie with that partner", "1", nullable=True),
        Column(
            "verdict",
            "string",
            "Outcome; `qualifies`: a stronger pair merged first",
            allowed=("merged", "qualifies", "rejected", "unused"),
        ),
        text("reason", "What decided", nullable=False),
    ),
)

CLUSTERS = Table(
    "clusters",
    "clusters",
    "a cluster",
    partition="edition",
    key=("cluster_id",),
    released=True,
    columns=(
        EDITION,
        CLUSTER_ID,
        _CLUSTER_NUMBER,
        text(
            "name",
            "Main cities, with the state's code in the United States and Canada",
            nullable=False,
        ),
        text("economies", "Economies with 1 % or more of the output, by output", nullable=False),
        Column("lat", "float64", "Latitude of the main place", LAT.unit, minimum=-90, maximum=90),
        Column(
            "lng", "float64", "Longitude of the main place", LNG.unit, minimum=-180, maximum=180
        ),
        count("cells", "H3 cells", "cells"),
        count("core_cells", "Core cells among them", "cells"),
        count("raw_clusters", "Clusters before mergers that it is made of", "clusters"),
        count("patent_addresses", "Inventor addresses", "addresses"),
        count("publication_addresses", "Author addresses", "addresses"),
        parts("patent_parts", "Applications, fractional count"),
        parts("publication_parts", "Articles, fractional count"),
        SIMULATED,
    ),
)

CLUSTER_CELLS = Table(
    "cluster_cells",
    "clusters",
    "an H3 cell of a cluster",
    partition="edition",
    key=("h3_cell",),
    released=True,
    columns=(
        EDITION,
        CLUSTER,
        H3_CELL,
        text("h3", "The same cell as text", nullable=False),
        LAT,
        LNG,
        Column("role", "string", "Role in the density", allowed=ROLES),
        _RAW_CLUSTER,
        _WEIGHT,
        parts("patent_parts", "Applications, fractional count"),
        parts("publication_parts", "Articles, fractional count"),
    ),
)

CLUSTER_AREAS = Table(
    "cluster_areas",
    "clusters",
    "the outline of a cluster's cells",
    partition="edition",
    key=("cluster_id",),
    released=True,
    columns=(
        EDITION,
        CLUSTER,
        text("name", "Name of the cluster", nullable=False),
        SIMULATED,
        Column("geometry", "binary", "MultiPolygon, well-known binary", "degrees, WGS 84"),
        Column("west", "float64", "Western edge", LNG.unit, minimum=-180, maximum=180),
        Column("south", "float64", "Southern edge", LAT.unit, minimum=-90, maximum=90),
        Column("east", "float64", "Eastern edge", LNG.unit, minimum=-180, maximum=180),
        Column("north", "float64", "Northern edge", LAT.unit, minimum=-90, maximum=90),
    ),
)

LINEAGE = Table(
    "lineage",
    "clusters",
    "a link between a cluster of this edition and one of the edition released before",
    partition="edition",
    key=("previous_cluster_id", "cluster_id"),
    released=True,
    columns=(
        EDITION,
        Column("previous_edition", "int32", "Edition released before", "year", nullable=True),
        text("previous_cluster_id", "Cluster of the edition before; empty where one appears"),
        text("cluster_id", "Cluster of this edition; empty where one disappears"),
        optional(_CLUSTER_NUMBER),
        Column(
            "event",
            "string",
            "What became of it; `overlaps`: shared cells, but most of neither",
            allowed=("continues", "merges", "splits", "overlaps", "appears", "disappears"),
        ),
        count("overlap_weight", "Weight of the shared cells, this edition's", _WEIGHT.unit or ""),
        share("share_of_previous", "Part of the former cluster's weight in it", nullable=True),
        share("share_of_current", "Part of this cluster's weight from it", nullable=True),
    ),
)

CLUSTER_NAMES = Table(
    "cluster_names",
    "clusters",
    "a cluster with its identity, name, economies and main place",
    partition="edition",
    key=("cluster_number",),
    columns=(
        EDITION,
        _CLUSTER_NUMBER,
        CLUSTER_ID,
        text("name", "Main cities, with the state's code in the USA and Canada", nullable=False),
        text("economies", "Economies with 1 % or more of the output", nullable=False),
        LAT,
        LNG,
    ),
)

TABLES = (
    EDITION_TOTALS,
    EDITION_WEIGHTS,
    EDITION_CELLS,
    CLUSTER_TIES,
    MERGERS,
    RAW_CLUSTERS,
    CLUSTER_PLACES,
    LINEAGE,
    CLUSTER_NAMES,
    CLUSTERS,
    CLUSTER_CELLS,
    CLUSTER_AREAS,
)
