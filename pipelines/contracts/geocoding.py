"""Contracts of stage 2, geocoding: from address texts to H3 cells, by year of publication.

The gazetteer and the institutions are one table each; the dictionary has each distinct address once.
"""

from pipelines.contracts.common import (
    BILLIONTHS,
    COUNTRY,
    H3_CELL,
    IS_IDENTIFIED,
    KIND,
    LAT,
    LNG,
    LOCATED,
    MENTIONS,
    NAME_AS_WRITTEN,
    PLACE_ID,
    PRECISION,
    YEAR,
    count,
    number,
    optional,
    parts,
    products,
    share,
    text,
)
from pipelines.contracts.model import Column, Rule, Table

GAZETTEER = Table(
    "gazetteer",
    "geocoding",
    "a populated place",
    key=("place_id",),
    filled=True,
    columns=(
        Column("place_id", "int64", PLACE_ID.meaning),
        text("name", "Name in the local or English form of GeoNames", nullable=False),
        text("ascii_name", "Name in ASCII", nullable=False),
        Column("country", "string", COUNTRY.meaning, unit=COUNTRY.unit),
        text("admin1_code", "First-level division, GeoNames code"),
        text("admin1", "First-level division, name"),
        LAT,
        LNG,
        count("population", "Inhabitants; 0 where unknown", "persons"),
        text("kind", "Kind of place", nullable=False),
        text("source", "Where the place comes from", nullable=False),
    ),
)

PLACE_NAMES = Table(
    "place_names",
    "geocoding",
    "a name under which a place can be found",
    key=("name_key", "country", "place_id"),
    filled=True,
    columns=(
        text("name_key", "Name, folded as the geocoder folds it", nullable=False),
        Column("country", "string", COUNTRY.meaning, unit=COUNTRY.unit),
        PLACE_ID,
        text("name_kind", "Own name, alternate name, ...", nullable=False),
    ),
)

INSTITUTIONS = Table(
    "institutions",
    "geocoding",
    "a research organisation with the city of its head office",
    key=("institution_id",),
    columns=(
        text("institution_id", "ROR URL", nullable=False),
        text("name", "Name", nullable=False),
        text("names", "All names, one a line", nullable=False),
        text("city", "City of the head office"),
        COUNTRY,
        optional(LAT),
        optional(LNG),
    ),
)

DISTINCT_ADDRESSES = Table(
    "distinct_addresses",
    "geocoding",
    "a distinct address text of the year",
    partition="year",
    personal=True,
    key=("address_key",),
    columns=(
        YEAR,
        Column("address_key", "uint64", "Identifies the address's text, the same in every year"),
        text("address", "The address as written, where it is one text"),
        text("city", "City as written"),
        text("region", "State, province or region as written"),
        text("postcode", "Postcode as written"),
        text("country", "Country as written"),
        text("institution", "Institution as written or as the source matched it"),
        text("institution_id", "ROR URL, or the source's own identifier of the institution"),
        Column("lat", "float64", "Latitude that came with the record", "degrees", nullable=True),
        Column("lng", "float64", "Longitude that came with the record", "degrees", nullable=True),
        count("inventor_addresses", "Addresses of inventors with this text", "addresses"),
        parts("inventor_parts", "Sum of the parts of these inventors' addresses"),
        count("author_addresses", "Addresses of authors with this text", "addresses"),
        parts("author_parts", "Sum of the parts of these authors' addresses"),
    ),
)

ADDRESS_DICTIONARY = Table(
    "address_dictionary",
    "geocoding",
    "a distinct address text and the place found for it",
    partition="year",
    key=("address_key",),
    columns=(
        YEAR,
        Column(
            "address_key",
            "uint64",
            "Identifies the address's text",
            references="distinct_addresses.address_key",
        ),
        COUNTRY,
        optional(LAT),
        optional(LNG),
        optional(H3_CELL),
        PRECISION,
        optional(PLACE_ID),
        text("place", "Name of the place"),
        text("admin1", "First-level division of the place"),
        text("method", "The rule that found it", nullable=False),
        share("confidence", "How sure the geocoder is: a grade, not a probability"),
        Column("candidates", "int32", "Places between which the geocoder chose", minimum=0),
        text("runner_up", "Second-best candidate"),
        text("reason", "Evidence that decided"),
        text("geocoder_version", "Gazetteer and rules that found it", nullable=False),
    ),
    rules=(
        Rule(
            "located_means_cell",
            "a cell exactly where the precision is one of the located four",
            f"(h3_cell IS NOT NULL) = (precision IN {LOCATED})",
        ),
    ),
)

