-- One row per kind: documents and addresses of the year that count.
-- Inputs: applications, articles. Source: method 4: world totals are all documents, located or not.
SELECT
    getvariable('year')::INTEGER AS year,
    'patent' AS kind,
    count(*) AS documents,
    coalesce(sum(addresses), 0)::BIGINT AS addresses
FROM applications
UNION ALL
SELECT
    getvariable('year')::INTEGER AS year,
    'publication' AS kind,
    count(*) AS documents,
    coalesce(sum(addresses), 0)::BIGINT AS addresses
FROM articles
