-- One row per WIPO technology field of an application that counts, with an equal part of it.
-- Inputs: applications, staged_fields, ipc_fields (field_number, ipc_subclass, ipc_main_group).
-- Source: WIPO's concordance of IPC and 35 fields (Schmoch 2008, as revised); method 8.
-- A main group's own entry wins over its subclass's.
WITH classified AS (
    SELECT
        applications.document_number,
        staged_fields.scheme,
        staged_fields.code,
        upper(staged_fields.code[1:4]) AS subclass,
        regexp_extract(replace(staged_fields.code, ' ', ''), '^[A-Za-z]\d\d[A-Za-z]0*(\d+)', 1)
            AS main_group
    FROM staged_fields
    INNER JOIN applications USING (source, unit_number, document_key)
    WHERE staged_fields.kind = 'patent'
),

matched AS (
    SELECT
        document_number,
        code::INTEGER AS field_number
    FROM classified
    WHERE scheme = 'wipo35' AND try_cast(code AS INTEGER) BETWEEN 1 AND 35
    UNION
    SELECT
        classified.document_number,
        coalesce(by_group.field_number, by_subclass.field_number) AS field_number
    FROM classified
    LEFT JOIN ipc_fields AS by_group
        ON
            classified.subclass = by_group.ipc_subclass
            AND classified.main_group = by_group.ipc_main_group
    LEFT JOIN ipc_fields AS by_subclass
        ON classified.subclass = by_subclass.ipc_subclass AND by_subclass.ipc_main_group = ''
    WHERE
        classified.scheme = 'ipc'
        AND coalesce(by_group.field_number, by_subclass.field_number) IS NOT NULL
)

SELECT
    getvariable('year')::INTEGER AS year,
    document_number,
    field_number::INTEGER AS field_number,
    equal_part(
        1000000000,
        count(*) OVER (PARTITION BY document_number),
        row_number() OVER (PARTITION BY document_number ORDER BY field_number)
    ) AS part
FROM matched
