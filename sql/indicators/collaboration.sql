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

pairs AS (
    SELECT
        home.cluster_number,
        away.cluster_number AS partner_number,
        NOT list_has_any(home.economies, away.economies) AS is_abroad
    FROM economies AS home
    CROSS JOIN economies AS away
),

inside AS (
    SELECT
        kind,
        year,
        document_number,
        cluster_number,
        part
    FROM document_clusters
    WHERE cluster_number IS NOT NULL
),

with_clusters AS (
    SELECT
        own.kind,
        own.year,
        own.document_number,
        own.cluster_number,
        own.part,
        other.cluster_number AS partner_number,
        other.part AS partner_part
    FROM inside AS own
    INNER JOIN inside AS other
        ON
            own.kind = other.kind
            AND own.year = other.year
            AND own.document_number = other.document_number
),

with_outside AS (
    SELECT
        own.kind,
        own.year,
        own.document_number,
        own.cluster_number,
        own.part,
        other.is_located,
        other.country,
        other.part AS partner_part,
        coalesce(NOT list_contains(home.economies, other.country), FALSE) AS is_abroad
    FROM inside AS own
    INNER JOIN economies AS home ON own.cluster_number = home.cluster_number
    INNER JOIN document_clusters AS other
        ON
            own.kind = other.kind
            AND own.year = other.year
            AND own.document_number = other.document_number
    WHERE other.cluster_number IS NULL
),

-- what a document has with each kind of partner; addresses in several countries can be one partner
partners AS (
    SELECT
        with_clusters.kind,
        with_clusters.year,
        with_clusters.document_number,
        with_clusters.cluster_number,
        with_clusters.part,
        NULL AS unlocated,
        NULL AS outside_same,
        NULL AS outside_abroad,
        with_clusters.partner_part AS elsewhere,
        if(pairs.is_abroad, with_clusters.partner_part, NULL) AS abroad
    FROM with_clusters
    INNER JOIN pairs
        ON
            with_clusters.cluster_number = pairs.cluster_number
            AND with_clusters.partner_number = pairs.partner_number
    WHERE with_clusters.cluster_number <> with_clusters.partner_number
    UNION ALL
    SELECT
        kind,
        year,
        document_number,
        cluster_number,
        part,
        if(is_located AND country IS NOT NULL, NULL, partner_part) AS unlocated,
        if(is_located AND country IS NOT NULL AND NOT is_abroad, partner_part, NULL)
            AS outside_same,
        if(is_located AND is_abroad, partner_part, NULL) AS outside_abroad,
        if(is_located OR is_abroad, partner_part, NULL) AS elsewhere,
        if(is_abroad, partner_part, NULL) AS abroad
    FROM with_outside
),

by_document AS (
    SELECT
        kind,
        cluster_number,
        part,
        sum(unlocated) AS unlocated,
        sum(outside_same) AS outside_same,
        sum(outside_abroad) AS outside_abroad,
        sum(elsewhere) AS elsewhere,
        sum(abroad) AS abroad
    FROM partners
    GROUP BY kind, year, document_number, cluster_number, part
),

by_partner AS (
    SELECT
        kind,
        cluster_number,
        part,
        unnest([
            'unlocated', 'outside clusters, same economies', 'outside clusters, abroad',
            'anywhere else', 'anywhere abroad'
        ]) AS partner,
        unnest([unlocated, outside_same, outside_abroad, elsewhere, abroad]) AS partner_part
    FROM by_document
),

summed AS (
    SELECT
        kind,
        cluster_number,
        if(partner_number = cluster_number, 'own cluster', 'other cluster') AS partner,
        nullif(partner_number, cluster_number) AS partner_number,
        count(*) AS documents,
        sum(part)::BIGINT AS joint_parts,
        sum(part::HUGEINT * partner_part::HUGEINT) AS tie
    FROM with_clusters
    GROUP BY kind, cluster_number, partner_number
    UNION ALL
    SELECT
        kind,
        cluster_number,
        partner,
        NULL AS partner_number,
        count(*) AS documents,
        sum(part)::BIGINT AS joint_parts,
        sum(part::HUGEINT * partner_part::HUGEINT) AS tie
    FROM by_partner
    WHERE partner_part IS NOT NULL
    GROUP BY kind, cluster_number, partner
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    clusters.cluster_id,
    summed.kind,
    summed.partner,
    other_clusters.cluster_id AS partner_cluster_id,
    pairs.is_abroad,
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
LEFT JOIN clusters AS other_clusters ON summed.partner_number = other_clusters.cluster_number
LEFT JOIN pairs
    ON
        summed.cluster_number = pairs.cluster_number
        AND summed.partner_number = pairs.partner_number
