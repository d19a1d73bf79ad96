-- One row per H3 cell and name of an applicant or institution, as written.
-- Inputs: document_places, locations, applicants, distinct_addresses, address_dictionary, institutions.
-- Source: method 8: applicants belong to a cluster by their inventors' place. Sums over cells are sums over
-- documents, so an edition adds up cells.
-- An institution is called as the institutions' table calls it, else as the source does, else by the
-- first part of the address that speaks of a university, else of another research organisation. What a
-- source calls an institution without identifying it can be a whole address, with an author's name and
-- telephone in it (OpenAlex has such): of that too, only the part counts.
-- An application is one mention of its applicant, where most of it lies: how many documents bear a name
-- is evidence on whether it is a person's.
WITH placed AS (
    SELECT
        document_places.document_number,
        locations.h3_cell,
        sum(document_places.part)::BIGINT AS part
    FROM document_places
    INNER JOIN locations ON document_places.location_number = locations.location_number
    WHERE document_places.kind = 'patent' AND locations.h3_cell IS NOT NULL
    GROUP BY document_places.document_number, locations.h3_cell
),

invented AS (
    SELECT
        document_number,
        h3_cell,
        part,
        row_number() OVER (PARTITION BY document_number ORDER BY part DESC, h3_cell ASC) AS place
    FROM placed
),

applied AS (
    SELECT
        invented.h3_cell,
        applicants.name,
        if(invented.place = 1, 1, 0) AS mentions,
        invented.part * applicants.part::HUGEINT AS parts
    FROM invented
    INNER JOIN applicants ON invented.document_number = applicants.document_number
),

written AS (
    SELECT
        address_key,
        institution_id,
        author_addresses,
        author_parts,
        -- not coalesce(), which would look for parts of every address
        CASE
            WHEN institution_id IS NOT NULL AND institution IS NOT NULL THEN institution
            WHEN NOT regexp_matches(institution, '[,;]') THEN institution
            ELSE coalesce(
                nullif(trim(regexp_extract(
                    coalesce(institution, address), '(?i)(?:^|[,;])([^,;]*univ[^,;]*)', 1
                )), ''),
                nullif(trim(regexp_extract(
                    coalesce(institution, address),
                    '(?i)(?:^|[,;])([^,;]*(?:institut|academy|akadem|hospital|college)[^,;]*)',
                    1
                )), '')
            )
        END AS name
    FROM distinct_addresses
    WHERE author_addresses > 0
),

authored AS (
    SELECT
        address_dictionary.h3_cell,
        coalesce(institutions.name, written.name) AS name,
        written.institution_id IS NOT NULL AS is_identified,
        written.author_addresses AS mentions,
        written.author_parts * 1000000000::HUGEINT AS parts
    FROM written
    INNER JOIN address_dictionary ON written.address_key = address_dictionary.address_key
    LEFT JOIN institutions ON written.institution_id = institutions.institution_id
    WHERE address_dictionary.h3_cell IS NOT NULL
),

named AS (
    SELECT
        'patent' AS kind,
        h3_cell,
        name,
        FALSE AS is_identified,
        mentions,
        parts
    FROM applied
    UNION ALL
    SELECT
        'publication' AS kind,
        h3_cell,
        name,
        is_identified,
        mentions,
        parts
    FROM authored
    WHERE name IS NOT NULL
)

SELECT
    getvariable('year')::INTEGER AS year,
    kind,
    h3_cell,
    name,
    bool_or(is_identified) AS is_identified,
    sum(mentions)::BIGINT AS mentions,
    sum(parts)::DECIMAL(38, 0) AS parts
FROM named
GROUP BY kind, h3_cell, name
