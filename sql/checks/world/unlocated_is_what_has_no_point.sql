-- Unlocated are the addresses without a point, and besides only whole documents without any address.
SELECT
    world.kind,
    world.parts,
    sum(geocoding_quality.parts) AS parts_without_point
FROM world
INNER JOIN edition_totals ON world.kind = edition_totals.kind
LEFT JOIN geocoding_quality
    ON
        world.kind = geocoding_quality.kind
        AND geocoding_quality.year BETWEEN edition_totals.first_year AND edition_totals.last_year
        AND NOT is_located(geocoding_quality.precision)
WHERE world.place = 'unlocated'
GROUP BY world.kind, world.parts, world.addresses
HAVING
    world.addresses <> coalesce(sum(geocoding_quality.addresses), 0)
    OR world.parts < coalesce(sum(geocoding_quality.parts), 0)
    OR (world.parts - coalesce(sum(geocoding_quality.parts), 0)) % 1000000000 <> 0
