-- One row per document that has an address in a cluster, and place: a cluster, or a country elsewhere.
-- Inputs: points, cluster_cells, clusters, edition_totals. Source: method 4 and 8.
-- Fields, applicants and partners are counted from here, so that an edition reads its addresses once.
WITH placed AS (
    SELECT
        points.kind,
        points.year,
        points.document_number,
        clusters.cluster_number,
        points.h3_cell IS NOT NULL AS is_located,
        if(clusters.cluster_number IS NULL, points.country, NULL) AS country,
        points.part
    FROM points
    INNER JOIN edition_totals
        ON
            points.kind = edition_totals.kind
            AND points.year BETWEEN edition_totals.first_year AND edition_totals.last_year
    LEFT JOIN cluster_cells ON points.h3_cell = cluster_cells.h3_cell
    LEFT JOIN clusters ON cluster_cells.cluster_id = clusters.cluster_id
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    kind,
    year,
    document_number,
    cluster_number,
    is_located,
    country,
    count(*) AS addresses,
    sum(part)::BIGINT AS part
FROM placed
GROUP BY kind, year, document_number, cluster_number, is_located, country
QUALIFY count(cluster_number) OVER (PARTITION BY kind, year, document_number) > 0
