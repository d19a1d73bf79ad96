"""Folders that may not be written to, for tests that run as root too."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VERSION, _DAC_OVERRIDE = 0x20080522, 1 << 1


@contextmanager
def read_only(*folders: Path) -> Iterator[None]:
    """Take the right to write in the folders from everybody, this process included."""
    for folder in folders:
        folder.chmod(0o555)
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(_VERSION, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    effective = sets[0]
    sets[0] &= ~_DAC_OVERRIDE  # the capability by which root writes everywhere
    assert libc.capset(header, sets) == 0
    try:
        assert not any(os.access(folder, os.W_OK, effective_ids=True) for folder in folders)
        yield
    finally:
        sets[0] = effective
        assert libc.capset(header, sets) == 0
        for folder in folders:
            folder.chmod(0o755)
