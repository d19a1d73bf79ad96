-- One row per H3 cell, kind, country and place: all that an edition needs to delineate and rank.
-- Inputs: points, locations. Source: design 1: fractional counts add up.
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
    locations.h3_cell,
    locations.country,
    locations.place_id,
    sum(counted.addresses)::BIGINT AS addresses,
    sum(counted.parts)::BIGINT AS parts
FROM counted
INNER JOIN locations ON counted.location_number = locations.location_number
WHERE locations.h3_cell IS NOT NULL
GROUP BY counted.kind, locations.h3_cell, locations.country, locations.place_id
