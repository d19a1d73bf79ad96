-- Every inventor address that was staged for the year belongs to a document that was screened: an
-- address without its document would be lost without a line that says so.
SELECT
    staged_addresses.source,
    staged_addresses.unit_number,
    staged_addresses.document_id,
    count(*) AS addresses
FROM staged_addresses
LEFT JOIN screening
    ON
        staged_addresses.kind = screening.kind
        AND staged_addresses.source = screening.source
        AND staged_addresses.unit_number = screening.unit_number
        AND staged_addresses.document_id = screening.document_id
WHERE staged_addresses.kind = 'patent' AND screening.document_id IS NULL
GROUP BY staged_addresses.source, staged_addresses.unit_number, staged_addresses.document_id
