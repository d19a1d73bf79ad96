-- One row per address of an inventor of an application that counts; parts are counted in pipelines/parts.py.
-- Inputs: applications, staged_addresses. Source: method 4. Some extracts bring shares (REGPAT: an
-- inventor's share times a region's), which parts follow.
-- In the order of documents. Of an application that its unit has twice, an address comes twice and the first
-- counts. Texts are in distinct_addresses.
SELECT
    getvariable('year')::INTEGER AS year,
    applications.document_number,
    staged_addresses.address_number,
    staged_addresses.person_number,
    staged_addresses.address_key,
    round(staged_addresses.share * 1e9)::BIGINT AS share_billionths
FROM staged_addresses
INNER JOIN applications USING (source, unit_number, document_key)
WHERE staged_addresses.kind = 'patent'
ORDER BY
    applications.document_number,
    staged_addresses.address_number,
    staged_addresses.person_number NULLS LAST,
    staged_addresses.address_key,
    share_billionths NULLS LAST
