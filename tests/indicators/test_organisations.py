"""The name rule: which spellings are one, and who is nobody's business."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import UserError
from pipelines.indicators.organisations import (
    MIN_MENTIONS,
    Groups,
    groups_of,
    is_organisation,
    known_groups,
    name_key,
    organisations_of,
)


@pytest.mark.parametrize(
    "spellings",
    [
        ["THE PROCTER & GAMBLE COMPANY", "Procter and Gamble Co.", "procter & gamble"],
        ["KONINKLIJKE PHILIPS N.V.", "Koninklijke Philips N. V.", "Koninklijke Philips NV"],
        ["Merck Patent GmbH", "MERCK PATENT GMBH & CO. KG"],
        ["KABUSHIKI KAISHA TOSHIBA", "Toshiba Corporation", "TOSHIBA CO., LTD."],
        ["Univ Tokyo", "University of Tokyo", "The University of Tokyo"],
        ["L'Oréal", "L’OREAL S.A.", "LOREAL"],
        ["Zakłady Foo Sp. z o.o.", "ZAKLADY FOO"],
        ["CEMEX S.A. de C.V.", "Cemex, SA de CV"],
        ["华为技术有限公司", "华为技术"],
        ["宝钢股份有限公司", "宝钢有限公司", "宝钢"],
        ["株式会社日立製作所", "日立製作所", "日立製作所株式会社"],
        ["OOO Yandex", "Yandex"],
    ],
)
def test_spellings_of_one_organisation(spellings: list[str]) -> None:
    assert len({name_key(name) for name in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("LG Electronics Inc.", "LG Chem, Ltd."),
        ("Samsung Electronics Co., Ltd.", "Samsung SDI Co., Ltd."),
        ("University of Washington", "Washington State University"),
        ("Merck Patent GmbH", "Merck Sharp & Dohme Corp."),
    ],
)
def test_different_organisations_stay_different(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_a_name_of_nothing_but_forms_keeps_something() -> None:
    assert name_key("AG") == "ag"
    assert name_key("OOO") == "ooo"
    assert name_key("Of the") == "of the"
    assert name_key("The Company") == "company"


@given(
    words=st.lists(st.from_regex(r"q[b-z]{3,7}", fullmatch=True), min_size=1, max_size=4),
    form=st.sampled_from(["", " Inc.", ", S.A.", " GmbH & Co. KG", " CO.,LTD", " Sp. z o.o."]),
    front=st.sampled_from(["", "The ", "KABUSHIKI KAISHA "]),
    dressed=st.sampled_from([str.upper, str.title, str.lower]),
)
@settings(deadline=None)
def test_case_articles_and_legal_forms_make_no_difference(words, form, front, dressed) -> None:  # type: ignore[no-untyped-def]
    assert name_key(front + dressed(" ".join(words)) + form) == " ".join(words)


@pytest.mark.parametrize(
    "name",
    [
        "HUAWEI TECHNOLOGIES CO., LTD.",
        "3M",
        "AT&T",
        "Commissariat à l'énergie atomique",
        "Fraunhofer-Gesellschaft",
        "Universität Ulm",
        "KABUSHIKI KAISHA FOO",
        "华为技术有限公司",
        "Secretary of the Air Force",
    ],
)
def test_organisations_show_what_they_are(name: str) -> None:
    assert is_organisation(name, mentions=1)


@pytest.mark.parametrize(
    "name",
    [
        "SMITH, John",
        "John Smith",
        "SMITH JOHN A",
        "KIM, Se",
        "KIM, Doo Hwan",
        "Jayson L. Co",
        "Sett Paing Oo",
        "Yubany Rodriguez Gradalle",
        "MARTINS, Sa",
        "MARTINS, ",
        "- Sa",
        "SMITH, John, 3rd",
        "Dr. Jane Doe, University Hospital Ulm, Tel.: +49 731",
        "jane.doe@hospital.org",
        "Kaisha Brown",
        "Laura Coll-Planas",
        "Suharto",
        "SA",
        "李明",
        "",
        "..., -",
        "&",
    ],
)
def test_persons_are_never_organisations_however_often(name: str) -> None:
    assert not is_organisation(name, mentions=10_000)


@pytest.mark.parametrize("name", ["Audi AG", "NESTEC S.A.", "Smith & Nephew"])
def test_weak_evidence_needs_to_be_frequent(name: str) -> None:
    assert not is_organisation(name, mentions=MIN_MENTIONS - 1)
    assert is_organisation(name, mentions=MIN_MENTIONS)


GROUPS = groups_of(
    pl.DataFrame(
        [
            ("Siemens", "Siemens", "beginning"),
            ("Siemens Health", "Siemens Healthcare", "beginning"),
            ("CNRS", "Centre National de la Recherche Scientifique", "whole"),
            ("CNRS", "CNRS", "whole"),
        ],
        schema=["organisation", "name", "match"],
        orient="row",
    )
)


def _found(*names: tuple[str, int, bool], groups: Groups = GROUPS) -> list[tuple[str, str | None]]:
    frame = pl.DataFrame(
        [("patent", *name) for name in names],
        schema=["kind", "name", "mentions", "is_identified"],
        orient="row",
    )
    return organisations_of(frame, groups).select("name", "organisation").rows()


def test_groups_by_whole_name_and_by_beginning() -> None:
    assert _found(
        ("SIEMENS AG", 1, False),
        ("Siemens Energy GmbH", 1, False),
        ("Siemens Healthcare GmbH", 1, False),
        ("Siemens Healthcare Diagnostics Inc.", 1, False),
        ("CNRS", 1, False),
        ("CNRS Innovation", 1, False),
        ("Other Corp.", 1, False),
    ) == [
        ("SIEMENS AG", "Siemens"),
        ("Siemens Energy GmbH", "Siemens"),
        ("Siemens Healthcare GmbH", "Siemens Health"),
        ("Siemens Healthcare Diagnostics Inc.", "Siemens Health"),
        ("CNRS", "CNRS"),
        ("CNRS Innovation", None),
        ("Other Corp.", None),
    ]


def test_somebody_who_bears_a_groups_name_is_not_the_group() -> None:
    assert _found(("SIEMENS, Peter", 100, False), ("Siemens Peter", 100, False)) == []


def test_what_the_source_identifies_is_an_organisation() -> None:
    assert _found(("Karolinska", 1, True), ("Karolinska Two", 1, False)) == [("Karolinska", None)]


def test_a_group_and_its_spellings_have_one_key() -> None:
    frame = pl.DataFrame(
        {
            "kind": ["patent"] * 2,
            "name": ["Centre National de la Recherche Scientifique", "CNRS"],
            "mentions": [1, 1],
            "is_identified": [False, False],
        }
    )
    assert organisations_of(frame, GROUPS)["organisation_key"].n_unique() == 1


def test_two_groups_cannot_claim_one_name() -> None:
    table = pl.DataFrame(
        [("One", "Acme Inc.", "whole"), ("Two", "ACME", "whole")],
        schema=["organisation", "name", "match"],
        orient="row",
    )
    with pytest.raises(UserError, match=r"ACME.*One.*Two"):
        groups_of(table)


def test_a_beginning_that_is_never_looked_up_is_refused() -> None:
    table = pl.DataFrame(
        [("One", "one two three four five six seven", "beginning")],
        schema=["organisation", "name", "match"],
        orient="row",
    )
    with pytest.raises(UserError, match="more than 6 words"):
        groups_of(table)
    longest = groups_of(table.with_columns(name=pl.lit("one two three four five six")))
    assert longest.begun("one two three four five six seven") == "One"
    whole = groups_of(table.with_columns(match=pl.lit("whole")))
    assert whole.named("one two three four five six seven") == "One"


def test_the_projects_own_table_is_consistent() -> None:
    groups = known_groups()
    assert groups.named(name_key("HUAWEI TECHNOLOGIES CO., LTD.")) is None
    assert groups.begun(name_key("HUAWEI TECHNOLOGIES CO., LTD.")) == "Huawei"
    assert groups.named(name_key("L'Oreal S.A.")) == "L'Oréal"
