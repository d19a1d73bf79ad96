-- What is named in a cluster is no more than all that the cluster put out.
SELECT
    clusters.cluster_id,
    named_output.kind,
    sum(named_output.parts) AS parts
FROM named_output
INNER JOIN clusters ON named_output.cluster_number = clusters.cluster_number
GROUP BY ALL
HAVING
    sum(named_output.parts)::HUGEINT
    > any_value(if(named_output.kind = 'patent', clusters.patent_parts, clusters.publication_parts))
    * 1000000000::HUGEINT
