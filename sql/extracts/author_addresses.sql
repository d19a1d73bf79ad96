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

measured AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY document_number, author) AS author_addresses,
        row_number() OVER (PARTITION BY document_number, author ORDER BY address_number) AS place,
        dense_rank() OVER (PARTITION BY document_number ORDER BY author) AS author_place
    FROM authored
),

split AS (
    SELECT
        *,
        max(author_place) OVER (PARTITION BY document_number) AS authors
    FROM measured
)

SELECT
    getvariable('year')::INTEGER AS year,
    document_number,
    address_number,
    person_number,
    address_key,
    equal_part(
        equal_part(1000000000, authors, author_place), author_addresses, place
    ) AS part
FROM split
