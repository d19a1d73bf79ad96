"""Columns that tables of several stages share, so that one meaning is written once."""

from pipelines.contracts.model import Column
from pipelines.editions import KINDS

BILLIONTHS = "billionths of a document"
PARTS_PER_DOCUMENT = 1_000_000_000

PRECISIONS = ("point", "postcode", "city", "institution", "admin1", "country", "none")
LOCATED = ("point", "postcode", "city", "institution")
"""Precisions whose address has a point and enters clustering (method 3)."""
ROLES = ("core", "border")

KIND = Column("kind", "string", "Which of the two sources of the ranking", allowed=KINDS)
YEAR = Column("year", "int32", "Year of publication", unit="year", minimum=1970, maximum=2100)
EDITION = Column(
    "edition", "int32", "Edition of the ranking", unit="year", minimum=2017, maximum=2100
)
CLUSTER_ID = Column(
    "cluster_id",
    "string",
    "Identifier of the cluster, kept from one edition to the next while most of its weight overlaps",
)
CLUSTER = Column(CLUSTER_ID.name, "string", CLUSTER_ID.meaning, references="clusters.cluster_id")
"""A cluster of the table `clusters`."""
SIMULATED = Column("simulated", "bool", "Whether the raw records were made up")
H3_CELL = Column("h3_cell", "uint64", "H3 cell as an unsigned integer", minimum=1)
COUNTRY = Column(
    "country", "string", "Country or economy", unit="ISO 3166-1 alpha-2", nullable=True
)
PLACE_ID = Column(
    "place_id",
    "int64",
    "Place of the gazetteer: its GeoNames identifier, negative for places of the supplement",
    references="gazetteer.place_id",
)
PRECISION = Column("precision", "string", "How exactly the address is known", allowed=PRECISIONS)
LAT = Column("lat", "float64", "Latitude", unit="degrees north, WGS 84", minimum=-90, maximum=90)
LNG = Column("lng", "float64", "Longitude", unit="degrees east, WGS 84", minimum=-180, maximum=180)


def number(name: str, meaning: str, *, nullable: bool = False) -> Column:
    """A running number that starts at 1."""
    return Column(name, "int32", meaning, minimum=1, nullable=nullable)


def count(name: str, meaning: str, unit: str = "rows") -> Column:
    """A whole number of things, never negative."""
    return Column(name, "int64", meaning, unit=unit, minimum=0)


def parts(name: str, meaning: str) -> Column:
    """An exact fractional count in billionths of a document (method 4)."""
    return Column(name, "int64", meaning, unit=BILLIONTHS, minimum=0)


def products(name: str, meaning: str) -> Column:
    """A sum of products of two parts, such as a document's in a cell and a field's in the document.

    Squared billionths are whole numbers too, so that totals stay exact.
    """
    return Column(name, "integer38", meaning, unit="squared billionths of a document", minimum=0)


def share(name: str, meaning: str, *, nullable: bool = False) -> Column:
    """A share between 0 and 1."""
    return Column(name, "float64", meaning, unit="1", minimum=0, maximum=1, nullable=nullable)


def text(name: str, meaning: str, *, nullable: bool = True) -> Column:
    """Free text, as a rule as somebody else wrote it."""
    return Column(name, "string", meaning, nullable=nullable)


NAME_AS_WRITTEN = text(
    "name", "Name as written; may be a person's and is never released", nullable=False
)
IS_IDENTIFIED = Column("is_identified", "bool", "Whether the source knows it as an organisation")
MENTIONS = count("mentions", "Applications, or author addresses, that bear the name")


def optional(column: Column) -> Column:
    """The same column where a value may be missing."""
    return Column(**{**vars(column), "nullable": True})
