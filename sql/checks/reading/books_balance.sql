-- What was read became a row, a reject or a counted exclusion, wherever records are counted as read.
-- Source: nothing is lost without a line that says so.
SELECT
    source,
    unit_number,
    record,
    sum(records) FILTER (WHERE outcome = 'read') AS records_read,
    coalesce(sum(records) FILTER (WHERE outcome IN ('rows', 'rejected', 'excluded')), 0)
        AS accounted_for
FROM reading
GROUP BY source, unit_number, record
HAVING records_read <> accounted_for
