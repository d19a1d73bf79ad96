-- One row per pair of neighbouring clusters examined for merging; a cluster is called by the place
-- of its raw cluster that weighs most in the density.
-- Inputs: candidates (of decide_mergers), edition_cells, edition_totals, cell_weights, gazetteer.
-- Source: method 6.
WITH places AS (
    SELECT
        edition_cells.raw_cluster,
        cell_weights.place_id,
        sum(cell_weights.addresses * edition_totals.weight_per_address) AS weight
    FROM cell_weights
    INNER JOIN edition_totals
        ON
            cell_weights.kind = edition_totals.kind
            AND cell_weights.year BETWEEN edition_totals.first_year AND edition_totals.last_year
    INNER JOIN edition_cells ON cell_weights.h3_cell = edition_cells.h3_cell
    WHERE edition_cells.raw_cluster IS NOT NULL
    GROUP BY edition_cells.raw_cluster, cell_weights.place_id
),

main_places AS (
    SELECT
        places.raw_cluster,
        gazetteer.name
    FROM places
    INNER JOIN gazetteer ON places.place_id = gazetteer.place_id
    QUALIFY row_number() OVER (
        PARTITION BY places.raw_cluster ORDER BY places.weight DESC, places.place_id ASC
    ) = 1
)

SELECT
    getvariable('edition')::INTEGER AS edition,
    candidates.round,
    candidates.a::INTEGER AS cluster_a,
    candidates.b::INTEGER AS cluster_b,
    place_a.name AS name_a,
    place_b.name AS name_b,
    candidates.edge_distance_km,
    candidates.tie_patent AS patent_tie,
    candidates.tie_publication AS publication_tie,
    candidates.tie_total AS total_tie,
    candidates.smaller::INTEGER AS smaller,
    candidates.runner_up::INTEGER AS runner_up,
    candidates.runner_up_tie,
    candidates.verdict,
    candidates.reason
FROM candidates
LEFT JOIN main_places AS place_a ON candidates.a = place_a.raw_cluster
LEFT JOIN main_places AS place_b ON candidates.b = place_b.raw_cluster
