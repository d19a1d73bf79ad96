-- One row per place of a document that holds a part of it: an H3 cell and country, or a country alone.
-- Inputs: points. Source: design 1: an edition reads each document's places, not all its addresses.
-- A share of nought (REGPAT has such) is no place of the document.
SELECT
    getvariable('year')::INTEGER AS year,
    kind,
    document_number,
    h3_cell,
    country,
    sum(part)::BIGINT AS part
FROM points
GROUP BY kind, document_number, h3_cell, country
HAVING sum(part) > 0
