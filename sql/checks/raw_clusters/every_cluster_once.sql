-- Every cluster of the density went into one cluster after mergers, and no other did.
WITH density AS (
    SELECT DISTINCT raw_cluster
    FROM edition_cells
    WHERE raw_cluster IS NOT NULL
)

SELECT
    density.raw_cluster AS cluster_of_density,
    raw_clusters.raw_cluster AS cluster_assigned
FROM density
FULL JOIN raw_clusters ON density.raw_cluster = raw_clusters.raw_cluster
WHERE density.raw_cluster IS NULL OR raw_clusters.raw_cluster IS NULL
