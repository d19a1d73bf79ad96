-- One row per address of an author of an article that counts; its part is counted in pipelines/parts.py.
-- Inputs: articles, staged_addresses. Source: method 4.
-- In the order of documents. Of an article that its unit has twice, an address comes twice and the first
-- counts. Texts are in distinct_addresses.
SELECT
    getvariable('year')::INTEGER AS year,
    articles.document_number,
    staged_addresses.address_number,
    staged_addresses.person_number,
    staged_addresses.address_key
FROM staged_addresses
INNER JOIN articles USING (source, unit_number, document_key)
WHERE staged_addresses.kind = 'publication'
ORDER BY
    articles.document_number,
    staged_addresses.address_number,
    staged_addresses.person_number NULLS LAST,
    staged_addresses.address_key
