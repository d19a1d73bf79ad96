-- Ranks run from 1 without gaps, and no organisation stands above a greater one.
SELECT
    cluster_id,
    kind,
    rank,
    parts
FROM cluster_organisations
QUALIFY
    rank <> row_number() OVER (PARTITION BY cluster_id, kind ORDER BY rank)
    OR parts > lag(parts) OVER (PARTITION BY cluster_id, kind ORDER BY rank)
