-- The parts of an article's addresses sum to exactly one document. Source: method 4.
SELECT
    document_number,
    sum(part) AS parts
FROM author_addresses
GROUP BY document_number
HAVING sum(part) <> 1000000000
