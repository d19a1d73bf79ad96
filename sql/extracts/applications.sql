-- One row per application of the year that counts, numbered by identifier.
-- Inputs: screening, staged_addresses. Source: method 2.
WITH counted AS (
    SELECT
        document_id,
        source,
        unit_number
    FROM screening
    WHERE kind = 'patent' AND excluded_by IS NULL
),

sizes AS (
    SELECT
        source,
        unit_number,
        document_id,
        len(list_distinct(list(person_number))) AS persons,
        len(list_distinct(list(address_number))) AS addresses
    FROM staged_addresses
    WHERE kind = 'patent'
    GROUP BY ALL
)

SELECT
    getvariable('year')::INTEGER AS year,
    row_number() OVER (ORDER BY counted.document_id)::INTEGER AS document_number,
    counted.document_id,
    counted.source,
    counted.unit_number,
    coalesce(sizes.persons, 0) AS persons,
    coalesce(sizes.addresses, 0) AS addresses
FROM counted
LEFT JOIN sizes USING (source, unit_number, document_id)
