"""Contracts of stage 1, extracts: what was read from the raw files, by year of publication.

Two tables are not partitioned, since they are about files: `source_files` and `reading` (with
`rejects`). Persons' names are never taken over.
"""

from pipelines.contracts.common import (
    KIND,
    YEAR,
    count,
    number,
    optional,
    parts,
    text,
)
from pipelines.contracts.model import Column, Rule, Table

_SOURCE = text("source", "Name of the source in the configuration", nullable=False)
_FILE = text("file", "Raw file, relative to the configuration's folder", nullable=False)
_UNIT_NUMBER = number("unit_number", "Unit of raw files of the source, in the order of reading")
_DOCUMENT_KEY = Column(
    "document_key", "uint64", "Identifies the document among the staged records of its unit"
)
_LINE = Column("line", "int64", "Line or record number in the file", minimum=0)

_ADDRESS_COLUMNS = (
    number("address_number", "Number of the address within its document"),
    Column(
        "person_number",
        "int32",
        "Person within the document, as the source counts",
        nullable=True,
        minimum=0,
    ),
    Column(
        "address_key",
        "uint64",
        "Identifies the address's text in distinct_addresses",
    ),
    parts("part", "The address's part of its document (method 4)"),
)

SOURCE_FILES = Table(
    "source_files",
    "extracts",
    "a raw file as it was delivered: its snapshot record",
    key=("source", "file"),
    filled=True,
    columns=(
        _SOURCE,
        _FILE,
        KIND,
        text("format", "Raw format", nullable=False),
        count("bytes", "Size of the file", "bytes"),
        text("sha256", "SHA-256 of the file", nullable=False),
        text("licence", "Licence, from the configuration", nullable=False),
        text("citation", "Citation, from the configuration", nullable=False),
    ),
)

READING = Table(
    "reading",
    "extracts",
    "what became of the records of one unit of raw files (a file, or files that belong together)",
    key=("source", "unit_number", "record", "outcome", "year", "reason"),
    columns=(
        _SOURCE,
        _UNIT_NUMBER,
        text("unit", "First raw file of the unit", nullable=False),
        Column(
            "record",
            "string",
            "Kind of record; lookups are raw rows that other rows look up, such as PATSTAT's persons",
            allowed=("documents", "addresses", "applicants", "fields", "lookups"),
        ),
        Column(
            "outcome",
            "string",
            "What is counted: read = rows + rejected + excluded, where records are counted as read",
            allowed=("read", "rows", "rejected", "excluded", "repaired"),
        ),
        Column("year", "int32", "Year of publication, for rows", "year", nullable=True),
        text("reason", "Why excluded or repaired"),
        count("records", "Records", "records"),
    ),
)

REJECTS = Table(
    "rejects",
    "extracts",
    "a raw row that could not be read",
    personal=True,
    key=("source", "reject_number"),
    columns=(
        _SOURCE,
        number("reject_number", "Number of the reject within its source"),
        _FILE,
        optional(_LINE),
        optional(YEAR),
        text("reason", "Why it could not be read", nullable=False),
        text("intended_table", "Kind of record that it would have been", nullable=False),
        text("raw_text", "The row as it stands in the file, cut at 2,000 characters"),
    ),
)

SCREENING = Table(
    "screening",
    "extracts",
    "a document record that was read, and the inclusion rule that left it out, if any",
    partition="year",
    key=("kind", "document_id", "occurrence"),
    columns=(
        YEAR,
        KIND,
        text("document_id", "Identifier of the document in its source", nullable=False),
        _DOCUMENT_KEY,
        number("occurrence", "1 for the record that is kept, 2 and up for its repetitions"),
        _SOURCE,
        _UNIT_NUMBER,
        _FILE,
        _LINE,
        text("document_type", "Type of document as the source has it"),
        Column(
            "excluded_by",
            "int32",
            "Number of the inclusion rule that left it out; empty where it counts",
            nullable=True,
            minimum=1,
        ),
    ),
)

INCLUSION_RULES = Table(
    "inclusion_rules",
    "extracts",
    "a numbered rule on which documents count",
    key=("kind", "rule"),
    filled=True,
    columns=(
        KIND,
        number("rule", "Number of the rule, in the order in which rules apply"),
        text("meaning", "What the rule leaves out, and by whose decision", nullable=False),
    ),
)

