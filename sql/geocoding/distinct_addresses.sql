-- One row per distinct address text of the year, over inventors and authors.
-- Inputs: inventors, author_addresses, staged_texts. Source: design 3.4: distinct strings once.
-- Texts lie here and nowhere else: the other tables have their keys. What authors hold is summed, so
-- that an edition asks each text once for its institution. Units that share a text have staged it each.
WITH counted AS (
    SELECT
        address_key,
        count(*) AS inventor_addresses,
        0 AS author_addresses,
        0 AS author_parts
    FROM inventors
    GROUP BY address_key
    UNION ALL
    SELECT
        address_key,
        0 AS inventor_addresses,
        count(*) AS author_addresses,
        sum(part) AS author_parts
    FROM author_addresses
    GROUP BY address_key
),

summed AS (
    SELECT
        address_key,
        sum(inventor_addresses)::BIGINT AS inventor_addresses,
        sum(author_addresses)::BIGINT AS author_addresses,
        sum(author_parts)::BIGINT AS author_parts
    FROM counted
    GROUP BY address_key
),

numbered AS (
    SELECT
        *,
        row_number() OVER () AS text_number
    FROM staged_texts
),

firsts AS (
    SELECT min(text_number) AS text_number
    FROM numbered
    GROUP BY address_key
)

SELECT
    getvariable('year')::INTEGER AS year,
    numbered.address_key,
    numbered.address,
    numbered.city,
    numbered.region,
    numbered.postcode,
    numbered.country,
    numbered.institution,
    numbered.institution_id,
    numbered.lat,
    numbered.lng,
    summed.inventor_addresses,
    summed.author_addresses,
    summed.author_parts
FROM summed
INNER JOIN numbered USING (address_key)
SEMI JOIN firsts ON numbered.text_number = firsts.text_number
