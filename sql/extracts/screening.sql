-- One row per document record that was read for the year, with the rule that leaves it out, if any.
-- Inputs: staged_documents, counted_journals (source, issn). Rules by number: inclusion_rules.sql.
-- Source: method 2. Types are compared without case, and a record may have several, as in
-- 'Article; Early Access'. A record without a type cannot be judged by it and stays.
WITH typed AS (
    SELECT
        *,
        list_transform(string_split(lower(document_type), ';'), LAMBDA part: trim(part)) AS types,
        string_split(issns, ';') AS issn_list
    FROM staged_documents
),

judged AS (
    SELECT
        *,
        CASE
            WHEN kind = 'patent' AND list_has_any(types, ['a3', 'a4', 'a8', 'a9']) THEN 1
            WHEN kind = 'patent' THEN NULL
            WHEN is_paratext THEN 1
            WHEN is_retracted OR list_contains(types, 'retracted publication') THEN 2
            WHEN
                NOT list_has_any(
                    types, ['article', 'journal-article', 'journal article', 'research article']
                )
                OR list_has_any(types, [
                    'review', 'systematic review', 'letter', 'editorial', 'editorial material',
                    'meeting abstract', 'comment', 'news', 'correction', 'published erratum'
                ])
                THEN 3
            WHEN is_science IS FALSE THEN 4
            WHEN
                source IN (SELECT counted_journals.source FROM counted_journals)
                AND NOT coalesce(list_has_any(
                    issn_list,
                    (
                        SELECT list(counted_journals.issn)
                        FROM counted_journals
                        WHERE counted_journals.source = typed.source
                    )
                ), FALSE)
                THEN 5
        END AS broken_rule
    FROM typed
),

repeated AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY kind, document_id
            ORDER BY (broken_rule IS NOT NULL), source, unit_number, file, line
        ) AS occurrence
    FROM judged
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
            WHEN occurrence > 1 THEN if(kind = 'patent', 2, 6)
        END
    )::INTEGER AS excluded_by
FROM repeated
