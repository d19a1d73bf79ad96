"""What a reader is and what it is given.

Here: `SourceFiles` (one source of the configuration with its globs resolved), `Limits` (memory and
scratch space) and `Reader` (the entry of a raw format in `readers.FORMATS`). Not here: any format.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.readers.records import Batch

SINGLE = "files"
"""The role under which formats of a single kind of file have their files."""


@dataclass(frozen=True)
class Limits:
    """What reading may use of the machine.

    Attributes:
        memory: DuckDB's `memory_limit`, such as '2GB'; beyond it DuckDB spills to `scratch`.
        threads: DuckDB's threads; all cores where None. The result does not depend on it.
        scratch: folder for spilling and for unpacked archives; the system's own where None.
    """

    memory: str | None = None
    threads: int | None = None
    scratch: Path | None = None


@dataclass(frozen=True)
class SourceFiles:
    """One source of raw files, ready to be read.

    Attributes:
        name: name of the source in the configuration; errors begin with it.
        kind: 'patent' or 'publication'.
        base: folder of the configuration file; file names in records are relative to it.
        files: files by role, in the order in which they are read; formats without roles have
            theirs under `SINGLE`.
        columns: for the tabular format, by role: our column to the file's column.
        limits: what reading may use of the machine.
    """

    name: str
    kind: str
    base: Path
    files: Mapping[str, tuple[Path, ...]]
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def label(self, path: Path) -> str:
        """The file's name as records and messages give it: relative to the configuration."""
        return Path(os.path.relpath(path, self.base)).as_posix()

    def all_files(self) -> Iterator[tuple[str, Path]]:
        """Each (role, file)."""
        return ((role, path) for role, paths in self.files.items() for path in paths)

    def split(self) -> Iterator["SourceFiles"]:
        """The same source once per file; the other roles stay, without files."""
        nothing: dict[str, tuple[Path, ...]] = dict.fromkeys(self.files, ())
        return (replace(self, files=nothing | {role: (path,)}) for role, path in self.all_files())


@dataclass(frozen=True)
class Head:
    """The first bytes of a file, for telling formats apart.

    Attributes:
        text: beginning of the unpacked file as text, without byte-order mark, undecodable bytes
            replaced.
        is_parquet: the file is Parquet.
    """

    text: str
    is_parquet: bool = False


def group_as_one(source: SourceFiles) -> Iterator[SourceFiles]:
    """Units of formats whose files must be joined: all files together."""
    yield source


def each_file(source: SourceFiles) -> Iterator[SourceFiles]:
    """Units of formats whose files stand alone: one file each."""
    return source.split()


@dataclass(frozen=True)
class Reader:
    """A raw format.

    Attributes:
        name: the format's name in a configuration.
        kinds: the kinds of documents that it can hold: 'patent', 'publication'.
        read: all records of a unit, in the file's order; raises UserError on whole-file faults.
        recognises: whether the beginning of a file looks like this format.
        roles: for formats of several kinds of file, each role and whether it is required;
            None where every file is alike.
        units: the parts of a source that can be read without each other.
    """

    name: str
    kinds: frozenset[str]
    read: Callable[[SourceFiles], Iterator[Batch]]
    recognises: Callable[[Head], bool]
    roles: Mapping[str, bool] | None = None
    units: Callable[[SourceFiles], Iterator[SourceFiles]] = each_file
