-- One row per cluster, source and name of an applicant or institution, as written.
-- Inputs: cell_names, cluster_cells, clusters, edition_totals. Source: method 8.
SELECT
    getvariable('edition')::INTEGER AS edition,
    cell_names.kind,
    clusters.cluster_number,
    cell_names.name,
    bool_or(cell_names.is_identified) AS is_identified,
    sum(cell_names.mentions)::BIGINT AS mentions,
    sum(cell_names.parts)::DECIMAL(38, 0) AS parts
FROM cell_names
INNER JOIN edition_totals
    ON
        cell_names.kind = edition_totals.kind
        AND cell_names.year BETWEEN edition_totals.first_year AND edition_totals.last_year
INNER JOIN cluster_cells ON cell_names.h3_cell = cluster_cells.h3_cell
INNER JOIN clusters ON cluster_cells.cluster_id = clusters.cluster_id
GROUP BY cell_names.kind, clusters.cluster_number, cell_names.name
