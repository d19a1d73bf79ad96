-- One row per cluster and field of technology or science.
-- Inputs: cell_fields, cluster_cells, edition_totals. Source: method 8.
-- Specialisation: the field's share in the cluster by its share in the world, where the world is every
-- document with a field, located or not.
WITH windowed AS (
    SELECT cell_fields.*
    FROM cell_fields
    INNER JOIN edition_totals
        ON
            cell_fields.kind = edition_totals.kind
            AND cell_fields.year BETWEEN edition_totals.first_year AND edition_totals.last_year
),

world AS (
    SELECT
        kind,
        scheme,
        field,
        sum(parts)::HUGEINT / sum(sum(parts)::HUGEINT) OVER (PARTITION BY kind, scheme) AS share
    FROM windowed
    GROUP BY kind, scheme, field
),

counted AS (
    SELECT
        cluster_cells.cluster_id,
        windowed.kind,
        windowed.scheme,
        windowed.field,
        sum(windowed.parts)::HUGEINT AS parts
    FROM windowed
    INNER JOIN cluster_cells ON windowed.h3_cell = cluster_cells.h3_cell
    GROUP BY cluster_cells.cluster_id, windowed.kind, windowed.scheme, windowed.field
),

shared AS (
    SELECT
        *,
        parts / sum(parts) OVER (PARTITION BY cluster_id, kind, scheme) AS share,
        row_number() OVER (
            PARTITION BY cluster_id, kind, scheme ORDER BY parts DESC, field ASC
        )::INTEGER AS rank
    FROM counted
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    shared.cluster_id,
    shared.kind,
    shared.scheme,
    shared.field,
    shared.rank,
    shared.parts::DECIMAL(38, 0) AS parts,
    shared.parts / 1e18 AS documents,
    shared.share,
    world.share AS world_share,
    shared.share / world.share AS specialisation
FROM shared
INNER JOIN world
    ON shared.kind = world.kind AND shared.scheme = world.scheme AND shared.field = world.field
