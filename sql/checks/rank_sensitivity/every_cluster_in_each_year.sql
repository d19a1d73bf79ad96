-- Whichever year is left out, the ranks are those of all clusters, from 1 without a gap.
WITH counted AS (
    SELECT
        window_year,
        count(*) AS clusters,
        count(DISTINCT cluster_id) AS distinct_clusters,
        max(rank) AS last_rank
    FROM rank_sensitivity
    GROUP BY window_year
),

expected AS (
    SELECT
        unnest(generate_series(1, 5)) AS window_year,
        count(DISTINCT cluster_id) AS clusters
    FROM cluster_years
    HAVING count(DISTINCT cluster_id) > 0
)

SELECT
    expected.window_year,
    expected.clusters AS clusters_expected,
    counted.clusters,
    counted.distinct_clusters,
    counted.last_rank
FROM expected
FULL JOIN counted ON expected.window_year = counted.window_year
WHERE
    expected.clusters IS DISTINCT FROM counted.clusters
    OR expected.clusters IS DISTINCT FROM counted.distinct_clusters
    OR expected.clusters IS DISTINCT FROM counted.last_rank
