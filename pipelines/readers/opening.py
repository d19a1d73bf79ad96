"""Open raw files whatever they are packed in, and refuse what is damaged or not text.

Here: gzip, bzip2, zstd, zip and tar told by their first bytes, never by their name; streams for
parsers written in Python and plain files for DuckDB; a bound on how much an archive may unpack to;
one clear error for each whole-file fault. Members of archives are only ever read as streams or
written under names of our own, so an archive cannot write outside its folder.
Not here: what the bytes mean (each format's module), telling formats apart (`detect`).
"""

import bz2
import gzip
import io
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Protocol, cast

import pyarrow as pa

from pipelines.encoding import conversion
from pipelines.errors import UserError
from pipelines.readers.source import Head

MAGIC = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"PAR1": "parquet",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
    b"\xfd7zXZ": "xz",
    b"%PDF": "pdf",
    b"\xd0\xcf\x11\xe0": "old Excel or Word",
    b"SQLite format 3": "SQLite",
}
UNPACK_FIRST = {"7z", "rar", "xz"}
NOT_DATA = {"pdf", "old Excel or Word", "SQLite"}

HEAD_BYTES = 1 << 16
BOMB_RATIO = 250
"""Text packs to a tenth, rarely to a fiftieth; deflate's limit, which bombs reach, is 1,032."""
BOMB_FREE_BYTES = 1 << 28
"""Up to this size a file may unpack whatever its ratio: such a file harms nobody."""
DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, tarfile.TarError)

UTF16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
UTF8_MARK = b"\xef\xbb\xbf"
MARKS = (*UTF16_MARKS, UTF8_MARK)


