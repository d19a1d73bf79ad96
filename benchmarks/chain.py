"""How fast the chain is: the made world at a scale, every stage and the whole, beside the peer.

    python -m benchmarks.chain [--scale 0.1] [--folder build/bench] [--parts one,eight,...]

The world is made once per scale as raw Parquet extracts and kept. Each part is a run of its own, so that
a benchmark that was broken off goes on with the parts that lack (`--parts`):

    one        edition 2024 from raw files to its release, in an empty workspace
    eight      all editions from raw files to their releases, in an empty workspace
    seven      editions 2017 to 2023 likewise, before the newest year's files are there
    annual     on top of that: edition 2024, with the files of the year that only it reads
    again      all editions once more: nothing to do
    threshold  another threshold for edition 2024
    file       one raw file of 2015 changed, all editions again
    bytes      edition 2024 with 1 and with 4 threads: equal tables?
    peer       pandas, geopandas, scikit-learn: the ranking of edition 2024 and of all eight
    peer_release   the same with the rest of the work, mergers to files, as far as a user would write it

Prints a table and appends every part to the results file, with versions and machine.
Here: the parts and the table. Not here: one measured run (`steps.py`), the peer's work (`peer.py`), the
chart of time against scale (`chart.py`).
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipelines.simulation.world import simulate

PROJECT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results.jsonl"
LIBRARIES = (
    "duckdb",
    "polars",
    "pyarrow",
    "dagster",
    "great-expectations",
    "numpy",
    "scikit-learn",
)
EARLIER = (2017, 2018, 2019, 2020, 2021, 2022, 2023)
NEWEST = 2024
ALL = (*EARLIER, NEWEST)
NEWEST_YEAR = 2023
CHANGED_FILE = "publications/article_fields_2015.parquet"

Run = list[dict[str, Any]]


@dataclass(frozen=True)
class World:
    """A made world and the workspaces beside it."""

    folder: Path
    scale: float
    memory_limit: str

    @property
    def raw(self) -> Path:
        """Raw files."""
        return self.folder / "world"

    @property
    def min_points(self) -> int:
        """Density threshold at this scale."""
        text = (self.raw / "stclusters.toml").read_text(encoding="utf-8")
        return int(tomllib.loads(text)["min_points"]["default"])

    def workspace(self, name: str) -> Path:
        """Folder of a run's tables."""
        return self.folder / f"workspace_{name}"

    def configuration(self, name: str, *, min_points: int | None = None, threads: int = 0) -> Path:
        """A configuration beside the raw files, with a workspace of its own."""
        text = (self.raw / "stclusters.toml").read_text(encoding="utf-8")
        head = f'workspace = "../workspace_{name}"\nmemory_limit = "{self.memory_limit}"'
        text = text.replace(
            'workspace = "workspace"', head + (f"\nthreads = {threads}" * bool(threads))
        )
        if min_points:
            text = text.replace(f"\ndefault = {self.min_points}\n", f"\ndefault = {min_points}\n")
        path = self.raw / f"bench_{name}.toml"
        path.write_text(text, encoding="utf-8")
        return path


def make_world(world: World) -> None:
    """Make the raw files, once."""
    if (world.raw / "stclusters.toml").is_file():
        return
    simulate(world.scale, world.raw, layout="parquet", progress=print)


def _child(module: str, *arguments: object) -> list[dict[str, Any]]:
    """Run a module in a process of its own; the JSON objects that it prints."""
    done = subprocess.run(  # noqa: S603 - our own modules
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"{module} ended with {done.returncode}: no figure", file=sys.stderr)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def run_one(world: World) -> Run:
    """One edition in an empty workspace."""
    shutil.rmtree(world.workspace("one"), ignore_errors=True)
    return _child("benchmarks.steps", world.configuration("one"), NEWEST)


def run_eight(world: World) -> Run:
    """All editions in an empty workspace."""
    shutil.rmtree(world.workspace("eight"), ignore_errors=True)
    return _child("benchmarks.steps", world.configuration("eight"), *ALL)


def run_seven(world: World) -> Run:
    """All but the newest edition in an empty workspace."""
    shutil.rmtree(world.workspace("all"), ignore_errors=True)
    with _put_aside(world.folder / "newest", [*world.raw.glob(f"*/*_{NEWEST_YEAR}.parquet")]):
        return _child("benchmarks.steps", world.configuration("all"), *EARLIER)


@contextmanager
def _put_aside(folder: Path, files: list[Path]) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    for file in files:
        file.rename(folder / file.name)
    try:
        yield
    finally:
        for file in files:
            (folder / file.name).rename(file)


def run_annual(world: World) -> Run:
    """The newest edition on top."""
    return _child("benchmarks.steps", world.configuration("all"), NEWEST)


def run_again(world: World) -> Run:
    """Nothing to do."""
    return _child("benchmarks.steps", world.configuration("all"), *ALL)


def run_threshold(world: World) -> Run:
    """Another threshold: clusters and what comes after."""
    changed = world.configuration("all", min_points=world.min_points + 1)
    return _child("benchmarks.steps", changed, NEWEST)


@contextmanager
def _one_row_less(path: Path) -> Iterator[None]:
    kept = path.with_suffix(".kept")
    path.rename(kept)
    try:
        pl.read_parquet(kept).head(-1).write_parquet(path)
        yield
    finally:
        kept.replace(path)


