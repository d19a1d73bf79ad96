-- The ties with the five kinds of partners add up to the cluster's output, exactly.
WITH output AS (
    SELECT
        clusters.cluster_id,
        kinds.kind,
        if(kinds.kind = 'patent', clusters.patent_parts, clusters.publication_parts) AS parts
    FROM clusters
    CROSS JOIN (VALUES ('patent'), ('publication')) AS kinds (kind)
),

tied AS (
    SELECT
        cluster_id,
        kind,
        sum(tie)::HUGEINT AS tie
    FROM collaboration
    WHERE NOT starts_with(partner, 'anywhere')
    GROUP BY cluster_id, kind
)

SELECT
    output.cluster_id,
    output.kind,
    output.parts,
    tied.tie
FROM output
LEFT JOIN tied ON output.cluster_id = tied.cluster_id AND output.kind = tied.kind
WHERE coalesce(tied.tie, 0) <> output.parts * 1000000000::HUGEINT
