-- One row per measure of output: how far it is concentrated on the leading clusters.
-- Inputs: ranking, clusters, edition_totals. Source: method 8.
-- `total` is the sum of both shares, divided by the number of sources so that all there is gives 1.
-- Shares are whole numbers of 10^-18, rounded down, so that sums and squares are exact and never above 1.
WITH sources AS (
    SELECT
        kind AS measure,
        documents * 1000000000::HUGEINT AS world
    FROM edition_totals
    WHERE documents > 0
),

by_source AS (
    SELECT
        sources.measure,
        ranking.rank,
        if(sources.measure = 'patent', clusters.patent_parts, clusters.publication_parts)
        * 1000000000000000000::HUGEINT // sources.world AS units
    FROM ranking
    INNER JOIN clusters ON ranking.cluster_id = clusters.cluster_id
    CROSS JOIN sources
),

units AS (
    SELECT
        measure,
        rank,
        units
    FROM by_source
    UNION ALL
    SELECT
        'total' AS measure,
        rank,
        sum(units)::HUGEINT // count(*) AS units
    FROM by_source
    GROUP BY rank
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    measure,
    count(*) AS clusters,
    sum(units) FILTER (WHERE rank <= 10) / 1e18 AS top_10_share,
    sum(units) FILTER (WHERE rank <= 100) / 1e18 AS top_100_share,
    sum(units) / 1e18 AS all_clusters_share,
    coalesce(sum(units * units) / nullif(sum(units) * sum(units), 0), 0)
        AS herfindahl_hirschman_index
FROM units
GROUP BY measure
