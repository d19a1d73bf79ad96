-- Every distinct address text of the year has an entry, located or not.
-- Texts are compared by a hash over their keys, so that no join is needed.
WITH given AS (
    SELECT
        count(*) AS texts,
        bit_xor(hash(address_key)) AS text_hash
    FROM distinct_addresses
),

found AS (
    SELECT
        count(*) AS entries,
        bit_xor(hash(address_key)) AS entry_hash
    FROM address_dictionary
)

SELECT
    given.*,
    found.*
FROM given
CROSS JOIN found
WHERE given.texts <> found.entries OR given.text_hash IS DISTINCT FROM found.entry_hash
