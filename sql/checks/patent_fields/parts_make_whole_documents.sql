-- The parts of a document sum to exactly one, and the document is one that counts.
SELECT
    patent_fields.document_number,
    sum(patent_fields.part) AS parts
FROM patent_fields
LEFT JOIN applications USING (document_number)
GROUP BY patent_fields.document_number
HAVING sum(patent_fields.part) <> 1000000000 OR count(applications.document_id) <> count(*)