def run_file(world: World) -> Run:
    """A raw file with a row less, and what it makes necessary."""
    with _one_row_less(world.raw / CHANGED_FILE):
        return _child("benchmarks.steps", world.configuration("all"), *ALL)


def run_bytes(world: World) -> Run:
    """Equal tables with 1 and 4 threads."""
    hashes = {}
    for threads in (1, 4):
        name = f"threads_{threads}"
        shutil.rmtree(world.workspace(name), ignore_errors=True)
        _child("benchmarks.steps", world.configuration(name, threads=threads), NEWEST)
        tables = world.workspace(name) / "tables"
        hashes[threads] = {
            record.relative_to(tables).as_posix(): json.loads(record.read_text())["sha256"]
            for record in tables.rglob("*.json")
            if record.parent.name != "releases"
        }
    differing = [name for name in hashes[1] if hashes[1][name] != hashes[4].get(name)]
    return [{"tables": len(hashes[1]), "differing": differing}]


def run_peer(world: World) -> Run:
    """The peer for one edition and for all."""
    return _peer("benchmarks.peer", world)


def run_peer_release(world: World) -> Run:
    """The peer with the rest of the work."""
    return _peer("benchmarks.peer_release", world)


def _peer(module: str, world: World) -> Run:
    return [
        found
        for wanted in ((NEWEST,), ALL)
        for found in _child(module, world.raw, world.min_points, *wanted)
    ]


PARTS: dict[str, Callable[[World], Run]] = {
    "one": run_one,
    "eight": run_eight,
    "seven": run_seven,
    "annual": run_annual,
    "again": run_again,
    "threshold": run_threshold,
    "file": run_file,
    "bytes": run_bytes,
    "peer": run_peer,
    "peer_release": run_peer_release,
}
DEFAULT_PARTS = "one,seven,annual,again,threshold,peer"


def yardstick() -> float:
    """CPU seconds of a fixed piece of work, which tell how quick the machine is just now.

    A virtual machine's neighbours take their share of caches and memory: the same code takes half as long
    again from one hour to the next. Figures of one reading of the yardstick can be held against each other.
    """
    numbers = np.random.default_rng(2020).integers(1 << 62, size=1 << 24)
    started = time.process_time()
    order = np.argsort(numbers)
    hashlib.sha256(numbers[order].tobytes()).digest()
    return time.process_time() - started


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": f"{platform.uname().system} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "load": os.getloadavg()[0],
    }


def by_step(run: Run) -> Run:
    """One row per step of a run, partitions together."""
    rows: dict[str, dict[str, Any]] = defaultdict(
        lambda: {
            "times": 0,
            "seconds": 0.0,
            "rows": 0,
            "peak_gb": 0.0,
            "bytes": 0,
        }
    )
    for step in run:
        if "step" in step:
            row = rows[step["step"]]
            row["times"] += 1
            row["peak_gb"] = max(row["peak_gb"], step["peak_gb"])
            for name in ("seconds", "rows", "bytes"):
                row[name] += step[name]
    return [{"step": name, **row} for name, row in rows.items()]


def table(run: Run) -> str:
    """A run as Markdown: by step, longest first, and the whole."""
    lines = [
        "| step | times | seconds | rows | rows/s | peak GB | MB |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in sorted(by_step(run), key=lambda row: -row["seconds"]):
        rate = row["rows"] / row["seconds"] if row["seconds"] else 0
        lines.append(
            f"| {row['step']} | {row['times']} | {row['seconds']:.1f} | "
            f"{row['rows']:,} | {rate:,.0f} | {row['peak_gb']:.2f} | {row['bytes'] / 1e6:,.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run the parts, print, append."""
    parser = argparse.ArgumentParser(description="Benchmark of the chain")
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--folder", type=Path, default=PROJECT / "build" / "bench")
    parser.add_argument("--parts", default=DEFAULT_PARTS)
    parser.add_argument(
        "--memory-limit", default="3GB", help="DuckDB's; Python's frames come on top"
    )
    arguments = parser.parse_args()
    folder = (arguments.folder / f"{arguments.scale:g}").resolve()
    world = World(folder, arguments.scale, arguments.memory_limit)
    make_world(world)
    after = yardstick()
    for part in arguments.parts.split(","):
        about = {"scale": arguments.scale, "part": part, "memory_limit": world.memory_limit}
        taken = datetime.now(UTC).isoformat(timespec="seconds")
        run = PARTS[part](world)
        before, after = after, yardstick()
        yardsticks = [round(before, 2), round(after, 2)]
        whole = [row for row in run if "step" not in row]
        print(f"\n## {part}, scale {arguments.scale:g}\n")
        if len(whole) < len(run):
            print(table(run) + "\n")
        for row in whole:
            print(", ".join(f"{name} {value}" for name, value in row.items()), flush=True)
        print("yardstick before and after, CPU seconds:", *yardsticks)
        about |= {"taken": taken, **machine(), "yardstick_cpu_seconds": yardsticks}
        result = {**about, "whole": whole, "steps": by_step(run)}
        with RESULTS.open("a", encoding="utf-8") as results:
            results.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
