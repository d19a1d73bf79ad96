-- One row per location of the year's addresses: where the geocoder places them, how exactly, how many.
-- Inputs: address_dictionary, distinct_addresses. Source: design 1: fractional counts add up.
-- Each is the location of many texts, and a text of many addresses: points name theirs by number, and
-- what is counted by location needs to look at no address.
SELECT
    getvariable('year')::INTEGER AS year,
    (
        row_number() OVER (
            ORDER BY
                address_dictionary.h3_cell ASC NULLS FIRST,
                address_dictionary.country ASC NULLS FIRST,
                address_dictionary.place_id ASC NULLS FIRST,
                address_dictionary.precision ASC
        )
    )::INTEGER AS location_number,
    address_dictionary.h3_cell,
    address_dictionary.country,
    address_dictionary.place_id,
    address_dictionary.precision,
    sum(distinct_addresses.inventor_addresses)::BIGINT AS inventor_addresses,
    sum(distinct_addresses.inventor_parts)::BIGINT AS inventor_parts,
    sum(distinct_addresses.author_addresses)::BIGINT AS author_addresses,
    sum(distinct_addresses.author_parts)::BIGINT AS author_parts
FROM address_dictionary
INNER JOIN distinct_addresses ON address_dictionary.address_key = distinct_addresses.address_key
GROUP BY
    address_dictionary.h3_cell,
    address_dictionary.country,
    address_dictionary.place_id,
    address_dictionary.precision
