-- Addresses and parts over all cells are those of the locations that have a cell, by kind.
WITH cells AS (
    SELECT
        coalesce(sum(addresses) FILTER (WHERE kind = 'patent'), 0) AS inventor_addresses_in_cells,
        coalesce(sum(parts) FILTER (WHERE kind = 'patent'), 0) AS inventor_parts_in_cells,
        coalesce(sum(addresses) FILTER (WHERE kind = 'publication'), 0) AS author_addresses_in_cells,
        coalesce(sum(parts) FILTER (WHERE kind = 'publication'), 0) AS author_parts_in_cells
    FROM cell_weights
),

located AS (
    SELECT
        coalesce(sum(inventor_addresses), 0) AS inventor_addresses,
        coalesce(sum(inventor_parts), 0) AS inventor_parts,
        coalesce(sum(author_addresses), 0) AS author_addresses,
        coalesce(sum(author_parts), 0) AS author_parts
    FROM locations
    WHERE h3_cell IS NOT NULL
)

SELECT
    cells.*,
    located.*
FROM cells
CROSS JOIN located
WHERE
    cells.inventor_addresses_in_cells <> located.inventor_addresses
    OR cells.inventor_parts_in_cells <> located.inventor_parts
    OR cells.author_addresses_in_cells <> located.author_addresses
    OR cells.author_parts_in_cells <> located.author_parts