IPC_FIELDS = Table(
    "ipc_fields",
    "extracts",
    "an IPC subclass or main group with the technology field that it belongs to",
    key=("ipc_subclass", "ipc_main_group"),
    filled=True,
    columns=(
        Column("field_number", "int32", "WIPO technology field", minimum=1, maximum=35),
        text("sector", "Sector of the field", nullable=False),
        text("field", "Name of the field", nullable=False),
        text("ipc_subclass", "IPC subclass, such as H04L", nullable=False),
        text("ipc_main_group", "IPC main group; empty for the whole subclass", nullable=False),
    ),
)

INCLUSION_FUNNEL = Table(
    "inclusion_funnel",
    "extracts",
    "an inclusion rule, with how many documents of a source went in and came out",
    partition="year",
    key=("kind", "source", "rule"),
    columns=(
        YEAR,
        KIND,
        _SOURCE,
        number("rule", "Number of the rule, in the order in which rules apply"),
        text("meaning", "What the rule leaves out, and by whose decision", nullable=False),
        count("documents_in", "Documents before the rule", "documents"),
        count("documents_out", "Documents after it", "documents"),
    ),
    rules=(Rule("a_rule_only_removes", "no more out than in", "documents_out <= documents_in"),),
)


def _documents(name: str, row: str, identifier: str) -> Table:
    return Table(
        name,
        "extracts",
        row,
        partition="year",
        key=("document_number",),
        columns=(
            YEAR,
            number("document_number", "Running number within kind and year, by identifier"),
            text("document_id", identifier, nullable=False),
            _DOCUMENT_KEY,
            _SOURCE,
            _UNIT_NUMBER,
        ),
    )


def _addresses(name: str, row: str) -> Table:
    return Table(
        name,
        "extracts",
        row,
        partition="year",
        key=("document_number", "address_number"),
        columns=(YEAR, number("document_number", "Document within the year"), *_ADDRESS_COLUMNS),
    )


APPLICATIONS = _documents(
    "applications",
    "a published international application that counts",
    "Publication number, such as WO2019123456",
)
INVENTORS = _addresses("inventors", "an address of an inventor of an application")
ARTICLES = _documents(
    "articles",
    "a scientific article that counts",
    "Identifier of the article in its source",
)
AUTHOR_ADDRESSES = _addresses("author_addresses", "an address of an author of an article")

DOCUMENT_COUNTS = Table(
    "document_counts",
    "extracts",
    "a kind, with how many documents and addresses of the year count",
    partition="year",
    key=("kind",),
    columns=(
        YEAR,
        KIND,
        count("documents", "Documents that count, located or not", "documents"),
        count("addresses", "Their addresses, empty ones included", "addresses"),
    ),
)

APPLICANTS = Table(
    "applicants",
    "extracts",
    "an applicant of an application",
    partition="year",
    personal=True,
    key=("document_number", "applicant_number"),
    columns=(
        YEAR,
        number("document_number", "Application within the year"),
        number("applicant_number", "Number of the applicant within its application"),
        text("name", "Name as written", nullable=False),
        text("country", "Country as written"),
        parts("part", "The applicant's equal part of the application"),
    ),
)

PATENT_FIELDS = Table(
    "patent_fields",
    "extracts",
    "one of WIPO's 35 technology fields that an application belongs to",
    partition="year",
    key=("document_number", "field_number"),
    columns=(
        YEAR,
        number("document_number", "Application within the year"),
        Column("field_number", "int32", "WIPO technology field", minimum=1, maximum=35),
        parts("part", "The field's equal part of the application"),
    ),
)

ARTICLE_FIELDS = Table(
    "article_fields",
    "extracts",
    "a field of science that an article belongs to, in the source's own classes",
    partition="year",
    key=("document_number", "scheme", "field"),
    columns=(
        YEAR,
        number("document_number", "Article within the year"),
        text("scheme", "The source's classification", nullable=False),
        text("field", "Name of the field", nullable=False),
        parts("part", "The field's equal part of the article, within the classification"),
    ),
)

TABLES = (
    SOURCE_FILES,
    READING,
    REJECTS,
    INCLUSION_RULES,
    IPC_FIELDS,
    SCREENING,
    INCLUSION_FUNNEL,
    APPLICATIONS,
    INVENTORS,
    APPLICANTS,
    PATENT_FIELDS,
    ARTICLES,
    AUTHOR_ADDRESSES,
    ARTICLE_FIELDS,
    DOCUMENT_COUNTS,
)
