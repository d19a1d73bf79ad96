-- Articles are numbered in the order of their identifiers, whatever the order of the raw files.
WITH compared AS (
    SELECT
        document_number,
        document_id,
        lag(document_id) OVER () AS document_id_before
    FROM articles
)

SELECT *
FROM compared
WHERE document_id <= document_id_before
