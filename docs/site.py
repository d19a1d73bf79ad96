"""Write the pages of the documentation site: `python docs/site.py build/docs`, then `zensical build`.

The sources are README.md, CHANGELOG.md and docs/*.md; codebook and editions come from the contracts and
from editions.toml, the help of every command from the command. What a page shows as output was put out
while the page was written: each `$ command` of a `console` block is run in the project's folder, and
each block `python run` or `sql run`; one that fails fails the site. So no output can be out of date.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from typer.main import get_group

from pipelines.cli.app import app
from pipelines.editions import CERTAINTY_WORDS, editions
from pipelines.release.codebook import codebook_page
from pipelines.report import formats

PROJECT = Path(__file__).resolve().parent.parent
FILES = sorted(path for kind in ("png", "svg", "js") for path in PROJECT.glob(f"docs/*.{kind}"))
_PAGE_OF = {
    "../README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "../pipelines/contracts/": "codebook.md",
    "../pipelines/editions.toml": "editions.md",
}
"""What the sources link to, so that it is there when the repository is looked at, and its page."""
_EXITS = re.compile(r"\s+# exits with (\d)$")
_RUN = {
    "python": "{}",
    "sql": "import duckdb\nduckdb.sql('''{}''').show(max_width=110)",
}


def write_pages(target: Path) -> None:
    """Write all pages into an empty folder."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in FILES:
        shutil.copy(file, target)
    for name, text in pages().items():
        (target / name).write_text(filled(text), encoding="utf-8")


def pages() -> dict[str, str]:
    """All pages by name, linked to each other, their outputs not yet filled in."""
    sources = [PROJECT / "CHANGELOG.md", *sorted(PROJECT.glob("docs/*.md"))]
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    made = {"index.md": readme.replace("](docs/", "](").replace("](pipelines/", "](../pipelines/")}
    made |= {page.name.lower(): page.read_text(encoding="utf-8") for page in sources}
    made["commands.md"] += "".join(commands())
    made["codebook.md"] = codebook_page()
    made["editions.md"] = editions_page()
    for source, page in _PAGE_OF.items():
        made = {name: text.replace(f"]({source}", f"]({page}") for name, text in made.items()}
    return made


def filled(text: str) -> str:
    """A page with the output of its commands and programs."""
    text = re.sub(
        r"```console\n(.*?)```",
        lambda block: f"```console\n{_console(block[1])}```",
        text,
        flags=re.S,
    )
    return re.sub(
        r"```(python|sql) run\n(.*?)```",
        lambda block: f"```{block[1]}\n{block[2]}```\n\n```text\n{_program(block[1], block[2])}```",
        text,
        flags=re.S,
    )


def _console(block: str) -> str:
    lines = []
    for line in block.splitlines():
        if not line.startswith("$ "):
            continue  # output of another day
        exits = _EXITS.search(line)
        command = _EXITS.sub("", line.removeprefix("$ "))
        lines.append(
            f"$ {command}\n{_output(['bash', '-c', command], int(exits[1]) if exits else 0)}"
        )
    return "\n".join(lines)


def _program(language: str, text: str) -> str:
    return _output([sys.executable, "-c", _RUN[language].format(text)], 0)


def _output(command: list[str], code: int) -> str:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }
    done = subprocess.run(  # noqa: S603 - the project's own pages
        command,
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != code:
        raise SystemExit(f"{command[-1]}\nended with {done.returncode}, not {code}:\n{done.stdout}")
    said = done.stdout.replace(f"{PROJECT}/", "")
    return "".join(f"{line.rstrip()}\n" for line in said.splitlines())


def commands() -> Iterator[str]:
    """The help of every command, as it is printed."""
    for name in get_group(app).commands:
        yield f"\n### {name}\n\n```console\n$ stclusters {name} --help\n```\n"


def editions_page() -> str:
    """What differs between editions, each figure with how sure it is."""
    parameters = {edition: one.parameters for edition, one in editions().items()}
    names = list(dict.fromkeys(name for one in parameters.values() for name in one))
    lines = [
        "# Editions",
        "",
        "From `pipelines/editions.toml`. Each figure stands with how sure it is: "
        + ", ".join(f"**{letter}** {words}" for letter, words in CERTAINTY_WORDS.items())
        + ".",
        "",
        "| edition | " + " | ".join(name.replace("_", " ") for name in names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    for edition, one in parameters.items():
        cells = [_parameter(name, one.get(name)) for name in names]
        lines.append(f"| {edition} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _parameter(name: str, parameter: dict[str, object] | None) -> str:
    if not parameter or parameter["value"] is None:
        return "–"
    return f"{formats.setting(name, parameter['value'])} **{parameter['certainty']}**"


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
