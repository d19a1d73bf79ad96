-- One row per distinct address text of the year, over inventors and authors.
-- Inputs: inventors, author_addresses, staged_texts. Source: design 3.4: distinct strings once.
-- Texts lie here and nowhere else: the other tables have their keys. What inventors and authors hold is
-- summed, so that a text is asked once where it lies and for its institution.
WITH invented AS (
    SELECT
        address_key,
        count(*) AS addresses,
        sum(part)::BIGINT AS parts
    FROM inventors
    GROUP BY address_key
),

authored AS (
    SELECT
        address_key,
        count(*) AS addresses,
        sum(part)::BIGINT AS parts
    FROM author_addresses
    GROUP BY address_key
),

counted AS (
    SELECT
        address_key,
        coalesce(invented.addresses, 0) AS inventor_addresses,
        coalesce(invented.parts, 0) AS inventor_parts,
        coalesce(authored.addresses, 0) AS author_addresses,
        coalesce(authored.parts, 0) AS author_parts
    FROM invented
    FULL JOIN authored USING (address_key)
),

-- units that share a text have staged it each: the first one's counts
texts AS (
    SELECT later.*
    FROM staged_texts AS later
    ANTI JOIN staged_texts AS earlier
        ON
            later.address_key = earlier.address_key
            AND (
                later.source > earlier.source
                OR (later.source = earlier.source AND later.unit_number > earlier.unit_number)
            )
)

SELECT
    getvariable('year')::INTEGER AS year,
    texts.address_key,
    texts.address,
    texts.city,
    texts.region,
    texts.postcode,
    texts.country,
    texts.institution,
    texts.institution_id,
    texts.lat,
    texts.lng,
    counted.inventor_addresses,
    counted.inventor_parts,
    counted.author_addresses,
    counted.author_parts
FROM texts
INNER JOIN counted USING (address_key)