LOCATIONS = Table(
    "locations",
    "geocoding",
    "a location of addresses: an H3 cell with country and place, or what is known where there is none",
    partition="year",
    key=("location_number",),
    columns=(
        YEAR,
        number("location_number", "Location within the year, by cell, country, place, precision"),
        optional(H3_CELL),
        COUNTRY,
        optional(PLACE_ID),
        PRECISION,
        count("inventor_addresses", "Addresses of inventors there", "addresses"),
        parts("inventor_parts", "Sum of the parts of these inventors' addresses"),
        count("author_addresses", "Addresses of authors there", "addresses"),
        parts("author_parts", "Sum of the parts of these authors' addresses"),
    ),
    rules=ADDRESS_DICTIONARY.rules,
)

_LOCATION_NUMBER = Column(
    "location_number",
    "int32",
    "Location within the year",
    minimum=1,
    references="locations.location_number",
)

POINTS = Table(
    "points",
    "geocoding",
    "an address of a document, with the location that was found for it",
    partition="year",
    key=("kind", "document_number", "address_number"),
    columns=(
        YEAR,
        KIND,
        number("document_number", "Document within kind and year"),
        number("address_number", "Address within its document"),
        _LOCATION_NUMBER,
        parts("part", "The address's part of its document"),
    ),
)

CELL_WEIGHTS = Table(
    "cell_weights",
    "geocoding",
    "an H3 cell with what lies in it, by kind, country and place",
    partition="year",
    key=("kind", "h3_cell", "country", "place_id"),
    columns=(
        YEAR,
        KIND,
        H3_CELL,
        COUNTRY,
        optional(PLACE_ID),
        count("addresses", "Addresses", "addresses"),
        parts("parts", "Sum of the addresses' parts"),
    ),
)

DOCUMENT_PLACES = Table(
    "document_places",
    "geocoding",
    "a location that holds a part of a document",
    partition="year",
    key=("kind", "document_number", "location_number"),
    columns=(
        YEAR,
        KIND,
        number("document_number", "Document within kind and year"),
        _LOCATION_NUMBER,
        Column(
            "part",
            "int64",
            "Sum of the parts of the addresses there; a whole document where there is no other place",
            unit=BILLIONTHS,
            minimum=1,
        ),
    ),
)

CELL_FIELDS = Table(
    "cell_fields",
    "geocoding",
    "a field of technology or science of an H3 cell, or of what could not be located",
    partition="year",
    key=("kind", "h3_cell", "scheme", "field"),
    columns=(
        YEAR,
        KIND,
        optional(H3_CELL),
        text("scheme", "The classification: WIPO's 35 fields, or the source's own", nullable=False),
        text("field", "Name of the field", nullable=False),
        products("parts", "Sum over documents of the cell's part times the field's part"),
    ),
)

CELL_NAMES = Table(
    "cell_names",
    "geocoding",
    "a name of an applicant or institution, as written, with what an H3 cell put out under it",
    partition="year",
    personal=True,
    key=("kind", "h3_cell", "name"),
    columns=(
        YEAR,
        KIND,
        H3_CELL,
        NAME_AS_WRITTEN,
        IS_IDENTIFIED,
        MENTIONS,
        products("parts", "Sum over documents of the cell's part times the name's part"),
    ),
)

GEOCODING_QUALITY = Table(
    "geocoding_quality",
    "geocoding",
    "a precision reached by the addresses of a kind and country",
    partition="year",
    key=("kind", "country", "precision"),
    columns=(
        YEAR,
        KIND,
        COUNTRY,
        PRECISION,
        count("addresses", "Addresses", "addresses"),
        parts("parts", "Sum of the addresses' parts"),
    ),
)

TABLES = (
    GAZETTEER,
    PLACE_NAMES,
    INSTITUTIONS,
    DISTINCT_ADDRESSES,
    ADDRESS_DICTIONARY,
    LOCATIONS,
    POINTS,
    CELL_WEIGHTS,
    DOCUMENT_PLACES,
    CELL_FIELDS,
    CELL_NAMES,
    GEOCODING_QUALITY,
)
