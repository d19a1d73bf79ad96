"""Cutting addresses: parts, postcodes, native names."""

import polars as pl
import pytest

from pipelines.geocoder.native import cut_native
from pipelines.geocoder.parse import clean, split


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("[Sporns, Olaf] Indiana Univ, Bloomington, IN 47405 USA.",
         ["Indiana Univ", "Bloomington", "IN 47405 USA"]),
        ("Hsinchu, Taiwan, R. O. C.", ["Hsinchu", "Taiwan", "ROC"]),
        ("Washington Univ., St. Louis, MO", ["Washington Univ", "St. Louis", "MO"]),
        ("Berlin – Germany", ["Berlin", "Germany"]),
        ("CNS - Campus  Torres Vedras", ["CNS", "Campus", "Torres Vedras"]),
        ("北京市，中国", ["北京市", "中国"]),
        ("D&#xfc;sseldorf, DE", ["Düsseldorf", "DE"]),
        ("#N/A, #N/A, USA", ["USA"]),
        ("Univ X, Oslo, Norway. Electronic address: a@b.no", ["Univ X", "Oslo", "Norway"]),
        ("Univ X, Dept. Chem. Eng. Sci. Davis", ["Univ X", "Dept", "Chem", "Eng. Sci. Davis"]),
        ("", []),
    ],
)  # fmt: skip
def test_split(address: str, parts: list[str]) -> None:
    found = split(pl.Series(["Bonn", address, "Ulm, DE"]))
    assert found.filter(text=1)["part"].to_list() == parts
    assert found.filter(pl.col("text") != 1).rows() == [(0, "Bonn"), (2, "Ulm"), (2, "DE")]


@pytest.mark.parametrize(
    ("part", "text", "postcodes"),
    [
        ("D-20246 Hamburg", "Hamburg", ("D-20246",)),
        ("NL-1081 BT Amsterdam", "Amsterdam", ("NL-1081 BT",)),
        ("MO 63110 USA", "MO USA", ("63110",)),
        ("Cambridge CB2 1TN", "Cambridge", ("CB2 1TN",)),
        ("Toronto M5S 1A1", "Toronto", ("M5S 1A1",)),
        ("SE-171 77 Stockholm", "Stockholm", ("SE-171 77",)),
        ("Warszawa 00-901", "Warszawa", ("00-901",)),
        ("Tokyo 113-8654", "Tokyo", ("113-8654",)),
        ("Daejeon 305-701", "Daejeon", ("305-701",)),
        ("Beijing100084", "Beijing", ("100084",)),
        ("10115Berlin", "Berlin", ("10115",)),
        ("東京都港区港南1-7-1", "東京都港区港南1-7-1", ()),
        ("I 31044 Montebelluna", "Montebelluna", ("I 31044",)),
        ("Taipei 106", "Taipei", ("106",)),
        ("Paris Cedex 05", "Paris", ()),
        ("Hamburg", "Hamburg", ()),
    ],
)
def test_postcodes_are_taken_off(part: str, text: str, postcodes: tuple[str, ...]) -> None:
    found = clean(pl.Series([part, "Ulm 89081"]))
    assert found.rows() == [(text, list(postcodes)), ("Ulm", ["89081"])]


def test_native_names_are_cut_from_the_large_to_the_small() -> None:
    known = {"東京都", "港区", "港南"}
    assert list(cut_native("東京都港区港南1-7-1", known.__contains__)) == [
        ("東京都", "name"),
        ("港区", "name"),
        ("港南", "name"),
    ]


def test_a_street_called_after_a_town_is_no_town() -> None:
    known = {"上海", "南京"}
    assert [name for name, _ in cut_native("上海南京路1号", known.__contains__)] == ["上海"]


def test_a_town_in_a_university_is_only_inside() -> None:
    assert list(cut_native("北京大学", {"北京"}.__contains__)) == [("北京", "inside")]


def test_hangul_words_lose_their_rank() -> None:
    assert [name for name, _ in cut_native("경기도 용인시", {"경기", "용인시"}.__contains__)] == [
        "경기",
        "용인시",
    ]
