-- One row per cluster of the density, with the number of the cluster that it went into.
-- Inputs: edition_cells, mergers. Source: method 6. Of two that merged, the one of the lower number stays;
-- what it went into later is found by following the mergers. Clusters are numbered by their lowest part.
WITH RECURSIVE followed AS (
    SELECT DISTINCT
        raw_cluster,
        raw_cluster AS part_of
    FROM edition_cells
    WHERE raw_cluster IS NOT NULL
    UNION ALL
    SELECT
        followed.raw_cluster,
        mergers.cluster_a AS part_of
    FROM followed
    INNER JOIN mergers ON followed.part_of = mergers.cluster_b AND mergers.verdict = 'merged'
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    raw_cluster,
    (dense_rank() OVER (ORDER BY min(part_of)))::INTEGER AS cluster_number
FROM followed
GROUP BY raw_cluster
