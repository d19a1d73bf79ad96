-- Points are the addresses of inventors and authors, row for row and with the same parts.
-- Rows are compared by a hash over document, address and part, so that no join is needed; hashed
-- twice, since DuckDB's hash of several columns is linear in the last one.
WITH addresses AS (
    SELECT
        'patent' AS kind,
        document_number,
        address_number,
        part
    FROM inventors
    UNION ALL
    SELECT
        'publication' AS kind,
        document_number,
        address_number,
        part
    FROM author_addresses
),

before AS (
    SELECT
        kind,
        count(*) AS addresses,
        sum(part) AS address_parts,
        bit_xor(hash(hash(document_number, address_number, part))) AS address_hash
    FROM addresses
    GROUP BY kind
),

located AS (
    SELECT
        kind,
        count(*) AS points,
        sum(part) AS point_parts,
        bit_xor(hash(hash(document_number, address_number, part))) AS point_hash
    FROM points
    GROUP BY kind
)

SELECT
    before.*,
    located.*
FROM before
FULL JOIN located ON before.kind = located.kind
WHERE
    before.addresses IS DISTINCT FROM located.points
    OR before.address_parts IS DISTINCT FROM located.point_parts
    OR before.address_hash IS DISTINCT FROM located.point_hash
