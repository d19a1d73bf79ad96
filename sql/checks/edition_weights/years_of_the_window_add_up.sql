-- Addresses, parts and weight over all cells are those of the years of each source's window.
WITH windowed AS (
    SELECT
        coalesce(sum(cell_weights.addresses) FILTER (WHERE cell_weights.kind = 'patent'), 0)
            AS patent_addresses_of_years,
        coalesce(sum(cell_weights.addresses) FILTER (WHERE cell_weights.kind = 'publication'), 0)
            AS publication_addresses_of_years,
        coalesce(sum(cell_weights.parts) FILTER (WHERE cell_weights.kind = 'patent'), 0)
            AS patent_parts_of_years,
        coalesce(sum(cell_weights.parts) FILTER (WHERE cell_weights.kind = 'publication'), 0)
            AS publication_parts_of_years,
        coalesce(sum(cell_weights.addresses * edition_totals.weight_per_address), 0)
            AS weight_of_years
    FROM cell_weights
    INNER JOIN edition_totals
        ON
            cell_weights.kind = edition_totals.kind
            AND cell_weights.year BETWEEN edition_totals.first_year AND edition_totals.last_year
),

summed AS (
    SELECT
        coalesce(sum(patent_addresses), 0) AS patent_addresses,
        coalesce(sum(publication_addresses), 0) AS publication_addresses,
        coalesce(sum(patent_parts), 0) AS patent_parts,
        coalesce(sum(publication_parts), 0) AS publication_parts,
        coalesce(sum(weight), 0) AS weight
    FROM edition_weights
)

SELECT
    windowed.*,
    summed.*
FROM windowed
CROSS JOIN summed
WHERE
    summed.patent_addresses <> windowed.patent_addresses_of_years
    OR summed.publication_addresses <> windowed.publication_addresses_of_years
    OR summed.patent_parts <> windowed.patent_parts_of_years
    OR summed.publication_parts <> windowed.publication_parts_of_years
    OR summed.weight <> windowed.weight_of_years
