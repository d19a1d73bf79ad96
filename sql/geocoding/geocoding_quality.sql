-- One row per kind, country and precision: how many addresses of the year reached it.
-- Inputs: locations. Source: method 3; WIPO prints the like for 2020 (Table SA-1.1).
WITH counted AS (
    SELECT
        'patent' AS kind,
        country,
        precision,
        inventor_addresses AS addresses,
        inventor_parts AS parts
    FROM locations
    UNION ALL
    SELECT
        'publication' AS kind,
        country,
        precision,
        author_addresses AS addresses,
        author_parts AS parts
    FROM locations
)

SELECT
    getvariable('year')::INTEGER AS year,
    kind,
    country,
    precision,
    sum(addresses)::BIGINT AS addresses,
    sum(parts)::BIGINT AS parts
FROM counted
WHERE addresses > 0
GROUP BY kind, country, precision
