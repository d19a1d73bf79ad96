-- One row per address of a document, with its location.
-- Inputs: inventors, author_addresses, address_dictionary, locations. Source: method 3.
WITH addresses AS (
    SELECT
        'patent' AS kind,
        document_number,
        address_number,
        address_key,
        part
    FROM inventors
    UNION ALL
    SELECT
        'publication' AS kind,
        document_number,
        address_number,
        address_key,
        part
    FROM author_addresses
),

numbered AS (
    SELECT
        address_dictionary.address_key,
        locations.location_number
    FROM address_dictionary
    INNER JOIN locations
        ON
            address_dictionary.h3_cell IS NOT DISTINCT FROM locations.h3_cell
            AND address_dictionary.country IS NOT DISTINCT FROM locations.country
            AND address_dictionary.place_id IS NOT DISTINCT FROM locations.place_id
            AND address_dictionary.precision = locations.precision
)

SELECT
    getvariable('year')::INTEGER AS year,
    addresses.kind,
    addresses.document_number,
    addresses.address_number,
    numbered.location_number,
    addresses.part
FROM addresses
INNER JOIN numbered ON addresses.address_key = numbered.address_key
