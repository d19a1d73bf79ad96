-- Every economy of a cluster in the top 100 is there, with as many clusters as list it.
SELECT
    listed.country,
    listed.clusters,
    economies.clusters AS clusters_found
FROM (
    SELECT
        country,
        count(*) AS clusters
    FROM (
        SELECT unnest(string_split(economies, '/')) AS country
        FROM ranking
        WHERE rank <= 100
    ) AS of_clusters
    GROUP BY country
) AS listed
FULL JOIN economies ON listed.country = economies.country
WHERE listed.clusters IS DISTINCT FROM economies.clusters
