-- Every address that was staged for an article that counts is here, once.
-- Repetitions are found among neighbours: rows are sorted by now, and so next to nothing is left to sort.
WITH staged AS (
    SELECT
        articles.document_number,
        staged_addresses.address_number
    FROM staged_addresses
    INNER JOIN articles USING (source, unit_number, document_key)
    WHERE staged_addresses.kind = 'publication'
    ORDER BY articles.document_number, staged_addresses.address_number
),

compared AS (
    SELECT
        coalesce(
            document_number = lag(document_number) OVER ()
            AND address_number = lag(address_number) OVER (),
            FALSE
        ) AS is_repeated
    FROM staged
),

counted AS (
    SELECT
        (SELECT count(*) FILTER (WHERE NOT is_repeated) FROM compared) AS addresses_staged,
        (SELECT count(*) FROM author_addresses) AS addresses_here
)

SELECT *
FROM counted
WHERE addresses_staged <> addresses_here
