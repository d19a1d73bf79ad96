-- One row per H3 cell: what lies in it over the edition's windows, and its weight in the density.
-- Inputs: cell_weights, edition_totals. Source: method 4 and 5. A cell on a border is the country's of most
-- of its weight, the first by code where they are equal.
WITH windowed AS (
    SELECT
        cell_weights.h3_cell,
        cell_weights.country,
        cell_weights.addresses * edition_totals.weight_per_address AS weight,
        if(cell_weights.kind = 'patent', cell_weights.addresses, 0) AS patent_addresses,
        if(cell_weights.kind = 'publication', cell_weights.addresses, 0) AS publication_addresses,
        if(cell_weights.kind = 'patent', cell_weights.parts, 0) AS patent_parts,
        if(cell_weights.kind = 'publication', cell_weights.parts, 0) AS publication_parts
    FROM cell_weights
    INNER JOIN edition_totals
        ON
            cell_weights.kind = edition_totals.kind
            AND cell_weights.year BETWEEN edition_totals.first_year AND edition_totals.last_year
),

by_country AS (
    SELECT
        h3_cell,
        country,
        sum(patent_addresses)::BIGINT AS patent_addresses,
        sum(publication_addresses)::BIGINT AS publication_addresses,
        sum(patent_parts)::BIGINT AS patent_parts,
        sum(publication_parts)::BIGINT AS publication_parts,
        sum(weight)::BIGINT AS weight
    FROM windowed
    GROUP BY h3_cell, country
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    h3_cell,
    first(country ORDER BY weight DESC, country ASC) AS country,
    sum(patent_addresses)::BIGINT AS patent_addresses,
    sum(publication_addresses)::BIGINT AS publication_addresses,
    sum(patent_parts)::BIGINT AS patent_parts,
    sum(publication_parts)::BIGINT AS publication_parts,
    sum(weight)::BIGINT AS weight
FROM by_country
GROUP BY h3_cell
