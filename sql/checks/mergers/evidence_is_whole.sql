-- A pair that met is two clusters of the density, the smaller is one of them, and distance and ties
-- are stated; a pair under an override may lie farther apart than distances are taken, and only an
-- override that met no two clusters has none of these.
WITH density AS (
    SELECT DISTINCT raw_cluster
    FROM edition_cells
    WHERE raw_cluster IS NOT NULL
)

SELECT
    mergers.round,
    mergers.cluster_a,
    mergers.cluster_b,
    mergers.smaller,
    mergers.verdict
FROM mergers
LEFT JOIN density AS one ON mergers.cluster_a = one.raw_cluster
LEFT JOIN density AS other ON mergers.cluster_b = other.raw_cluster
WHERE
    mergers.verdict <> 'unused'
    AND NOT coalesce(
        one.raw_cluster < other.raw_cluster
        AND mergers.smaller IN (one.raw_cluster, other.raw_cluster)
        AND (mergers.edge_distance_km IS NOT NULL OR starts_with(mergers.reason, 'override '))
        AND mergers.total_tie IS NOT NULL,
        FALSE
    )
