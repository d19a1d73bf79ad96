-- One row per document record that was read for the year, with the rule that leaves it out, if any.
-- Inputs: staged_documents, counted_journals (source, issn). Rules by number: inclusion_rules.sql.
-- Source: method 2. Types are compared without case, and a record may have several, as in
-- 'Article; Early Access'. A record without a type cannot be judged by it and stays. Each type and list of
-- ISSNs is judged once.
WITH distinct_types AS (
    SELECT DISTINCT document_type
    FROM staged_documents
),

type_words AS (
    SELECT
        document_type,
        list_transform(string_split(lower(document_type), ';'), LAMBDA part: trim(part)) AS words
    FROM distinct_types
),

telling AS (
    SELECT
        *,
        list_has_any(words, [
            'review', 'systematic review', 'letter', 'editorial', 'editorial material',
            'comment', 'news', 'correction', 'published erratum'
        ]) AS is_other_item
    FROM type_words
),

types AS (
    SELECT
        document_type,
        list_has_any(words, ['a3', 'a4', 'a8', 'a9']) AS is_republication,
        list_contains(words, 'retracted publication') AS is_retracted,
        list_has_any(
            words, ['article', 'journal-article', 'journal article', 'research article']
        )
        AND NOT is_other_item AND NOT list_contains(words, 'meeting abstract') AS is_article,
        list_has_any(words, [
            'proceedings paper', 'proceedings-article', 'conference paper', 'meeting abstract',
            'data paper', 'data-paper'
        ])
        AND NOT is_other_item AS is_of_wider_set
    FROM telling
),

journals AS (
    SELECT DISTINCT
        source,
        issns
    FROM staged_documents
    WHERE source IN (SELECT counted_journals.source FROM counted_journals)
),

unlisted AS (
    SELECT
        journals.source,
        journals.issns
    FROM journals
    WHERE NOT coalesce(list_has_any(
        string_split(upper(replace(journals.issns, '-', '')), ';'),
        (
            SELECT list(upper(replace(counted_journals.issn, '-', '')))
            FROM counted_journals
            WHERE counted_journals.source = journals.source
        )
    ), FALSE)
),

judged AS (
    SELECT
        staged_documents.*,
        CASE
            WHEN staged_documents.kind = 'patent' AND types.is_republication THEN 1
            WHEN staged_documents.kind = 'patent' THEN NULL
            WHEN staged_documents.is_paratext THEN 1
            WHEN staged_documents.is_retracted OR types.is_retracted THEN 2
            WHEN NOT types.is_article THEN if(types.is_of_wider_set, 4, 3)
            WHEN staged_documents.is_science IS FALSE THEN 5
            WHEN unlisted.source IS NOT NULL THEN 6
        END AS broken_rule
    FROM staged_documents
    LEFT JOIN types
        ON staged_documents.document_type IS NOT DISTINCT FROM types.document_type
    LEFT JOIN unlisted
        ON
            staged_documents.source = unlisted.source
            AND staged_documents.issns IS NOT DISTINCT FROM unlisted.issns
),

-- a window over all would cost three times all the rest, and next to no record is repeated
repeated AS (
    SELECT document_key
    FROM staged_documents
    GROUP BY document_key
    HAVING count(*) > 1
),

numbered AS (
    SELECT
        judged.*,
        1 AS occurrence
    FROM judged
    ANTI JOIN repeated ON judged.document_key = repeated.document_key
    UNION ALL
    SELECT
        judged.*,
        row_number() OVER (
            PARTITION BY judged.kind, judged.document_key
            ORDER BY
                (judged.broken_rule IS NOT NULL),
                judged.source,
                judged.unit_number,
                judged.file,
                judged.line
        ) AS occurrence
    FROM judged
    SEMI JOIN repeated ON judged.document_key = repeated.document_key
)

SELECT
    year,
    kind,
    document_id,
    document_key,
    occurrence::INTEGER AS occurrence,
    source,
    unit_number,
    file,
    line,
    document_type,
    (
        CASE
            WHEN broken_rule IS NOT NULL THEN broken_rule
            WHEN occurrence > 1 THEN if(kind = 'patent', 2, 7)
        END
    )::INTEGER AS excluded_by
FROM numbered
