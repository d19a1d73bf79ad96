"""What happens to two workspaces over several runs, told once and asserted by many tests.

Run as `python -m tests.world.story FOLDER`: a run of the chain takes seconds of imports and a gazetteer,
so one process does them all through the command's own functions and writes `story.json`: for each
chapter the steps that were done, the error if there was one, and the files of the newest release.
"""

import contextlib
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

from pipelines.cli.app import app
from pipelines.errors import UserError
from tests.command import COMMAND
from tests.world import made


def run(configuration: Path, *options: str) -> dict[str, Any]:
    """One run of `stclusters run`; what it did."""
    arguments = ["run", "--edition", str(made.EDITION), "--config", str(configuration), "--json"]
    said, error = io.StringIO(), None
    with contextlib.redirect_stdout(said):
        try:
            app([*arguments, *options], standalone_mode=False)
        except UserError as raised:
            error = str(raised)
    return {
        "steps": steps_of(said.getvalue()),
        "error": error,
        "releases": releases_of(configuration.parent / "workspace"),
    }


def steps_of(text: str) -> list[tuple[str, int | None]]:
    """Steps that the command's JSON lines name."""
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [(line["name"], line["partition"]) for line in lines if "name" in line]


def releases_of(workspace: Path) -> dict[str, dict[str, str]]:
    """SHA-256 of every file of every revision."""
    return {
        folder.name: {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        for folder in sorted((workspace / "releases" / str(made.EDITION)).glob("[0-9]*"))
    }


def tables_of(folder: Path) -> dict[str, str]:
    """SHA-256 of every table of a workspace."""
    tables = folder / "workspace" / "tables"
    return {
        path.relative_to(tables).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(tables.rglob("*.parquet"))
    }


def run_and_kill(configuration: Path, *, after_steps: int) -> dict[str, Any]:
    """The same in a process of its own that is killed when so many steps were done."""
    arguments = ["run", "--edition", str(made.EDITION), "--config", str(configuration), "--json"]
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = []
    while len(steps_of("".join(lines))) < after_steps and (line := process.stdout.readline()):
        lines.append(line)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return {
        "steps": steps_of("".join(lines)),
        "error": str(process.returncode),
        "releases": releases_of(configuration.parent / "workspace"),
    }


def flip_byte(path: Path) -> None:
    """Change one byte in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def changes_of_environment() -> list[str]:
    """Names of variables that a thread other than the first one sets anew or takes away from now on."""
    changed: list[str] = []

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("os.putenv", "os.unsetenv") and current_thread() is not main_thread():
            name, *value = map(os.fsdecode, arguments)
            if [os.environ.get(name)] != value:
                changed.append(name)

    sys.addaudithook(note)
    return changed


def tell(folder: Path) -> dict[str, Any]:
    """All chapters, in order."""
    story: dict[str, Any] = {"changes_of_environment": changes_of_environment()}
    one = folder / "one"
    configuration = made.write_world(one)
    tables = one / "workspace" / "tables"

    story["first"] = run(configuration)
    story["second"] = run(configuration)

    # the same raw files elsewhere, listed the other way round, in three processes of 1, 2 and 4
    # threads of which two are killed; the gazetteer's tables are taken along
    other = made.write_world(folder / "deeper" / "two").parent
    for name in ("gazetteer", "place_names"):
        copied = other / "workspace" / "tables" / "geocoding" / name
        shutil.copytree(tables / "geocoding" / name, copied)
    for threads, steps in ((1, 45), (2, 45)):
        elsewhere = made.write_configuration(
            other, more=f"threads = {threads}\n", listed=made.YEARS[::-1]
        )
        story[f"elsewhere_{threads}"] = run_and_kill(elsewhere, after_steps=steps)
    made.write_configuration(other, more="threads = 4\n", listed=made.YEARS[::-1])
    story["elsewhere"] = run(other / "stclusters.toml")
    story["tables"] = {name: tables_of(folder / name) for name in ("one", "deeper/two")}

    indicators = tables / "indicators"
    flip_byte(indicators / "world" / f"edition={made.EDITION}" / "world.parquet")
    (indicators / "concentration" / f"edition={made.EDITION}" / "concentration.parquet").unlink()
    story["flipped"] = run(configuration)

    made.write_configuration(one, min_points=made.MIN_POINTS + 100)
    story["killed"] = run_and_kill(configuration, after_steps=5)
    story["resumed"] = run(configuration)

    made.write_configuration(one)
    changed = one / "raw" / f"articles_{made.YEARS[-1]}.csv"
    rows = [*made.publication_rows(made.YEARS[-1])]
    new = (f"W{made.YEARS[-1]}new", made.YEARS[-1], 1, 1, made.AFFILIATIONS["Munich"])
    rows += made.with_names([new])
    made.write_csv(changed, (*made.ADDRESS_COLUMNS, "address"), rows)
    story["refused"] = run(configuration)
    story["accepted"] = run(configuration, "--accept-changed-sources")
    story["settled"] = run(configuration)
    return story


if __name__ == "__main__":
    target = Path(sys.argv[1])
    (target / "story.json").write_text(json.dumps(tell(target)))
    sys.stdout.flush()
    os._exit(0)  # DuckDB's bindings complain when the interpreter winds down after GX used them
