-- One row per address of an author of an article that counts, with its part of it.
-- Inputs: articles, staged_addresses. Source: method 4.
-- An article is split equally over its authors, an author's part equally over his addresses; where
-- the extract does not tell authors apart, every address stands for one. Remainders go to the first.
-- Of an article that its unit has twice, an address counts once. Texts are in distinct_addresses.
WITH numbered AS (
    SELECT
        articles.document_number,
        staged_addresses.address_number,
        min(staged_addresses.person_number) AS person_number,
        min(staged_addresses.address_key) AS address_key
    FROM staged_addresses
    INNER JOIN articles USING (source, unit_number, document_key)
    WHERE staged_addresses.kind = 'publication'
    GROUP BY articles.document_number, staged_addresses.address_number
),

authored AS (
    SELECT
        *,
        coalesce(person_number, address_number) AS author
    FROM numbered
),

-- all over the same order, so that DuckDB sorts once
placed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY document_number ORDER BY author, address_number)
        - rank() OVER by_author + 1 AS place,
        count(*) OVER (by_author RANGE BETWEEN CURRENT ROW AND CURRENT ROW) AS author_addresses,
        dense_rank() OVER by_author AS author_place
    FROM authored
    WINDOW by_author AS (PARTITION BY document_number ORDER BY author)
),

counted AS (
    SELECT
        document_number,
        max(author_place) AS authors
    FROM placed
    GROUP BY document_number
)

SELECT
    getvariable('year')::INTEGER AS year,
    document_number,
    placed.address_number,
    placed.person_number,
    placed.address_key,
    equal_part(
        equal_part(1000000000, counted.authors, placed.author_place),
        placed.author_addresses,
        placed.place
    ) AS part
FROM placed
INNER JOIN counted USING (document_number)
