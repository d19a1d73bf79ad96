-- Functions that several tables share. Every step's DuckDB knows them.

-- Identifies the text of an address, the same in every year: DuckDB's hash of its fields, hashed again
-- since its hash of several columns is linear in the last one. MD5 took six times as long.
CREATE MACRO address_key(
    address, city, region, postcode, country, institution, institution_id, lat, lng
) AS
hash(hash(address, city, region, postcode, country, institution, institution_id, lat, lng));

-- The k-th of n equal integer parts of a whole; the first ones take the remainder (method 4).
CREATE MACRO equal_part(whole, n, k) AS whole // n + if(k <= whole % n, 1, 0);
