-- The parts of an application's addresses sum to exactly one document, and none of its addresses is lost.
-- Source: method 4.
WITH summed AS (
    SELECT
        document_number,
        count(*) AS rows_here,
        sum(part) AS parts
    FROM inventors
    GROUP BY document_number
)

SELECT
    applications.document_number,
    applications.addresses,
    summed.*
FROM applications
FULL JOIN summed ON applications.document_number = summed.document_number
WHERE
    applications.addresses IS DISTINCT FROM coalesce(summed.rows_here, 0)
    OR coalesce(summed.parts, 1000000000) <> 1000000000
