-- Every cluster has one outline.
SELECT clusters.cluster_id
FROM clusters
ANTI JOIN cluster_areas USING (cluster_id)
