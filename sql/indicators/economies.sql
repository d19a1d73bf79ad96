-- One row per economy with clusters in the top 100. A cluster across a border counts for each.
-- Inputs: ranking. Source: method 7 and 8.
SELECT
    getvariable('edition')::INTEGER AS edition,
    listed.country,
    count(*) AS clusters,
    min(listed.rank)::BIGINT AS leading_rank,
    sum(listed.patent_share) AS patent_share,
    sum(listed.publication_share) AS publication_share
FROM (
    SELECT
        rank,
        patent_share,
        publication_share,
        unnest(string_split(economies, '/')) AS country
    FROM ranking
    WHERE rank <= 100
    ORDER BY rank
) AS listed
GROUP BY listed.country
