-- All addresses of one source weigh as much as all addresses of the other (method 5).
SELECT
    patent.addresses AS patent_addresses,
    patent.weight_per_address AS patent_weight,
    publication.addresses AS publication_addresses,
    publication.weight_per_address AS publication_weight
FROM edition_totals AS patent
INNER JOIN edition_totals AS publication
    ON patent.kind = 'patent' AND publication.kind = 'publication'
WHERE
    patent.addresses > 0 AND publication.addresses > 0
    AND patent.addresses::HUGEINT * patent.weight_per_address
    <> publication.addresses::HUGEINT * publication.weight_per_address
