-- One row per cluster in the order of the plain sum of its two unrounded shares.
-- Inputs: clusters, cluster_years, cluster_population, edition_totals, document_counts, released_before
-- (cluster_id, rank). Parameters: the last edition's windows, null where there is none; whether the edition
-- ranks by intensity too; percent of the sum from which a source leads.
-- Source: method 4 (order of 2020 reproduced without one inversion) and 8. Shares are compared in
-- integers, brought to one denominator, and a tie goes to the lower identifier. What is compared with
-- earlier years is empty where the sources do not cover all of them.
WITH windows AS (
    SELECT
        kind,
        documents,
        first_year,
        last_year,
        if(
            kind = 'patent',
            getvariable('patent_first_year_before'),
            getvariable('publication_first_year_before')
        ) AS first_year_before
    FROM edition_totals
),

-- documents of the window a year before; whether every year from then, or from the last edition's
-- window, up to the newest has documents
covered AS (
    SELECT
        windows.kind,
        sum(document_counts.documents) FILTER (
            WHERE document_counts.year BETWEEN windows.first_year - 1 AND windows.last_year - 1
        ) AS documents,
        count(*) FILTER (
            WHERE document_counts.year BETWEEN windows.first_year - 1 AND windows.last_year
        ) = 6 AS is_year_before,
        count(*) FILTER (
            WHERE document_counts.year BETWEEN windows.first_year_before AND windows.last_year
        ) = windows.last_year - windows.first_year_before + 1 AS is_last_edition
    FROM windows
    INNER JOIN document_counts
        ON windows.kind = document_counts.kind AND document_counts.documents > 0
    GROUP BY windows.kind, windows.first_year_before, windows.last_year
),

world AS (
    SELECT
        coalesce(max(windows.documents) FILTER (WHERE windows.kind = 'patent'), 0) AS patents,
        coalesce(max(windows.documents) FILTER (WHERE windows.kind = 'publication'), 0)
            AS publications,
        coalesce(max(covered.documents) FILTER (WHERE windows.kind = 'patent'), 0)
            AS patents_before,
        coalesce(max(covered.documents) FILTER (WHERE windows.kind = 'publication'), 0)
            AS publications_before,
        coalesce(bool_and(covered.is_year_before), FALSE) AS year_before_is_covered
    FROM windows
    LEFT JOIN covered ON windows.kind = covered.kind
),

by_window AS (
    SELECT
        cluster_years.cluster_id,
        cluster_years.kind,
        sum(cluster_years.parts) FILTER (WHERE cluster_years.in_window)::HUGEINT AS parts,
        sum(cluster_years.parts) FILTER (
            WHERE cluster_years.year BETWEEN windows.first_year - 1 AND windows.last_year - 1
        )::HUGEINT AS parts_a_year_before,
        sum(cluster_years.parts) FILTER (
            WHERE cluster_years.year BETWEEN windows.first_year_before
            AND windows.first_year_before + 4
        ) AS parts_of_last_edition,
        sum(cluster_years.parts) FILTER (WHERE cluster_years.year = windows.last_year) AS newest,
        sum(cluster_years.parts) FILTER (WHERE cluster_years.year = windows.first_year - 1)
            AS before_window
    FROM cluster_years
    INNER JOIN windows ON cluster_years.kind = windows.kind
    GROUP BY cluster_years.cluster_id, cluster_years.kind
),

grown AS (
    SELECT
        by_window.*,
        if(covered.is_year_before, by_window.newest / nullif(by_window.before_window, 0) - 1, NULL)
            AS growth,
        if(
            covered.is_last_edition,
            by_window.parts / nullif(by_window.parts_of_last_edition, 0) - 1,
            NULL
        ) AS growth_since_last_edition
    FROM by_window
    LEFT JOIN covered ON by_window.kind = covered.kind
),

counted AS (
    SELECT
        cluster_id,
        coalesce(max(parts) FILTER (WHERE kind = 'patent'), 0) AS patents,
        coalesce(max(parts) FILTER (WHERE kind = 'publication'), 0) AS publications,
        coalesce(max(parts_a_year_before) FILTER (WHERE kind = 'patent'), 0) AS patents_before,
        coalesce(max(parts_a_year_before) FILTER (WHERE kind = 'publication'), 0)
            AS publications_before,
        max(growth) FILTER (WHERE kind = 'patent') AS patent_growth,
        max(growth) FILTER (WHERE kind = 'publication') AS publication_growth,
        max(growth_since_last_edition) FILTER (WHERE kind = 'patent')
            AS patent_growth_since_last_edition,
        max(growth_since_last_edition) FILTER (WHERE kind = 'publication')
            AS publication_growth_since_last_edition
    FROM grown
    GROUP BY cluster_id
),

weighed AS (
    SELECT
        counted.*,
        weight_of_share(counted.patents, world.publications) AS patent_weight,
        weight_of_share(counted.publications, world.patents) AS publication_weight,
        patent_weight + publication_weight AS weight,
        weight_of_share(counted.patents_before, world.publications_before)
        + weight_of_share(counted.publications_before, world.patents_before) AS weight_before,
        share_of(counted.patents, world.patents) AS patent_share,
        share_of(counted.publications, world.publications) AS publication_share,
        world.year_before_is_covered,
        world.patents > 0 AND world.publications > 0 AS has_both_sources
    FROM counted
    CROSS JOIN world
),

ranked AS (
    SELECT
        *,
        row_number() OVER (ORDER BY weight DESC, cluster_id ASC)::INTEGER AS rank,
        if(
            year_before_is_covered,
            row_number() OVER (ORDER BY weight_before DESC, cluster_id ASC)::INTEGER,
            NULL
        ) AS rank_before,
        CASE
            WHEN NOT has_both_sources THEN NULL
            WHEN 100 * patent_weight >= getvariable('lead_percent') * weight THEN 'patent-led'
            WHEN 100 * publication_weight >= getvariable('lead_percent') * weight THEN 'science-led'
            ELSE 'balanced'
        END AS lead
    FROM weighed
),

peopled AS (
    SELECT
        ranked.*,
        cluster_population.population,
        100 * (ranked.patent_share + ranked.publication_share)
        / nullif(cluster_population.population, 0) * 1e6 AS intensity
    FROM ranked
    INNER JOIN cluster_population ON ranked.cluster_id = cluster_population.cluster_id
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    peopled.rank,
    peopled.cluster_id,
    clusters.name,
    clusters.economies,
    peopled.patents / 1e9 AS patents,
    peopled.publications / 1e9 AS publications,
    peopled.patent_share,
    peopled.publication_share,
    peopled.patent_share + peopled.publication_share AS total_share,
    peopled.rank_before AS previous_rank_same_geography,
    released_before.rank AS previous_rank_as_released,
    released_before.rank - peopled.rank AS rank_change,
    peopled.patent_growth,
    peopled.publication_growth,
    peopled.patent_growth_since_last_edition,
    peopled.publication_growth_since_last_edition,
    peopled.lead,
    peopled.population,
    peopled.intensity,
    if(
        getvariable('has_intensity_ranking')
        AND peopled.rank <= 100
        AND peopled.intensity IS NOT NULL,
        row_number() OVER (
            PARTITION BY (peopled.rank <= 100)
            ORDER BY peopled.intensity DESC NULLS LAST, peopled.cluster_id ASC
        )::INTEGER,
        NULL
    ) AS intensity_rank
FROM peopled
INNER JOIN clusters ON peopled.cluster_id = clusters.cluster_id
LEFT JOIN released_before ON peopled.cluster_id = released_before.cluster_id
