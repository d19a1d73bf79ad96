-- One row per location of the year's addresses: where the geocoder places them, and how exactly.
-- Inputs: address_dictionary. Each is the location of many addresses, so points name theirs by number.
WITH named AS (
    SELECT DISTINCT
        h3_cell,
        country,
        place_id,
        precision
    FROM address_dictionary
)

SELECT
    getvariable('year')::INTEGER AS year,
    (
        row_number() OVER (
            ORDER BY
                h3_cell ASC NULLS FIRST,
                country ASC NULLS FIRST,
                place_id ASC NULLS FIRST,
                precision ASC
        )
    )::INTEGER AS location_number,
    h3_cell,
    country,
    place_id,
    precision
FROM named
