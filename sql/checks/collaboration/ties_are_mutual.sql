-- A cluster is tied to another as the other is to it.
SELECT
    one.cluster_id,
    one.partner_cluster_id,
    one.kind,
    one.tie
FROM collaboration AS one
LEFT JOIN collaboration AS other
    ON
        one.cluster_id = other.partner_cluster_id
        AND one.partner_cluster_id = other.cluster_id
        AND one.kind = other.kind
WHERE
    one.partner_cluster_id IS NOT NULL
    AND (one.tie, one.documents, one.is_abroad)
    IS DISTINCT FROM (other.tie, other.documents, other.is_abroad)
