-- One row per kind, country and precision: how many addresses of the year reached it.
-- Inputs: points, locations. Source: method 3; WIPO prints the like for 2020 (Table SA-1.1).
WITH counted AS (
    SELECT
        kind,
        location_number,
        count(*) AS addresses,
        sum(part) AS parts
    FROM points
    GROUP BY kind, location_number
)

SELECT
    getvariable('year')::INTEGER AS year,
    counted.kind,
    locations.country,
    locations.precision,
    sum(counted.addresses)::BIGINT AS addresses,
    sum(counted.parts)::BIGINT AS parts
FROM counted
INNER JOIN locations ON counted.location_number = locations.location_number
GROUP BY counted.kind, locations.country, locations.precision
