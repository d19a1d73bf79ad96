-- One row per cluster: its name, economies, size and counts.
-- Inputs: cluster_names, edition_cells, edition_weights, raw_clusters. Source: method 7.
SELECT
    getvariable('edition')::INTEGER AS edition,
    cluster_names.cluster_id,
    cluster_names.cluster_number,
    cluster_names.name,
    cluster_names.economies,
    cluster_names.lat,
    cluster_names.lng,
    count(*) AS cells,
    count(*) FILTER (WHERE edition_cells.role = 'core') AS core_cells,
    count(DISTINCT raw_clusters.raw_cluster) AS raw_clusters,
    sum(edition_weights.patent_addresses)::BIGINT AS patent_addresses,
    sum(edition_weights.publication_addresses)::BIGINT AS publication_addresses,
    sum(edition_weights.patent_parts)::BIGINT AS patent_parts,
    sum(edition_weights.publication_parts)::BIGINT AS publication_parts,
    getvariable('simulated')::BOOLEAN AS simulated
FROM edition_cells
INNER JOIN edition_weights USING (h3_cell)
INNER JOIN raw_clusters USING (raw_cluster)
INNER JOIN cluster_names USING (cluster_number)
GROUP BY ALL
