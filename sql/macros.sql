-- Functions that several tables share. Every step's DuckDB knows them.

-- Identifies the text of an address, the same in every year: lower 64 bits of the MD5 of its fields.
CREATE MACRO address_key(
    address, city, region, postcode, country, institution, institution_id, lat, lng
) AS
md5_number_lower(
    concat_ws(
        chr(31),
        coalesce(address, ''), coalesce(city, ''), coalesce(region, ''), coalesce(postcode, ''),
        coalesce(country, ''), coalesce(institution, ''), coalesce(institution_id, ''),
        coalesce(lat::varchar, ''), coalesce(lng::varchar, '')
    )
);

-- The k-th of n equal integer parts of a whole; the first ones take the remainder (method 4).
CREATE MACRO equal_part(whole, n, k) AS whole // n + if(k <= whole % n, 1, 0);
