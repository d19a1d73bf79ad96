"""The application: its commands, its exit codes, and how errors are printed."""

import errno
import os
import signal
import sys
import traceback

import typer
from rich.text import Text

from pipelines import query
from pipelines.cli import compare, releases, run, show, tools
from pipelines.cli.console import errors
from pipelines.collector import collect_seldom
from pipelines.errors import StepError, UserError

EXIT_USER_ERROR = 2
EXIT_OUR_ERROR = 3
EXIT_UNREAD = 1
"""As Typer ends where a pipe is closed."""

app = typer.Typer(
    name="stclusters",
    help="The world's science and technology clusters, recomputed in the open.\n\n"
    "`stclusters run`, then `stclusters show 2024`; --help after a command has its examples.\n\n"
    "Exit codes: 0 done; 1 not as it should be (verify, diff); 2 something you can mend; "
    "3 a mistake of ours; 130 interrupted.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for commands in (run, show, releases, compare, tools):
    commands.add_to(app)


def main() -> None:
    """Run the command; a user's mistake ends in one paragraph, never in a traceback."""
    code = 0
    collect_seldom()
    end_waiting_on_interrupt()
    try:
        app(standalone_mode=True)
    except UserError as error:
        _say("Error:", error)
        code = EXIT_USER_ERROR
    except StepError as error:
        _say("A step failed:", error)
        code = EXIT_OUR_ERROR
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else EXIT_USER_ERROR
    except Exception as error:  # left to Python, it would end with 1, as findings do
        code = _unforeseen(error)
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _unforeseen(error)
    sys.stderr.flush()
    query.close()
    # DuckDB 2.0's bindings print a page of "leaked" objects when the interpreter winds down after
    # Great Expectations has used them; everything is written and closed by now.
    os._exit(code)


def end_waiting_on_interrupt() -> None:
    """Let Ctrl+C end what the main thread waits for, also while other threads are at work.

    Polars, when it is imported, puts in a handler after which the system goes on waiting (SA_RESTART).
    """
    signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))


def _unforeseen(error: Exception) -> int:
    """Say what nobody said before; the exit code."""
    if isinstance(error, BrokenPipeError):  # who read the output has enough, as in `| head`
        return EXIT_UNREAD
    if isinstance(error, PermissionError):  # Polars's own has no file's name apart
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        _say("Error:", f"{what}. Mend the permissions, or give another file or folder.")
        return EXIT_USER_ERROR
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _say("Error:", f"{error.filename or 'The output'} cannot be written: {error.strerror}.")
        return EXIT_USER_ERROR
    traceback.print_exception(error)
    return EXIT_OUR_ERROR


def _say(what: str, error: Exception | str) -> None:
    errors.print(Text.assemble((what, "bold red"), f" {error}"), soft_wrap=True)
