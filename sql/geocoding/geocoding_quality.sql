-- One row per kind, country and precision: how many addresses of the year reached it.
-- Inputs: locations. Source: method 3; WIPO prints the like for 2020 (Table SA-1.1).
SELECT
    getvariable('year')::INTEGER AS year,
    kind,
    country,
    precision,
    sum(addresses)::BIGINT AS addresses,
    sum(parts)::BIGINT AS parts
FROM locations
UNPIVOT (
    (addresses, parts) FOR kind IN (
        (inventor_addresses, inventor_parts) AS patent,
        (author_addresses, author_parts) AS publication
    )
)
WHERE addresses > 0
GROUP BY kind, country, precision
