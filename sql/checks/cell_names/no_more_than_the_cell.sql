-- What is named in a cell is no more than all that lies in it.
WITH placed AS (
    SELECT
        document_places.kind,
        locations.h3_cell,
        sum(document_places.part) * 1000000000::HUGEINT AS parts
    FROM document_places
    INNER JOIN locations USING (location_number)
    WHERE locations.h3_cell IS NOT NULL
    GROUP BY document_places.kind, locations.h3_cell
),

named AS (
    SELECT
        kind,
        h3_cell,
        sum(parts)::HUGEINT AS parts
    FROM cell_names
    GROUP BY kind, h3_cell
)

SELECT
    kind,
    h3_cell,
    named.parts AS named_parts,
    placed.parts AS placed_parts
FROM named
LEFT JOIN placed USING (kind, h3_cell)
WHERE named.parts > coalesce(placed.parts, 0)
