-- One row per field of science of an article that counts, with an equal part of it, each
-- classification of the source by itself.
-- Inputs: articles, staged_fields. Source: method 8: science fields are the source's own classes.
WITH named AS (
    SELECT DISTINCT
        articles.document_number,
        staged_fields.scheme,
        staged_fields.code AS field
    FROM staged_fields
    INNER JOIN articles USING (source, unit_number, document_key)
    WHERE staged_fields.code IS NOT NULL
)

SELECT
    getvariable('year')::INTEGER AS year,
    document_number,
    scheme,
    field,
    equal_part(
        1000000000,
        count(*) OVER (PARTITION BY document_number, scheme),
        row_number() OVER (PARTITION BY document_number, scheme ORDER BY field)
    ) AS part
FROM named
