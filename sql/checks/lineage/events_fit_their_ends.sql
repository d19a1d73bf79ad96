-- Whoever appears has no predecessor, whoever disappears no successor, and nobody else lacks either.
SELECT
    previous_cluster_id,
    cluster_id,
    event
FROM lineage
WHERE
    (event = 'appears') <> (previous_cluster_id IS NULL)
    OR (event = 'disappears') <> (cluster_id IS NULL)
