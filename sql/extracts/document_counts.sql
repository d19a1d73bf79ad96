-- One row per kind: documents and addresses of the year that count.
-- Inputs: applications, inventors, articles, author_addresses.
-- Source: method 4: world totals are all documents, located or not.
SELECT
    getvariable('year')::INTEGER AS year,
    'patent' AS kind,
    (SELECT count(*) FROM applications) AS documents,
    (SELECT count(*) FROM inventors) AS addresses
UNION ALL
SELECT
    getvariable('year')::INTEGER AS year,
    'publication' AS kind,
    (SELECT count(*) FROM articles) AS documents,
    (SELECT count(*) FROM author_addresses) AS addresses
