-- The ranks are a permutation: every cluster has one of 1 to the number of clusters.
SELECT
    clusters.cluster_id,
    ranking.rank
FROM clusters
FULL JOIN ranking ON clusters.cluster_id = ranking.cluster_id
QUALIFY
    ranking.rank IS NULL
    OR clusters.cluster_id IS NULL
    OR ranking.rank <> row_number() OVER (ORDER BY ranking.rank NULLS LAST, clusters.cluster_id)
