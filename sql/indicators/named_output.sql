-- One row per cluster, source and name of an applicant or institution, as written.
-- Inputs: document_clusters, applicants, distinct_addresses, address_dictionary, institutions,
-- cluster_cells, clusters, edition_totals.
-- Source: method 8: applicants belong to a cluster by their inventors' place.
-- An institution is called as the institutions' table calls it, else as the source does, else by the
-- first part of the address that speaks of a university, else of another research organisation. What a
-- source calls an institution without identifying it can be a whole address, with an author's name and
-- telephone in it (OpenAlex has such): of that too, only the part counts.
-- Each distinct address text of a year is looked at once.
WITH applied AS (
    SELECT
        'patent' AS kind,
        document_clusters.cluster_number,
        applicants.name,
        FALSE AS is_identified,
        1 AS mentions,
        document_clusters.part::HUGEINT * applicants.part::HUGEINT AS parts
    FROM document_clusters
    INNER JOIN applicants
        ON
            document_clusters.year = applicants.year
            AND document_clusters.document_number = applicants.document_number
    WHERE document_clusters.kind = 'patent' AND document_clusters.cluster_number IS NOT NULL
),

authored AS (
    SELECT
        clusters.cluster_number,
        coalesce(
            institutions.name,
            if(texts.institution_id IS NOT NULL, texts.institution, NULL),
            if(regexp_matches(texts.institution, '[,;]'), NULL, texts.institution),
            nullif(trim(regexp_extract(
                coalesce(texts.institution, texts.address), '(?i)(?:^|[,;])([^,;]*univ[^,;]*)', 1
            )), ''),
            nullif(trim(regexp_extract(
                coalesce(texts.institution, texts.address),
                '(?i)(?:^|[,;])([^,;]*(?:institut|academy|akadem|hospital|college)[^,;]*)',
                1
            )), '')
        ) AS name,
        texts.institution_id IS NOT NULL AS is_identified,
        texts.author_addresses AS mentions,
        texts.author_parts * 1000000000::HUGEINT AS parts
    FROM distinct_addresses AS texts
    INNER JOIN edition_totals
        ON
            edition_totals.kind = 'publication'
            AND texts.year BETWEEN edition_totals.first_year AND edition_totals.last_year
    INNER JOIN address_dictionary
        ON
            texts.year = address_dictionary.year
            AND texts.address_key = address_dictionary.address_key
    INNER JOIN cluster_cells ON address_dictionary.h3_cell = cluster_cells.h3_cell
    INNER JOIN clusters ON cluster_cells.cluster_id = clusters.cluster_id
    LEFT JOIN institutions ON texts.institution_id = institutions.institution_id
    WHERE texts.author_addresses > 0
),

named AS (
    SELECT
        kind,
        cluster_number,
        name,
        is_identified,
        mentions,
        parts
    FROM applied
    UNION ALL
    SELECT
        'publication' AS kind,
        cluster_number,
        name,
        is_identified,
        mentions,
        parts
    FROM authored
    WHERE name IS NOT NULL
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    kind,
    cluster_number,
    name,
    bool_or(is_identified) AS is_identified,
    sum(mentions)::BIGINT AS mentions,
    sum(parts)::DECIMAL(38, 0) AS parts
FROM named
GROUP BY kind, cluster_number, name
