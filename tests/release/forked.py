"""Publish in forked processes that are killed, starved of disk, or all at it at once.

Run as `python -m tests.release.forked`, with one JSON object per line on standard input: the folder
of a test (see `factory.request`) and what is to happen to it. Importing takes a second, publishing
a tenth, so one process imports and forks one child per line; it starts no threads itself. Prints
one JSON object per line: how the child ended and what it said."""

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from pipelines.errors import UserError
from pipelines.release.publish import publish
from tests.release import factory

STEPS = ("open", "os.mkdir", "os.rename", "os.symlink", "os.chmod", "os.remove", "shutil.rmtree")
"""Python's audit events of everything that touches the disk."""


def kill_at(step: int, folder: Path) -> list[str]:
    """Kill this process by the signal that cannot be caught when it begins its n-th step.

    Returns:
        The steps begun, which grows while the process works.
    """
    releases, begun = str(folder / "releases"), list[str]()

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in STEPS and any(releases in str(argument) for argument in arguments):
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
    request = factory.request_for_tables(folder, code_version="2", **task.get("changed", {}))
    try:
        published = publish(request)
    except UserError as error:
        return f"UserError: {error}", len(steps)
    return f"{published.revision} {'created' if published.created else 'there already'}", len(steps)


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
        if task.get("at_once"):
            running.append((pid, reader))
        else:
            report(pid, reader)
    for pid, reader in running:
        report(pid, reader)


def report(pid: int, reader: int) -> None:
    with os.fdopen(reader) as pipe:
        says = pipe.read()
    killed = os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    text, steps = json.loads(says) if says else ("", None)
    print(json.dumps({"killed": killed, "says": text, "steps": steps}), flush=True)


if __name__ == "__main__":
    main()
