-- One row per location that holds a part of a document.
-- Inputs: points. Source: design 1: an edition reads each document's places, not all its addresses.
-- A share of nought (REGPAT has such) is no place of the document.
SELECT
    getvariable('year')::INTEGER AS year,
    kind,
    document_number,
    location_number,
    sum(part)::BIGINT AS part
FROM points
WHERE part > 0
GROUP BY kind, document_number, location_number
