-- One row per address of an inventor of an application that counts, with its part of it.
-- Inputs: applications, staged_addresses. Source: method 4.
-- Addresses hold equal parts. Where the extract brings shares (REGPAT: an inventor's share times a
-- region's), parts follow the shares. The remainder goes to the first addresses, one unit each.
-- Of an application that its unit has twice, an address counts once. Texts are in distinct_addresses.
WITH numbered AS (
    SELECT
        applications.document_number,
        staged_addresses.address_number,
        min(staged_addresses.person_number) AS person_number,
        min(staged_addresses.address_key) AS address_key,
        round(min(staged_addresses.share) * 1e9)::BIGINT AS share_billionths
    FROM staged_addresses
    INNER JOIN applications USING (source, unit_number, document_key)
    WHERE staged_addresses.kind = 'patent'
    GROUP BY applications.document_number, staged_addresses.address_number
),

measured AS (
    SELECT
        *,
        count(*) OVER document AS addresses,
        sum(share_billionths) OVER document AS shares,
        count(share_billionths) OVER document = count(*) OVER document AS all_shared
    FROM numbered
    WINDOW document AS (PARTITION BY document_number)
),

placed AS (
    SELECT
        *,
        all_shared AND shares > 0 AS is_shared,
        -- what is left over goes to those that have a share
        row_number() OVER (
            PARTITION BY document_number
            ORDER BY (all_shared AND shares > 0 AND share_billionths = 0), address_number
        ) AS place
    FROM measured
),

floored AS (
    SELECT
        *,
        if(
            is_shared,
            (1000000000::HUGEINT * share_billionths // shares)::BIGINT,
            equal_part(1000000000, addresses, place)
        ) AS floor_part
    FROM placed
)

SELECT
    getvariable('year')::INTEGER AS year,
    document_number,
    address_number,
    person_number,
    address_key,
    floor_part + if(
        place <= 1000000000 - sum(floor_part) OVER (PARTITION BY document_number), 1, 0
    ) AS part
FROM floored
