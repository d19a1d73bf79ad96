"""The two errors that end a command: one is the user's to mend, the other is ours.

Here: `UserError`, raised wherever input, configuration or workspace is not as it must be, and
`StepError` for a step that failed otherwise. The command prints either as a paragraph and ends with its
exit code. Not here: failed validations, which Dagster reports as failed checks.
"""


class UserError(Exception):
    """Something the user can mend: says which file, line or key, what was expected, what to do."""


class StepError(Exception):
    """A step failed through a mistake of ours; carries Dagster's own account of it."""
