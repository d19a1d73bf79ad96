-- Every address that was staged for an article that counts is here, once.
WITH staged AS (
    SELECT DISTINCT
        articles.document_number,
        staged_addresses.address_number
    FROM staged_addresses
    INNER JOIN articles USING (source, unit_number, document_key)
    WHERE staged_addresses.kind = 'publication'
),

counted AS (
    SELECT
        (SELECT count(*) FROM staged) AS addresses_staged,
        (SELECT count(*) FROM author_addresses) AS addresses_here
)

SELECT *
FROM counted
WHERE addresses_staged <> addresses_here
