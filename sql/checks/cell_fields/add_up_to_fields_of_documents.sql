-- Over all cells and what has none, a classification's fields are those of the year's documents, exactly.
WITH expected AS (
    SELECT
        'patent' AS kind,
        'wipo35' AS scheme,
        sum(part) * 1000000000::HUGEINT AS parts
    FROM patent_fields
    UNION ALL
    SELECT
        'publication' AS kind,
        scheme,
        sum(part) * 1000000000::HUGEINT AS parts
    FROM article_fields
    GROUP BY scheme
),

found AS (
    SELECT
        kind,
        scheme,
        sum(parts)::HUGEINT AS parts
    FROM cell_fields
    GROUP BY kind, scheme
)

SELECT
    kind,
    scheme,
    expected.parts AS expected_parts,
    found.parts AS found_parts
FROM expected
FULL JOIN found USING (kind, scheme)
WHERE expected.parts IS DISTINCT FROM found.parts
