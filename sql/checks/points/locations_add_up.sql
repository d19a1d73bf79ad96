-- The points at a location are as many, and hold as much, as its texts were counted to.
WITH located AS (
    SELECT
        location_number,
        count(*) FILTER (WHERE kind = 'patent') AS inventor_addresses,
        coalesce(sum(part) FILTER (WHERE kind = 'patent'), 0) AS inventor_parts,
        count(*) FILTER (WHERE kind = 'publication') AS author_addresses,
        coalesce(sum(part) FILTER (WHERE kind = 'publication'), 0) AS author_parts
    FROM points
    GROUP BY location_number
)

SELECT
    located.*,
    locations.location_number AS location_there,
    locations.inventor_addresses AS inventor_addresses_there,
    locations.inventor_parts AS inventor_parts_there,
    locations.author_addresses AS author_addresses_there,
    locations.author_parts AS author_parts_there
FROM located
FULL JOIN locations ON located.location_number = locations.location_number
WHERE
    located.inventor_addresses IS DISTINCT FROM locations.inventor_addresses
    OR located.inventor_parts IS DISTINCT FROM locations.inventor_parts
    OR located.author_addresses IS DISTINCT FROM locations.author_addresses
    OR located.author_parts IS DISTINCT FROM locations.author_parts
