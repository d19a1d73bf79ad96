"""Folding: what must meet, and that it is stable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.geocoder.text import fold, script_of, spell_umlauts


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
    assert fold(spell_umlauts("Göteborg")) == "goeteborg"


@pytest.mark.parametrize(
    ("text", "script"), [("Wien", "LATIN"), ("東京", "CJK"), ("수원", "HANGUL"), ("12", "NONE")]
)
def test_script(text: str, script: str) -> None:
    assert script_of(text) == script
