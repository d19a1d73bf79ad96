-- Every document record that was staged for the year was screened, by source and unit.
WITH staged AS (
    SELECT
        source,
        unit_number,
        count(*) AS documents_staged
    FROM staged_documents
    GROUP BY source, unit_number
),

screened AS (
    SELECT
        source,
        unit_number,
        count(*) AS documents_screened
    FROM screening
    GROUP BY source, unit_number
)

SELECT
    staged.*,
    screened.*
FROM staged
FULL JOIN screened
    ON staged.source = screened.source AND staged.unit_number = screened.unit_number
WHERE staged.documents_staged IS DISTINCT FROM screened.documents_screened
