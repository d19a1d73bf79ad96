-- Whichever year is left out, no cluster stands above one with a greater total share.
SELECT
    window_year,
    rank,
    total_share
FROM rank_sensitivity
QUALIFY total_share > lag(total_share) OVER (PARTITION BY window_year ORDER BY rank) + 1e-15
