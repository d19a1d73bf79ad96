-- Every cluster of the edition appears or comes from one of the edition before, under one id alone.
WITH merged AS (
    SELECT DISTINCT cluster_number
    FROM raw_clusters
),

told AS (
    SELECT
        cluster_number,
        count(DISTINCT cluster_id) AS ids
    FROM lineage
    WHERE cluster_number IS NOT NULL
    GROUP BY cluster_number
)

SELECT
    merged.cluster_number AS cluster_delineated,
    told.*
FROM merged
FULL JOIN told ON merged.cluster_number = told.cluster_number
WHERE
    merged.cluster_number IS NULL
    OR told.cluster_number IS NULL
    OR told.ids > 1
