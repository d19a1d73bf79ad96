-- The parts of a document add up to one document.
SELECT
    kind,
    year,
    document_number,
    sum(part) AS parts
FROM document_clusters
GROUP BY kind, year, document_number
HAVING sum(part) <> 1000000000
