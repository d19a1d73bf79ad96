"""How fast the readers are, beside DuckDB's or lxml's bare read of the same files in the same run.

    python -m benchmarks.readers [--megabytes 200] [--formats openalex,regpat,...] [--folder DIR]

Makes files per format of at least so many megabytes in all (kept in the folder for the next run), then
reads them three times by turns in processes of their own: bare, by the library alone with all columns
as text or, for JSON, with the same columns; and by our reader with all records consumed. Prints a
Markdown table with medians of wall clock and of processor time, rows per second and peak memory.
Here: the two reads and their table. Not here: the made files (`raw_files`); nothing is asserted.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from tempfile import gettempdir

import pandas as pd  # noqa: F401 - PyArrow imports it with its first array, in both ways of reading

from benchmarks.raw_files import CASES, make
from pipelines.readers import FORMATS
from pipelines.readers.source import SourceFiles

REPEATS = 3


def read(name: str, files: Mapping[str, Path]) -> int:
    """Read all records of a case's files with our reader; how many raw records there were."""
    case = CASES[name]
    reader = FORMATS[case.format]
    base = next(iter(files.values())).parent
    source = SourceFiles("benchmark", case.kind, base, {r: (path,) for r, path in files.items()})
    return sum(
        sum(row["records"] for row in batch.data.to_pylist() if row["outcome"] == "read")
        for unit in reader.units(source)
        for batch in reader.read(unit)
        if batch.table == "accounts"
    )


def _measured(name: str, way: str, arguments: argparse.Namespace) -> dict[str, float]:
    """Rows, seconds and peak megabytes of one read in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.readers", "--one", name, way]
    command += ["--megabytes", str(arguments.megabytes), "--folder", str(arguments.folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _one(name: str, way: str, files: Mapping[str, Path]) -> None:
    if way == "make":
        print("{}")
        return
    begin, processor = time.perf_counter(), time.process_time()
    rows = sum(map(CASES[name].bare, files.values())) if way == "bare" else read(name, files)
    result = {
        "rows": rows,
        "seconds": time.perf_counter() - begin,
        "processor_seconds": time.process_time() - processor,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(result))


def _line(name: str, arguments: argparse.Namespace) -> str:
    """A case's line of the table: both ways by turns, medians of each."""
    # in a process of its own, as the ones that follow inherit this one's peak of memory
    _measured(name, "make", arguments)
    files = make(name, arguments.folder, arguments.megabytes)
    ways = ("bare", "ours")
    runs = [{way: _measured(name, way, arguments) for way in ways} for _ in range(REPEATS)]
    bare, ours = (
        {what: median(run[way][what] for run in runs) for what in runs[0][way]} for way in ways
    )
    megabytes = sum(path.stat().st_size for path in files.values()) / 1e6
    return (
        f"| {name} | {megabytes:.0f} | {ours['rows']:,.0f} | {ours['rows'] / ours['seconds']:,.0f}"
        f" | {ours['peak_mb']:.0f} | {bare['seconds']:.2f} | {ours['seconds']:.2f}"
        f" | {bare['seconds'] / ours['seconds']:.2f}"
        f" | {bare['processor_seconds'] / ours['processor_seconds']:.2f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--formats", default=",".join(CASES))
    parser.add_argument("--folder", type=Path, default=Path(gettempdir()) / "benchmark_readers")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        name, way = arguments.one
        _one(name, way, make(name, arguments.folder, arguments.megabytes))
        return
    print(
        "| format | MB | rows | rows/s | peak MB | bare read, s | reader, s | ratio"
        " | ratio of processor time |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name in arguments.formats.split(","):
        print(_line(name, arguments), flush=True)


if __name__ == "__main__":
    main()
