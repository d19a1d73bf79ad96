-- One row per cluster, source and partner: other clusters, places outside clusters, totals.
-- Inputs: document_clusters, clusters. Source: method 8.
-- The tie with a partner is the product of the two parts, summed over documents (as in method 6). All
-- parts of a document are somebody's, so the ties of the five kinds of partners add up to the cluster's
-- output. Abroad is where no economy is shared. Elsewhere is what has a point outside the cluster, or
-- no point but a country abroad.
WITH economies AS (
    SELECT
        cluster_number,
        string_split(economies, '/') AS economies
    FROM clusters
),

compared AS (
    SELECT
        own.kind,
        own.year,
        own.document_number,
        own.cluster_number,
        own.part,
        other.cluster_number AS partner_number,
        other.is_located,
        other.country,
        other.part AS partner_part,
        if(
            other.cluster_number IS NULL,
            coalesce(NOT list_contains(home.economies, other.country), FALSE),
            NOT list_has_any(home.economies, away.economies)
        ) AS is_abroad
    FROM document_clusters AS own
    INNER JOIN economies AS home ON own.cluster_number = home.cluster_number
    INNER JOIN document_clusters AS other
        ON
            own.kind = other.kind
            AND own.year = other.year
            AND own.document_number = other.document_number
    LEFT JOIN economies AS away ON other.cluster_number = away.cluster_number
),

met AS (
    SELECT
        *,
        CASE
            WHEN partner_number = cluster_number THEN 'own cluster'
            WHEN partner_number IS NOT NULL THEN 'other cluster'
            WHEN NOT is_located OR country IS NULL THEN 'unlocated'
            WHEN is_abroad THEN 'outside clusters, abroad'
            ELSE 'outside clusters, same economies'
        END AS partner
    FROM compared
),

-- addresses in several countries can be one partner of a document; a cluster is there only once
outside AS (
    SELECT
        kind,
        cluster_number,
        any_value(part) AS part,
        partner,
        sum(partner_part) AS partner_part
    FROM met
    WHERE partner_number IS NULL
    GROUP BY kind, year, document_number, cluster_number, partner
),

-- what of a document lies elsewhere and abroad, all partners together
together AS (
    SELECT
        kind,
        cluster_number,
        any_value(part) AS part,
        sum(partner_part) FILTER (WHERE is_located OR is_abroad) AS part_elsewhere,
        sum(partner_part) FILTER (WHERE is_abroad) AS part_abroad
    FROM met
    WHERE partner <> 'own cluster'
    GROUP BY kind, year, document_number, cluster_number
),

by_document AS (
    SELECT
        kind,
        cluster_number,
        part,
        partner,
        nullif(partner_number, cluster_number) AS partner_number,
        is_abroad,
        partner_part
    FROM met
    WHERE partner_number IS NOT NULL
    UNION ALL
    SELECT
        kind,
        cluster_number,
        part,
        partner,
        NULL AS partner_number,
        NULL AS is_abroad,
        partner_part
    FROM outside
    UNION ALL
    SELECT
        kind,
        cluster_number,
        part,
        'anywhere else' AS partner,
        NULL AS partner_number,
        NULL AS is_abroad,
        part_elsewhere AS partner_part
    FROM together
    WHERE part_elsewhere IS NOT NULL
    UNION ALL
    SELECT
        kind,
        cluster_number,
        part,
        'anywhere abroad' AS partner,
        NULL AS partner_number,
        NULL AS is_abroad,
        part_abroad AS partner_part
    FROM together
    WHERE part_abroad IS NOT NULL
),

summed AS (
    SELECT
        kind,
        cluster_number,
        partner,
        partner_number,
        any_value(is_abroad) AS is_abroad,
        count(*) AS documents,
        sum(part)::BIGINT AS joint_parts,
        sum(part::HUGEINT * partner_part::HUGEINT) AS tie
    FROM by_document
    GROUP BY kind, cluster_number, partner, partner_number
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    clusters.cluster_id,
    summed.kind,
    summed.partner,
    partners.cluster_id AS partner_cluster_id,
    if(summed.partner = 'other cluster', summed.is_abroad, NULL) AS is_abroad,
    summed.documents,
    summed.joint_parts,
    summed.joint_parts
    / if(summed.kind = 'patent', clusters.patent_parts, clusters.publication_parts)
        AS joint_share,
    summed.tie::DECIMAL(38, 0) AS tie,
    summed.tie
    / if(summed.kind = 'patent', clusters.patent_parts, clusters.publication_parts)
    / 1e9 AS tie_share
FROM summed
INNER JOIN clusters ON summed.cluster_number = clusters.cluster_number
LEFT JOIN clusters AS partners ON summed.partner_number = partners.cluster_number
