-- The parts of a document sum to exactly one in each classification, and the document is one that counts.
SELECT
    article_fields.document_number,
    article_fields.scheme,
    sum(article_fields.part) AS parts
FROM article_fields
LEFT JOIN articles USING (document_number)
GROUP BY article_fields.document_number, article_fields.scheme
HAVING sum(article_fields.part) <> 1000000000 OR count(articles.document_id) <> count(*)
