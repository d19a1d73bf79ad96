"""Tables as Markdown, for people: in releases, on the terminal, in Dagster's UI.

Here: cells to lines. Not here: how a value is written (whoever shows it).
"""

from collections.abc import Iterable, Sequence


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table and an empty one."""
    lines = [header, ["---"] * len(header), *rows]
    return [
        *("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines),
        "",
    ]
