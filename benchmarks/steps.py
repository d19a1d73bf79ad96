"""One run of the chain in a process of its own, step by step: seconds, rows, peak memory, bytes.

    python -m benchmarks.steps CONFIGURATION EDITION...

Prints one JSON object per step and one for the whole run, with its CPU seconds. Peaks are this process's
own, DuckDB's threads and frames included, taken anew at the end of each step where the system can (Linux).
Two steps are done side by side: their seconds overlap, and a peak is of whatever ran then.
Not here: which runs there are and the table (`chain.py`).
"""

import argparse
import json
import logging
import os
import resource
import time
import warnings
from pathlib import Path

_STARTED = time.perf_counter()
_PEAK_IS_PER_STEP = Path("/proc/self/clear_refs").exists()


def _take_peak() -> float:
    """Peak memory in GB since the last call; since the start of the process where not Linux."""
    if not _PEAK_IS_PER_STEP:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    lines = Path("/proc/self/status").read_text().splitlines()
    [peak] = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    Path("/proc/self/clear_refs").write_text("5")
    return int(peak) / 1e6


def run(configuration: Path, editions: list[int]) -> None:
    """Recompute editions and print what each step took."""
    from pipelines.collector import collect_seldom  # noqa: PLC0415 - imports are part of what is measured

    collect_seldom()  # as the command does
    import dagster as dg  # noqa: PLC0415

    from pipelines import chain  # noqa: PLC0415
    from pipelines.cli.run import open_pipeline  # noqa: PLC0415
    from pipelines.contracts import TABLES  # noqa: PLC0415
    from pipelines.definitions import build_definitions  # noqa: PLC0415
    from pipelines.pipeline import Done  # noqa: PLC0415

    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="dagster")
    pipeline = open_pipeline(configuration, accept_changed_sources=True)
    highest, done = 0.0, 0

    def report(step: Done) -> None:
        nonlocal highest, done
        peak = _take_peak()
        table = TABLES.get(step.name)
        record = table and pipeline.workspace.record(table, step.partition)
        print(
            json.dumps(
                {
                    "step": step.name,
                    "stage": table.stage if table else "releases",
                    "partition": step.partition,
                    "rows": step.rows,
                    "seconds": step.seconds,
                    "peak_gb": peak,
                    "bytes": record.bytes if record else 0,
                }
            ),
            flush=True,
        )
        highest, done = max(highest, peak), done + 1

    pipeline.report = report
    ready = time.perf_counter() - _STARTED
    with pipeline.workspace.exclusively(), dg.DagsterInstance.get() as instance:
        for _ in chain.recompute(build_definitions(pipeline), instance, pipeline, editions):
            pass
    print(
        json.dumps(
            {
                "whole": editions,
                "steps": done,
                "start_seconds": ready,
                "seconds": time.perf_counter() - _STARTED,
                "cpu_seconds": time.process_time(),
                "peak_gb": max(highest, _take_peak()),
            }
        ),
        flush=True,
    )


def main() -> None:
    """Run, and end at once: DuckDB's threads need not be waited for."""
    parser = argparse.ArgumentParser(description="One measured run of the chain")
    parser.add_argument("configuration", type=Path)
    parser.add_argument("editions", type=int, nargs="+")
    arguments = parser.parse_args()
    run(arguments.configuration, arguments.editions)
    os._exit(0)


if __name__ == "__main__":
    main()
