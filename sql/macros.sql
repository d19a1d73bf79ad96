-- Functions that several tables share. Every step's DuckDB knows them.

-- Identifies the text of an address, the same in every year: DuckDB's hash of its fields, hashed again
-- since its hash of several columns is linear in the last one. MD5 took six times as long.
CREATE MACRO address_key(
    address, city, region, postcode, country, institution, institution_id, lat, lng
) AS
hash(hash(address, city, region, postcode, country, institution, institution_id, lat, lng));

-- The k-th of n equal integer parts of a whole; the first ones take the remainder (method 4).
CREATE MACRO equal_part(whole, n, k) AS whole // n + if(k <= whole % n, 1, 0);

-- Identifies a document over years and kinds as one number, by which joins and groups are several times
-- faster than by three columns; the kind can be told from it.
CREATE MACRO document_key(kind, year, document_number) AS
(year * 10000000000 + document_number) * 2 + if(kind = 'patent', 1, 0);
CREATE MACRO kind_of(document_key) AS if(document_key % 2 = 1, 'patent', 'publication');
