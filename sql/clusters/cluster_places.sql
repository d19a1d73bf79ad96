-- One row per cluster, country and place: the output that has its address there.
-- Inputs: cell_weights, edition_cells, raw_clusters, edition_totals. Source: method 7.
WITH placed AS (
    SELECT
        raw_clusters.cluster_number,
        cell_weights.country,
        cell_weights.place_id,
        coalesce(sum(cell_weights.parts) FILTER (WHERE cell_weights.kind = 'patent'), 0)::BIGINT
            AS patent_parts,
        coalesce(
            sum(cell_weights.parts) FILTER (WHERE cell_weights.kind = 'publication'), 0
        )::BIGINT AS publication_parts
    FROM cell_weights
    INNER JOIN edition_totals
        ON
            cell_weights.kind = edition_totals.kind
            AND cell_weights.year BETWEEN edition_totals.first_year AND edition_totals.last_year
    INNER JOIN edition_cells ON cell_weights.h3_cell = edition_cells.h3_cell
    INNER JOIN raw_clusters ON edition_cells.raw_cluster = raw_clusters.raw_cluster
    GROUP BY raw_clusters.cluster_number, cell_weights.country, cell_weights.place_id
),

world AS (
    SELECT
        coalesce(max(documents) FILTER (WHERE kind = 'patent'), 0) AS patents,
        coalesce(max(documents) FILTER (WHERE kind = 'publication'), 0) AS publications
    FROM edition_totals
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    placed.cluster_number,
    placed.country,
    placed.place_id,
    placed.patent_parts,
    placed.publication_parts,
    (
        weight_of_share(placed.patent_parts::HUGEINT, world.publications)
        + weight_of_share(placed.publication_parts::HUGEINT, world.patents)
    )::DECIMAL(38, 0) AS output
FROM placed
CROSS JOIN world
