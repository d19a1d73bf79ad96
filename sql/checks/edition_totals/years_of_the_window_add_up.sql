-- World totals are the sums of the years of the window, by source.
WITH summed AS (
    SELECT
        edition_totals.kind,
        edition_totals.documents,
        edition_totals.addresses,
        sum(document_counts.documents) AS documents_of_years,
        sum(document_counts.addresses) AS addresses_of_years,
        count(document_counts.year) AS years
    FROM edition_totals
    LEFT JOIN document_counts
        ON
            edition_totals.kind = document_counts.kind
            AND document_counts.year BETWEEN edition_totals.first_year AND edition_totals.last_year
    GROUP BY ALL
)

SELECT *
FROM summed
WHERE
    documents IS DISTINCT FROM documents_of_years
    OR addresses IS DISTINCT FROM addresses_of_years
    OR years <> 5
