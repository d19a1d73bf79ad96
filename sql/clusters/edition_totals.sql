-- One row per source of the edition: its window, its world totals, the weight of an address.
-- Inputs: document_counts. Parameters: first and last year of each window, min_points.
-- Source: method 4 and 5: an inventor address weighs 1, an author address inventor addresses / author
-- addresses of the window. In integers each weighs what the other source has, so that a tie with the
-- threshold is a tie.
WITH windows AS (
    SELECT
        'patent' AS kind,
        getvariable('patent_first_year') AS first_year,
        getvariable('patent_last_year') AS last_year
    UNION ALL
    SELECT
        'publication' AS kind,
        getvariable('publication_first_year') AS first_year,
        getvariable('publication_last_year') AS last_year
),

totals AS (
    SELECT
        windows.kind,
        windows.first_year,
        windows.last_year,
        coalesce(sum(document_counts.documents), 0)::BIGINT AS documents,
        coalesce(sum(document_counts.addresses), 0)::BIGINT AS addresses
    FROM windows
    LEFT JOIN document_counts
        ON
            windows.kind = document_counts.kind
            AND document_counts.year BETWEEN windows.first_year AND windows.last_year
    WHERE windows.first_year IS NOT NULL
    GROUP BY windows.kind, windows.first_year, windows.last_year
),

paired AS (
    SELECT
        *,
        coalesce(sum(addresses) FILTER (WHERE kind = 'patent') OVER (), 0)::BIGINT AS patents,
        coalesce(sum(addresses) FILTER (WHERE kind = 'publication') OVER (), 0)::BIGINT
            AS publications
    FROM totals
),

weighed AS (
    SELECT
        *,
        -- a source alone, or beside one without addresses, weighs 1 an address
        if(patents > 0 AND publications > 0, patents // gcd(patents, publications), 1)
            AS patent_units,
        if(patents > 0 AND publications > 0, publications // gcd(patents, publications), 1)
            AS publication_units
    FROM paired
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    kind,
    first_year::INTEGER AS first_year,
    last_year::INTEGER AS last_year,
    documents,
    addresses,
    if(kind = 'patent', publication_units, patent_units) AS weight_per_address,
    getvariable('min_points') * publication_units AS threshold_weight
FROM weighed
