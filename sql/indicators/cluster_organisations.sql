-- One row per cluster, source and leading organisation: the first twenty applicants or institutions.
-- Inputs: named_output, clusters, organisations (name, organisation_key, organisation: the group's name
-- where it is one; only names that are organisations'). Source: method 8; the name rule stands in
-- pipelines/indicators/organisations.py.
WITH known AS (
    SELECT
        named_output.kind,
        named_output.cluster_number,
        named_output.name,
        named_output.parts,
        organisations.organisation_key,
        coalesce(
            organisations.organisation,
            first_value(named_output.name) OVER (
                PARTITION BY named_output.kind, organisations.organisation_key
                ORDER BY organisations.mentions DESC, named_output.name ASC
            )
        ) AS organisation
    FROM named_output
    INNER JOIN organisations
        ON named_output.kind = organisations.kind AND named_output.name = organisations.name
),

counted AS (
    SELECT
        kind,
        cluster_number,
        organisation_key,
        min(organisation) AS organisation,
        count(*)::INTEGER AS spellings,
        sum(parts)::HUGEINT AS parts
    FROM known
    GROUP BY kind, cluster_number, organisation_key
),

ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY kind, cluster_number ORDER BY parts DESC, organisation_key ASC
        )::INTEGER AS rank
    FROM counted
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    clusters.cluster_id,
    ranked.kind,
    ranked.rank,
    ranked.organisation,
    ranked.spellings,
    ranked.parts::DECIMAL(38, 0) AS parts,
    ranked.parts / 1e18 AS documents,
    -- whole numbers by each other: a product of floats, or two divisions, can make a whole more than 1
    ranked.parts / (
        if(ranked.kind = 'patent', clusters.patent_parts, clusters.publication_parts)
        * 1000000000::HUGEINT
    ) AS share
FROM ranked
INNER JOIN clusters ON ranked.cluster_number = clusters.cluster_number
WHERE ranked.rank <= 20
