"""The one error that is a user's to mend.

Here: `UserError`, raised wherever input, configuration or workspace is not as it must be. The command
prints its message as one paragraph and ends with its exit code; a traceback is for our own mistakes.
Not here: failed validations, which Dagster reports as failed checks.
"""


class UserError(Exception):
    """Something the user can mend: says which file, line or key, what was expected, what to do."""
