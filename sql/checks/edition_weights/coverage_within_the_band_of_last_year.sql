-- By source and country, coverage stays within a band of the year before: the country's share of all
-- documents neither halves nor doubles, and the share of its documents with a point moves by at most 15
-- points. Where few documents are, chance widens the band, by five standard errors (twice the variance of
-- independent documents, since those of one institution share their spelling) and by 100 documents. A break
-- that is known and right is named by its year in the configuration, under `known_breaks`.
WITH by_country AS (
    SELECT
        kind,
        coalesce(country, 'unknown') AS country,
        year,
        sum(parts) / 1e9 AS documents,
        coalesce(sum(parts) FILTER (WHERE is_located(precision)), 0) / 1e9 AS located
    FROM geocoding_quality
    GROUP BY kind, coalesce(country, 'unknown'), year
),

by_year AS (
    SELECT
        kind,
        year,
        sum(documents) AS documents
    FROM by_country
    GROUP BY kind, year
),

pairs AS (
    SELECT
        this_year.kind,
        this_year.year,
        this_year.documents / last_year.documents AS growth
    FROM by_year AS this_year
    INNER JOIN by_year AS last_year
        ON this_year.kind = last_year.kind AND this_year.year = last_year.year + 1
    WHERE
        last_year.documents > 0
        AND coalesce(NOT list_contains(getvariable('known_breaks'), this_year.year), TRUE)
),

countries AS (
    SELECT DISTINCT
        kind,
        country
    FROM by_country
),

compared AS (
    SELECT
        pairs.kind,
        countries.country,
        pairs.year,
        pairs.growth,
        coalesce(last_year.documents, 0) AS documents_last_year,
        coalesce(this_year.documents, 0) AS documents,
        coalesce(last_year.documents, 0) * pairs.growth AS expected,
        last_year.located / last_year.documents AS located_share_last_year,
        this_year.located / this_year.documents AS located_share,
        (last_year.located + this_year.located) / (last_year.documents + this_year.documents) AS pooled
    FROM pairs
    INNER JOIN countries ON pairs.kind = countries.kind
    LEFT JOIN by_country AS last_year
        ON
            pairs.kind = last_year.kind
            AND countries.country = last_year.country
            AND pairs.year = last_year.year + 1
    LEFT JOIN by_country AS this_year
        ON
            pairs.kind = this_year.kind
            AND countries.country = this_year.country
            AND pairs.year = this_year.year
),

uncertain AS (
    SELECT
        *,
        100 + 5 * sqrt(2 * expected * (1 + growth)) AS chance,
        100 / least(documents, documents_last_year)
        + 5 * sqrt(2 * pooled * (1 - pooled) * (1 / documents + 1 / documents_last_year)) AS chance_of_share
    FROM compared
)

SELECT
    kind,
    country,
    year,
    round(documents, 1) AS documents,
    round(expected / 2 - chance, 1) AS at_least,
    round(expected * 2 + chance, 1) AS at_most,
    round(located_share, 3) AS located_share,
    round(located_share_last_year, 3) AS located_share_last_year,
    round(0.15 + chance_of_share, 3) AS moves_at_most
FROM uncertain
WHERE
    documents < expected / 2 - chance
    OR documents > expected * 2 + chance
    OR abs(located_share - located_share_last_year) > 0.15 + chance_of_share
ORDER BY kind, country, year
