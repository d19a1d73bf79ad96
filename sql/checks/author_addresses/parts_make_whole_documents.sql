-- The parts of an article's addresses sum to exactly one document, and none of its addresses is lost.
-- Source: method 4.
WITH summed AS (
    SELECT
        document_number,
        count(*) AS rows_here,
        sum(part) AS parts
    FROM author_addresses
    GROUP BY document_number
)

SELECT
    articles.document_number,
    articles.addresses,
    summed.*
FROM articles
FULL JOIN summed ON articles.document_number = summed.document_number
WHERE
    articles.addresses IS DISTINCT FROM coalesce(summed.rows_here, 0)
    OR coalesce(summed.parts, 1000000000) <> 1000000000
