"""Publish in forked processes that are killed, starved of disk, or all at it at once.

Run as `python -m tests.release.forked`, with one JSON object per line on standard input: the folder
of a test (see `factory.request`) and what is to happen to it. Importing takes a second, publishing
a tenth, so one process imports and forks one child per line; it starts no threads itself. Prints
one JSON object per line: how the child ended and what it said. A task that names a `table` writes
that stage table instead of publishing, with the task's number in every row."""

import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import UserError
from pipelines.release.publish import publish
from pipelines.storage import Workspace, write_parquet
from tests.release import factory

STEPS = ("open", "os.mkdir", "os.rename", "os.symlink", "os.chmod", "os.remove", "shutil.rmtree")
"""Python's audit events of everything that touches the disk."""


def kill_at(step: int, folder: Path) -> list[str]:
    """Kill this process by the signal that cannot be caught when it begins its n-th step.

    Returns:
        The steps begun, which grows while the process works.
    """
    places, begun = (str(folder / "releases"), str(folder / "tables" / "extracts")), list[str]()

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in STEPS and any(
            place in str(argument) for argument in arguments for place in places
        ):
            begun.append(event)
            if len(begun) == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return begun


def child(task: dict[str, Any]) -> tuple[str, int]:
    """Publish; what came of it and in how many steps."""
    folder = Path(task["folder"])
    steps = kill_at(task.get("kill_at", 0), folder)
    if "file_bytes" in task:
        resource.setrlimit(resource.RLIMIT_FSIZE, (task["file_bytes"], resource.RLIM_INFINITY))
    if "table" in task:
        try:
            write_table(folder, task["table"])
        except UserError as error:
            return f"UserError: {error}", len(steps)
        return "written", len(steps)
    request = factory.request_for_tables(folder, code_version="2", **task.get("changed", {}))
    try:
        published = publish(request)
    except UserError as error:
        return f"UserError: {error}", len(steps)
    return f"{published.revision} {'created' if published.created else 'there already'}", len(steps)


def write_table(folder: Path, number: int) -> None:
    """Write the stage table of the kills anew, as a run does."""

    def fill(path: Path) -> None:
        with duckdb.connect(config={"threads": 1}) as connection:
            query = f"SELECT range AS row, {number} AS number FROM range({factory.KILLS_ROWS})"
            write_parquet(factory.KILLS_TABLE, connection.sql(query), path)

    workspace = Workspace(folder)
    with workspace.exclusively():
        workspace.write(factory.KILLS_TABLE, None, str(number), fill, lambda _: ())


def main() -> None:
    running = []
    for line in sys.stdin:
        task = json.loads(line)
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.write(writer, json.dumps(child(task)).encode())
            os._exit(0)
        os.close(writer)
        if "kill_after_seconds" in task:
            time.sleep(task["kill_after_seconds"])
            os.kill(pid, signal.SIGKILL)
        if task.get("at_once"):
            running.append((pid, reader))
        else:
            report(pid, reader)
    for pid, reader in running:
        report(pid, reader)


def report(pid: int, reader: int) -> None:
    started = time.perf_counter()
    with os.fdopen(reader) as pipe:
        says = pipe.read()
    killed = os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    text, steps = json.loads(says) if says else ("", None)
    seconds = time.perf_counter() - started
    end = {"killed": killed, "says": text, "steps": steps, "seconds": seconds}
    print(json.dumps(end), flush=True)


if __name__ == "__main__":
    main()
