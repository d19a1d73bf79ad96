-- The addresses counted beside the distinct texts are all addresses of inventors and authors.
WITH counts AS (
    SELECT
        (SELECT coalesce(sum(inventor_addresses), 0) FROM distinct_addresses) AS inventors_counted,
        (SELECT coalesce(sum(author_addresses), 0) FROM distinct_addresses) AS authors_counted,
        (
            SELECT coalesce(sum(inventor_parts + author_parts), 0) FROM distinct_addresses
        ) AS parts_counted,
        (SELECT count(*) FROM inventors) AS inventors_there,
        (SELECT count(*) FROM author_addresses) AS authors_there,
        (SELECT coalesce(sum(part), 0) FROM inventors)
        + (SELECT coalesce(sum(part), 0) FROM author_addresses) AS parts_there
)

SELECT *
FROM counts
WHERE
    inventors_counted <> inventors_there
    OR authors_counted <> authors_there
    OR parts_counted <> parts_there
