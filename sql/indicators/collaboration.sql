-- One row per cluster, source and partner: other clusters, places outside clusters, totals.
-- Inputs: document_places, cluster_cells, clusters, edition_totals. Source: method 8.
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

clustered AS (
    SELECT
        cluster_cells.h3_cell,
        clusters.cluster_number
    FROM cluster_cells
    INNER JOIN clusters ON cluster_cells.cluster_id = clusters.cluster_id
),

placed AS (
    SELECT
        document_key(document_places.kind, document_places.year, document_places.document_number)
            AS document,
        clustered.cluster_number,
        document_places.h3_cell IS NOT NULL AS is_located,
        document_places.country,
        document_places.part
    FROM document_places
    INNER JOIN edition_totals
        ON
            document_places.kind = edition_totals.kind
            AND document_places.year BETWEEN edition_totals.first_year AND edition_totals.last_year
    LEFT JOIN clustered ON document_places.h3_cell = clustered.h3_cell
),

inside AS (
    SELECT
        document,
        cluster_number,
        sum(part)::BIGINT AS part
    FROM placed
    WHERE cluster_number IS NOT NULL
    GROUP BY document, cluster_number
),

-- only what shares its document: a document that is whole in one cluster has no partner
shared AS (
    SELECT *
    FROM inside
    WHERE part < 1000000000
),

with_clusters AS (
    SELECT
        own.document,
        own.cluster_number,
        own.part,
        other.cluster_number AS partner_number,
        other.part AS partner_part
    FROM shared AS own
    INNER JOIN shared AS other
        ON own.document = other.document AND own.cluster_number <> other.cluster_number
),

outside AS (
    SELECT
        document,
        is_located,
        country,
        sum(part)::BIGINT AS part
    FROM placed
    WHERE cluster_number IS NULL AND part < 1000000000
    GROUP BY document, is_located, country
),

with_outside AS (
    SELECT
        own.document,
        own.cluster_number,
        own.part,
        other.is_located,
        other.country,
        other.part AS partner_part,
        coalesce(NOT list_contains(home.economies, other.country), FALSE) AS is_abroad
    FROM shared AS own
    INNER JOIN economies AS home ON own.cluster_number = home.cluster_number
    INNER JOIN outside AS other ON own.document = other.document
),

-- what a document has with each kind of partner; addresses in several countries can be one partner
partners AS (
    SELECT
        with_clusters.document,
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
    UNION ALL
    SELECT
        document,
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
        kind_of(document) AS kind,
        cluster_number,
        part,
        sum(unlocated) AS unlocated,
        sum(outside_same) AS outside_same,
        sum(outside_abroad) AS outside_abroad,
        sum(elsewhere) AS elsewhere,
        sum(abroad) AS abroad
    FROM partners
    GROUP BY document, cluster_number, part
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
        kind_of(document) AS kind,
        cluster_number,
        'own cluster' AS partner,
        NULL AS partner_number,
        count(*) AS documents,
        sum(part)::BIGINT AS joint_parts,
        sum(part::HUGEINT * part::HUGEINT) AS tie
    FROM inside
    GROUP BY kind_of(document), cluster_number
    UNION ALL
    SELECT
        kind_of(document) AS kind,
        cluster_number,
        'other cluster' AS partner,
        partner_number,
        count(*) AS documents,
        sum(part)::BIGINT AS joint_parts,
        sum(part::HUGEINT * partner_part::HUGEINT) AS tie
    FROM with_clusters
    GROUP BY kind_of(document), cluster_number, partner_number
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
