-- The parts of documents add up to the clusters' counts, exactly.
WITH counted AS (
    SELECT
        cluster_number,
        sum(part) FILTER (WHERE kind = 'patent') AS patent_parts,
        sum(part) FILTER (WHERE kind = 'publication') AS publication_parts,
        sum(addresses) AS addresses
    FROM document_clusters
    WHERE cluster_number IS NOT NULL
    GROUP BY cluster_number
)

SELECT
    clusters.cluster_id,
    counted.patent_parts,
    counted.publication_parts
FROM clusters
LEFT JOIN counted ON clusters.cluster_number = counted.cluster_number
WHERE
    clusters.patent_parts <> coalesce(counted.patent_parts, 0)
    OR clusters.publication_parts <> coalesce(counted.publication_parts, 0)
    OR clusters.patent_addresses + clusters.publication_addresses <> counted.addresses
