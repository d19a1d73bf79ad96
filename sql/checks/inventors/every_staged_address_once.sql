-- Every address that was staged for an application that counts is here, once.
WITH staged AS (
    SELECT DISTINCT
        applications.document_number,
        staged_addresses.address_number
    FROM staged_addresses
    INNER JOIN applications USING (source, unit_number, document_key)
    WHERE staged_addresses.kind = 'patent'
),

counted AS (
    SELECT
        (SELECT count(*) FROM staged) AS addresses_staged,
        (SELECT count(*) FROM inventors) AS addresses_here
)

SELECT *
FROM counted
WHERE addresses_staged <> addresses_here
