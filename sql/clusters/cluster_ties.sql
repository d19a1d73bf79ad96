-- One row per source and pair of raw clusters that work together; -1: outside all.
-- Inputs: points, edition_cells, edition_totals. Source: method 6: over documents with an address in
-- each, the product of the two parts, summed. Unlocated addresses lie nowhere and tie nothing.
WITH located AS (
    SELECT
        points.kind,
        points.year,
        points.document_number,
        coalesce(edition_cells.raw_cluster, -1) AS raw_cluster,
        sum(points.part) AS part
    FROM points
    INNER JOIN edition_cells ON points.h3_cell = edition_cells.h3_cell
    INNER JOIN edition_totals
        ON
            points.kind = edition_totals.kind
            AND points.year BETWEEN edition_totals.first_year AND edition_totals.last_year
    GROUP BY ALL
),

shared AS (
    SELECT *
    FROM located
    QUALIFY count(*) OVER (PARTITION BY kind, year, document_number) > 1
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    one.kind,
    one.raw_cluster AS cluster_a,
    other.raw_cluster AS cluster_b,
    sum(one.part::HUGEINT * other.part::HUGEINT)::DECIMAL(38, 0) AS tie
FROM shared AS one
INNER JOIN shared AS other
    ON
        one.kind = other.kind
        AND one.year = other.year
        AND one.document_number = other.document_number
        AND one.raw_cluster < other.raw_cluster
GROUP BY one.kind, one.raw_cluster, other.raw_cluster
