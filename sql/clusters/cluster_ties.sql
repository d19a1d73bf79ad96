-- One row per source and pair of raw clusters that work together; -1: outside all.
-- Inputs: points, edition_cells, edition_totals. Source: method 6: over documents with an address in
-- each, the product of the two parts, summed. Unlocated addresses lie nowhere and tie nothing.
WITH windowed AS (
    SELECT
        points.kind,
        points.year,
        points.document_number,
        coalesce(edition_cells.raw_cluster, -1) AS raw_cluster,
        points.part
    FROM points
    INNER JOIN edition_cells ON points.h3_cell = edition_cells.h3_cell
    INNER JOIN edition_totals
        ON
            points.kind = edition_totals.kind
            AND points.year BETWEEN edition_totals.first_year AND edition_totals.last_year
),

-- only documents with an address in a cluster tie anything; they are picked before parts are summed
inside AS (
    SELECT DISTINCT
        kind,
        year,
        document_number
    FROM windowed
    WHERE raw_cluster > -1
),

located AS (
    SELECT
        windowed.kind,
        windowed.year,
        windowed.document_number,
        windowed.raw_cluster,
        sum(windowed.part) AS part
    FROM windowed
    SEMI JOIN inside
        ON
            windowed.kind = inside.kind
            AND windowed.year = inside.year
            AND windowed.document_number = inside.document_number
    GROUP BY windowed.kind, windowed.year, windowed.document_number, windowed.raw_cluster
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    one.kind,
    one.raw_cluster AS cluster_a,
    other.raw_cluster AS cluster_b,
    sum(one.part::HUGEINT * other.part::HUGEINT)::DECIMAL(38, 0) AS tie
FROM located AS one
INNER JOIN located AS other
    ON
        one.kind = other.kind
        AND one.year = other.year
        AND one.document_number = other.document_number
        AND one.raw_cluster < other.raw_cluster
GROUP BY one.kind, one.raw_cluster, other.raw_cluster
