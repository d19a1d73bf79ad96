-- Totals of the year are the rows of applications and articles, with their addresses.
WITH counted AS (
    SELECT
        'patent' AS kind,
        count(*) AS rows_there,
        coalesce(sum(addresses), 0) AS addresses_there
    FROM applications
    UNION ALL
    SELECT
        'publication' AS kind,
        count(*) AS rows_there,
        coalesce(sum(addresses), 0) AS addresses_there
    FROM articles
)

SELECT
    document_counts.documents,
    document_counts.addresses,
    counted.*
FROM document_counts
FULL JOIN counted ON document_counts.kind = counted.kind
WHERE
    document_counts.documents IS DISTINCT FROM counted.rows_there
    OR document_counts.addresses IS DISTINCT FROM counted.addresses_there
