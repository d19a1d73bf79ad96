"""Who is named on documents: scientific organisations at places, applicants in areas, and their fields.

Here: made names beside the published leading ones, each with its part of the output, and the fields
of patents and articles. Add here who or what a document names. Not here: how an address is written
around an organisation (`addresses`).

A cluster's leading organisation, applicant and fields are WIPO's, with their shares; all other
names are invented from the name of a town and resemble real ones only by accident.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.editions import Kind
from pipelines.simulation.areas import Areas

_SCIENTIFIC = (
    "University of {town}", "{town} Institute of Technology", "{town} University Hospital",
    "{town} Centre for Materials Research", "{town} Institute of Medical Sciences",
    "{town} Polytechnic University", "{town} Institute of Physics", "{town} Agricultural University",
    "{town} Medical College", "{town} Institute of Chemistry", "{town} Academy of Engineering",
    "{town} Children's Hospital", "{town} Institute of Biology", "{town} Cancer Institute",
    "{town} Institute of Mathematics", "{town} Research Centre",
)  # fmt: skip
_MOST_BESIDE_LEAD_ORGANISATION = 0.5
"""About the share of a made organisation in its cluster, against the published leading one's."""
_TRADES = (
    "Electronics", "Pharma", "Instruments", "Motors", "Chemicals", "Networks", "Medical Devices", "Optics",
    "Materials", "Software", "Semiconductor", "Biotech", "Energy", "Machinery", "Sensors", "Plastics",
)  # fmt: skip
_LEGAL_FORMS = {
    "JP": "Co., Ltd.", "CN": "Co., Ltd.", "KR": "Co., Ltd.", "TW": "Co., Ltd.", "HK": "Ltd.", "US": "Inc.",
    "DE": "GmbH", "AT": "GmbH", "CH": "AG", "FR": "S.A.", "BE": "N.V.", "NL": "B.V.", "IT": "S.p.A.",
    "ES": "S.A.", "SE": "AB", "DK": "A/S", "FI": "Oy", "NO": "AS", "IL": "Ltd.", "CA": "Inc.",
    "IN": "Pvt. Ltd.", "BR": "Ltda.", "RU": "OOO", "PL": "Sp. z o.o.", "AU": "Pty Ltd",
}  # fmt: skip

# One field more than once in a hundred applications leads nowhere: parts of the world's
# applications by WIPO's 35 fields, in percent, rounded from WIPO's yearly statistics of about 2018.
_PATENT_FIELDS = {
    "Electrical machinery, apparatus, energy": (
        7.0,
        ("H01M  10/052", "H02J   7/00", "H01B   1/02"),
    ),
    "Audio-visual technology": (3.5, ("H04R   1/10", "G09G   3/32", "H04N   5/232")),
    "Telecommunications": (2.2, ("H04B   7/04", "H01Q   1/24", "H04M   1/02")),
    "Digital communication": (8.5, ("H04L  29/06", "H04W  72/04", "H04L  12/24")),
    "Basic communication processes": (0.8, ("H03M  13/11", "H03F   3/24")),
    "Computer technology": (8.8, ("G06F  17/30", "G06F   3/041", "G06T   7/00", "G06N   3/08")),
    "IT methods for management": (2.0, ("G06Q  10/06", "G06Q  30/02")),
    "Semiconductors": (3.5, ("H01L  21/02", "H01L  27/32", "H01L  33/00")),
    "Optics": (2.8, ("G02B  27/01", "G02F   1/1335", "G03F   7/20")),
    "Measurement": (4.6, ("G01N  21/64", "G01S   7/48", "G01R  31/28")),
    "Analysis of biological materials": (0.9, ("G01N  33/53", "G01N  33/68")),
    "Control": (1.8, ("G05B  19/418", "G08G   1/16", "G05D   1/02")),
    "Medical technology": (6.9, ("A61B   5/00", "A61F   2/24", "A61M   5/31")),
    "Organic fine chemistry": (2.6, ("C07D 401/12", "C07C  45/50", "A61Q  19/00")),
    "Biotechnology": (2.8, ("C12N  15/09", "C07K  16/28", "C12Q   1/68")),
    "Pharmaceuticals": (4.3, ("A61P  35/00", "A61K  31/519", "A61K  39/395")),
    "Macromolecular chemistry, polymers": (1.9, ("C08L  23/06", "C08G  18/48")),
    "Food chemistry": (1.0, ("A23L  33/10", "A23C   9/12")),
    "Basic materials chemistry": (2.5, ("C09K  11/06", "C11D   3/37", "A01N  43/56")),
    "Materials, metallurgy": (1.8, ("C22C  38/00", "C01B  32/15", "C04B  35/01")),
    "Surface technology, coating": (1.7, ("C23C  16/455", "B32B  27/08")),
    "Micro-structural and nano-technology": (0.3, ("B81B   3/00", "B82Y  30/00")),
    "Chemical engineering": (2.3, ("B01J  23/00", "B01J  19/00")),
    "Environmental technology": (1.3, ("C02F   1/44", "F01N   3/20")),
    "Handling": (2.4, ("B65D  81/32", "B25J   9/16", "B65G   1/137")),
    "Machine tools": (2.1, ("B23K  26/00", "B23B  27/14")),
    "Engines, pumps, turbines": (2.6, ("F02M  61/18", "F03D   7/02", "F04B  39/00")),
    "Textile and paper machines": (1.5, ("B41J   2/01", "D01F   6/62")),
    "Other special machines": (2.6, ("B29C  64/10", "A01G  31/00", "A01K  61/00")),
    "Thermal processes and apparatus": (1.5, ("F25B   1/00", "F24F  11/00")),
    "Mechanical elements": (2.7, ("F16H  57/04", "F16C  33/58", "F16K  31/06")),
    "Transport": (4.4, ("B60W  30/09", "B62D  25/20", "B64C  39/02")),
    "Furniture, games": (2.1, ("A63F  13/25", "A47J  31/44")),
    "Other consumer goods": (2.3, ("D06F  39/00", "A24F  47/00", "F25D  23/02")),
    "Civil engineering": (3.5, ("E21B  43/26", "E04B   1/00", "E05B  47/00")),
}

