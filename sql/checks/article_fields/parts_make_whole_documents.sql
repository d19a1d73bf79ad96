-- The parts of a document sum to exactly one in each classification, and the document is one that counts.
WITH summed AS (
    SELECT
        document_number,
        scheme,
        sum(part) AS parts
    FROM article_fields
    GROUP BY document_number, scheme
)

SELECT summed.*
FROM summed
LEFT JOIN articles ON summed.document_number = articles.document_number
WHERE summed.parts <> 1000000000 OR articles.document_number IS NULL
