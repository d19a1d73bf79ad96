-- One row per raw row that could not be read.
-- Inputs: staged_rejects. Source: nothing is lost without a line that says so.
SELECT
    source,
    row_number() OVER (
        PARTITION BY source
        ORDER BY unit_number, file, line NULLS LAST, intended_table, reason, raw_text
    )::INTEGER AS reject_number,
    file,
    line,
    year,
    reason,
    intended_table,
    raw_text
FROM staged_rejects