# OpenAlex: concept of level 0, concept of level 1, field of the primary topic, share in percent. All twenty
# fields of science and technology; WIPO's classes are finer, so that its leading ones make 4 to 13 %.
SCIENCE_FIELDS = (
    ("Chemistry", "Organic chemistry", "Chemistry", 8.5),
    ("Physics", "Condensed matter physics", "Physics and Astronomy", 8.5),
    ("Engineering", "Electrical engineering", "Engineering", 9.0),
    ("Materials science", "Nanotechnology", "Materials Science", 8.0),
    ("Computer science", "Artificial intelligence", "Computer Science", 6.5),
    ("Mathematics", "Applied mathematics", "Mathematics", 4.0),
    ("Biology", "Molecular biology", "Biochemistry, Genetics and Molecular Biology", 9.0),
    ("Biology", "Neuroscience", "Neuroscience", 5.5),
    ("Biology", "Agronomy", "Agricultural and Biological Sciences", 6.0),
    ("Medicine", "Internal medicine", "Medicine", 4.0),
    ("Medicine", "Oncology", "Medicine", 2.5),
    ("Medicine", "Cardiology", "Medicine", 1.5),
    ("Medicine", "Pediatrics", "Medicine", 1.0),
    ("Medicine", "Environmental health", "Medicine", 1.0),
    ("Chemistry", "Pharmacology", "Pharmacology, Toxicology and Pharmaceutics", 3.0),
    ("Geology", "Geochemistry", "Earth and Planetary Sciences", 3.5),
    ("Environmental science", "Meteorology", "Environmental Science", 4.5),
    ("Chemistry", "Chemical engineering", "Chemical Engineering", 2.5),
    ("Biology", "Microbiology", "Immunology and Microbiology", 4.0),
    ("Engineering", "Automotive engineering", "Energy", 2.5),
    ("Medicine", "Nursing", "Nursing", 1.5),
    ("Medicine", "Dentistry", "Dentistry", 1.0),
    ("Medicine", "Physical therapy", "Health Professions", 1.5),
    ("Medicine", "Veterinary medicine", "Veterinary", 1.0),
)
# WIPO's leading fields are subject areas of the Web of Science; the nearest row above.
_AS_OPENALEX = {
    "Chemistry": 0, "Physics": 1, "Engineering": 2, "Science & Technology-Other Topics": 6,
    "Neurosciences & Neurology": 7, "General & Internal Medicine": 9, "Oncology": 10,
    "Cardiovascular System & Cardiology": 11, "Pediatrics": 12,
    "Public, Environmental & Occupational Health": 13, "Meteorology & Atmospheric Sciences": 16,
}  # fmt: skip

