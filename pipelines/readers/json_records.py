"""JSON files of many records: one a line, a list, or lists inside envelopes, one or one a line.

Here: the splitter and accessors that take whatever stands in a field without falling over it.
Not here: OpenAlex, which is too large for Python and goes through DuckDB.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, BinaryIO

import orjson

from pipelines.errors import UserError
from pipelines.readers.collect import RawRecord, lines
from pipelines.readers.opening import require_text

LARGEST_WHOLE_BYTES = 1 << 28


def json_splitter(*envelopes: str) -> Callable[[BinaryIO, str], Iterator[RawRecord]]:
    """A splitter for JSON Lines, JSON lists, and objects that hold the list under a path.

    Args:
        envelopes: paths such as 'message.items', the first that is there counts.
    """

    def split(stream: BinaryIO, label: str) -> Iterator[RawRecord]:
        numbered = (
            (n, line) for n, line in enumerate(lines(stream, label), start=1) if line.strip()
        )
        first = next(numbered, (0, b""))
        require_text(first[1], label)
        value = _loaded(first[1])
        if isinstance(value, dict) and _enclosed(value, envelopes) is None:
            yield from (_by_line(n, line) for n, line in chain([first], numbered))
            return
        second = next(numbered, None)
        if second is not None and second[1].lstrip()[:1] == b"{":
            following = chain([first, second], numbered)
            if isinstance(value, dict):
                yield from _by_page(following, envelopes)
                return
            if not first[1].rstrip().endswith(b"["):
                yield from (_by_line(n, line) for n, line in following)
                return
        rest = (line for _, line in chain([second] if second else [], numbered))
        yield from _whole(chain([first[1]], rest), envelopes, label)

    return split


def _by_line(number: int, line: bytes) -> RawRecord:
    value = _loaded(line)
    fault = None if isinstance(value, dict) else "no JSON object"
    return RawRecord(number, value, line, fault)


def _by_page(
    numbered: Iterator[tuple[int, bytes]], envelopes: tuple[str, ...]
) -> Iterator[RawRecord]:
    """Records of pages, one a line; each is known by the line of its page."""
    for number, line in numbered:
        page = _enclosed(_loaded(line), envelopes)
        if page is None:
            yield _by_line(number, line)
        else:
            yield from (_item(number, record) for record in page)


def _whole(parts: Iterator[bytes], envelopes: tuple[str, ...], label: str) -> Iterator[RawRecord]:
    text = bytearray()
    for part in parts:
        text += part + b"\n"
        if len(text) > LARGEST_WHOLE_BYTES:
            raise UserError(
                f"{label}: one JSON value of over {LARGEST_WHOLE_BYTES:,} bytes. Convert it to JSON"
                " Lines, one record a line."
            )
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UserError(f"{label}: not JSON, or cut off: {error}. Fetch the file again.") from error
    found = value if isinstance(value, list) else _enclosed(value, envelopes)
    if found is None:
        found = [value]
    yield from (_item(number, record) for number, record in enumerate(found, start=1))


def _item(number: int, record: Any) -> RawRecord:
    fault = None if isinstance(record, dict) else "no JSON object"
    return RawRecord(number, record, orjson.dumps(record), fault)


def _loaded(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _enclosed(value: Any, envelopes: tuple[str, ...]) -> list[Any] | None:
    for path in envelopes:
        found = value
        for key in path.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, list):
            return found
    return None


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects in a field that should be a list of them; others, and other types, left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def a_dict(value: Any) -> dict[str, Any]:
    """A field that should be an object; an empty one where it is not."""
    return value if isinstance(value, dict) else {}


def texts(value: Any) -> list[str]:
    """The non-empty texts in a field that should be a list of them or a single one."""
    items = value if isinstance(value, list) else [value]
    return [item.strip() for item in items if isinstance(item, str) and item.strip()]


def a_text(value: Any) -> str | None:
    """A field that should be a text or a number, as text; None where it is empty or neither."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None
