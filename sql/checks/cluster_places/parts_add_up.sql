-- Over its places a cluster has what lies in its cells over the windows.
WITH lying AS (
    SELECT
        raw_clusters.cluster_number,
        coalesce(sum(cell_weights.parts) FILTER (WHERE cell_weights.kind = 'patent'), 0)
            AS patent_parts_in_cells,
        coalesce(sum(cell_weights.parts) FILTER (WHERE cell_weights.kind = 'publication'), 0)
            AS publication_parts_in_cells
    FROM raw_clusters
    INNER JOIN edition_cells ON raw_clusters.raw_cluster = edition_cells.raw_cluster
    INNER JOIN cell_weights ON edition_cells.h3_cell = cell_weights.h3_cell
    INNER JOIN edition_totals
        ON
            cell_weights.kind = edition_totals.kind
            AND cell_weights.year BETWEEN edition_totals.first_year AND edition_totals.last_year
    GROUP BY raw_clusters.cluster_number
),

placed AS (
    SELECT
        cluster_number,
        sum(patent_parts) AS patent_parts,
        sum(publication_parts) AS publication_parts
    FROM cluster_places
    GROUP BY cluster_number
)

SELECT
    lying.*,
    placed.*
FROM lying
FULL JOIN placed ON lying.cluster_number = placed.cluster_number
WHERE
    placed.patent_parts IS DISTINCT FROM lying.patent_parts_in_cells
    OR placed.publication_parts IS DISTINCT FROM lying.publication_parts_in_cells
