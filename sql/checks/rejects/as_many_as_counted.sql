-- There is one row for every reject that reading counted, by source and kind of record.
WITH counted AS (
    SELECT
        source,
        record AS intended_table,
        sum(records) AS counted_rejects
    FROM reading
    WHERE outcome = 'rejected'
    GROUP BY source, record
),

listed AS (
    SELECT
        source,
        intended_table,
        count(*) AS listed_rejects
    FROM rejects
    GROUP BY source, intended_table
)

SELECT
    counted.*,
    listed.*
FROM counted
FULL JOIN listed
    ON counted.source = listed.source AND counted.intended_table = listed.intended_table
WHERE counted.counted_rejects IS DISTINCT FROM listed.listed_rejects
