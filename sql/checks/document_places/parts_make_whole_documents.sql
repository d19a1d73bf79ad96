-- The places of a document hold all of it, and no document with an address is lost.
-- What lies whole in one place needs no adding up.
WITH summed AS (
    SELECT
        kind,
        part AS parts
    FROM document_places
    WHERE part = 1000000000
    UNION ALL
    SELECT
        kind,
        sum(part) AS parts
    FROM document_places
    WHERE part <> 1000000000
    GROUP BY kind, document_number
),

counted AS (
    SELECT
        kind,
        sum(part) // 1000000000 AS documents
    FROM points
    GROUP BY kind
),

placed AS (
    SELECT
        kind,
        count(*) AS documents,
        count(*) FILTER (WHERE parts <> 1000000000) AS broken_documents
    FROM summed
    GROUP BY kind
)

SELECT
    kind,
    counted.documents AS documents_with_points,
    placed.documents AS documents_with_places,
    placed.broken_documents
FROM counted
FULL JOIN placed USING (kind)
WHERE counted.documents IS DISTINCT FROM placed.documents OR placed.broken_documents > 0
