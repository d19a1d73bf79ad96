-- Every inventor address that was staged for the year belongs to a document that was screened: an
-- address without its document would be lost without a line that says so.
SELECT
    staged_addresses.source,
    staged_addresses.unit_number,
    staged_addresses.document_key,
    count(*) AS addresses
FROM staged_addresses
ANTI JOIN screening
    ON
        staged_addresses.kind = screening.kind
        AND staged_addresses.source = screening.source
        AND staged_addresses.unit_number = screening.unit_number
        AND staged_addresses.document_key = screening.document_key
WHERE staged_addresses.kind = 'patent'
GROUP BY staged_addresses.source, staged_addresses.unit_number, staged_addresses.document_key
