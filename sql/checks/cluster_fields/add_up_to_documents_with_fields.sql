-- The fields' parts add up to the cluster's parts of the documents that have fields, exactly.
WITH classified AS (
    SELECT
        'patent' AS kind,
        year,
        document_number,
        'wipo35' AS scheme,
        sum(part) AS part
    FROM patent_fields
    GROUP BY year, document_number
    UNION ALL
    SELECT
        'publication' AS kind,
        year,
        document_number,
        scheme,
        sum(part) AS part
    FROM article_fields
    GROUP BY year, document_number, scheme
),

expected AS (
    SELECT
        clusters.cluster_id,
        classified.kind,
        classified.scheme,
        sum(document_clusters.part::HUGEINT * classified.part::HUGEINT) AS parts
    FROM document_clusters
    INNER JOIN clusters ON document_clusters.cluster_number = clusters.cluster_number
    INNER JOIN classified
        ON
            document_clusters.kind = classified.kind
            AND document_clusters.year = classified.year
            AND document_clusters.document_number = classified.document_number
    GROUP BY clusters.cluster_id, classified.kind, classified.scheme
),

found AS (
    SELECT
        cluster_id,
        kind,
        scheme,
        sum(parts)::HUGEINT AS parts
    FROM cluster_fields
    GROUP BY cluster_id, kind, scheme
)

SELECT
    expected.cluster_id,
    expected.kind,
    expected.scheme,
    expected.parts AS expected_parts,
    found.parts AS found_parts
FROM expected
FULL JOIN found
    ON
        expected.cluster_id = found.cluster_id
        AND expected.kind = found.kind
        AND expected.scheme = found.scheme
WHERE expected.parts IS DISTINCT FROM found.parts
