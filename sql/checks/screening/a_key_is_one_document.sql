-- No two documents have one key: keys are hashes of 64 bits, and records would be mixed up.
WITH repeated AS (
    SELECT document_key
    FROM screening
    GROUP BY document_key
    HAVING count(*) > 1
)

SELECT
    screening.document_key,
    min(screening.document_id) AS one_document,
    max(screening.document_id) AS other_document
FROM screening
SEMI JOIN repeated ON screening.document_key = repeated.document_key
GROUP BY screening.document_key
HAVING min(screening.document_id) <> max(screening.document_id)
