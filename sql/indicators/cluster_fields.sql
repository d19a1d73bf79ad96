-- One row per cluster and field of technology or science.
-- Inputs: document_clusters, clusters, edition_totals, patent_fields, ipc_fields, article_fields.
-- Source: method 8. A document's part in a cluster times the field's part of the document, summed as
-- whole numbers. Specialisation: the field's share in the cluster by its share in the world, where the
-- world is every document with a field, located or not.
WITH field_names AS (
    SELECT DISTINCT
        field_number,
        field
    FROM ipc_fields
),

fields AS (
    SELECT
        'patent' AS kind,
        patent_fields.year,
        patent_fields.document_number,
        'wipo35' AS scheme,
        field_names.field,
        patent_fields.part
    FROM patent_fields
    INNER JOIN field_names ON patent_fields.field_number = field_names.field_number
    UNION ALL
    SELECT
        'publication' AS kind,
        year,
        document_number,
        scheme,
        field,
        part
    FROM article_fields
),

windowed AS (
    SELECT fields.*
    FROM fields
    INNER JOIN edition_totals
        ON
            fields.kind = edition_totals.kind
            AND fields.year BETWEEN edition_totals.first_year AND edition_totals.last_year
),

world AS (
    SELECT
        kind,
        scheme,
        field,
        sum(part) / sum(sum(part)) OVER (PARTITION BY kind, scheme) AS share
    FROM windowed
    GROUP BY kind, scheme, field
),

counted AS (
    SELECT
        document_clusters.cluster_number,
        windowed.kind,
        windowed.scheme,
        windowed.field,
        sum(document_clusters.part::HUGEINT * windowed.part::HUGEINT) AS parts
    FROM document_clusters
    INNER JOIN windowed
        ON
            document_clusters.kind = windowed.kind
            AND document_clusters.year = windowed.year
            AND document_clusters.document_number = windowed.document_number
    WHERE document_clusters.cluster_number IS NOT NULL
    GROUP BY document_clusters.cluster_number, windowed.kind, windowed.scheme, windowed.field
),

shared AS (
    SELECT
        *,
        parts / sum(parts) OVER (PARTITION BY cluster_number, kind, scheme) AS share,
        row_number() OVER (
            PARTITION BY cluster_number, kind, scheme ORDER BY parts DESC, field ASC
        )::INTEGER AS rank
    FROM counted
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    clusters.cluster_id,
    shared.kind,
    shared.scheme,
    shared.field,
    shared.rank,
    shared.parts::DECIMAL(38, 0) AS parts,
    shared.parts / 1e18 AS documents,
    shared.share,
    world.share AS world_share,
    shared.share / world.share AS specialisation
FROM shared
INNER JOIN clusters ON shared.cluster_number = clusters.cluster_number
INNER JOIN world
    ON shared.kind = world.kind AND shared.scheme = world.scheme AND shared.field = world.field
