-- One row per cluster in the order of the plain sum of its two unrounded shares.
-- Inputs: clusters, cluster_years, edition_totals, document_counts, released_before (cluster_id, rank).
-- Source: method 4 (order of 2020 reproduced without one inversion) and 8. Shares are compared in
-- integers, brought to one denominator, and a tie goes to the lower identifier.
WITH world AS (
    SELECT
        coalesce(max(documents) FILTER (WHERE kind = 'patent'), 0) AS patents,
        coalesce(max(documents) FILTER (WHERE kind = 'publication'), 0) AS publications,
        max(last_year) FILTER (WHERE kind = 'patent') AS patent_year,
        max(last_year) FILTER (WHERE kind = 'publication') AS publication_year
    FROM edition_totals
),

-- the same windows a year earlier
world_before AS (
    SELECT
        coalesce(sum(document_counts.documents) FILTER (WHERE document_counts.kind = 'patent'), 0)
            AS patents,
        coalesce(
            sum(document_counts.documents) FILTER (WHERE document_counts.kind = 'publication'), 0
        ) AS publications
    FROM document_counts
    INNER JOIN edition_totals
        ON
            document_counts.kind = edition_totals.kind
            AND document_counts.year BETWEEN edition_totals.first_year - 1
            AND edition_totals.last_year - 1
),

counted AS (
    SELECT
        cluster_years.cluster_id,
        coalesce(sum(parts) FILTER (WHERE kind = 'patent' AND in_window), 0)::HUGEINT AS patents,
        coalesce(sum(parts) FILTER (WHERE kind = 'publication' AND in_window), 0)::HUGEINT
            AS publications,
        coalesce(
            sum(parts) FILTER (WHERE kind = 'patent' AND year < world.patent_year), 0
        )::HUGEINT AS patents_before,
        coalesce(
            sum(parts) FILTER (WHERE kind = 'publication' AND year < world.publication_year), 0
        )::HUGEINT AS publications_before,
        sum(parts) FILTER (WHERE kind = 'patent' AND year = world.patent_year) AS patents_newest,
        sum(parts) FILTER (WHERE kind = 'publication' AND year = world.publication_year)
            AS publications_newest,
        sum(parts) FILTER (WHERE kind = 'patent' AND year = world.patent_year - 5)
            AS patents_oldest,
        sum(parts) FILTER (WHERE kind = 'publication' AND year = world.publication_year - 5)
            AS publications_oldest
    FROM cluster_years
    CROSS JOIN world
    GROUP BY cluster_years.cluster_id
),

ranked AS (
    SELECT
        counted.*,
        row_number() OVER (
            ORDER BY
                counted.patents * greatest(world.publications, 1)
                + counted.publications * greatest(world.patents, 1) DESC,
                counted.cluster_id
        )::INTEGER AS rank,
        row_number() OVER (
            ORDER BY
                counted.patents_before * greatest(world_before.publications, 1)
                + counted.publications_before * greatest(world_before.patents, 1) DESC,
                counted.cluster_id
        )::INTEGER AS rank_before,
        coalesce(counted.patents / 1e9 / nullif(world.patents, 0), 0) AS patent_share,
        coalesce(counted.publications / 1e9 / nullif(world.publications, 0), 0) AS publication_share
    FROM counted
    CROSS JOIN world
    CROSS JOIN world_before
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    ranked.rank,
    ranked.cluster_id,
    clusters.name,
    clusters.economies,
    ranked.patents / 1e9 AS patents,
    ranked.publications / 1e9 AS publications,
    ranked.patent_share,
    ranked.publication_share,
    ranked.patent_share + ranked.publication_share AS total_share,
    ranked.rank_before AS previous_rank_same_geography,
    released_before.rank AS previous_rank_as_released,
    released_before.rank - ranked.rank AS rank_change,
    ranked.patents_newest / nullif(ranked.patents_oldest, 0) - 1 AS patent_growth,
    ranked.publications_newest / nullif(ranked.publications_oldest, 0) - 1 AS publication_growth
FROM ranked
INNER JOIN clusters ON ranked.cluster_id = clusters.cluster_id
LEFT JOIN released_before ON ranked.cluster_id = released_before.cluster_id
