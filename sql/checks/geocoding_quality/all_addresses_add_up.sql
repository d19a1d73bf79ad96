-- Addresses and parts over all precisions are those of all locations, by kind and country.
WITH graded AS (
    SELECT
        kind,
        coalesce(country, '') AS country,
        sum(addresses) AS graded_addresses,
        sum(parts) AS graded_parts
    FROM geocoding_quality
    GROUP BY ALL
),

located AS (
    SELECT
        'patent' AS kind,
        coalesce(country, '') AS country,
        sum(inventor_addresses) AS addresses,
        sum(inventor_parts) AS parts
    FROM locations
    WHERE inventor_addresses > 0
    GROUP BY ALL
    UNION ALL
    SELECT
        'publication' AS kind,
        coalesce(country, '') AS country,
        sum(author_addresses) AS addresses,
        sum(author_parts) AS parts
    FROM locations
    WHERE author_addresses > 0
    GROUP BY ALL
)

SELECT
    graded.*,
    located.*
FROM graded
FULL JOIN located ON graded.kind = located.kind AND graded.country = located.country
WHERE
    graded.graded_addresses IS DISTINCT FROM located.addresses
    OR graded.graded_parts IS DISTINCT FROM located.parts
