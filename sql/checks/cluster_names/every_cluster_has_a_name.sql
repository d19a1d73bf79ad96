-- Every cluster after mergers has its name, and each id belongs to one cluster.
WITH merged AS (
    SELECT DISTINCT cluster_number
    FROM lineage
    WHERE cluster_number IS NOT NULL
),

named AS (
    SELECT
        cluster_number,
        cluster_id,
        count(*) OVER (PARTITION BY cluster_id) AS clusters_of_id
    FROM cluster_names
)

SELECT
    merged.cluster_number AS cluster_delineated,
    named.*
FROM merged
FULL JOIN named ON merged.cluster_number = named.cluster_number
WHERE
    merged.cluster_number IS NULL
    OR named.cluster_number IS NULL
    OR named.clusters_of_id > 1
