-- Every document record enters the first rule, what a rule leaves enters the next, and what the last
-- rule leaves are the documents that count, by kind and source.
WITH screened AS (
    SELECT
        kind,
        source,
        count(*) AS documents_read,
        count(*) FILTER (WHERE excluded_by IS NULL) AS documents_counted
    FROM screening
    GROUP BY kind, source
),

steps AS (
    SELECT
        kind,
        source,
        rule,
        documents_in,
        documents_out,
        lag(documents_out) OVER by_rule AS left_before,
        lead(documents_in) OVER by_rule AS taken_after
    FROM inclusion_funnel
    WINDOW by_rule AS (PARTITION BY kind, source ORDER BY rule)
)

SELECT
    screened.*,
    steps.*
FROM screened
FULL JOIN steps ON screened.kind = steps.kind AND screened.source = steps.source
WHERE
    steps.documents_in IS DISTINCT FROM coalesce(steps.left_before, screened.documents_read)
    OR steps.documents_out IS DISTINCT FROM coalesce(steps.taken_after, screened.documents_counted)
