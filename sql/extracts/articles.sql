-- One row per article of the year that counts, numbered by identifier.
-- Inputs: screening. Source: method 2.
-- Screening lies in the order of its key, so records of a kind come by identifier, and a window without an
-- order numbers them as they lie.
SELECT
    getvariable('year')::INTEGER AS year,
    row_number() OVER ()::INTEGER AS document_number,
    document_id,
    document_key,
    source,
    unit_number
FROM screening
WHERE kind = 'publication' AND excluded_by IS NULL
