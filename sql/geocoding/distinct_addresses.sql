-- One row per distinct address text of the year, over inventors and authors.
-- Inputs: inventors, author_addresses. Source: design 3.4: distinct strings once.
WITH addresses AS (
    SELECT
        address_key,
        address,
        city,
        region,
        postcode,
        country,
        institution,
        institution_id,
        lat,
        lng
    FROM inventors
    UNION ALL
    SELECT
        address_key,
        address,
        city,
        region,
        postcode,
        country,
        institution,
        institution_id,
        lat,
        lng
    FROM author_addresses
)

SELECT
    getvariable('year')::INTEGER AS year,
    address_key,
    any_value(address) AS address,
    any_value(city) AS city,
    any_value(region) AS region,
    any_value(postcode) AS postcode,
    any_value(country) AS country,
    any_value(institution) AS institution,
    any_value(institution_id) AS institution_id,
    any_value(lat) AS lat,
    any_value(lng) AS lng,
    count(*) AS addresses
FROM addresses
GROUP BY address_key
