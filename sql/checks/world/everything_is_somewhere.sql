-- Clusters, the rest of the map and the unlocated hold every document and address, exactly.
SELECT
    edition_totals.kind,
    sum(world.parts) AS parts,
    sum(world.addresses) AS addresses
FROM edition_totals
LEFT JOIN world ON edition_totals.kind = world.kind
GROUP BY edition_totals.kind
HAVING
    coalesce(sum(world.parts), 0) <> any_value(edition_totals.documents) * 1000000000::HUGEINT
    OR coalesce(sum(world.addresses), 0) <> any_value(edition_totals.addresses)
