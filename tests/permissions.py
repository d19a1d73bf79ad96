"""Folders that may not be written to, or not be read, for tests that run as root too."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VERSION = 0x20080522
_DAC = 1 << 1 | 1 << 2
"""The capabilities by which root reads and writes everywhere: DAC_OVERRIDE, DAC_READ_SEARCH."""


@contextmanager
def read_only(*folders: Path) -> Iterator[None]:
    """Take the right to write in the folders from everybody, this process included."""
    with _without(os.W_OK, 0o555, folders):
        yield


@contextmanager
def closed(*folders: Path) -> Iterator[None]:
    """Take every right to the folders from everybody, this process included."""
    with _without(os.R_OK, 0o000, folders):
        yield


@contextmanager
def unlisted(*folders: Path) -> Iterator[None]:
    """Take the right to list the folders, and to write in them, from everybody; files in them open."""
    with _without(os.R_OK, 0o111, folders):
        yield


@contextmanager
def _without(right: int, mode: int, folders: tuple[Path, ...]) -> Iterator[None]:
    for folder in folders:
        folder.chmod(mode)
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(_VERSION, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    effective = sets[0]
    sets[0] &= ~_DAC
    assert libc.capset(header, sets) == 0
    try:
        assert not any(os.access(folder, right, effective_ids=True) for folder in folders)
        yield
    finally:
        sets[0] = effective
        assert libc.capset(header, sets) == 0
        for folder in folders:
            folder.chmod(0o755)
