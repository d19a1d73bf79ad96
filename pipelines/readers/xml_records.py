"""XML files that hold many documents: each cut out and parsed by itself, entities and network off.

Here: the splitter by name of the outermost element, and small helpers on elements. Cutting first
and parsing then costs nothing beside a streaming parser, bounds memory by one document, makes a
broken one a reject of its own, and leaves document type declarations behind, so that no entity is
ever defined, let alone expanded. Text between documents that is not markup of the set is a reject.
Not here: what the elements mean.
"""

import html
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, BinaryIO, TypeAlias

from lxml import etree

from pipelines.errors import UserError
from pipelines.readers.collect import MalformedError, RawRecord
from pipelines.readers.opening import UTF8_MARK, require_text

CHUNK_BYTES = 1 << 20
LONGEST_RECORD_BYTES = 1 << 28
LONGEST_TAG_BYTES = 256
MARKUP = ((b"<?", b"?>"), (b"<!--", b"-->"), (b"<!DOCTYPE", b">"))
INTERNAL_SUBSET_END = b"]"
Element: TypeAlias = Any  # lxml comes without types
PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_pis=True,
    remove_comments=True,
)
ENCODING = re.compile(rb"<\?xml[^<>]*encoding=[\"']([A-Za-z0-9._-]+)[\"']")


def xml_splitter(tags: Iterable[str], wrappers: Iterable[str] = ()) -> "XmlSplitter":
    """A splitter for documents whose outermost element has one of the names.

    Args:
        tags: names of the outermost element of a document.
        wrappers: names of elements around or between documents that are not documents.
    """
    return XmlSplitter(tuple(tags), tuple(wrappers))


class XmlSplitter:
    """Raw records of a stream of XML; see `xml_splitter`."""

    def __init__(self, tags: tuple[str, ...], wrappers: tuple[str, ...]) -> None:
        names = "|".join(re.escape(tag) for tag in tags).encode()
        self._start = re.compile(rb"<(" + names + rb")(?=[\s>/])")
        self._closing = {
            tag.encode(): re.compile(rb"</" + re.escape(tag.encode()) + rb"\s*>") for tag in tags
        }
        around = "|".join(re.escape(tag) for tag in wrappers).encode()
        self._wrapper = re.compile(rb"</?(?:" + around + rb")(?:\s[^<>]*)?>") if around else None

    def __call__(self, stream: BinaryIO, label: str) -> Iterator[RawRecord]:
        """Each document, and each stretch of text between documents that is neither."""
        buffer, line, encoding, at_begin, at_end = b"", 1, b"utf-8", True, False
        # up to where the buffer is known to hold no beginning of a document, and no end of it
        begun = searched = 0
        while not at_end or buffer:
            if not at_end:
                chunk = stream.read(CHUNK_BYTES)
                if at_begin:
                    require_text(chunk, label)
                at_begin, at_end = False, not chunk
                buffer += chunk
            position = 0
            while start := self._start.search(buffer, max(position, begun)):
                gap = buffer[position : start.start()]
                end = self._end(buffer, start, searched)
                if end is None and not at_end:
                    begun, searched = start.start(), len(buffer) - LONGEST_TAG_BYTES
                    break
                begun = searched = 0
                if gap.strip():
                    declared = ENCODING.search(gap)
                    encoding = declared[1] if declared else encoding
                    yield from self._between(gap, line)
                line += gap.count(b"\n")
                stop, fault = end if end is not None else (len(buffer), "cut off: not closed")
                data = buffer[start.start() : stop]
                yield RawRecord(line, (encoding, data), data, fault)
                line += data.count(b"\n")
                position = stop
            else:
                begun = len(buffer) - LONGEST_TAG_BYTES
            buffer = buffer[position:]
            begun, searched = max(begun - position, 0), max(searched - position, 0)
            if len(buffer) > LONGEST_RECORD_BYTES:
                raise UserError(
                    f"{label}: line {line}: over {LONGEST_RECORD_BYTES:,} bytes without the end of"
                    " a document. Check the source's format."
                )
            if at_end and buffer:
                yield from self._between(buffer, line)
                buffer = b""

    def _end(
        self, buffer: bytes, start: re.Match[bytes], searched: int
    ) -> tuple[int, str | None] | None:
        """Where the document ends and what is wrong with it; None where its end is not yet read."""
        begin = max(start.end(), searched)
        closing = self._closing[start[1]].search(buffer, begin)
        stop = closing.end() if closing is not None else len(buffer)
        following = self._start.search(buffer, begin, stop)
        if following is not None:
            return following.start(), "not closed before the next document begins"
        return (stop, None) if closing is not None else None

    def _between(self, gap: bytes, line: int) -> Iterator[RawRecord]:
        rest = _without_prolog(gap)
        if self._wrapper is not None:
            rest = self._wrapper.sub(b"", rest)
        if rest.strip():
            yield RawRecord(line, rest.strip(), rest.strip(), "text outside of any document")


def _without_prolog(gap: bytes) -> bytes:
    """What is left of the text between documents without declarations and comments."""
    left, position = [], 0
    while (begin := gap.find(b"<", position)) >= 0:
        left.append(gap[position:begin])
        position = begin
        end = next((end for start, end in MARKUP if gap.startswith(start, begin)), None)
        if end is None:
            left.append(b"<")
            position += 1
            continue
        stop = gap.find(end, begin)
        subset = gap.find(b"[", begin, stop) if end == b">" else -1
        if subset >= 0:
            stop = gap.find(end, gap.find(INTERNAL_SUBSET_END, subset))
        if stop < 0:
            break
        position = stop + len(end)
    left.append(gap[position:])
    return b"".join(left).replace(UTF8_MARK, b"")


def parse_xml(raw: tuple[bytes, bytes]) -> Element:
    """The element of a raw record.

    Raises:
        MalformedError: not well-formed, or a name of an encoding that does not exist.
    """
    encoding, data = raw
    # The declaration names a DTD that is never loaded: without it a mere '&mdash;' would be fatal.
    whole = b'<?xml version="1.0" encoding="' + encoding + b'"?><!DOCTYPE x SYSTEM "x">' + data
    try:
        return etree.fromstring(whole, PARSER)
    except (etree.XMLSyntaxError, LookupError, ValueError) as error:
        raise MalformedError(f"not well-formed XML: {error}") from error


@cache
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path)


def all_at(element: Element | None, path: str) -> list[Element]:
    """The elements at a path below an element. Compiled, which takes half the time of `findall`."""
    found: list[Element] = _compiled(path)(element) if element is not None else []
    return found


def first_at(element: Element | None, path: str) -> Element | None:
    """The first element at a path below an element."""
    return next(iter(all_at(element, path)), None)


def children(element: Element | None) -> dict[str, Element]:
    """The first child of each name: one walk, where `first_at` would be one for each name."""
    if element is None:
        return {}
    return {child.tag: child for child in element.iterchildren(reversed=True)}


def child_texts(element: Element | None) -> dict[str, str | None]:
    """The text of the first child of each name."""
    return {name: whole_text(child) for name, child in children(element).items()}


def text_at(element: Element | None, path: str) -> str | None:
    """All text under the first element at a path, blanks joined; None where there is none."""
    return whole_text(first_at(element, path))


def whole_text(element: Element | None) -> str | None:
    """All text of an element, blanks joined, unresolved character names undone; None if empty."""
    if element is None:
        return None
    # Elements mostly hold text alone; a name of a character that is left in it counts as a child.
    text = element.text if len(element) == 0 else "".join(element.itertext())
    return " ".join(html.unescape(text).split()) or None if text else None
