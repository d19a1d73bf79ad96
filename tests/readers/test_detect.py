from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import UserError
from pipelines.readers import FORMATS
from pipelines.readers.detect import check, looks_like
from tests.readers.helpers import source_of, write
from tests.readers.test_crossref import FORMS
from tests.readers.test_lens import FLAT
from tests.readers.test_medline import TAGGED, XML
from tests.readers.test_opening import zipped
from tests.readers.test_patent_xml import EP, GRANT, PATDOC, WO_STATUS
from tests.readers.test_patentsview import INVENTORS, PCT, WIPO
from tests.readers.test_patstat import TLS206, TLS207, TLS211
from tests.readers.test_regpat import OLD as REGPAT
from tests.readers.test_scopus import NEW, OLD
from tests.readers.test_wos import PLAIN, TABLE

BEGINNINGS = [
    ("regpat", REGPAT),
    ("patstat", TLS206),
    ("patstat", TLS211),
    ("patentsview", INVENTORS),
    ("patentsview", PCT),
    ("patentsview", WIPO),
    ("patentscope", WO_STATUS),
    ("redbook", GRANT),
    ("redbook", PATDOC),
    ("epo_fulltext", EP),
    ("lens", str(FLAT).replace("'", '"')),
    ("derassenfosse", "appln_id,lat,lng\n"),
    ("openalex", '{"id":"https://openalex.org/W1"}'),
    ("wos", PLAIN),
    ("wos", TABLE),
    ("scopus", OLD),
    ("scopus", NEW),
    ("medline", TAGGED),
    ("medline", XML),
    ("crossref", FORMS["file"]),
    ("tabular", "a;b\n1;2\n"),
]


@pytest.mark.parametrize(("name", "text"), BEGINNINGS)
def test_beginnings(tmp_path: Path, name: str, text: str) -> None:
    found = looks_like(write(tmp_path / "x", text), FORMATS)
    assert found[0] == name
    assert set(found) - {"tabular"} <= {name, f"{name}_pct"}


def test_inside_an_archive(tmp_path: Path) -> None:
    path = write(tmp_path / "x.dat", zipped(data=PLAIN.encode()))
    assert looks_like(path, FORMATS) == ["wos"]


def test_parquet_is_tabular(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "x")
    assert looks_like(tmp_path / "x", FORMATS) == ["tabular"]


def test_a_file_of_another_format_is_refused_with_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "savedrecs.txt", PLAIN)
    source = source_of(tmp_path, path, kind="publication")
    with pytest.raises(UserError, match=r"savedrecs\.txt: expected scopus, but it looks like wos"):
        check(source, FORMATS["scopus"], FORMATS)
    check(source, FORMATS["wos"], FORMATS)


def test_a_copy_of_a_file_is_refused_where_files_are_read_together(tmp_path: Path) -> None:
    """Unpacked beside its zip, and a glob that fits both: each inventor would count twice."""
    packed = write(tmp_path / "tls211.zip", zipped(data=TLS211.encode()))
    plain = write(tmp_path / "tls211_part01.csv", TLS211)
    others = {"tls207": write(tmp_path / "a", TLS207), "tls206": write(tmp_path / "b", TLS206)}
    source = source_of(tmp_path, others | {"tls211": (packed, plain)})
    with pytest.raises(
        UserError,
        match=r"tls211_part01\.csv: begins with the same rows as tls211\.zip, and both are `tls211`",
    ):
        check(source, FORMATS["patstat"], FORMATS)


def test_files_alike_are_no_copies_without_rows_or_where_each_is_read_alone(tmp_path: Path) -> None:
    header = TLS211.splitlines(keepends=True)[0]
    empty = tuple(write(tmp_path / name, header) for name in "ab")
    check(source_of(tmp_path, {"tls211": empty}), FORMATS["patstat"], FORMATS)
    twice = tuple(write(tmp_path / name, PLAIN) for name in "cd")
    check(source_of(tmp_path, {"files": twice}, kind="publication"), FORMATS["wos"], FORMATS)
