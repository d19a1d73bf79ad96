-- The cells are those with weight, each with the weight it has.
SELECT
    edition_weights.h3_cell AS given_cell,
    edition_weights.weight AS given_weight,
    edition_cells.h3_cell AS clustered_cell,
    edition_cells.weight AS clustered_weight
FROM edition_weights
FULL JOIN edition_cells ON edition_weights.h3_cell = edition_cells.h3_cell
WHERE edition_weights.weight IS DISTINCT FROM edition_cells.weight
