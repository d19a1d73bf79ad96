"""Standard streams as the command needs them, whatever the shell and the locale hand over.

Here: what is done to them before anything is printed. Not here: what is printed (`console.py`).
"""

import io
import os
import sys
from pathlib import Path


def prepare() -> None:
    """Let every name be printed: to a file or pipe as UTF-8, to a terminal as far as it has the letters.

    A file's name that is not UTF-8 is written as the bytes that it has. A closed stream takes what is
    written to it for nobody.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="surrogateescape")
