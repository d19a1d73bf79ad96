-- Addresses and parts over all precisions are those of all locations, by country.
WITH graded AS (
    SELECT
        coalesce(country, '') AS country,
        sum(addresses) AS graded_addresses,
        sum(parts) AS graded_parts
    FROM geocoding_quality
    GROUP BY ALL
),

located AS (
    SELECT
        coalesce(country, '') AS country,
        sum(inventor_addresses + author_addresses) AS addresses,
        sum(inventor_parts + author_parts) AS parts
    FROM locations
    GROUP BY ALL
)

SELECT
    graded.*,
    located.*
FROM graded
FULL JOIN located ON graded.country = located.country
WHERE
    graded.graded_addresses IS DISTINCT FROM located.addresses
    OR graded.graded_parts IS DISTINCT FROM located.parts
