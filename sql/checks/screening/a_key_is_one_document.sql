-- No two documents of a unit have one key: keys are hashes of 64 bits, and records would be mixed up.
SELECT
    source,
    unit_number,
    document_key,
    min(document_id) AS one_document,
    max(document_id) AS other_document
FROM screening
GROUP BY source, unit_number, document_key
HAVING min(document_id) <> max(document_id)
