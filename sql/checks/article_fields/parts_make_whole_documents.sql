-- The parts of a document sum to exactly one, and the document is one that counts.
SELECT
    article_fields.document_number,
    sum(article_fields.part) AS parts
FROM article_fields
LEFT JOIN articles USING (document_number)
GROUP BY article_fields.document_number
HAVING sum(article_fields.part) <> 1000000000 OR count(articles.document_id) <> count(*)
