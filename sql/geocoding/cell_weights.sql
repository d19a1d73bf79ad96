-- One row per H3 cell, kind, country and place: all that an edition needs to delineate and rank.
-- Inputs: locations. Source: design 1: fractional counts add up.
SELECT
    getvariable('year')::INTEGER AS year,
    kind,
    h3_cell,
    country,
    place_id,
    sum(addresses)::BIGINT AS addresses,
    sum(parts)::BIGINT AS parts
FROM locations
UNPIVOT (
    (addresses, parts) FOR kind IN (
        (inventor_addresses, inventor_parts) AS patent,
        (author_addresses, author_parts) AS publication
    )
)
WHERE h3_cell IS NOT NULL AND addresses > 0
GROUP BY kind, h3_cell, country, place_id
