-- Every cluster of the edition appears or comes from one of the edition before.
WITH counts AS (
    SELECT
        (SELECT count(DISTINCT raw_clusters.cluster_number) FROM raw_clusters) AS clusters,
        (SELECT count(DISTINCT lineage.cluster_id) FROM lineage) AS clusters_with_past
)

SELECT *
FROM counts
WHERE clusters <> clusters_with_past
