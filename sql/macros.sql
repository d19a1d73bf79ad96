-- Functions that several tables share. Every step's DuckDB knows them.

-- Identifies the text of an address, the same in every year: DuckDB's hash of its fields, hashed again
-- since its hash of several columns is linear in the last one. MD5 took six times as long.
CREATE MACRO address_key(
    address, city, region, postcode, country, institution, institution_id, lat, lng
) AS
hash(hash(address, city, region, postcode, country, institution, institution_id, lat, lng));

-- The k-th of n equal integer parts of a whole; the first ones take the remainder (method 4).
CREATE MACRO equal_part(whole, n, k) AS whole // n + if(k <= whole % n, 1, 0);

-- Precisions whose address has a point and enters clustering (method 3).
CREATE MACRO is_located(reached) AS reached IN ('point', 'postcode', 'city', 'institution');

-- The share that parts in billionths are of so many documents; nought of none.
CREATE MACRO share_of(parts, documents) AS coalesce(parts / 1e9 / nullif(documents, 0), 0);

-- A source's share of the world on the denominator that both sources have in common, the product of their
-- documents: so shares are added and compared as integers. Where the other source has none, it counts alone.
CREATE MACRO weight_of_share(parts, documents_of_other) AS parts * greatest(documents_of_other, 1);
