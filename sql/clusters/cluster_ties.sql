-- One row per source and pair of raw clusters that work together; -1: outside all.
-- Inputs: document_places, edition_cells, edition_totals. Source: method 6: over documents with an address
-- in each, the product of the two parts, summed. Unlocated addresses lie nowhere and tie nothing; a document
-- that lies whole in one place ties nothing either.
WITH placed AS (
    SELECT
        document_key(document_places.kind, document_places.year, document_places.document_number)
            AS document,
        coalesce(edition_cells.raw_cluster, -1) AS raw_cluster,
        document_places.part
    FROM document_places
    INNER JOIN edition_cells ON document_places.h3_cell = edition_cells.h3_cell
    INNER JOIN edition_totals
        ON
            document_places.kind = edition_totals.kind
            AND document_places.year BETWEEN edition_totals.first_year AND edition_totals.last_year
    WHERE document_places.part < 1000000000
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    kind_of(one.document) AS kind,
    one.raw_cluster AS cluster_a,
    other.raw_cluster AS cluster_b,
    sum(one.part::HUGEINT * other.part::HUGEINT)::DECIMAL(38, 0) AS tie
FROM placed AS one
INNER JOIN placed AS other
    ON one.document = other.document AND one.raw_cluster < other.raw_cluster
GROUP BY kind_of(one.document), one.raw_cluster, other.raw_cluster
