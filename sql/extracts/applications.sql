-- One row per application of the year that counts, numbered by identifier.
-- Inputs: screening. Source: method 2.
SELECT
    getvariable('year')::INTEGER AS year,
    row_number() OVER (ORDER BY document_id)::INTEGER AS document_number,
    document_id,
    document_key,
    source,
    unit_number
FROM screening
WHERE kind = 'patent' AND excluded_by IS NULL
