-- One row per inclusion rule, in the order in which rules apply to a kind of document.
-- Source: method 2; V read in a WIPO text, P this project's decision.
SELECT
    rules.kind,
    rules.rule,
    rules.meaning
FROM (
    VALUES
    ('patent', 1, 'Corrected republications and later search reports (kinds A3, A4, A8, A9) are no further applications [P]'), -- noqa: LT05
    ('patent', 2, 'Within a year an application counts once, however often the extract has it [P]'),
    ('publication', 1, 'Paratext (covers, mastheads, tables of contents) is out [P]'),
    ('publication', 2, 'Retracted articles are out [P]'),
    ('publication', 3, 'Only original research: no reviews, letters, editorials, books [V 2024]'), -- noqa: LT05
    ('publication', 4, 'Nor proceedings papers, meeting abstracts and data papers, which probably counted until 2020 [I]'), -- noqa: LT05
    ('publication', 5, 'Social sciences and humanities are out, where the source can tell [V 2024]'), -- noqa: LT05
    ('publication', 6, 'Only journals of the configured ISSN list, where one is given [P]'),
    ('publication', 7, 'Within a year an article counts once, however often the extract has it [P]')
) AS rules (kind, rule, meaning)
