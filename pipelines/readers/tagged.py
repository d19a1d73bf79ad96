"""Field-tagged text: a short tag, a value, continuation lines; records one after another.

Here: the splitters of Web of Science (`PT` ... `ER`) and MEDLINE (`PMID- ` ... blank line), which
no library reads. A record is a list of (tag, value) in the file's order, each continuation line of
Web of Science a value of its own, those of MEDLINE joined. Not here: what the tags mean.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from pipelines.errors import UserError
from pipelines.readers.collect import RawRecord, lines
from pipelines.readers.opening import require_text

LONGEST_RECORD_LINES = 200_000
WOS_TAG = re.compile(rb"([A-Z][A-Z0-9])(?: (.*))?$")
MEDLINE_TAG = re.compile(rb"([A-Z]{2,4}) {0,2}- (.*)$")
WOS_FRAME = (b"FN", b"VR", b"EF")

Tagged = list[tuple[str, bytes]]


def split_wos(stream: BinaryIO, label: str) -> Iterator[RawRecord]:
    """Records from `PT` to `ER`; what stands outside of them and is no frame is a reject."""
    record: list[bytes] = []
    begun = 0
    for number, line in enumerate(_checked(stream, label), start=1):
        tag = line[:2]
        if not record:
            if not line.strip() or tag in WOS_FRAME:
                continue
            begun = number
        elif tag == b"PT" and line[2:3] == b" ":
            yield _wos_record(begun, record, "no ER before the next record begins")
            record, begun = [], number
        elif tag == b"ER" and not line[2:].strip():
            yield _wos_record(begun, record, None)
            record = []
            continue
        elif len(record) > LONGEST_RECORD_LINES:
            raise UserError(
                f"{label}: line {begun}: a record of over {LONGEST_RECORD_LINES} lines."
            )
        record.append(line)
    if record:
        yield _wos_record(begun, record, "cut off: no ER before the file ends")


def _checked(stream: BinaryIO, label: str) -> Iterator[bytes]:
    for number, line in enumerate(lines(stream, label)):
        if number == 0:
            require_text(line + b"\n.", label)
        yield line


def _wos_record(begun: int, record: list[bytes], fault: str | None) -> RawRecord:
    values: Tagged = []
    for line in record:
        found = WOS_TAG.match(line)
        if found:
            values.append((found[1].decode(), (found[2] or b"").strip()))
        elif line.startswith(b"   ") and values:
            values.append((values[-1][0], line.strip()))
        elif line.strip():
            fault = fault or "a line that is neither a field nor its continuation"
    if fault is None and record and not record[0].startswith(b"PT"):
        fault = "no PT at its beginning"
    return RawRecord(begun, values, _text(record), fault)


def split_medline(stream: BinaryIO, label: str) -> Iterator[RawRecord]:
    """Records divided by blank lines."""
    record: list[bytes] = []
    begun = 0
    for number, line in enumerate(_checked(stream, label), start=1):
        if line.strip():
            begun = begun if record else number
            record.append(line)
            if len(record) > LONGEST_RECORD_LINES:
                raise UserError(
                    f"{label}: line {begun}: a record of over {LONGEST_RECORD_LINES} lines."
                )
        elif record:
            yield _medline_record(begun, record)
            record = []
    if record:
        yield _medline_record(begun, record)


def _medline_record(begun: int, record: list[bytes]) -> RawRecord:
    values: list[tuple[str, list[bytes]]] = []
    fault = None
    for line in record:
        found = MEDLINE_TAG.match(line)
        if found:
            values.append((found[1].decode(), [found[2].strip()]))
        elif line.startswith(b"      ") and values:
            values[-1][1].append(line.strip())
        else:
            fault = "a line that is neither a field nor its continuation"
    joined: Tagged = [(tag, b" ".join(parts)) for tag, parts in values]
    return RawRecord(begun, joined, _text(record), fault)


def _text(record: list[bytes]) -> str:
    return b"\n".join(record[:200]).decode("utf-8", "replace")
