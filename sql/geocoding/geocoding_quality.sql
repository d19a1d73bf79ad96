-- One row per kind, country and precision: how many addresses of the year reached it.
-- Inputs: points. Source: method 3; WIPO prints the like for 2020 (Table SA-1.1).
SELECT
    getvariable('year')::INTEGER AS year,
    kind,
    country,
    precision,
    count(*) AS addresses,
    sum(part)::BIGINT AS parts
FROM points
GROUP BY kind, country, precision
