-- The parts of a document sum to exactly one, and the document is one that counts.
SELECT
    applicants.document_number,
    sum(applicants.part) AS parts
FROM applicants
LEFT JOIN applications USING (document_number)
GROUP BY applicants.document_number
HAVING sum(applicants.part) <> 1000000000 OR count(applications.document_id) <> count(*)
