-- Every cluster has its population.
SELECT clusters.cluster_id
FROM clusters
LEFT JOIN cluster_population ON clusters.cluster_id = cluster_population.cluster_id
WHERE cluster_population.population IS NULL
