-- One row per H3 cell, kind, country and place: all that an edition needs to delineate and rank.
-- Inputs: points. Source: design 1: fractional counts add up.
SELECT
    getvariable('year')::INTEGER AS year,
    kind,
    h3_cell,
    country,
    place_id,
    count(*) AS addresses,
    sum(part)::BIGINT AS parts
FROM points
WHERE h3_cell IS NOT NULL
GROUP BY kind, h3_cell, country, place_id
