import bz2
import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.errors import UserError
from pipelines.readers import opening
from pipelines.readers.opening import beginning, for_duckdb, members, packing, require_text, verify
from tests.readers.helpers import read, source_of, write

TEXT = b"document_id,year,city\nP1,2018,Lyon\nP2,2019,Bonn\n"


def zipped(name: str = "a.csv", data: bytes = TEXT) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("folder")
        archive.writestr(name, data)
        archive.writestr("__MACOSX/._a.csv", b"junk")
    return buffer.getvalue()


def tarred(mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        info = tarfile.TarInfo("folder/a.csv")
        info.size = len(TEXT)
        archive.addfile(info, io.BytesIO(TEXT))
        link = tarfile.TarInfo("link.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return buffer.getvalue()


PACKED = {
    "plain": TEXT,
    "gzip": gzip.compress(TEXT),
    "several gzip members": gzip.compress(TEXT[:30]) + gzip.compress(TEXT[30:]),
    "bzip2": bz2.compress(TEXT),
    "zstd": pa.compress(TEXT, codec="zstd", asbytes=True),
    "zip": zipped(),
    "tar": tarred("w"),
    "tar.gz": tarred("w:gz"),
}


@pytest.mark.parametrize("form", PACKED)
def test_every_packing_is_told_by_its_bytes_and_reads_alike(tmp_path: Path, form: str) -> None:
    path = write(tmp_path / "no_ending", PACKED[form])
    assert [member.stream.read() for member in members(path)] == [TEXT]
    found = read("tabular", source_of(tmp_path, {"addresses": path}))
    assert found.places("city") == [("Lyon",), ("Bonn",)]
    verify(path)


@pytest.mark.parametrize("form", ["gzip", "bzip2", "zstd", "zip", "tar.gz"])
def test_a_file_cut_short_is_an_error(tmp_path: Path, form: str) -> None:
    path = write(tmp_path / "cut", PACKED[form][:-9])
    with pytest.raises(UserError, match="cut"):
        [member.stream.read() for member in members(path)]
    with pytest.raises(UserError, match="cut"):
        verify(path)
    with pytest.raises(UserError, match="cut"):
        read("tabular", source_of(tmp_path, {"addresses": path}))


@pytest.mark.parametrize("form", ["gzip", "bzip2", "zip"])
def test_a_flipped_byte_is_found(tmp_path: Path, form: str) -> None:
    data = bytearray(PACKED[form])
    at = data.index(b"a.csv") + 12 if form == "zip" else len(data) - 12
    data[at] ^= 0x55
    with pytest.raises(UserError):
        verify(write(tmp_path / "flipped", bytes(data)))


@pytest.mark.parametrize("form", ["gzip", "zip"])
def test_a_bomb_is_stopped_before_it_is_unpacked(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BOMB_FREE_BYTES", 1 << 20)
    zeros = b"\x00" * (1 << 24)
    data = gzip.compress(zeros) if form == "gzip" else zipped(data=zeros)
    path = write(tmp_path / "bomb", data)
    with pytest.raises(UserError, match="250 times its size"):
        verify(path)


def test_members_cannot_be_written_outside(tmp_path: Path) -> None:
    path = write(tmp_path / "in" / "evil.zip", zipped("../../evil.csv"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with for_duckdb(path, "evil.zip", scratch) as (plain,):
        assert plain.path.is_relative_to(scratch)
        assert plain.label == "evil.zip!../../evil.csv"
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["evil.zip", "in", "scratch"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"7z\xbc\xaf\x27\x1c" + b"x" * 99, "a 7z archive. Unpack it"),
        (b"%PDF-1.7", "a pdf file"),
        (b"\xd0\xcf\x11\xe0", "Excel"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        packing(write(tmp_path / "x", data))


def test_a_missing_file_and_a_folder_are_errors(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(UserError, match="cannot be opened"):
            packing(path)


def test_an_archive_without_files_is_an_error(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    with pytest.raises(UserError, match="without files"):
        beginning(write(tmp_path / "x.zip", buffer.getvalue()))


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        ("id,year".encode("utf-16"), "UTF-16"),
        ("id,year\n1,2".encode("utf-16-le"), "UTF-16"),
        (bytes(range(256)) * 4, "binary"),
        ("東京都港区".encode("shift-jis") * 20, "another encoding"),
    ],
)
def test_what_is_no_text(start: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        require_text(start, "x")


@pytest.mark.parametrize(
    "start", [b"id,year\n", "\ufeffid".encode(), "東京".encode(), b"a\x00b" * 1 + b"c" * 99]
)
def test_what_is_text(start: bytes) -> None:
    require_text(start, "x")
