-- One row per cluster and year of the windows: the rank that it has where that year is left out of both.
-- Inputs: cluster_years, edition_totals, document_counts. Clusters stay as they are; world and clusters
-- lose the same year. Source: the jackknife that leaves out one (Tukey 1958), over the five years.
-- Shares are compared as in `ranking`, in integers, and a tie goes to the lower identifier.
WITH window_years AS (
    SELECT unnest(generate_series(1, 5))::INTEGER AS window_year
),

world AS (
    SELECT
        window_years.window_year,
        coalesce(
            sum(document_counts.documents) FILTER (WHERE document_counts.kind = 'patent'), 0
        ) AS patents,
        coalesce(
            sum(document_counts.documents) FILTER (WHERE document_counts.kind = 'publication'), 0
        ) AS publications
    FROM window_years
    CROSS JOIN edition_totals
    LEFT JOIN document_counts
        ON
            edition_totals.kind = document_counts.kind
            AND document_counts.year BETWEEN edition_totals.first_year AND edition_totals.last_year
            AND document_counts.year <> edition_totals.first_year + window_years.window_year - 1
    GROUP BY window_years.window_year
),

counted AS (
    SELECT
        window_years.window_year,
        cluster_years.cluster_id,
        coalesce(sum(cluster_years.parts) FILTER (WHERE cluster_years.kind = 'patent'), 0)
            AS patents,
        coalesce(sum(cluster_years.parts) FILTER (WHERE cluster_years.kind = 'publication'), 0)
            AS publications
    FROM cluster_years
    INNER JOIN edition_totals ON cluster_years.kind = edition_totals.kind
    CROSS JOIN window_years
    WHERE
        cluster_years.in_window
        AND cluster_years.year <> edition_totals.first_year + window_years.window_year - 1
    GROUP BY window_years.window_year, cluster_years.cluster_id
),

weighed AS (
    SELECT
        counted.*,
        weight_of_share(counted.patents, world.publications)
        + weight_of_share(counted.publications, world.patents) AS weight,
        share_of(counted.patents, world.patents) AS patent_share,
        share_of(counted.publications, world.publications) AS publication_share
    FROM counted
    INNER JOIN world ON counted.window_year = world.window_year
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    window_year,
    row_number() OVER (PARTITION BY window_year ORDER BY weight DESC, cluster_id ASC)::INTEGER AS rank,
    cluster_id,
    patent_share,
    publication_share,
    patent_share + publication_share AS total_share
FROM weighed
