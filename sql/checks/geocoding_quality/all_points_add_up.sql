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

by_location AS (
    SELECT
        kind,
        location_number,
        count(*) AS addresses,
        sum(part) AS parts
    FROM points
    GROUP BY kind, location_number
),

placed AS (
    SELECT
        by_location.kind,
        coalesce(locations.country, '') AS country,
        sum(by_location.addresses) AS point_addresses,
        sum(by_location.parts) AS point_parts
    FROM by_location
    INNER JOIN locations ON by_location.location_number = locations.location_number
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
