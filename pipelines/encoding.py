"""Text and names that are not UTF-8: where they are not, and how to make them so.

Here: the words with which every such file is refused, and every such row rejected. Not here: reading files.
"""

from pathlib import Path

from pipelines.errors import UserError

NOT_UTF8 = "not UTF-8"
"""Why a row of a table, or a record of tagged text, is rejected that is in another encoding."""


def require_utf8_name(path: Path) -> None:
    """Refuse a file or folder that DuckDB and Polars cannot name."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise UserError(f"{path}: this name is not UTF-8. Rename the file or folder.") from None


def not_utf8(data: bytes) -> str | None:
    """What is wrong with a text in another encoding, where, and what to do; None where it is UTF-8.

    Args:
        data: the text's bytes.
    """
    try:
        data.decode()
    except UnicodeDecodeError as error:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return f"expected UTF-8 text, found UTF-16. {conversion('UTF-16')}."
        *lines, line = data[: error.start].split(b"\n")
        return (
            f"line {len(lines) + 1}, byte {len(line) + 1} "
            f"(0x{data[error.start]:02X}): expected UTF-8 text. {conversion()}."
        )
    return None


def conversion(encoding: str | None = None) -> str:
    """How to convert a file; where nobody knows its encoding, from the one that Excel writes in the West."""
    own = "" if encoding else " (with its own encoding after -f)"
    return f"Save it as UTF-8, or convert it: iconv -f {encoding or 'WINDOWS-1252'} -t UTF-8 OLD > NEW{own}"
