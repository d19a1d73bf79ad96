-- A cluster before mergers has at least one core cell.
SELECT raw_cluster
FROM edition_cells
WHERE raw_cluster IS NOT NULL
GROUP BY raw_cluster
HAVING count(*) FILTER (WHERE role = 'core') = 0
