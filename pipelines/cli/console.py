"""The two consoles and how figures are written for reading.

Neither console reads markup: `[bold]` and `:x:` in a file's name are that file's name.
"""

import sys

from rich.console import Console

# a pipe has no width of its own; tables are cut at 80 columns without this
out = Console(
    width=None if sys.stdout.isatty() else 120, markup=False, emoji=False, highlight=False
)
errors = Console(stderr=True, markup=False, emoji=False, highlight=False)

SIMULATED = (
    "Simulated: made records, calibrated on WIPO's printed totals of 2020. Not a real ranking."
)


def duration(seconds: float) -> str:
    """Seconds as people read them: 0.4 s, 12 s, 3 min 05 s."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
