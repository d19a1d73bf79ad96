-- Articles are exactly the publication records that no inclusion rule left out.
-- Identifiers are compared by a hash over all of them, so that no join is needed.
WITH counted AS (
    SELECT
        count(*) AS documents_that_count,
        bit_xor(hash(document_id)) AS hash_that_counts
    FROM screening
    WHERE kind = 'publication' AND excluded_by IS NULL
),

taken AS (
    SELECT
        count(*) AS documents_here,
        bit_xor(hash(document_id)) AS hash_here
    FROM articles
)

SELECT
    counted.*,
    taken.*
FROM counted
CROSS JOIN taken
WHERE
    counted.documents_that_count <> taken.documents_here
    OR counted.hash_that_counts IS DISTINCT FROM taken.hash_here
