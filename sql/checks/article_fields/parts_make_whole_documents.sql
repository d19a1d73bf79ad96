-- The parts of a document sum to exactly one in each classification, and the document is one that counts:
-- articles are numbered from one on, without a gap.
SELECT
    document_number,
    scheme,
    sum(part) AS parts
FROM article_fields
GROUP BY document_number, scheme
HAVING sum(part) <> 1000000000 OR document_number > (SELECT count(*) FROM articles)
