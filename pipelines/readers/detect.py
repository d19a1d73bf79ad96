"""What a raw file looks like, by its content.

Here: `looks_like`, and `check`, which refuses a source whose files are of another format than the
configuration says before any work starts. Each format's module says what it recognises.
Not here: compression and damage (`opening`).
"""

from collections.abc import Mapping
from pathlib import Path

from pipelines.errors import UserError
from pipelines.readers.opening import head
from pipelines.readers.source import Reader, SourceFiles

ANY_TABLE = "tabular"
"""The format that any table fits: named last, and never held against a file."""


def looks_like(path: Path, formats: Mapping[str, Reader]) -> list[str]:
    """Names of the formats that a file's beginning fits, the catch-all last.

    Raises:
        UserError: the file cannot be opened, or is damaged at its very beginning.
    """
    start = head(path)
    found = [name for name, reader in formats.items() if reader.recognises(start)]
    return sorted(found, key=lambda name: (name == ANY_TABLE, name))


def check(source: SourceFiles, reader: Reader, formats: Mapping[str, Reader]) -> None:
    """Refuse files that fit another format and not the one that the configuration names.

    A file that fits none is left to the reader, whose errors say more.

    Raises:
        UserError: kind or role does not fit the format, or a file looks like another format.
    """
    if source.kind not in reader.kinds:
        raise UserError(
            f"Source {source.name}: {reader.name} holds {' and '.join(sorted(reader.kinds))}"
            f" records, not {source.kind}. Set `kind` or `format`."
        )
    for role, path in source.all_files():
        if reader.roles is not None and role not in reader.roles:
            raise UserError(
                f"Source {source.name}: {reader.name} has no role '{role}'. "
                f"Roles: {', '.join(reader.roles)}."
            )
        found = looks_like(path, formats)
        if found and reader.name not in found:
            raise UserError(
                f"{source.label(path)}: expected {reader.name}, but it looks like"
                f" {' or '.join(found)}. Set the format of source {source.name}."
            )
    missing = [role for role, needed in (reader.roles or {}).items() if needed]
    missing = [role for role in missing if not source.files.get(role)]
    if missing:
        raise UserError(
            f"Source {source.name}: {reader.name} needs files for {', '.join(missing)}."
        )
