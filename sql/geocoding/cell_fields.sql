-- One row per H3 cell and field of technology or science; without cell: what could not be located.
-- Inputs: document_places, locations, patent_fields, ipc_fields, article_fields.
-- Source: method 8. The part of a document that lies in the cell times the field's part of the document,
-- summed as whole numbers. Sums over cells are sums over documents, so an edition adds up cells.
-- A document without any address is whole nowhere.
WITH field_names AS (
    SELECT DISTINCT
        field_number,
        field
    FROM ipc_fields
),

by_location AS (
    SELECT
        'patent' AS kind,
        places.location_number,
        'wipo35' AS scheme,
        field_names.field,
        sum(coalesce(places.part, 1000000000) * patent_fields.part) AS parts
    FROM patent_fields
    INNER JOIN field_names ON patent_fields.field_number = field_names.field_number
    LEFT JOIN document_places AS places
        ON patent_fields.document_number = places.document_number AND places.kind = 'patent'
    GROUP BY places.location_number, field_names.field
    UNION ALL
    SELECT
        'publication' AS kind,
        places.location_number,
        article_fields.scheme,
        article_fields.field,
        sum(coalesce(places.part, 1000000000) * article_fields.part) AS parts
    FROM article_fields
    LEFT JOIN document_places AS places
        ON article_fields.document_number = places.document_number AND places.kind = 'publication'
    GROUP BY places.location_number, article_fields.scheme, article_fields.field
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
