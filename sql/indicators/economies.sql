-- One row per economy with clusters in the top 100. A cluster across a border counts for each.
-- Inputs: ranking, clusters, edition_totals. Source: method 7 and 8.
-- Concentration: shares as whole numbers of 10^-15, so that sums and squares are exact.
WITH world AS (
    SELECT
        coalesce(max(documents) FILTER (WHERE kind = 'patent'), 0) AS patents,
        coalesce(max(documents) FILTER (WHERE kind = 'publication'), 0) AS publications
    FROM edition_totals
),

listed AS (
    SELECT
        ranking.rank,
        clusters.patent_parts,
        clusters.publication_parts,
        round(ranking.total_share * 1e15)::HUGEINT AS total_units,
        unnest(string_split(clusters.economies, '/')) AS country
    FROM ranking
    INNER JOIN clusters ON ranking.cluster_id = clusters.cluster_id
),

counted AS (
    SELECT
        country,
        count(*) FILTER (WHERE rank <= 100) AS clusters,
        count(*) AS all_clusters,
        min(rank)::BIGINT AS leading_rank,
        sum(patent_parts) FILTER (WHERE rank <= 100) AS patent_parts,
        sum(publication_parts) FILTER (WHERE rank <= 100) AS publication_parts,
        sum(total_units) FILTER (WHERE rank <= 100) AS total_units,
        sum(total_units * total_units) FILTER (WHERE rank <= 100) AS squared_units
    FROM listed
    GROUP BY country
),

shared AS (
    SELECT
        counted.*,
        share_of(counted.patent_parts, world.patents) AS patent_share,
        share_of(counted.publication_parts, world.publications) AS publication_share
    FROM counted
    CROSS JOIN world
    WHERE counted.clusters > 0
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    country,
    clusters,
    all_clusters,
    leading_rank,
    patent_share,
    publication_share,
    patent_share + publication_share AS total_share,
    coalesce(squared_units / nullif(total_units * total_units, 0), 0) AS herfindahl_hirschman_index
FROM shared