_HEALTH = ("Medicine", "Nursing", "Dentistry", "Health Professions", "Veterinary")
_LIFE = ("Agricultural", "Biochemistry", "Immunology", "Neuroscience", "Pharmacology")


def domain_of(field: str) -> str:
    """OpenAlex's domain of a field."""
    if field in _HEALTH:
        return "Health Sciences"
    if field == "Social Sciences":
        return field
    return "Life Sciences" if field.startswith(_LIFE) else "Physical Sciences"


_MOST_BESIDE_LEAD = 0.88
"""Greatest share of another field, against the published leading one's."""

PATENT_FIELDS = tuple(_PATENT_FIELDS)
IPC_SYMBOLS = tuple(symbols for _, symbols in _PATENT_FIELDS.values())
OTHER_SCHOLARSHIP = ("Sociology", "Social science", "Social Sciences")
"""Concepts of levels 0 and 1 and field of the articles that are neither science nor technology."""


@dataclass(frozen=True)
class Named:
    """Weighted lists, one for each of a series of owners (areas, or places).

    Attributes:
        item: number of each entry's item, owner by owner, (entries,).
        owner_end: running weight of each entry plus the number of its owner, ascending, (entries,).
    """

    item: NDArray[np.int64]
    owner_end: NDArray[np.float64]

    def pick(self, owner: NDArray[np.int64], chance: NDArray[np.float64]) -> NDArray[np.int64]:
        """Item of an owner's list for numbers from 0 up to but not including 1."""
        return self.item[np.searchsorted(self.owner_end, owner + chance, side="right")]


def named(owner: list[int], item: list[int], weight: list[float]) -> Named:
    """Lists of owners 0, 1, 2 ..., each of whom has at least one entry; owners ascending."""
    owners, weights = np.array(owner), np.array(weight)
    ends = np.cumsum(weights / np.bincount(owners, weights)[owners])
    last = np.flatnonzero(np.diff(owners, append=owners[-1] + 1))
    ends[last] = owners[last] + 1
    return Named(np.array(item, dtype=np.int64), ends)


@dataclass(frozen=True)
class Organisations:
    """Scientific organisations.

    Attributes:
        table: organisation (number), name, ror, place (number into `Areas.places`).
        at_place: organisations of each place.
    """

    table: pl.DataFrame
    at_place: Named


def ror_id(number: int) -> str:
    """A made identifier of the form that ROR's have."""
    return f"https://ror.org/0sim{number:05x}"


def _leading_shares(areas: Areas) -> dict[int, tuple[str, float]]:
    """Place number -> leading organisation and its part there, so that the cluster's part is met."""
    found: dict[int, tuple[str, float]] = {}
    start = np.searchsorted(areas.place_area, np.arange(len(areas.clusters)))
    for placed, first in zip(areas.clusters, start.tolist(), strict=True):
        if placed.cluster.organisation is None:
            continue
        name, percent = placed.cluster.organisation
        left = percent / 100
        shares = placed.spread.shares[:, 0]
        for offset in np.argsort(-shares, kind="stable").tolist():
            share = float(shares[offset])
            here = min(left, 0.85 * share)
            if here <= 0:
                break
            found[first + offset] = (name, here / share)
            left -= here
    return found


def make_organisations(areas: Areas) -> Organisations:
    """Organisations at each place, as many as keep each smaller than its cluster's leading one."""
    town_names = areas.gazetteer.table["name"].gather(areas.places).to_list()
    population = areas.gazetteer.table["population"].gather(areas.places).to_list()
    leading = _leading_shares(areas)
    is_cluster = (areas.place_area < len(areas.clusters)).tolist()
    names: list[str] = []
    place: list[int] = []
    weight: list[float] = []
    for number, town in enumerate(town_names):
        head, part = leading.get(number, ("", 0.0))
        own = 1 + (population[number] > 200_000)
        if is_cluster[number]:
            percent = areas.clusters[areas.place_area[number]].cluster.organisation
            most = _MOST_BESIDE_LEAD_ORGANISATION * (percent[1] if percent else 10.0) / 100
            share = areas.place_share[number].max() * (1 - part)
            own = int(np.clip(share / most, own, len(_SCIENTIFIC)))
        if head:
            names.append(head)
            place.append(number)
            weight.append(part)
        made = [form.format(town=town) for form in _SCIENTIFIC[:own]]
        made = [name for name in made if name != head] or [f"{town} Research Institute"]
        pull = 1 / (np.arange(len(made)) + 20.0)
        names += made
        place += [number] * len(made)
        weight += ((1 - part) * pull / pull.sum()).tolist()
    table = pl.DataFrame(
        {
            "organisation": range(len(names)),
            "name": names,
            "ror": [ror_id(i) for i in range(len(names))],
            "place": place,
        }
    )
    return Organisations(table, named(place, list(range(len(names))), weight))


