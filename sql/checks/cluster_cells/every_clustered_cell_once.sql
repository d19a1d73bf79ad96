-- The cells of clusters are those that density put into one, each once and with its weight.
WITH density AS (
    SELECT
        h3_cell,
        weight
    FROM edition_cells
    WHERE raw_cluster IS NOT NULL
)

SELECT
    density.h3_cell AS cell_in_density,
    density.weight AS weight_in_density,
    cluster_cells.h3_cell AS cell_in_cluster,
    cluster_cells.weight AS weight_in_cluster
FROM density
FULL JOIN cluster_cells ON density.h3_cell = cluster_cells.h3_cell
WHERE density.weight IS DISTINCT FROM cluster_cells.weight
