-- A document counts at most once: it is its first occurrence that counts, and of that the key has one.
SELECT
    kind,
    document_id,
    occurrence
FROM screening
WHERE excluded_by IS NULL AND occurrence > 1
