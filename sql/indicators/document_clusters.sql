-- One row per document that has an address in a cluster, and place: a cluster, or a country elsewhere.
-- Inputs: points, cluster_cells, clusters, edition_totals. Source: method 4 and 8.
-- Fields, applicants and partners are counted from here, so that an edition reads its addresses once.
WITH clustered AS (
    SELECT
        cluster_cells.h3_cell,
        clusters.cluster_number
    FROM cluster_cells
    INNER JOIN clusters ON cluster_cells.cluster_id = clusters.cluster_id
),

windowed AS (
    SELECT points.*
    FROM points
    INNER JOIN edition_totals
        ON
            points.kind = edition_totals.kind
            AND points.year BETWEEN edition_totals.first_year AND edition_totals.last_year
),

-- documents are picked before anything is summed: a window over all addresses took three times as long
inside AS (
    SELECT DISTINCT
        windowed.kind,
        windowed.year,
        windowed.document_number
    FROM windowed
    SEMI JOIN clustered ON windowed.h3_cell = clustered.h3_cell
),

placed AS (
    SELECT
        windowed.kind,
        windowed.year,
        windowed.document_number,
        clustered.cluster_number,
        windowed.h3_cell IS NOT NULL AS is_located,
        if(clustered.cluster_number IS NULL, windowed.country, NULL) AS country,
        windowed.part
    FROM windowed
    SEMI JOIN inside
        ON
            windowed.kind = inside.kind
            AND windowed.year = inside.year
            AND windowed.document_number = inside.document_number
    LEFT JOIN clustered ON windowed.h3_cell = clustered.h3_cell
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
