-- A classification's fields hold no more than all that the cluster put out.
SELECT
    clusters.cluster_id,
    cluster_fields.kind,
    cluster_fields.scheme,
    sum(cluster_fields.parts) AS parts
FROM cluster_fields
INNER JOIN clusters ON cluster_fields.cluster_id = clusters.cluster_id
GROUP BY ALL
HAVING
    sum(cluster_fields.parts)::HUGEINT
    > any_value(
        if(cluster_fields.kind = 'patent', clusters.patent_parts, clusters.publication_parts)
    )
    * 1000000000::HUGEINT