@dataclass(frozen=True)
class Applicants:
    """Applicants.

    Attributes:
        table: applicant (number), name, country, town.
        in_area: applicants of each area.
    """

    table: pl.DataFrame
    in_area: Named


def make_applicants(areas: Areas) -> Applicants:
    """Applicants of each area: the published leading one and many lesser ones."""
    town_names = areas.gazetteer.table["name"].gather(areas.places).to_list()
    rows: list[tuple[str, str, str]] = []
    owner: list[int] = []
    weight: list[float] = []
    start = np.searchsorted(areas.place_area, np.arange(len(areas.names) + 1))
    for area, country in enumerate(areas.countries):
        towns = town_names[start[area] : start[area + 1]][:12] or [country]
        leading = areas.clusters[area].cluster.applicant if area < len(areas.clusters) else None
        name, percent = leading or ("", 0.0)
        part = percent / 100
        if name:
            rows.append((name, country, towns[0]))
            owner.append(area)
            weight.append(part)
        many = max(40, int(3.5 * (1 - part) / part)) if name else 60
        form = _LEGAL_FORMS.get(country, "Ltd.")
        for i in range(many):
            town, trade = towns[i % len(towns)], _TRADES[i // len(towns) % len(_TRADES)]
            series = i // (len(towns) * len(_TRADES))
            label = (
                f"{town} {trade} {form}" if not series else f"{town} {trade} {series + 1} {form}"
            )
            rows.append((label, country, town))
            owner.append(area)
        pull = 1 / (np.arange(many) + 0.8 * many)
        weight += ((1 - part) * pull / pull.sum()).tolist()
    table = pl.DataFrame(rows, schema=["name", "country", "town"], orient="row").with_row_index(
        "applicant"
    )
    return Applicants(table, named(owner, list(range(len(rows))), weight))


def _field_weights(
    base: NDArray[np.float64], group: NDArray[np.int64], lead: int, percent: float
) -> NDArray[np.float64]:
    """Parts of a cluster's fields with the published leading one ahead of all others.

    Args:
        base: parts of the rows in the world, (n,).
        group: the field that each row is counted under, (n,); the lead's stands for its whole field.
        lead: row of the leading field.
        percent: its published share; WIPO's least ones are too small to lead so few fields, and made larger.
    """
    others = len(np.unique(group)) - 1
    part = max(percent / 100, 1.01 / (1 + _MOST_BESIDE_LEAD * others))
    weights = np.where(group == group[lead], 0.0, base)
    most = _MOST_BESIDE_LEAD * part / np.bincount(group)[group]
    for _ in range(40):
        weights = np.minimum(weights * (1 - part) / weights.sum(), most)
    weights[lead] = 1 - weights.sum()
    return weights


def make_fields(areas: Areas, kind: Kind) -> Named:
    """Fields of each area, as numbers into `PATENT_FIELDS` or `SCIENCE_FIELDS`."""
    if kind == "patent":
        base = np.array([percent for percent, _ in _PATENT_FIELDS.values()])
        group = np.arange(len(base))
    else:
        base = np.array([row[3] for row in SCIENCE_FIELDS])
        group = np.unique([row[2] for row in SCIENCE_FIELDS], return_inverse=True)[1]
    base /= base.sum()
    weights = np.tile(base, (len(areas.names), 1))
    for area, placed in enumerate(areas.clusters):
        cluster = placed.cluster
        lead = cluster.patent_field if kind == "patent" else cluster.science_field
        if lead:
            number = PATENT_FIELDS.index(lead[0]) if kind == "patent" else _AS_OPENALEX[lead[0]]
            weights[area] = _field_weights(base, group, number, lead[1])
    n_areas, n_fields = weights.shape
    return named(
        np.repeat(np.arange(n_areas), n_fields).tolist(),
        np.tile(np.arange(n_fields), n_areas).tolist(),
        weights.ravel().tolist(),
    )
