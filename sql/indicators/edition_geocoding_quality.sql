-- One row per kind, country and precision: how many addresses of the windows reached it.
-- Inputs: geocoding_quality, edition_totals. Source: method 3; WIPO's own: GII 2020, Table SA-1.1.
SELECT
    getvariable('edition')::INTEGER AS edition,
    geocoding_quality.kind,
    geocoding_quality.country,
    geocoding_quality.precision,
    sum(geocoding_quality.addresses)::BIGINT AS addresses,
    sum(geocoding_quality.parts)::BIGINT AS parts,
    sum(geocoding_quality.addresses) / sum(sum(geocoding_quality.addresses)) OVER (
        PARTITION BY geocoding_quality.kind, geocoding_quality.country
    ) AS address_share
FROM geocoding_quality
INNER JOIN edition_totals
    ON
        geocoding_quality.kind = edition_totals.kind
        AND geocoding_quality.year BETWEEN edition_totals.first_year AND edition_totals.last_year
GROUP BY geocoding_quality.kind, geocoding_quality.country, geocoding_quality.precision
