"""What a raw file looks like, by its content.

Here: `looks_like`, and `check`, which refuses a source whose files are of another format than the
configuration says before any work starts. Each format's module says what it recognises.
Not here: compression and damage (`opening`), kinds and roles (the configuration).
"""

from collections.abc import Mapping
from pathlib import Path

from pipelines.errors import UserError
from pipelines.readers.opening import head
from pipelines.readers.source import Head, Reader, SourceFiles

ANY_TABLE = "tabular"
"""The format that any table fits: named last, and never held against a file."""


def looks_like(path: Path, formats: Mapping[str, Reader]) -> list[str]:
    """Names of the formats that a file's beginning fits, the catch-all last.

    Raises:
        UserError: the file cannot be opened, or is damaged at its very beginning.
    """
    return _fitting(head(path), formats)


def _fitting(start: Head, formats: Mapping[str, Reader]) -> list[str]:
    found = [name for name, reader in formats.items() if reader.recognises(start)]
    return sorted(found, key=lambda name: (name == ANY_TABLE, name))


def check(source: SourceFiles, reader: Reader, formats: Mapping[str, Reader]) -> None:
    """Refuse files that fit another format and not the one that the configuration names, and copies.

    A file that fits none is left to the reader, whose errors say more. Where files are read together,
    a second one that begins with the same rows, such as a zip beside what was unpacked from it, would
    give each document its people twice; elsewhere a document that comes twice counts once.

    Raises:
        UserError: a file looks like another format, is a copy, or cannot be opened.
    """
    is_together = len(list(reader.units(source))) == 1
    beginnings: dict[tuple[str, str], Path] = {}
    for role, path in source.all_files():
        start = head(path)
        if is_together and start.text.partition("\n")[2].strip():
            first = beginnings.setdefault((role, start.text), path)
            if first != path:
                raise UserError(
                    f"{source.label(path)}: begins with the same rows as {source.label(first)}, and both"
                    f" are `{role}` of source {source.name}: each row would count twice. Keep one of them."
                )
        found = _fitting(start, formats)
        if found and reader.name not in found:
            raise UserError(
                f"{source.label(path)}: expected {reader.name}, but it looks like"
                f" {' or '.join(found)}. Set the format of source {source.name}."
            )
