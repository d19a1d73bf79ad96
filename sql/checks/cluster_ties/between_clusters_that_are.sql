-- Ties are between clusters of the density, or with the points outside of them (-1).
WITH partners AS (
    SELECT DISTINCT raw_cluster
    FROM edition_cells
    WHERE raw_cluster IS NOT NULL
    UNION ALL
    SELECT -1 AS raw_cluster
)

SELECT
    cluster_ties.kind,
    cluster_ties.cluster_a,
    cluster_ties.cluster_b
FROM cluster_ties
LEFT JOIN partners AS one ON cluster_ties.cluster_a = one.raw_cluster
LEFT JOIN partners AS other ON cluster_ties.cluster_b = other.raw_cluster
WHERE one.raw_cluster IS NULL OR other.raw_cluster IS NULL
