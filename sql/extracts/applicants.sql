-- One row per applicant of an application that counts, with an equal part of it.
-- Inputs: applications, staged_applicants. Source: method 8 (top applicants).
WITH numbered AS (
    SELECT
        applications.document_number,
        staged_applicants.name,
        min(staged_applicants.country) AS country,
        row_number() OVER (
            PARTITION BY applications.document_number
            ORDER BY min(staged_applicants.applicant_number), staged_applicants.name
        ) AS applicant_number
    FROM staged_applicants
    INNER JOIN applications USING (source, unit_number, document_key)
    WHERE staged_applicants.name IS NOT NULL
    GROUP BY applications.document_number, staged_applicants.name
)

SELECT
    getvariable('year')::INTEGER AS year,
    document_number,
    applicant_number::INTEGER AS applicant_number,
    name,
    country,
    equal_part(
        1000000000, count(*) OVER (PARTITION BY document_number), applicant_number
    ) AS part
FROM numbered
