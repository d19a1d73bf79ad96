-- Totals of the year are the documents that no inclusion rule left out.
WITH counted AS (
    SELECT
        kinds.kind,
        count(screening.kind) AS rows_there
    FROM (VALUES ('patent'), ('publication')) AS kinds (kind)
    LEFT JOIN screening ON kinds.kind = screening.kind AND screening.excluded_by IS NULL
    GROUP BY kinds.kind
)

SELECT
    document_counts.documents,
    counted.*
FROM document_counts
FULL JOIN counted ON document_counts.kind = counted.kind
WHERE document_counts.documents IS DISTINCT FROM counted.rows_there
