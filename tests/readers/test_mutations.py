"""Damaged input of every format: it ends in records, counted rejects or a clear error.

`helpers.read` checks on each that the books add up; an exception other than UserError fails.
"""

import tempfile
from pathlib import Path
from random import Random

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import UserError
from tests.readers import (
    test_crossref,
    test_lens,
    test_medline,
    test_openalex,
    test_patent_xml,
    test_patentsview,
    test_patstat,
    test_regpat,
    test_scopus,
    test_wos,
)
from tests.readers.helpers import Records, read, source_of, write

WORKS = b"\n".join(
    orjson.dumps(
        test_openalex.work(
            id=f"W{n}",
            authorships=[
                {"raw_affiliation_strings": ["Bonn"], "institutions": [test_openalex.ETH]}
            ],
        )
    )
    for n in range(6)
)
REGPAT = (
    test_regpat.OLD
    + 'WO2012000001|PCT/US2011/1|1|DOE|"1 Main St, Boston"|US25025|US|1|0.5\r\n' * 3
    + "WO2013000001|PCT/US2011/2|1|DOE|2 Rue X|FR101|FR|1|0.5\r\n" * 3
)
TABLE = "document_id,year,city,lat,lng\n" + "".join(
    f'P{n},{2010 + n},"Town, {n}",4{n}.5,7.25\n' for n in range(8)
)
FIXTURES: dict[str, tuple[str, bytes, str]] = {
    "openalex": ("openalex", WORKS, "files"),
    "regpat": ("regpat", REGPAT.encode(), "inventors"),
    "tabular": ("tabular", TABLE.encode(), "addresses"),
    "scopus": ("scopus", test_scopus.NEW.encode(), "files"),
    "wos": ("wos", test_wos.PLAIN.encode(), "files"),
    "wos table": ("wos", test_wos.TABLE.encode(), "files"),
    "medline": ("medline", test_medline.TAGGED.encode(), "files"),
    "pubmed": ("medline", test_medline.XML.encode(), "files"),
    "crossref": ("crossref", test_crossref.FORMS["lines"].encode(), "files"),
    "crossref list": ("crossref", test_crossref.FORMS["api"].encode(), "files"),
    "lens": ("lens", orjson.dumps(test_lens.FULL) + b"\n" + orjson.dumps(test_lens.FLAT), "files"),
    "redbook": (
        "redbook",
        (test_patent_xml.GRANT + test_patent_xml.PAP + test_patent_xml.PATDOC).encode(),
        "files",
    ),
    "patentscope": ("patentscope", test_patent_xml.WO_STATUS.encode() * 3, "files"),
    "epo": ("epo_fulltext_pct", test_patent_xml.EP.encode() * 3, "files"),
}
THROUGH_DUCKDB = {"openalex", "regpat", "tabular", "scopus", "wos table"}
"""Slow to open: fewer examples."""
KINDS = dict.fromkeys(("openalex", "scopus", "wos", "medline", "crossref"), "publication")
CONTROLS = b'\x00\x01\x07\x0b\x0c\x1a\x1b\x7f\x80\xff\xc3"\\,|\t\r\n<>&{}[];'
VALUES = (b"99999999999999999999", b"-1", b"1e400", b"NaN", b"null", b"[]", b"{}", b'""', b"0000")


def mutated(data: bytes, random: Random) -> bytes:
    """One to three damages of the kinds that occur: cuts, flips, lost, moved and repeated pieces."""
    for _ in range(random.randint(1, 3)):
        at, length = random.randrange(len(data) + 1), random.randint(1, 40)
        other = random.randrange(len(data) + 1)
        kind = random.randrange(8)
        if kind == 0:
            data = data[:at]
        elif kind == 1 and at < len(data):
            data = data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]
        elif kind == 2:
            data = data[:at] + bytes(random.choices(CONTROLS, k=random.randint(1, 5))) + data[at:]
        elif kind == 3:
            data = data[:at] + data[at + length :]
        elif kind == 4:
            data = data[:at] + data[other : other + 5 * length] + data[at:]
        elif kind == 5:
            lines = data.splitlines(keepends=True)
            random.shuffle(lines)
            data = b"".join(lines)
        elif kind == 6:
            data = data[:at] + random.choice(VALUES) + data[at + length // 8 :]
        else:
            data = data[:at] + b"x" * 100_000 + data[at:]
    return data


def read_or_refuse(name: str, data: bytes, folder: Path) -> Records | None:
    format_name, _, role = FIXTURES[name]
    path = write(folder / "x", data)
    kind = KINDS.get(format_name, "patent")
    try:
        return read(format_name, source_of(folder, {role: path}, kind=kind))
    except UserError as error:
        assert "x" in str(error)
        return None


@pytest.mark.parametrize("name", FIXTURES)
def test_the_fixtures_themselves_are_read(tmp_path: Path, name: str) -> None:
    found = read_or_refuse(name, FIXTURES[name][1], tmp_path)
    assert found is not None
    assert found.documents


def damage(name: str, examples: int) -> None:
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(seed=st.integers(0, 2**32))
    def check(seed: int) -> None:
        data = mutated(FIXTURES[name][1], Random(seed))  # noqa: S311
        with tempfile.TemporaryDirectory() as folder:
            found = read_or_refuse(name, data, Path(folder))
        if found is None:
            return
        for reject in found.rejects:
            assert reject["reason"]
            assert reject["file"] == "x"
            assert len(reject.get("raw_text", "")) <= 2_000
        if name in ("openalex", "lens"):
            filled = [line for line in data.split(b"\n") if line.strip()]
            assert found.counts.read["documents"] == len(filled)

    check()


@pytest.mark.parametrize("name", [n for n in FIXTURES if n not in THROUGH_DUCKDB])
def test_damaged_input(name: str) -> None:
    damage(name, examples=120)


@pytest.mark.parametrize("name", sorted(THROUGH_DUCKDB))
def test_damaged_input_through_duckdb(name: str) -> None:
    damage(name, examples=20)


@pytest.mark.parametrize(
    ("module", "reader"), [(test_patstat, "patstat"), (test_patentsview, "patentsview")]
)
def test_damaged_tables_of_relational_formats(tmp_path: Path, module: object, reader: str) -> None:
    texts = {
        "patstat": {"tls211": "TLS211", "tls207": "TLS207", "tls206": "TLS206", "tls209": "TLS209"},
        "patentsview": {
            "patents": "PATENTS",
            "inventors": "INVENTORS",
            "locations": "LOCATIONS",
            "pct": "PCT",
        },
    }[reader]
    sound = {role: getattr(module, name).encode() for role, name in texts.items()}
    outcomes = set()
    for seed in range(20):
        random = Random(seed)  # noqa: S311
        damaged = random.choice(sorted(sound))
        data = sound | {damaged: mutated(sound[damaged], random)}
        files = {role: write(tmp_path / role, text) for role, text in data.items()}
        try:
            read(reader, source_of(tmp_path, files))
            outcomes.add("read")
        except UserError:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}
