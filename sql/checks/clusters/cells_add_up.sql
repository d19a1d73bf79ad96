-- Over all clusters, cells, addresses and parts are those of the cells that density put into one.
WITH clustered AS (
    SELECT
        count(*) AS cells_in_density,
        coalesce(sum(edition_weights.patent_addresses + edition_weights.publication_addresses), 0)
            AS addresses_in_cells,
        coalesce(sum(edition_weights.patent_parts + edition_weights.publication_parts), 0)
            AS parts_in_cells
    FROM edition_cells
    INNER JOIN edition_weights USING (h3_cell)
    WHERE edition_cells.raw_cluster IS NOT NULL
),

summed AS (
    SELECT
        coalesce(sum(cells), 0) AS cells,
        coalesce(sum(patent_addresses + publication_addresses), 0) AS addresses,
        coalesce(sum(patent_parts + publication_parts), 0) AS parts
    FROM clusters
)

SELECT
    clustered.*,
    summed.*
FROM clustered
CROSS JOIN summed
WHERE
    summed.cells <> clustered.cells_in_density
    OR summed.addresses <> clustered.addresses_in_cells
    OR summed.parts <> clustered.parts_in_cells
