-- Addresses and parts over all precisions are those of all points, by kind and country.
WITH graded AS (
    SELECT
        kind,
        coalesce(country, '') AS country,
        sum(addresses) AS graded_addresses,
        sum(parts) AS graded_parts
    FROM geocoding_quality
    GROUP BY ALL
),

placed AS (
    SELECT
        kind,
        coalesce(country, '') AS country,
        count(*) AS point_addresses,
        sum(part) AS point_parts
    FROM points
    GROUP BY ALL
)

SELECT
    graded.*,
    placed.*
FROM graded
FULL JOIN placed ON graded.kind = placed.kind AND graded.country = placed.country
WHERE
    graded.graded_addresses IS DISTINCT FROM placed.point_addresses
    OR graded.graded_parts IS DISTINCT FROM placed.point_parts
