-- One row per source and place: how the world's output divides between clusters and the rest.
-- Inputs: edition_totals, cluster_years, ranking, edition_weights. Source: method 8.
WITH clustered AS (
    SELECT
        cluster_years.kind,
        if(ranking.rank <= 100, 'top 100', 'other clusters') AS place,
        sum(cluster_years.addresses)::BIGINT AS addresses,
        sum(cluster_years.parts)::BIGINT AS parts
    FROM cluster_years
    INNER JOIN ranking ON cluster_years.cluster_id = ranking.cluster_id
    WHERE cluster_years.in_window
    GROUP BY ALL
),

located AS (
    SELECT
        'patent' AS kind,
        coalesce(sum(patent_addresses), 0)::BIGINT AS addresses,
        coalesce(sum(patent_parts), 0)::BIGINT AS parts
    FROM edition_weights
    UNION ALL
    SELECT
        'publication' AS kind,
        coalesce(sum(publication_addresses), 0)::BIGINT AS addresses,
        coalesce(sum(publication_parts), 0)::BIGINT AS parts
    FROM edition_weights
),

places AS (
    SELECT
        kind,
        place,
        addresses,
        parts
    FROM clustered
    UNION ALL
    SELECT
        located.kind,
        'outside clusters' AS place,
        located.addresses
        - coalesce(sum(clustered.addresses), 0)::BIGINT AS addresses,
        located.parts - coalesce(sum(clustered.parts), 0)::BIGINT AS parts
    FROM located
    LEFT JOIN clustered ON located.kind = clustered.kind
    GROUP BY located.kind, located.addresses, located.parts
    UNION ALL
    SELECT
        edition_totals.kind,
        'unlocated' AS place,
        edition_totals.addresses - located.addresses AS addresses,
        edition_totals.documents * 1000000000 - located.parts AS parts
    FROM edition_totals
    INNER JOIN located ON edition_totals.kind = located.kind
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    places.kind,
    places.place,
    places.addresses,
    places.parts,
    share_of(places.parts, edition_totals.documents) AS share
FROM places
INNER JOIN edition_totals ON places.kind = edition_totals.kind
