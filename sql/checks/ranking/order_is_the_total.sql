-- No cluster stands above one with a greater total share.
SELECT
    rank,
    total_share
FROM ranking
QUALIFY total_share > lag(total_share) OVER (ORDER BY rank) + 1e-15
