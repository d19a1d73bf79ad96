-- One row per inclusion rule and source: how many documents of the year went in and came out.
-- Inputs: screening, inclusion_rules. Source: method 2.
WITH sources AS (
    SELECT DISTINCT
        kind,
        source
    FROM screening
),

removed AS (
    SELECT
        kind,
        source,
        excluded_by AS rule,
        count(*) AS documents
    FROM screening
    GROUP BY ALL
)

SELECT
    getvariable('year')::INTEGER AS year,
    sources.kind,
    sources.source,
    inclusion_rules.rule::INTEGER AS rule,
    inclusion_rules.meaning,
    (
        SELECT coalesce(sum(removed.documents), 0)
        FROM removed
        WHERE
            removed.kind = sources.kind AND removed.source = sources.source
            AND coalesce(removed.rule >= inclusion_rules.rule, TRUE)
    )::BIGINT AS documents_in,
    (
        SELECT coalesce(sum(removed.documents), 0)
        FROM removed
        WHERE
            removed.kind = sources.kind AND removed.source = sources.source
            AND coalesce(removed.rule > inclusion_rules.rule, TRUE)
    )::BIGINT AS documents_out
FROM sources
INNER JOIN inclusion_rules ON sources.kind = inclusion_rules.kind
