-- One row per distinct address text of the year, over inventors and authors.
-- Inputs: inventors, author_addresses, staged_addresses. Source: design 3.4: distinct strings once.
-- Texts lie here and nowhere else: the other tables have their keys. What authors hold is summed, so
-- that an edition asks each text once for its institution.
WITH addresses AS (
    SELECT
        address_key,
        1 AS inventor_addresses,
        0 AS author_addresses,
        0 AS author_parts
    FROM inventors
    UNION ALL
    SELECT
        address_key,
        0 AS inventor_addresses,
        1 AS author_addresses,
        part AS author_parts
    FROM author_addresses
),

counted AS (
    SELECT
        address_key,
        sum(inventor_addresses)::BIGINT AS inventor_addresses,
        sum(author_addresses)::BIGINT AS author_addresses,
        sum(author_parts)::BIGINT AS author_parts
    FROM addresses
    GROUP BY address_key
),

texts AS (
    SELECT
        address_key,
        any_value(address) AS address,
        any_value(city) AS city,
        any_value(region) AS region,
        any_value(postcode) AS postcode,
        any_value(country) AS country,
        any_value(institution) AS institution,
        any_value(institution_id) AS institution_id,
        any_value(lat) AS lat,
        any_value(lng) AS lng
    FROM staged_addresses
    GROUP BY address_key
)

SELECT
    getvariable('year')::INTEGER AS year,
    texts.*,
    counted.inventor_addresses,
    counted.author_addresses,
    counted.author_parts
FROM counted
INNER JOIN texts USING (address_key)
