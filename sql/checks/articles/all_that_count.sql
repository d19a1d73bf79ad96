-- Articles are exactly the publication records that no inclusion rule left out.
WITH counted AS (
    SELECT
        document_key,
        document_id
    FROM screening
    WHERE kind = 'publication' AND excluded_by IS NULL
)

SELECT
    counted.document_id AS screened_id,
    articles.document_id AS article_id
FROM counted
FULL JOIN articles ON counted.document_key = articles.document_key
WHERE counted.document_key IS NULL OR articles.document_key IS NULL