def packing(path: Path) -> str:
    """How a file is packed, by its first bytes; 'plain' where they say nothing.

    Raises:
        UserError: the file is missing, a folder, not readable, or a kind that cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        raise UserError(f"{path}: cannot be opened ({error.strerror}).") from error
    kind = next((kind for magic, kind in MAGIC.items() if start.startswith(magic)), "plain")
    if kind in UNPACK_FIRST:
        raise UserError(f"{path}: a {kind} archive. Unpack it and name the files inside.")
    if kind in NOT_DATA:
        raise UserError(f"{path}: a {kind} file, not raw data. Export it as text first.")
    return "tar" if start[257:262] == b"ustar" else kind


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class _Guarded(io.RawIOBase):
    """An unpacked stream that stops bombs and says what is wrong with damaged files."""

    def __init__(self, stream: _Stream, path: Path, packed_bytes: int) -> None:
        self._stream, self._path = stream, path
        self._limit = max(BOMB_FREE_BYTES, BOMB_RATIO * packed_bytes)
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except (*DAMAGE, OSError) as error:
            raise UserError(
                f"{self._path}: damaged or cut short after {self._seen:,} unpacked bytes"
                f" ({error}). Fetch the file again."
            ) from error
        self._seen += len(data)
        if self._seen > self._limit:
            raise UserError(
                f"{self._path}: unpacks to more than {BOMB_RATIO} times its size "
                f"(over {self._limit:,} bytes), which no raw data does. Check where it came from."
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


@dataclass(frozen=True)
class Member:
    """A plain stream of bytes: a file, unpacked, or one member of an archive.

    Attributes:
        name: name inside the archive; empty where the file is not an archive.
        stream: its bytes.
    """

    name: str
    stream: BinaryIO

    def label(self, file_label: str) -> str:
        """How records name it: the file, and behind '!' the member of the archive."""
        return f"{file_label}!{self.name}" if self.name else file_label


def members(path: Path) -> Generator[Member, None, None]:
    """Each file inside an archive as a stream, in its order; of other files the file itself.

    Args:
        path: the raw file. A tar may itself be packed.

    Raises:
        UserError: damaged, cut short, encrypted, a bomb, or of a kind that cannot be read.
    """
    kind, size = packing(path), path.stat().st_size
    if kind == "zip":
        yield from _zip_members(path)
        return
    with _unpacked_stream(path, kind, size) as stream:
        if kind != "tar" and stream.peek(512)[257:262] != b"ustar":
            yield Member("", cast(BinaryIO, stream))
            return
        try:
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                for entry in archive:
                    content = archive.extractfile(entry) if entry.isfile() else None
                    if content is not None:
                        yield Member(entry.name, _guard(content, path, size))
        except DAMAGE as error:
            raise UserError(f"{path}: damaged tar archive ({error}). Fetch it again.") from error


def _zip_members(path: Path) -> Iterator[Member]:
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if info.is_dir() or info.filename.startswith("__MACOSX/"):
                    continue
                if info.flag_bits & 1:
                    raise UserError(f"{path}: {info.filename} is encrypted. Unpack it yourself.")
                with archive.open(info) as content:
                    packed = info.compress_size
                    yield Member(info.filename, _guard(cast(_Stream, content), path, packed))
    except (*DAMAGE, NotImplementedError) as error:
        raise UserError(f"{path}: damaged zip archive ({error}). Fetch it again.") from error


def _guard(stream: _Stream, path: Path, packed_bytes: int) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Guarded(stream, path, packed_bytes), 1 << 20))


@contextmanager
def _unpacked_stream(path: Path, kind: str, size: int) -> "Iterator[io.BufferedReader[_Guarded]]":
    packed = {
        "gzip": lambda: gzip.GzipFile(path),
        "bzip2": lambda: bz2.BZ2File(path),
        "zstd": lambda: pa.CompressedInputStream(pa.OSFile(str(path)), "zstd"),
    }
    raw = packed.get(kind, lambda: path.open("rb"))()
    with io.BufferedReader(_Guarded(cast(_Stream, raw), path, size), 1 << 20) as stream:
        yield stream


def verify(path: Path) -> None:
    """Unpack a whole packed file, keeping nothing, to see that its checksums hold.

    DuckDB reads gzip without looking at the checksum; call this once when a file arrives.

    Raises:
        UserError: as `members`.
    """
    if packing(path) in ("plain", "parquet"):
        return
    for member in members(path):
        while member.stream.read(1 << 20):
            pass


@dataclass(frozen=True)
class PlainFile:
    """A file that DuckDB can read by itself.

    Attributes:
        path: where it lies.
        label: how records name it.
        compression: DuckDB's `compression` setting.
        is_parquet: the file is Parquet.
    """

    path: Path
    label: str
    compression: str = "none"
    is_parquet: bool = False


@contextmanager
def for_duckdb(path: Path, label: str, scratch: Path | None) -> Iterator[list[PlainFile]]:
    """The file, or the members of the archive, in a form that DuckDB reads.

    gzip, zstd, Parquet and plain files are left where they are; zip, tar, bzip2 and text with a
    byte-order mark are written to `scratch` for as long as the context lasts, as UTF-8 without one.
    """
    kind = packing(path)
    if kind == "gzip" and _is_tar_inside(path):
        kind = "tar"
    is_direct = kind in ("plain", "gzip", "zstd") and not beginning(path).startswith(MARKS)
    if is_direct or kind == "parquet":
        compression = kind if kind in ("gzip", "zstd") else "none"
        yield [PlainFile(path, label, compression, kind == "parquet")]
        return
    with TemporaryDirectory(prefix="unpacked-", dir=scratch) as folder:
        found = []
        for number, member in enumerate(members(path)):
            target = Path(folder) / f"{number:05d}"
            with target.open("wb") as out:
                _copy_as_utf8(member.stream, out)
            is_parquet = packing(target) == "parquet"
            found.append(PlainFile(target, member.label(label), "none", is_parquet))
        yield found


def _copy_as_utf8(stream: BinaryIO, out: BinaryIO) -> None:
    start = cast(io.BufferedReader, stream).peek(len(UTF8_MARK))
    if start[:2] not in UTF16_MARKS:
        if start.startswith(UTF8_MARK):
            stream.read(len(UTF8_MARK))
        shutil.copyfileobj(stream, out, 1 << 20)
        return
    text = io.TextIOWrapper(stream, "utf-16", errors="replace", newline="")
    while part := text.read(1 << 20):
        out.write(part.encode("utf-8", "replace"))


def _is_tar_inside(path: Path) -> bool:
    with _unpacked_stream(path, "gzip", path.stat().st_size) as stream:
        return stream.peek(512)[257:262] == b"ustar"


def decode(start: bytes) -> str:
    """The beginning of a text file as text: by its byte-order mark, else as UTF-8."""
    for mark, encoding in UTF16_MARKS.items():
        if start.startswith(mark):
            return start[2:].decode(encoding, "replace")
    return start.removeprefix(UTF8_MARK).decode("utf-8", "replace")


def head(path: Path) -> Head:
    """The beginning of a file (of the first member of an archive), for telling formats apart."""
    if packing(path) == "parquet":
        return Head("", is_parquet=True)
    return Head(decode(beginning(path)))


def beginning(path: Path) -> bytes:
    """The first unpacked bytes of a file, or of the first member of an archive.

    Raises:
        UserError: as `members`; an archive without files.
    """
    with closing(members(path)) as found:
        for member in found:
            return member.stream.read(HEAD_BYTES)
    raise UserError(f"{path}: an archive without files. Fetch it again.")


def require_text(start: bytes, path: Path | str) -> None:
    """Refuse a file whose beginning shows that it is empty or not UTF-8 text.

    Raises:
        UserError: empty, UTF-16 or UTF-32, or binary (a NUL byte, or mostly undecodable).
    """
    if not start.strip(b"\x00 \r\n\t" + UTF8_MARK):
        raise UserError(f"{path}: empty. Fetch the file again or take it out of the configuration.")
    nuls = start.count(0)
    if start[:2] in UTF16_MARKS or nuls * 50 > len(start):
        utf16 = start[:2] in UTF16_MARKS or 0.3 < nuls / len(start) < 0.6
        what = f"UTF-16. {conversion('UTF-16')}" if utf16 else "binary data"
        raise UserError(f"{path}: expected UTF-8 text, found {what}.")
    undecodable = start.decode("utf-8", "replace").count("�")
    if undecodable * 4 > len(start):
        raise UserError(
            f"{path}: expected UTF-8 text, found binary data or another encoding. {conversion()}."
        )
