"""Python's garbage collector out of the way of work that makes very many small objects and no garbage.

Here: when it runs. Not here: anything that is collected.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_COLLECTED_AFTER = (50_000, 20, 50)
"""Python's own thresholds are 700, 10, 10: it would go through what the imports leave, half a million
objects, nine times in a single edition, and through the beginnings of it during the imports."""


def collect_seldom() -> None:
    """For a process of ours: no library should change this for those who import it."""
    gc.set_threshold(*_COLLECTED_AFTER)


@contextmanager
def collector_paused(*, stays: bool = False) -> Iterator[None]:
    """No garbage collection: nothing here makes cycles, and walking the gazetteer takes half the time.

    Args:
        stays: what is made here lives as long as the process: it is not walked later, either.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if stays:
            gc.freeze()
        if was_enabled:
            gc.enable()
