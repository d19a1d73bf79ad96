-- One row per H3 cell and field of technology or science; without cell: what could not be located.
-- Inputs: document_places, locations, patent_fields, ipc_fields, article_fields.
-- Source: method 8. The part of a document that lies in the cell times the field's part of the document,
-- summed as whole numbers. Sums over cells are sums over documents, so an edition adds up cells.
WITH field_names AS (
    SELECT DISTINCT
        field_number,
        field
    FROM ipc_fields
),

fields AS (
    SELECT
        'patent' AS kind,
        patent_fields.document_number,
        'wipo35' AS scheme,
        field_names.field,
        patent_fields.part
    FROM patent_fields
    INNER JOIN field_names ON patent_fields.field_number = field_names.field_number
    UNION ALL
    SELECT
        'publication' AS kind,
        document_number,
        scheme,
        field,
        part
    FROM article_fields
),

by_location AS (
    SELECT
        fields.kind,
        document_places.location_number,
        fields.scheme,
        fields.field,
        -- a document without any address is whole nowhere
        sum(coalesce(document_places.part, 1000000000) * fields.part) AS parts
    FROM fields
    LEFT JOIN document_places
        ON
            fields.kind = document_places.kind
            AND fields.document_number = document_places.document_number
    GROUP BY fields.kind, document_places.location_number, fields.scheme, fields.field
)

SELECT
    getvariable('year')::INTEGER AS year,
    by_location.kind,
    locations.h3_cell,
    by_location.scheme,
    by_location.field,
    sum(by_location.parts)::DECIMAL(38, 0) AS parts
FROM by_location
LEFT JOIN locations ON by_location.location_number = locations.location_number
GROUP BY by_location.kind, locations.h3_cell, by_location.scheme, by_location.field
