-- By source, no single place more than doubles its documents from one year to the next and at the same time
-- gains over 2 points of the world or over 20 points of its country: so looks a place that takes what the
-- geocoder could not tell. Chance widens the band as for coverage, by five standard errors and 100 documents;
-- a gain that is known and right is named by its year in the configuration, under `known_breaks`.
WITH by_place AS (
    SELECT
        kind,
        year,
        country,
        place_id,
        sum(parts) / 1e9 AS documents
    FROM cell_weights
    WHERE place_id IS NOT NULL
    GROUP BY kind, year, country, place_id
),

shares AS (
    SELECT
        *,
        sum(documents) OVER (PARTITION BY kind, year) AS documents_of_world,
        documents / sum(documents) OVER (PARTITION BY kind, year) AS share_of_world,
        documents / sum(documents) OVER (PARTITION BY kind, year, country) AS share_of_country
    FROM by_place
),

years AS (
    SELECT DISTINCT
        kind,
        year,
        documents_of_world
    FROM shares
),

compared AS (
    SELECT
        this_year.kind,
        this_year.country,
        this_year.place_id,
        this_year.year,
        this_year.documents,
        coalesce(last_year.documents, 0) * this_year.documents_of_world / years.documents_of_world
            AS expected,
        this_year.documents_of_world / years.documents_of_world AS growth,
        this_year.share_of_world,
        coalesce(last_year.share_of_world, 0) AS share_of_world_last_year,
        this_year.share_of_country,
        coalesce(last_year.share_of_country, 0) AS share_of_country_last_year
    FROM shares AS this_year
    INNER JOIN years ON this_year.kind = years.kind AND this_year.year = years.year + 1
    LEFT JOIN shares AS last_year
        ON
            this_year.kind = last_year.kind
            AND this_year.country IS NOT DISTINCT FROM last_year.country
            AND this_year.place_id = last_year.place_id
            AND this_year.year = last_year.year + 1
    WHERE coalesce(NOT list_contains(getvariable('known_breaks'), this_year.year), TRUE)
)

SELECT
    kind,
    country,
    place_id,
    year,
    round(documents, 1) AS documents,
    round(expected * 2 + 100 + 5 * sqrt(2 * expected * (1 + growth)), 1) AS at_most,
    round(share_of_world, 4) AS share_of_world,
    round(share_of_world_last_year, 4) AS share_of_world_last_year,
    round(share_of_country, 4) AS share_of_country,
    round(share_of_country_last_year, 4) AS share_of_country_last_year
FROM compared
WHERE
    documents > expected * 2 + 100 + 5 * sqrt(2 * expected * (1 + growth))
    AND (
        share_of_world - share_of_world_last_year > 0.02
        OR share_of_country - share_of_country_last_year > 0.2
    )
ORDER BY kind, country, place_id, year
