-- The addresses counted beside the distinct texts are all addresses of inventors and authors.
WITH counts AS (
    SELECT
        (SELECT coalesce(sum(addresses), 0) FROM distinct_addresses) AS counted,
        (SELECT count(*) FROM inventors) + (SELECT count(*) FROM author_addresses) AS addresses
)

SELECT *
FROM counts
WHERE counted <> addresses
