-- Every distinct address text of the year has an entry, located or not.
SELECT
    distinct_addresses.address_key,
    distinct_addresses.address,
    distinct_addresses.city
FROM distinct_addresses
ANTI JOIN address_dictionary ON distinct_addresses.address_key = address_dictionary.address_key
