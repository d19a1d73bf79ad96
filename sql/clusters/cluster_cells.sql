-- One row per H3 cell of a cluster.
-- Inputs: edition_cells, edition_weights, raw_clusters, cluster_names. Source: method 5 and 6.
SELECT
    getvariable('edition')::INTEGER AS edition,
    cluster_names.cluster_id,
    edition_cells.h3_cell,
    lower(to_hex(edition_cells.h3_cell)) AS h3,
    edition_cells.lat,
    edition_cells.lng,
    edition_cells.role,
    edition_cells.raw_cluster,
    edition_cells.weight,
    edition_weights.patent_parts,
    edition_weights.publication_parts
FROM edition_cells
INNER JOIN edition_weights USING (h3_cell)
INNER JOIN raw_clusters USING (raw_cluster)
INNER JOIN cluster_names USING (cluster_number)
