-- One row per address of an author of an article that counts, with its part of it.
-- Inputs: articles, staged_addresses. Source: method 4.
-- An article is split equally over its authors, an author's part equally over his addresses; where
-- the extract does not tell authors apart, every address stands for one. Remainders go to the first.
WITH numbered AS (
    SELECT
        articles.document_number,
        staged_addresses.*,
        coalesce(staged_addresses.person_number, staged_addresses.address_number) AS author
    FROM staged_addresses
    INNER JOIN articles USING (source, unit_number, document_id)
    QUALIFY row_number() OVER (
        PARTITION BY articles.document_number, staged_addresses.address_number
        ORDER BY staged_addresses.address_key
    ) = 1
),

measured AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY document_number, author) AS author_addresses,
        row_number() OVER (PARTITION BY document_number, author ORDER BY address_number) AS place,
        dense_rank() OVER (PARTITION BY document_number ORDER BY author) AS author_place
    FROM numbered
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
    address,
    city,
    region,
    postcode,
    country,
    institution,
    institution_id,
    lat,
    lng,
    equal_part(
        equal_part(1000000000, authors, author_place), author_addresses, place
    ) AS part
FROM split
