-- One row per location of the year's addresses: an H3 cell and country, or a country alone.
-- Inputs: address_dictionary. A document names its locations by number, so that an edition knows whose they
-- are by looking them up.
WITH named AS (
    SELECT DISTINCT
        h3_cell,
        country
    FROM address_dictionary
)

SELECT
    getvariable('year')::INTEGER AS year,
    (row_number() OVER (ORDER BY h3_cell ASC NULLS FIRST, country ASC NULLS FIRST))::INTEGER
        AS location_number,
    h3_cell,
    country
FROM named
