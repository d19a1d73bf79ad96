-- One row per H3 cell, kind, country and place: all that an edition needs to delineate and rank.
-- Inputs: locations. Source: design 1: fractional counts add up.
WITH counted AS (
    SELECT
        'patent' AS kind,
        h3_cell,
        country,
        place_id,
        inventor_addresses AS addresses,
        inventor_parts AS parts
    FROM locations
    UNION ALL
    SELECT
        'publication' AS kind,
        h3_cell,
        country,
        place_id,
        author_addresses AS addresses,
        author_parts AS parts
    FROM locations
)

SELECT
    getvariable('year')::INTEGER AS year,
    kind,
    h3_cell,
    country,
    place_id,
    sum(addresses)::BIGINT AS addresses,
    sum(parts)::BIGINT AS parts
FROM counted
WHERE h3_cell IS NOT NULL AND addresses > 0
GROUP BY kind, h3_cell, country, place_id
