"""Folding: what must meet, and that it is stable."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.geocoder.text import fold, fold_all, scripts_of, spell_umlauts


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Xi'an", "xian"),
        ("Xi’an", "xian"),
        ("São Paulo", "sao paulo"),
        ("Łódź", "lodz"),
        ("Saint-Étienne", "st etienne"),
        ("St. Louis", "st louis"),
        ("Torres  Vedras‐Portugal", "torres vedras portugal"),
        ("İstanbul", "istanbul"),
        ("臺北市", "台北市"),
        ("수원시", "수원시"),
        ("ＴＯＫＹＯ", "tokyo"),
    ],
)
def test_spellings_meet(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_umlauts_are_written_out() -> None:
    written_out = pl.select(spell_umlauts(pl.lit("Göteborg"))).item()
    assert fold(written_out) == "goeteborg"


def test_scripts() -> None:
    texts = pl.Series(["Wien", "東京", "수원", "1 Київ", "12"])
    assert scripts_of(texts).to_list() == ["LATIN", "CJK", "HANGUL", "CYRILLIC", "NONE"]


ASCII = st.text(alphabet=st.characters(max_codepoint=127))
WORDS = st.sampled_from(["Saint", "Fort", "mount-", "'s", "_", "é", "Ünna", " "])


@given(st.lists(st.one_of(ASCII, st.text(), st.lists(WORDS).map("".join)), max_size=5))
def test_a_column_is_folded_as_its_texts_are(texts: list[str]) -> None:
    assert fold_all(pl.Series(texts, dtype=pl.String)).to_list() == [fold(text) for text in texts]
