-- One row per location that holds a part of a document.
-- Inputs: points, locations. Source: design 1: an edition reads each document's places, not its addresses.
-- A share of nought (REGPAT has such) is no place of the document.
SELECT
    getvariable('year')::INTEGER AS year,
    points.kind,
    points.document_number,
    locations.location_number,
    sum(points.part)::BIGINT AS part
FROM points
INNER JOIN locations
    ON
        points.h3_cell IS NOT DISTINCT FROM locations.h3_cell
        AND points.country IS NOT DISTINCT FROM locations.country
WHERE points.part > 0
GROUP BY points.kind, points.document_number, locations.location_number
