-- One row per cluster, source and partner: other clusters, places outside clusters, totals.
-- Inputs: partners (kind, cluster_number, partner, partner_number, documents, joint_parts, tie; counted by
-- pipelines/indicators/collaboration.py), clusters. Source: method 8.
WITH named AS (
    SELECT
        cluster_id,
        cluster_number,
        string_split(economies, '/') AS economies,
        patent_parts,
        publication_parts
    FROM clusters
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    home.cluster_id,
    partners.kind,
    partners.partner,
    away.cluster_id AS partner_cluster_id,
    NOT list_has_any(home.economies, away.economies) AS is_abroad,
    partners.documents,
    partners.joint_parts,
    partners.joint_parts / if(partners.kind = 'patent', home.patent_parts, home.publication_parts)
        AS joint_share,
    partners.tie,
    -- whole numbers by each other: a product of floats, or two divisions, can make a whole more than 1
    partners.tie::HUGEINT / (
        if(partners.kind = 'patent', home.patent_parts, home.publication_parts) * 1000000000::HUGEINT
    ) AS tie_share
FROM partners
INNER JOIN named AS home ON partners.cluster_number = home.cluster_number
LEFT JOIN named AS away ON partners.partner_number = away.cluster_number
