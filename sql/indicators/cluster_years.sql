-- One row per cluster, source and year: output on this edition's geography.
-- Inputs: clusters, cluster_cells, cell_weights, edition_totals. Parameters: first year of the last
-- edition's window of each source, null where there is none. Source: method 8.
-- The years before the window are read too, for growth; a year without output stands with zeros.
WITH years AS (
    SELECT
        kind,
        unnest(generate_series(
            least(
                first_year - 1,
                if(
                    kind = 'patent',
                    getvariable('patent_first_year_before'),
                    getvariable('publication_first_year_before')
                )
            ),
            last_year
        ))::INTEGER AS year,
        first_year
    FROM edition_totals
),

counted AS (
    SELECT
        cluster_cells.cluster_id,
        cell_weights.kind,
        cell_weights.year,
        sum(cell_weights.addresses)::BIGINT AS addresses,
        sum(cell_weights.parts)::BIGINT AS parts
    FROM cell_weights
    INNER JOIN cluster_cells ON cell_weights.h3_cell = cluster_cells.h3_cell
    GROUP BY cluster_cells.cluster_id, cell_weights.kind, cell_weights.year
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    clusters.cluster_id,
    years.kind,
    years.year,
    years.year >= years.first_year AS in_window,
    coalesce(counted.addresses, 0) AS addresses,
    coalesce(counted.parts, 0) AS parts
FROM clusters
CROSS JOIN years
LEFT JOIN counted
    ON
        clusters.cluster_id = counted.cluster_id
        AND years.kind = counted.kind
        AND years.year = counted.year
