-- Addresses and parts over all cells are those of the points that have a cell, by kind.
WITH cells AS (
    SELECT
        kind,
        sum(addresses) AS cell_addresses,
        sum(parts) AS cell_parts
    FROM cell_weights
    GROUP BY kind
),

located AS (
    SELECT
        points.kind,
        count(*) AS point_addresses,
        sum(points.part) AS point_parts
    FROM points
    INNER JOIN locations ON points.location_number = locations.location_number
    WHERE locations.h3_cell IS NOT NULL
    GROUP BY points.kind
)

SELECT
    cells.*,
    located.*
FROM cells
FULL JOIN located ON cells.kind = located.kind
WHERE
    cells.cell_addresses IS DISTINCT FROM located.point_addresses
    OR cells.cell_parts IS DISTINCT FROM located.point_parts
