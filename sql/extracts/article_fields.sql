-- One row per field of science of an article that counts; its part is counted in pipelines/parts.py.
-- Inputs: articles, staged_fields. Source: method 8: science fields are the source's own classes.
-- In the order of documents. A field that a record names twice comes twice, and counts once.
SELECT
    getvariable('year')::INTEGER AS year,
    articles.document_number,
    staged_fields.scheme,
    staged_fields.code AS field
FROM staged_fields
INNER JOIN articles USING (source, unit_number, document_key)
WHERE staged_fields.kind = 'publication' AND staged_fields.code IS NOT NULL
ORDER BY articles.document_number
