"""The command `stclusters`: what a person types, and what a person reads.

Here: arguments, progress, tables and errors of the terminal; one module per group of commands. Not
here: any work of its own. Exit codes: 0 done; 1 the thing asked about is not as it should be (`verify`,
`diff`); 2 something that the user can mend, said in one paragraph; 3 a mistake of ours; 130 interrupted.
"""

import os

from pipelines.cli import streams

EXIT_INTERRUPTED = 130


def main() -> None:
    """Run the command."""
    streams.prepare()
    try:
        from pipelines.cli import app  # noqa: PLC0415 - takes a second, in which Ctrl+C is no error

        app.main()
    except KeyboardInterrupt:
        os._exit(EXIT_INTERRUPTED)
