-- One row per address of a document, with its H3 cell where it could be located.
-- Inputs: inventors, author_addresses, address_dictionary. Source: method 3.
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
)

SELECT
    getvariable('year')::INTEGER AS year,
    addresses.kind,
    addresses.document_number,
    addresses.address_number,
    address_dictionary.country,
    address_dictionary.precision,
    address_dictionary.h3_cell,
    address_dictionary.place_id,
    addresses.part
FROM addresses
INNER JOIN address_dictionary USING (address_key)
