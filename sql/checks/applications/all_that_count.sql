-- Applications are exactly the patent records that no inclusion rule left out.
WITH counted AS (
    SELECT
        document_key,
        document_id
    FROM screening
    WHERE kind = 'patent' AND excluded_by IS NULL
)

SELECT
    counted.document_id AS screened_id,
    applications.document_id AS application_id
FROM counted
FULL JOIN applications ON counted.document_key = applications.document_key
WHERE counted.document_key IS NULL OR applications.document_key IS NULL
