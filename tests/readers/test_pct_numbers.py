import duckdb
import pytest

from pipelines.readers.pct_numbers import (
    publication_year,
    publication_year_sql,
    wo_number,
    wo_year_sql,
)


@pytest.mark.parametrize(
    ("written", "number", "year"),
    [
        ("WO2012000001", "WO2012000001", 2012),
        ("WO2004/041716", "WO2004041716", 2004),
        ("WO 2004/041716 A1", "WO2004041716", 2004),
        ("WO03/042518", "WO2003042518", 2003),
        ("WO98/47522", "WO1998047522", 1998),
        ("WO0107345", "WO2001007345", 2001),
        ("WO 78/00001", "WO1978000001", 1978),
        ("2009/105044", "WO2009105044", 2009),
        ("WO/2012/123456", "WO2012123456", 2012),
        ("WO-2012123456-A1", "WO2012123456", 2012),
    ],
)
def test_wo_numbers(written: str, number: str, year: int) -> None:
    assert wo_number(written) == (number, year)


@pytest.mark.parametrize(
    "written", ["", "WO", "EP1234567", "WO12", "PCT/US98/08015", "WO20/1234567"]
)
def test_not_wo_numbers(written: str) -> None:
    assert wo_number(written) is None


@pytest.mark.parametrize(
    ("dated", "stated", "year"),
    [
        (2009, 2009, 2009),
        (2010, 2009, 2010),
        (2011, 2009, 2009),
        (None, 2009, 2009),
        (908, 2009, 2009),
    ],
)
def test_the_year_in_the_number_counts_where_the_date_is_far_from_it(
    dated: int | None, stated: int, year: int
) -> None:
    assert publication_year(dated, stated) == year
    (found,) = duckdb.sql(
        f"select {publication_year_sql('dated', 'stated')} from (select $d as dated, $s as stated)",
        params={"d": dated, "s": stated},
    ).fetchall()
    assert found == (year,)


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("WO2012000001", 2012),
        ("wo2012/000001", 2012),
        ("WO9847522", 1998),
        ("WO0107345", 2001),
        ("WO3012000001", 3012),
        ("EP1234567", None),
        ("WO201200000", None),
    ],
)
def test_wo_year_in_sql(written: str, year: int | None) -> None:
    (found,) = duckdb.sql(
        f"with raw as (select $n as n) {wo_year_sql('n')}", params={"n": written}
    ).fetchall()
    assert found == (written, year)
