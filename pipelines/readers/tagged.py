"""Field-tagged text: a short tag, a value, continuation lines; records one after another.

Here: the splitters of Web of Science (`PT` ... `ER`) and MEDLINE (`PMID- ` ... blank line), which
no library reads, and their fields. Records are found in blocks of lines by regular expressions, not
line by line. Not here: what the tags mean.
"""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from pipelines.errors import UserError
from pipelines.readers.collect import RawRecord, blocks
from pipelines.readers.opening import require_text

LONGEST_RECORD_LINES = 200_000
NEITHER = "a line that is neither a field nor its continuation"

# Each pattern begins with the end of the line before, which is found fast.
WOS_BEGIN = re.compile(rb"\n(?!(?:\xef\xbb\xbf)?FN|VR|EF)(?=.*\S)")
WOS_END = re.compile(rb"\n(?:ER[ \t\r\f\v]*(?=\n)|PT( ))")
WOS_NEITHER = re.compile(rb"\n(?!   |[A-Z][A-Z0-9](?: |\n|\Z))(?=.*\S)")
MEDLINE_BEGIN = re.compile(rb"\n(?=.*\S)")
MEDLINE_END = re.compile(rb"\n[ \t\r\f\v]*(?=\n)")
MEDLINE_NEITHER = re.compile(rb"\n(?!      |[A-Z]{2,4} {0,2}- )")
MEDLINE_FIELD = re.compile(rb"\n([A-Z]{2,4}) {0,2}- (.*(?:\n      .*)*)")


def split_wos(stream: BinaryIO, label: str) -> Iterator[RawRecord]:
    """Records from `PT` to `ER`; what stands outside of them and is no frame is a reject.

    The data are the lines, each behind a line feed.
    """
    for line, data, end in _records(stream, label, WOS_BEGIN, WOS_END):
        fault = None
        if end is None:
            fault = "cut off: no ER before the file ends"
        elif end[1]:
            fault = "no ER before the next record begins"
        elif data.startswith(b"\n   ") or WOS_NEITHER.search(data):
            fault = NEITHER
        elif not data.startswith(b"\nPT"):
            fault = "no PT at its beginning"
        yield RawRecord(line, data, data[1:], fault)


def wos_fields(tags: Iterable[str]) -> re.Pattern[bytes]:
    """Finds the fields of some tags in a sound record: tag, and all of their lines' text behind it."""
    names = "|".join(tags).encode()
    return re.compile(rb"\n(" + names + rb")(.*(?:\n(?![A-Z]).*)*)")


def split_medline(stream: BinaryIO, label: str) -> Iterator[RawRecord]:
    """Records divided by blank lines; the data are the lines, each behind a line feed."""
    for line, data, _ in _records(stream, label, MEDLINE_BEGIN, MEDLINE_END):
        is_neither = data.startswith(b"\n      ") or MEDLINE_NEITHER.search(data)
        yield RawRecord(line, data, data[1:], NEITHER if is_neither else None)


def medline_fields(record: bytes) -> Iterator[tuple[str, bytes]]:
    """Tags and values of a record in its order, continuation lines joined with blanks."""
    for tag, value in MEDLINE_FIELD.findall(record):
        yield tag.decode(), b" ".join(line.strip() for line in value.split(b"\n"))


def _records(
    stream: BinaryIO, label: str, begin: re.Pattern[bytes], end: re.Pattern[bytes]
) -> Iterator[tuple[int, bytes, re.Match[bytes] | None]]:
    """Of each record the number of its first line, its lines, and what ended it; None: the file.

    Args:
        stream: the text.
        label: how errors name it.
        begin: finds the first line of a record, which the line before it does not tell.
        end: finds the line behind a record, and a group in it where that begins the next record.
    """
    # Each line in `text` stands behind a line feed; `line` is the number of the first.
    text, line, searched = b"\n", 1, 0
    for number, block in enumerate(blocks(stream, label)):
        if number == 0:
            require_text(block.partition(b"\n")[0] + b"\n.", label)
        text += block
        position = 0
        while found := begin.search(text, position):
            start = found.start()
            line += text.count(b"\n", position, start)
            position = start
            ended = end.search(text, max(start + 1, searched))
            lines = text.count(b"\n", start, ended.start() if ended else len(text))
            if lines > LONGEST_RECORD_LINES:
                raise UserError(
                    f"{label}: line {line}: a record of over {LONGEST_RECORD_LINES} lines."
                )
            if ended is None:
                searched = len(text) - 1 - start
                break
            searched = 0
            yield line, text[start : ended.start()], ended
            is_of_next = ended.lastindex is not None
            position = ended.start() if is_of_next else ended.end()
            line += lines if is_of_next else lines + 1
        else:
            line += text.count(b"\n", position, len(text) - 1)
            position = len(text) - 1
        text = text[position:]
    if begin.match(text):
        yield line, text.removesuffix(b"\n"), None
