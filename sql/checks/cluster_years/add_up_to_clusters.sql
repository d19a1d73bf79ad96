-- The years of the window add up to the addresses and parts of the clusters, exactly.
SELECT
    clusters.cluster_id,
    sum(cluster_years.parts) FILTER (WHERE cluster_years.kind = 'patent') AS patent_parts,
    sum(cluster_years.parts) FILTER (WHERE cluster_years.kind = 'publication') AS publication_parts
FROM clusters
LEFT JOIN cluster_years
    ON clusters.cluster_id = cluster_years.cluster_id AND cluster_years.in_window
GROUP BY clusters.cluster_id
HAVING
    coalesce(sum(cluster_years.parts) FILTER (WHERE cluster_years.kind = 'patent'), 0)
    <> any_value(clusters.patent_parts)
    OR coalesce(sum(cluster_years.parts) FILTER (WHERE cluster_years.kind = 'publication'), 0)
    <> any_value(clusters.publication_parts)
    OR coalesce(sum(cluster_years.addresses), 0)
    <> any_value(clusters.patent_addresses + clusters.publication_addresses)
