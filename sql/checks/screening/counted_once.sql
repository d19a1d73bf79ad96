-- A document counts at most once, and where it counts it is its first occurrence.
SELECT
    kind,
    document_id,
    count(*) AS times_counted,
    max(occurrence) AS last_counted
FROM screening
WHERE excluded_by IS NULL
GROUP BY kind, document_id
HAVING count(*) > 1 OR max(occurrence) > 1
